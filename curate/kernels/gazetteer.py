r"""Names by type: found whole in texts, the longest at each place, and replaced by others of their type.

Used by `augment.entity`. What is found takes as long as the text, however long the list is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from curate.kernels.cutting import UNSPACED_RANGES
from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement
from curate.kernels.substitution import Candidate, substituted, vowel_sound

_TOKEN = re.compile(rf"[{UNSPACED_RANGES}]|[^\W{UNSPACED_RANGES}]+|[^\w\s]")
_INSIDE = re.compile(rf"[^\W{UNSPACED_RANGES}]{{2}}")
_ARTICLE = re.compile(r"(?<![\w.'’-])(?:[Aa]n?|AN) \Z")


class Named(NamedTuple):
    """A name of a text: where it stands, and of which type it is."""

    start: int
    end: int
    kind: str


class Gazetteer:
    """Names to look for.

    Args:
        names: for each type its names, as they are written; a name of two types is of the first.

    Example:
        >>> gazetteer = Gazetteer({"place": ["York", "New York"], "team": ["York"]})
        >>> gazetteer.find("New York, York and Yorkshire")
        [Named(start=0, end=8, kind='place'), Named(start=10, end=14, kind='place')]
    """

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._kinds: dict[str, str] = {}
        lengths: dict[str, set[int]] = {}
        for kind, those in names.items():
            for name in those:
                first = _TOKEN.match(name)
                if first is not None:
                    self._kinds.setdefault(name, kind)
                    lengths.setdefault(first.group(), set()).add(len(name))
        self._lengths = {first: sorted(those, reverse=True) for first, those in lengths.items()}

    def find(self, text: str) -> list[Named]:
        """The names in a text, ascending; none overlaps another."""
        found: list[Named] = []
        at = 0
        for token in _TOKEN.finditer(text):
            start = token.start()
            if start < at:
                continue
            for length in self._lengths.get(token.group(), ()):
                kind = self._kinds.get(text[start : start + length])
                if kind is not None and _ends_at(text, start + length):
                    found.append(Named(start, start + length, kind))
                    at = start + length
                    break
        return found


def _ends_at(text: str, end: int) -> bool:
    """Whether no word goes on there."""
    return _INSIDE.fullmatch(text[end - 1 : end + 1]) is None


def renamed(
    text: str,
    found: Sequence[Named],
    pool: Mapping[str, Sequence[str]],
    *,
    max_rate: float,
    articles: bool,
    draws: Draws,
) -> list[Replacement]:
    """Other names of their types for a drawn number of the names of a text; each the same wherever it comes.

    Args:
        text: any text.
        found: its names, ascending; none overlaps another.
        pool: the names of each type, in a fixed order.
        max_rate: the largest share of the different names that change; one always may.
        articles: set an English article right before a name right.
        draws: where the draws come from.

    Returns:
        What to put where; nothing where no name has another of its type.

    Example:
        >>> text = "An Oslo paper, from Oslo"
        >>> found = [Named(3, 7, "place"), Named(20, 24, "place")]
        >>> renamed(text, found, {"place": ["Oslo", "Rome"]}, max_rate=1, articles=True, draws=Draws(0))
        [(3, 7, 'Rome'), (0, 2, 'A'), (20, 24, 'Rome')]
    """
    said = [(text[one.start : one.end], one.kind) for one in found]
    taken = {name for name, _ in said}
    able = [one for one in dict.fromkeys(said) if any(name not in taken for name in pool.get(one[1], ()))]
    if not able:
        return []
    n_names = 1 + draws.below(max(1, int(len(able) * max_rate)))
    new: dict[tuple[str, str], str] = {}
    for at in draws.sample(len(able), n_names):
        other = _other(pool[able[at][1]], taken, draws)
        if other is not None:
            new[able[at]] = other
            taken.add(other)
    made: list[Replacement] = []
    in_capitals = text.isupper()
    for one, old in zip(found, said, strict=True):
        if old in new:
            article = _ARTICLE.search(text, max(0, one.start - 4), one.start) if articles else None
            agrees = article is not None and (len(article.group()) == 3) == vowel_sound(old[0])
            place = (article.start(), article.end() - 1) if article is not None and agrees else None
            made += substituted(Candidate(one.start, one.end, (), place, in_capitals), new[old], text)
    return made


def _other(names: Sequence[str], taken: set[str], draws: Draws) -> str | None:
    """A name that is not taken: the first from a drawn one on."""
    start = draws.below(len(names))
    return next((name for at in range(len(names)) if (name := names[(start + at) % len(names)]) not in taken), None)

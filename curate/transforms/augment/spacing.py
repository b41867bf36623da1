"""`augment.spacing`: a space inside a word, none between two, or two (Belinkov & Bisk, ICLR 2018, name such noise)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar, Literal

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.protected import free
from curate.kernels.replacing import Replacement, Span, ordered
from curate.kernels.runs import runs
from curate.kernels.slips import LETTERS
from curate.kernels.word_context import NEGATIONS, NEGATIONS_ELSEWHERE
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.draft import Variant

Kind = Literal["split", "join", "double"]
_TURNING = NEGATIONS | NEGATIONS_ELSEWHERE
_APOSTROPHES = ("'", "’")
_CUT = re.compile(r"t(?!\w)", re.IGNORECASE)


class AugmentSpacing(Augmenter):
    """Splits a word in two, joins two words, or doubles the space between them. Negations are neither split nor joined,
    and no part of a word becomes one (`knot`, `k not`).

    Attributes:
        max_rate: spaces put in or left out for each word, at most, in (0, 1]; one is however few they are.
        min_length: how many letters a word has at least that may be split.
        kinds: `split`, `join`, `double`; each place where one can be is as likely as any other.

    Example:
        >>> AugmentSpacing(kinds=("join",)).kinds
        ('join',)
    """

    name: ClassVar[str] = "augment.spacing"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {"spacing": "spaces are put in or left out"}
    languages: ClassVar[str] = "those written in an alphabet with spaces between words; elsewhere nothing changes"
    examples: ClassVar[Mapping[str, Example]] = {"spacing": Example("How far is it from Denver to Aspen?")}

    max_rate: float = Field(0.1, gt=0, le=1)
    min_length: int = Field(4, ge=2, le=100)
    kinds: tuple[Kind, ...] = Field(("split", "join", "double"), min_length=1)

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Iterator[Variant | str]:
        words = map(free, runs(texts, LETTERS), protected)
        return (Variant(edits) if edits else "unchanged" for edits in map(self._slips, texts, words, draws))

    def _slips(self, text: str, words: Sequence[Span], draws: Draws) -> list[Replacement]:
        cut = any(map(text.__contains__, _APOSTROPHES))
        turning = [text[start:end].lower() in _TURNING or (cut and _is_part(text, start, end)) for start, end in words]
        near = enumerate(pairwise(words))
        gaps = [(at, end) for at, ((_, end), (start, _)) in near if start - end == 1 and text[end] == " "]
        found = {
            "split": [
                at for at, (start, end) in enumerate(words) if end - start >= self.min_length and not turning[at]
            ],
            "join": [end for at, end in gaps if not (turning[at] or turning[at + 1])],
            "double": [end for _, end in gaps],
        }
        places = [(kind, at) for kind in self.kinds for at in found[kind]]
        if not places:
            return []
        n_slips = 1 + draws.below(max(1, int(len(words) * self.max_rate)))
        made = [_slip(*places[at], text, words, draws) for at in draws.sample(len(places), n_slips)]
        return ordered(made, text)


def _slip(kind: Kind, at: int, text: str, words: Sequence[Span], draws: Draws) -> Replacement:
    """A word split, by its number, or a space, by where it stands, left out or doubled."""
    if kind != "split":
        return at, at + 1, "" if kind == "join" else "  "
    start, end = words[at]
    n = end - start - 1
    first = draws.below(n)
    middles = (start + 1 + (first + step) % n for step in range(n))
    middle = next((one for one in middles if not _denies(text[start:one]) and not _denies(text[one:end])), start)
    return middle, middle, " " if middle > start else ""


def _denies(word: str) -> bool:
    return word.lower() in _TURNING


def _is_part(text: str, start: int, end: int) -> bool:
    """Whether a run of letters is part of a negation that an apostrophe divides: `don't`, `n'est`."""
    if text[end : end + 1] in _APOSTROPHES:
        return text[start:end] in ("n", "N") or _CUT.match(text, end + 1) is not None
    return text[start:end] in ("t", "T") and text[start - 1 : start] in _APOSTROPHES

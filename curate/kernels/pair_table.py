"""Pairs of words or phrases that stand for each other, as a user gives them, exchanged throughout a text.

Between `curate.kernels.synonyms.read_table`, which reads them, and `augment.counterfactual`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from curate.kernels.cutting import UNSPACED_RANGES
from curate.kernels.draws import Draws
from curate.kernels.gender_swap import Direction, cased
from curate.kernels.identity_groups import article_swap
from curate.kernels.replacing import Replacement

_WORD = re.compile(rf"[^\W{UNSPACED_RANGES}]+|\w")
"""Words; in scripts without spaces single characters, so that a pair is found inside a run of them."""


class PairTable:
    """Pairs, ready to be found in texts; upper and lower case are one, and the case of a text stays.

    Args:
        table: for each word or phrase those on the other side; of several one is drawn for each text.
        direction: `forward` puts the others for the first, `backward` the first for the others.

    Example:
        >>> table = PairTable({"flat": ["apartment"], "ground floor": ["first floor"]}, "both")
        >>> from curate.kernels.replacing import replaced
        >>> text = "A flat, ground floor. FLATS!"
        >>> replaced(text, table.swaps(text, Draws(1)))
        'An apartment, first floor. FLATS!'
        >>> text = "味道不好吃"
        >>> replaced(text, PairTable({"好吃": ["美味"]}, "forward").swaps(text, Draws(1)))
        '味道不美味'
    """

    def __init__(self, table: Mapping[str, Sequence[str]], direction: Direction) -> None:
        found: dict[tuple[str, ...], dict[str, None]] = {}
        for one, others in table.items():
            for other in others:
                if direction != "backward":
                    found.setdefault(_words(one), {})[other] = None
                if direction != "forward":
                    found.setdefault(_words(other), {})[one] = None
        self._others = {words: tuple(others) for words, others in found.items() if words}
        self._firsts: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(self._others, key=lambda words: (-len(words), words)):
            self._firsts.setdefault(words[0], []).append(words)

    def swaps(self, text: str, draws: Draws) -> list[Replacement]:
        """Every replacement, ascending; the longest phrase goes first, and one phrase has one partner in a text."""
        spans = [match.span() for match in _WORD.finditer(text)]
        low = [text[start:end].lower() for start, end in spans]
        given: dict[tuple[str, ...], str] = {}
        edits: list[Replacement] = []
        at = 0
        while at < len(spans):
            words = next(
                (words for words in self._firsts.get(low[at], ()) if self._stands(text, spans, low, at, words)), ()
            )
            if words:
                start, end = spans[at][0], spans[at + len(words) - 1][1]
                if words not in given:
                    given[words] = draws.choice(self._others[words])
                new = cased(given[words], text[start:end])
                edits += [*article_swap(text, start, text[start:end], new), (start, end, new)]
            at += max(1, len(words))
        return edits

    @staticmethod
    def _stands(
        text: str, spans: Sequence[tuple[int, int]], low: Sequence[str], at: int, words: tuple[str, ...]
    ) -> bool:
        """Whether a phrase stands at the word `at`, with nothing but space and joining marks inside."""
        if tuple(low[at : at + len(words)]) != words:
            return False
        gaps = (text[spans[n][1] : spans[n + 1][0]] for n in range(at, at + len(words) - 1))
        return all(gap.strip(" \t\n-'’.&") == "" for gap in gaps)


def _words(said: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(said))

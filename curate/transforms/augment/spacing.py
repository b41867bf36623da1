"""`augment.spacing`: a space inside a word, none between two, or two (Belinkov & Bisk, ICLR 2018, name such noise)."""

from __future__ import annotations

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
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.draft import Variant

Kind = Literal["split", "join", "double"]


class AugmentSpacing(Augmenter):
    """Splits a word in two, joins two words, or doubles the space between them.

    Attributes:
        max_rate: spaces put in or left out for each word, at most, in (0, 1]; one is however few they are.
        min_length: how many letters a word has at least that may be split.
        kinds: `split`, `join`, `double`; each place where one can be is as likely as any other.

    Example:
        >>> AugmentSpacing(kinds=("join",)).kinds
        ('join',)
    """

    name: ClassVar[str] = "augment.spacing"
    version: ClassVar[str] = "1"
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
        gaps = [end for (_, end), (start, _) in pairwise(words) if start - end == 1 and text[end] == " "]
        long = [at for at, (start, end) in enumerate(words) if end - start >= self.min_length]
        places = [(kind, at) for kind in self.kinds for at in (long if kind == "split" else range(len(gaps)))]
        if not places:
            return []
        n_slips = 1 + draws.below(max(1, int(len(words) * self.max_rate)))
        made = [self._slip(*places[at], words, gaps, draws) for at in draws.sample(len(places), n_slips)]
        return ordered(made, text)

    def _slip(self, kind: str, at: int, words: Sequence[Span], gaps: Sequence[int], draws: Draws) -> Replacement:
        if kind == "split":
            start, end = words[at]
            middle = start + 1 + draws.below(end - start - 1)
            return middle, middle, " "
        return (gaps[at], gaps[at] + 1, "" if kind == "join" else "  ")

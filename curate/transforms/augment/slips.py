"""What augmenters of characters share: how many words of a text have a slip, and which words may.

A subclass says how one word slips (`curate.kernels.slips`). One place of a word changes, so that it can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import ClassVar

from pydantic import Field

from curate.kernels.draws import Draws
from curate.kernels.protected import free
from curate.kernels.replacing import Replacement, Span
from curate.kernels.runs import bounds, paired
from curate.kernels.slips import LETTERS, in_some
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.draft import Variant


class SlipAugmenter(Augmenter):
    """Slips in single words: in one word at least, in `max_rate` of them at most, drawn for each variant.

    Attributes:
        max_rate: the share of the words that may slip that do, at most, in (0, 1]; one does however few they are.
        min_length: how many letters a word has at least that may slip.
    """

    languages: ClassVar[str] = "those written in an alphabet; elsewhere nothing changes"

    max_rate: float = Field(0.2, gt=0, le=1)
    min_length: int = Field(4, ge=1, le=100)

    def words(self, texts: Sequence[str]) -> Iterable[Sequence[int]]:
        """Where the words that may slip start and end in each text, in turn."""
        return bounds(texts, LETTERS, self.min_length)

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        """What to put where in a word, which changes it; None where it can have no slip."""
        raise NotImplementedError

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Iterator[Variant | str]:
        for text, words, guarded, drawn in zip(texts, self.words(texts), protected, draws, strict=True):
            may = list(chain.from_iterable(free(paired(words), guarded))) if guarded else words
            edits = in_some(may, text, self.max_rate, drawn, self.slip)
            yield Variant(edits) if edits else "unchanged"

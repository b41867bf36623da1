"""What augmenters of characters share: how many words of a text have a slip, and which words may.

A subclass says how one word slips (`curate.kernels.slips`). One place of a word changes, so that it can be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from curate.kernels.draws import Draws
from curate.kernels.protected import free_words
from curate.kernels.replacing import Replacement, Span
from curate.kernels.slips import alphabetic, in_some
from curate.transforms.augment.augmenter import EditAugmenter


class SlipAugmenter(EditAugmenter):
    """Slips in single words: in one word at least, in `max_rate` of them at most, drawn for each variant.

    Attributes:
        max_rate: the share of the words that may slip that do, at most, in (0, 1]; one does however few they are.
        min_length: how many letters a word has at least that may slip.
    """

    languages: ClassVar[str] = "those written in an alphabet; elsewhere nothing changes"

    max_rate: float = Field(0.2, gt=0, le=1)
    min_length: int = Field(4, ge=1, le=100)

    def words(self) -> re.Pattern[str]:
        """The words that may slip."""
        return alphabetic(self.min_length)

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        """What to put where in a word; None where it can have no slip."""
        raise NotImplementedError

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        return in_some(free_words(text, protected, self.words()), text, self.max_rate, draws, self.slip)

"""`augment.ocr`: what a scanner reads instead (`curate.kernels.look_alikes`), of one to three characters at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import ClassVar

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.look_alikes import confusable, scanned
from curate.kernels.replacing import Replacement
from curate.kernels.runs import bounds
from curate.transforms.augment.slips import SlipAugmenter


class AugmentOcr(SlipAugmenter):
    """Puts what a scanner may take it for in place of one to three characters: m for rn, d for cl, 0 for O, l for 1.

    Attributes:
        min_length: how many letters and digits a word has at least that may be misread.
        digits: digits may be misread, and letters as digits; that may change what a text says.

    Example:
        >>> AugmentOcr(digits=False).min_length
        3
    """

    name: ClassVar[str] = "augment.ocr"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"ocr": "characters are taken for others that look like them"}
    languages: ClassVar[str] = "those written in Latin letters; other words stay"
    examples: ClassVar[Mapping[str, Example]] = {"ocr": Example("The modern clock stood in the corner")}

    min_length: int = Field(3, ge=1, le=100)
    digits: bool = True

    def words(self, texts: Sequence[str]) -> Iterable[Sequence[int]]:
        return bounds(texts, r"^\W_", self.min_length)

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        shapes, others = _confusions(self.digits)
        match = shapes.search(word, draws.below(len(word))) or shapes.search(word)
        if match is None:
            return None
        start, end = match.span()
        return start, end, draws.choice(others[match[0]])


@cache
def _confusions(digits: bool) -> tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]]:
    return confusable(digits=digits), scanned(digits=digits)

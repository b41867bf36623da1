"""`augment.homoglyph`: letters of another script that look the same (`curate.kernels.look_alikes`).

What spam and phishing do to pass filters (Boucher et al., "Bad Characters: Imperceptible NLP Attacks", IEEE S&P 2022).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.look_alikes import Script, homoglyphs
from curate.kernels.replacing import Replacement
from curate.kernels.slips import taken
from curate.transforms.augment.slips import SlipAugmenter


class AugmentHomoglyph(SlipAugmenter):
    """Puts a letter of another script that looks the same in place of one letter of a word.

    Attributes:
        min_length: how many letters a word has at least of which one may be replaced.
        scripts: which scripts lend letters to Latin words: `cyrillic`, `greek`; words in them are lent Latin ones.

    Example:
        >>> AugmentHomoglyph(scripts=("greek",)).scripts
        ('greek',)
    """

    name: ClassVar[str] = "augment.homoglyph"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"homoglyph": "letters are of another script and look the same"}
    languages: ClassVar[str] = "those written in Latin, Cyrillic or Greek letters; other words stay"
    examples: ClassVar[Mapping[str, Example]] = {"homoglyph": Example("claim your free prize now")}

    min_length: int = Field(3, ge=1, le=100)
    scripts: tuple[Script, ...] = Field(("cyrillic", "greek"), min_length=1)

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        found = taken(word, 0, homoglyphs(self.scripts), draws)
        return None if found is None else (found[0], found[0] + 1, found[1])

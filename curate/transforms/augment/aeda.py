"""`augment.aeda`: punctuation marks at random places between words (AEDA).

Karimi, Rossi & Prati, "AEDA: An Easier Data Augmentation Technique for Text Classification", Findings of EMNLP 2021:
every word and its place stay, so nothing is lost, and a sixth of a second sense.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.protected import free_words
from curate.kernels.replacing import Replacement, Span
from curate.transforms.augment.augmenter import EditAugmenter

_WORD = re.compile(r"\S+")


class AugmentAeda(EditAugmenter):
    """Puts punctuation marks before random words.

    From one mark up to one for every `1 / max_rate` words, drawn for each variant; each mark is followed by a space.

    Attributes:
        max_rate: marks per word at most, in (0, 1]; a third in the paper.
        marks: the marks; those of the paper.

    Example:
        >>> AugmentAeda(n=2).marks
        ('.', ';', '?', ':', '!', ',')
    """

    name: ClassVar[str] = "augment.aeda"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"punctuation": "punctuation marks put between words"}
    languages: ClassVar[str] = "any that puts spaces between words"
    examples: ClassVar[Mapping[str, Example]] = {"punctuation": Example("a sad, superior human comedy")}

    max_rate: float = Field(1 / 3, gt=0, le=1)
    marks: tuple[str, ...] = Field((".", ";", "?", ":", "!", ","), min_length=1)

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        words = free_words(text, list(protected), _WORD)
        if not words:
            return []
        n_marks = 1 + draws.below(max(1, int(len(words) * self.max_rate)))
        return [
            (words[at][0], words[at][0], f"{draws.choice(self.marks)} ") for at in draws.sample(len(words), n_marks)
        ]

"""`augment.crop`: a stretch of consecutive sentences, or words, of a text.

Cropping is the text's counterpart of what images are augmented with; for labels that any good part of a text tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from curate.core.example import Example
from curate.kernels.cutting import words_of
from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement, Span
from curate.kernels.sentence_order import stretch
from curate.kernels.units import units
from curate.transforms.augment.augmenter import EditAugmenter


class AugmentCrop(EditAugmenter):
    """Keeps a stretch of consecutive sentences, or words, and cuts what stands before and behind it.

    The stretch is as long as drawn between `min_fraction` and all but one, and holds whatever is protected or marked.
    A negation may be cut off: for labels that hang on one word take sentences.

    Attributes:
        unit: `sentence` or `word`; in scripts without spaces each character is a word.
        min_fraction: the least share of the sentences or words that stays, in (0, 1].

    Example:
        >>> AugmentCrop(unit="word", min_fraction=0.8).n
        1
    """

    name: ClassVar[str] = "augment.crop"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"crop": "a stretch of its sentences or words"}
    languages: ClassVar[str] = "any"
    examples: ClassVar[Mapping[str, Example]] = {
        "crop": Example("The food was cold. It took an hour. Nobody smiled. We left early.")
    }

    unit: Literal["sentence", "word"] = "sentence"
    min_fraction: float = Field(0.5, gt=0, le=1)

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        spans = units(text, "sentence") if self.unit == "sentence" else words_of(text)
        found = stretch(spans, protected, self.min_fraction, draws) if len(spans) > 1 else None
        if found is None:
            return []
        first, last = found
        return [(spans[0][0], spans[first][0], ""), (spans[last][1], spans[-1][1], "")]

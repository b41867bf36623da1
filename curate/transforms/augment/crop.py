"""`augment.crop`: a stretch of consecutive sentences, or words, of a text.

Cropping is the text's counterpart of what images are augmented with; for labels that any good part of a text tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from curate.core.example import Example
from curate.kernels.cutting import words_of
from curate.kernels.draws import Draws
from curate.kernels.protected import matches, protected_spans
from curate.kernels.replacing import Replacement, Span
from curate.kernels.sentence_order import joined, stretch, worded
from curate.kernels.units import units
from curate.transforms.augment.augmenter import EditAugmenter
from curate.transforms.augment.spans import SpanLayout


class AugmentCrop(EditAugmenter):
    """Keeps a stretch of consecutive sentences, or words, and cuts what stands before and behind it.

    The stretch is as long as drawn between `min_fraction` and all but one, and holds whatever `spans` mark or
    `protect_pattern` matches; an address or the like is kept or cut as a whole.
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

    def _guarded(self, text: str, place: int, marked: Mapping[str, tuple[SpanLayout, list[Any]]]) -> list[Span]:
        named = matches(text, self.protect_pattern)
        return sorted(
            [
                *named,
                *(span for name, (layout, cells) in marked.items() for span in layout.spans(cells[place], name, text)),
            ]
        )

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        found = worded(text, units(text, "sentence")) if self.unit == "sentence" else words_of(text)
        spans = joined(found, protected_spans(text))
        kept = stretch(spans, protected, self.min_fraction, draws) if len(spans) > 1 else None
        if kept is None:
            return []
        first, last = kept
        return [(spans[0][0], spans[first][0], ""), (spans[last][1], spans[-1][1], "")]

"""`filter.perplexity`: drop rows that a model of a reference finds too surprising, or too predictable.

The model is one of byte n-grams (`curate.kernels.ngram_model`), trained here on what the user gives; nothing is
downloaded. Perplexity as a filter of web text: Wenzek et al., "CCNet", LREC 2020. The signals are in
`curate.learn.perplexity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.random import StepRandom
from curate.data.edits import Edits
from curate.data.rows import Batch

_PLAIN = (
    "The committee met on Tuesday to discuss the plans for the new library.",
    "She walked along the river until the lights of the town came into view.",
    "Several members of the committee said that the plans were too expensive.",
    "The lights of the library were still on when she came home from town.",
)


class NgramSettings(BaseModel, frozen=True, extra="forbid"):
    """How the model is made; described in `DropByPerplexity`."""

    order: int = Field(6, ge=2, le=7)
    max_reference_bytes: int = Field(8 * 2**20, ge=1)


class DropByPerplexity(NgramSettings, DropOutside):
    """Drops rows whose perplexity under an n-gram model of a reference lies outside the bounds.

    The perplexity is per character: 4 means that the model was as unsure as if it had to choose evenly among 4
    characters. Texts in another language, garbled encodings, code and random characters have a high one; boilerplate
    that the reference is full of has a low one. Bounds hang on the reference: look at the distribution first. A text
    without a character has none, and stays.

    Attributes:
        max_perplexity: the largest perplexity a row may have.
        min_perplexity: the smallest.
        reference: what the model is trained on: a file, folder, glob or Hub id, or a list of texts; unless given, the
            corpus itself, of which each half is judged by a model of the other (equal texts are in the same half).
        reference_text: the text column of the reference, where it cannot be told.
        order: the longest n-gram, in bytes of UTF-8.
        max_reference_bytes: how much of the reference is read; of a larger one, texts chosen by their hash. Training
            needs about 50 bytes of memory for each, the model at most 200 MB.

    Example:
        >>> DropByPerplexity(max_perplexity=40).signals()["own_perplexity"]["order"]
        6
    """

    name: ClassVar[str] = "filter.perplexity"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_surprising": "a higher perplexity than max_perplexity",
        "too_predictable": "a lower perplexity than min_perplexity",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "max_perplexity": ("perplexity", "too_surprising"),
        "min_perplexity": ("perplexity", "too_predictable"),
    }
    languages: ClassVar[str] = "any; a text is judged by how far it is from the reference, so its language counts"
    typical: ClassVar[dict[str, str]] = {
        "perplexity": "3.8 for AG News under 8,000 of its own rows; 7.7 for film reviews, 6.3 with the words shuffled, "
        "150 for mojibake, 320 for HTML source, 1,100 and more for shuffled characters and other languages"
    }
    profiled: ClassVar[bool] = False
    examples: ClassVar[Mapping[str, Example]] = {
        "too_surprising": Example(
            "xq zzv 0x9f kjw #!%", settings={"max_perplexity": 40, "reference": list(_PLAIN), "order": 4}
        ),
        "too_predictable": Example(_PLAIN[0], settings={"min_perplexity": 3, "reference": list(_PLAIN), "order": 4}),
    }

    max_perplexity: float | None = Field(None, gt=1)
    min_perplexity: float | None = Field(None, gt=1)
    reference: str | tuple[str, ...] | None = Field(None, min_length=1)
    reference_text: str | None = None

    def needed(self) -> frozenset[str]:
        return self.needs | {self._signal}

    @property
    def _signal(self) -> str:
        return "own_perplexity" if self.reference is None else "perplexity"

    def signals(self) -> dict[str, dict[str, Any]]:
        settings = self.model_dump(include=set(NgramSettings.model_fields))
        if self.reference is not None:
            settings |= {"reference": self.reference, "reference_text": self.reference_text}
        return {self._signal: settings}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        return super().plan(batch.with_signals({"perplexity": batch.signals[self._signal]}), random)

"""`filter.length`: drop rows whose text is shorter or longer than its bounds, in characters or in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.text import n_characters, n_words

_BOUNDS = ("min_characters", "max_characters", "min_words", "max_words")


class DropByLength(RowTransform):
    """Drops texts outside the given lengths. A null text has length 0.

    In scripts written without spaces (Chinese, Japanese, Thai, …) each character counts as a word.

    Attributes:
        min_characters: the fewest code points a row may have.
        max_characters: the most.
        min_words: the fewest words a row may have.
        max_words: the most.

    Example:
        >>> DropByLength(min_words=3).min_words
        3
    """

    name: ClassVar[str] = "filter.length"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_characters": "fewer characters than min_characters",
        "too_many_characters": "more characters than max_characters",
        "too_few_words": "fewer words than min_words",
        "too_many_words": "more words than max_words",
    }

    min_characters: int | None = Field(None, ge=0)
    max_characters: int | None = Field(None, ge=0)
    min_words: int | None = Field(None, ge=0)
    max_words: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if all(getattr(self, bound) is None for bound in _BOUNDS):
            raise ValueError(f"give at least one of {', '.join(_BOUNDS)}")
        for low, high in (("min_characters", "max_characters"), ("min_words", "max_words")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise ValueError(f"{low} {least} is above {high} {most}: every row would go")
        return self

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        texts = pa.array(batch.texts(), pa.large_string())
        reason = np.full(len(batch), "", dtype=object)
        for unit, measure in (("words", n_words), ("characters", n_characters)):
            least, most = getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")
            if least is None and most is None:
                continue
            length = measure(texts)
            if least is not None:
                reason[length < least] = f"too_few_{unit}"
            if most is not None:
                reason[length > most] = f"too_many_{unit}"
        gone = np.flatnonzero(reason != "")
        return Edits.drop(batch.row_ids[gone], reason[gone].tolist()) if len(gone) else Edits()

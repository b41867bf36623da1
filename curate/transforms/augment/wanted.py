"""The signal `variants_wanted`: how many variants each row is to have, so that its class comes to its target.

`augment.policy` reads it, and says what a target is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from curate.core.random import StepRandom
from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.errors import ColumnError, did_you_mean
from curate.kernels.classes import class_codes, rows_of_share

Targets = Annotated[
    int | tuple[tuple[str, int], ...] | None,
    BeforeValidator(lambda given: tuple(sorted(given.items())) if isinstance(given, Mapping) else given),
    PlainSerializer(lambda given: dict(given) if isinstance(given, tuple) else given),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer"},
                {"type": "object", "additionalProperties": {"type": "integer"}},
                {"type": "null"},
            ]
        }
    ),
]
"""Rows of a class, one number for all or one a class; a map is kept as pairs so that it can be hashed."""


class Wanted(BaseModel, frozen=True, extra="forbid"):
    """How many rows each class shall have; described in `AugmentByPolicy`."""

    to_fraction: float | None = Field(None, gt=0, le=1)
    per_class: Targets = None
    max_per_row: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _counts(self) -> Self:
        counts = [n for _, n in self.per_class] if isinstance(self.per_class, tuple) else [self.per_class or 1]
        if min(counts, default=1) < 1:
            raise ValueError("per_class: a class has at least 1 row")
        return self

    @property
    def by_class(self) -> bool:
        """Whether classes have a target."""
        return self.to_fraction is not None or self.per_class is not None


class VariantsWanted(Wanted, Provider):
    """How many variants each row is to have, so that its class comes to its target: every row of a class once before
    any twice, in an order that hangs on the row ids.
    """

    name: ClassVar[str] = "variants_wanted"
    version: ClassVar[str] = "1"

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        row_ids = corpus.row_ids()
        codes, names = class_codes(corpus.labels())
        counts = np.zeros(len(row_ids), np.int64)
        sizes = np.bincount(codes[codes >= 0], minlength=len(names))
        random = StepRandom(seed, self.name)
        for number, wanted in enumerate(self._targets(corpus, names, sizes)):
            members = np.flatnonzero(codes == number)
            n_more = max(0, wanted - len(members))
            if self.max_per_row is not None:
                n_more = min(n_more, self.max_per_row * len(members))
            members = members[random.order(row_ids[members])]
            counts[members] = n_more // len(members)
            counts[members[: n_more % len(members)]] += 1
        return pa.table({"row_id": row_ids, "value": counts})

    def _targets(self, corpus: Corpus, names: Sequence[str], sizes: NDArray[np.int64]) -> list[int]:
        """The rows that each class shall have."""
        if self.to_fraction is not None:
            return [rows_of_share(self.to_fraction, sizes)] * len(names)
        if not isinstance(self.per_class, tuple):
            return [self.per_class or 0] * len(names)
        said, known = dict(self.per_class), corpus.class_names()
        words = [known[int(name)] if known and name.isdecimal() and int(name) < len(known) else name for name in names]
        for name in sorted(said.keys() - {*names, *words}) if names else ():
            raise ColumnError(
                f"per_class names {name!r}, which no row has as its label", hint=did_you_mean(name, words)
            )
        return [said.get(word, said.get(name, 0)) for word, name in zip(words, names, strict=True)]

"""Score and keep are apart: a signal says how much of something each row holds, and bounds decide which rows go.

`DropOutside` is the base of every filter of that kind. Its signal is kept, so moving a bound computes nothing again;
the audit reads the same signal to propose bounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import model_validator

from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.buffers import as_bools


class DropOutside(RowTransform):
    """Drops rows whose signal lies below a `min_…` or above a `max_…`. A row without a value stays.

    A subclass names its signals and declares its bounds as settings, each `None` unless a bound holds by default; every
    other setting is one of the signal.

    Attributes:
        bounds: for each setting that is a bound, the signal it is held against and the reason of what it drops.
        typical: for each signal what is usual, with where that was seen.
        profiled: the audit computes its signals for every corpus and proposes bounds; False where that costs much, or
            says nothing without a setting.
        unprofiled: those of its signals that the audit leaves out all the same.

    Example:
        >>> from curate import registry
        >>> registry.get("transforms", "filter.length")(min_words=3).given()
        {'min_words': 3.0}
    """

    keeps_cells: ClassVar[bool] = True
    bounds: ClassVar[dict[str, tuple[str, str]]]
    typical: ClassVar[dict[str, str]] = {}
    profiled: ClassVar[bool] = True
    unprofiled: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _bounds_make_sense(self) -> Self:
        given = self.given()
        if not given:
            raise ValueError(f"give at least one of {', '.join(self.bounds)}")
        for name, at in given.items():
            if not math.isfinite(at):
                raise ValueError(f"{name} is {at}, which is no bound: leave it out or give a number")
        for low, least in given.items():
            high = "max_" + low.removeprefix("min_")
            if low.startswith("min_") and high in given and least > given[high]:
                raise ValueError(f"{low} {least:g} is above {high} {given[high]:g}: every row would go")
        return self

    def given(self) -> dict[str, float]:
        """The bounds that are set."""
        return {name: float(at) for name in self.bounds if (at := getattr(self, name)) is not None}

    def needed(self) -> frozenset[str]:
        return self.needs | {self.bounds[name][0] for name in self.given()}

    def signals(self) -> dict[str, dict[str, Any]]:
        rest = self.model_dump(exclude=set(self.bounds))
        named = {self.bounds[bound][0] for bound in self.given()}
        return {name: self.settings_of(name, rest) for name in sorted(named)}

    def settings_of(self, signal: str, rest: dict[str, Any]) -> dict[str, Any]:
        """Of the settings that are no bound, those of one signal: all of them unless a subclass says otherwise."""
        return rest

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        gone, reason = np.zeros(len(batch), dtype=bool), np.full(len(batch), "", dtype=object)
        for outside, why in self._outside(batch):
            reason[outside & ~gone] = why
            gone |= outside
        at = np.flatnonzero(gone)
        return Edits.drop(batch.row_ids[at], reason[at].tolist()) if len(at) else Edits()

    def _outside(self, batch: Batch) -> Iterator[tuple[Any, str]]:
        """For each bound in the order of `bounds`, which rows lie outside it, and its reason."""
        for name, at in self.given().items():
            signal, why = self.bounds[name]
            values = batch.signals[signal].cast(pa.float64(), safe=False)  # as the bound is, however large
            beyond = pc.less(values, at) if name.startswith("min_") else pc.greater(values, at)
            yield as_bools(pc.fill_null(beyond, False)), why


def without_text(values: pa.Array, texts: pa.Array) -> pa.Array:
    """The values with null where the text is null: a row without a text has no signal of its text."""
    return pc.if_else(pc.is_valid(texts), values, pa.scalar(None, values.type))

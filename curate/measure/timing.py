"""What a fitted model costs: time for a row by itself and for rows in small batches, size, memory.

Measured in the cell that trained it, after everything else, so it changes no prediction. Figures are of this machine
and of whatever else it was doing: they describe, and no verdict rests on them.
"""

from __future__ import annotations

import pickle
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from curate.learn.examples import Examples
from curate.learn.learner import Fitted
from curate.report import model

TITLE = "What the model costs"
CALLS = 20
"""Calls that are timed at each batch size, after one that is not."""
SMALL_BATCH = 32
_MS = ("single_ms", "single_ms_p95", "batch_ms", "batch_ms_p95")


@dataclass(frozen=True)
class Timing:
    """How long a fitted model takes, in milliseconds a row, and how large it is.

    Attributes:
        single_ms: the median of rows predicted one by one; `single_ms_p95` their 95th percentile.
        batch_ms: the same of rows in batches of 32; `batch_ms_p95`.
        model_bytes: the model pickled; None where it cannot be.
        peak_bytes: the most memory that the process that trained it has held so far.
    """

    single_ms: float
    single_ms_p95: float
    batch_ms: float
    batch_ms_p95: float
    model_bytes: int | None
    peak_bytes: int


def time_model(fitted: Fitted, rows: Examples) -> Timing:
    """Time a model on rows, which are gone through again where they are few."""
    single, batch = _per_row(fitted, rows, 1), _per_row(fitted, rows, SMALL_BATCH)
    return Timing(*single, *batch, model_bytes(fitted), peak_bytes())


def peak_bytes() -> int:
    """The most memory that this process has held so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _per_row(fitted: Fitted, rows: Examples, size: int) -> tuple[float, float]:
    """Median and 95th percentile of the milliseconds a row."""
    taken = []
    for call in range(CALLS + 1):
        part = rows.take((call * size + np.arange(size)) % len(rows))
        began = perf_counter()
        fitted.predict(part)
        taken.append(1000 * (perf_counter() - began) / size)
    median, high = np.quantile(taken[1:], [0.5, 0.95]).tolist()
    return median, high


class _Counted:
    """A file that only counts what is written to it."""

    def __init__(self) -> None:
        self.n_bytes = 0

    def write(self, part: bytes | memoryview) -> int:
        n_bytes = len(memoryview(part).cast("B"))
        self.n_bytes += n_bytes
        return n_bytes


def model_bytes(fitted: object) -> int | None:
    """How large a model is when pickled; None where it cannot be.

    Example:
        >>> model_bytes([1.0] * 10) == len(pickle.dumps([1.0] * 10)), model_bytes(lambda: 0)
        (True, None)
    """
    counted = _Counted()
    try:
        pickle.dump(fitted, counted)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return counted.n_bytes


@dataclass(frozen=True)
class Cost:
    """What the base's model costs, over its replicates.

    Attributes:
        fit_s: seconds a fit, mean; with learners that train several at once their share.
        rows_per_s: test rows predicted in a second, mean.
        timing: medians over the replicates; None where it was not asked.
    """

    fit_s: float
    rows_per_s: float
    timing: Timing | None = None

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {"fit_s": self.fit_s, "rows_per_s": self.rows_per_s, "timing": self.timing and vars(self.timing)}


def section(found: Cost) -> model.Section:
    """The cost as a table."""
    rows: list[tuple[str, float | None]] = [
        ("seconds a fit", found.fit_s),
        ("rows predicted a second", found.rows_per_s),
    ]
    if found.timing is not None:
        timed = found.timing
        rows += [
            ("ms a row, one by one, median", timed.single_ms),
            ("ms a row, one by one, 95th percentile", timed.single_ms_p95),
            (f"ms a row, {SMALL_BATCH} at a time, median", timed.batch_ms),
            (f"ms a row, {SMALL_BATCH} at a time, 95th percentile", timed.batch_ms_p95),
            ("model, MB", None if timed.model_bytes is None else timed.model_bytes / 1e6),
            ("most memory of a training process, MB", timed.peak_bytes / 1e6),
        ]
    columns = (model.Column("of the base", "code"), model.Column("", "number"))
    table = model.Table(columns, tuple(rows), "Means over replicates", searchable=False, sortable=False)
    lead = "On this machine, with whatever else it was doing: they describe, and nothing rests on them."
    return model.Section(TITLE, (table,), lead)


def cost(results: Sequence[Any], n_test: int) -> Cost:
    """What the models of some cells cost.

    Args:
        results: of the base's cells (`RunResult`).
        n_test: test rows that each predicted.
    """
    fit = float(np.mean([result.seconds - result.predicting for result in results]))
    rate = n_test / max(float(np.mean([result.predicting for result in results])), 1e-9)
    timings = [result.timing for result in results if result.timing is not None]
    if not timings:
        return Cost(fit, rate)
    middle = {name: float(np.median([getattr(timing, name) for timing in timings])) for name in _MS}
    sizes = [timing.model_bytes for timing in timings]
    size = None if None in sizes else int(np.median(sizes))
    return Cost(fit, rate, Timing(**middle, model_bytes=size, peak_bytes=max(each.peak_bytes for each in timings)))

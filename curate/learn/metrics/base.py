"""What a metric is: a number about predictions that can be asked for under any weighting of the rows.

Two kinds. `SumsMetric`: sums over rows, then one formula, so that one pass over the predictions serves any number of
bootstrap draws, as only the sums change. `WeighedMetric`: what no sums give (areas under curves, distinct n-grams), a
function of the row weights. Every `measure` reads its effects through them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curate.errors import CurateError
from curate.learn.examples import Task
from curate.learn.outputs import Outputs
from curate.optional import check, installed

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
RowSums = Callable[[Outputs, NDArray[Any]], Floats]
Weighing = Callable[[Floats], Floats]
"""Row weights of shape (n, b), one column per draw -> the metric of each draw, shape (b,)."""

Unit = Literal["points", "nats", "bits", "target", "squared target", ""]
"""points: a share, shown times 100. target: the unit of what is predicted. "": a bare number."""

Made = Literal["two-way", "jackknife", "none"]
"""How an interval is made; none: the metric describes and gets no interval."""

SHARE_MARGIN = 0.005
RELATIVE_MARGIN = 0.01


@dataclass(frozen=True)
class Metric:
    """A number about predictions.

    Args:
        name: what it is called in reports and options.
        direction: whether higher or lower is better.
        unit: what a value is counted in.
        tasks: the tasks it is a metric of.
        reads_texts: whether it needs what the model wrote.
        packages: the optional modules that it needs, each with the extra that installs it.
        absolute_margin: the difference that does not matter; None: a share of the base's value.
        defined: whether rows with such targets have it: an area under a curve needs rows of two classes.
    """

    name: str
    direction: Literal["higher", "lower"]
    _: KW_ONLY
    unit: Unit = "points"
    tasks: tuple[Task, ...] = ("classification",)
    reads_texts: bool = False
    packages: tuple[tuple[str, str], ...] = ()
    absolute_margin: float | None = None
    defined: Callable[[NDArray[Any]], bool] = lambda targets: len(targets) > 0

    @property
    def scale(self) -> float:
        """What a value is multiplied with for display."""
        return 100.0 if self.unit == "points" else 1.0

    @property
    def additive(self) -> bool:
        """Whether it is a weighted mean of one value per row, so that `per_row` exists."""
        return self.made == "two-way"

    @property
    def made(self) -> Made:
        """How its intervals are made."""
        raise NotImplementedError

    def under(self, outputs: Outputs, targets: NDArray[Any]) -> Weighing:
        """The metric as a function of row weights."""
        raise NotImplementedError

    def margin(self, base: float) -> float:
        """The difference that does not matter unless one is set: half a point of a share, else 1 % of the base.

        Example:
            >>> from curate.learn.metrics import metric
            >>> metric("accuracy").margin(0.9), metric("mae").margin(250.0)
            (0.005, 2.5)
        """
        if self.unit == "points":
            return SHARE_MARGIN
        return self.absolute_margin or max(RELATIVE_MARGIN * abs(base), float(np.finfo(np.float64).tiny))

    def check_installed(self) -> None:
        """Raise where a package that it needs is missing; imports nothing.

        Raises:
            MissingExtra: with the line to install it.
        """
        for module, extra in self.packages:
            check(module, extra=extra, by=f"the metric {self.name!r}")

    def is_installed(self) -> bool:
        """Whether all that it needs is there."""
        return all(installed(module) for module, _ in self.packages)

    def value(self, outputs: Outputs, targets: NDArray[Any], counts: NDArray[np.number] | None = None) -> float:
        """The metric over all rows; `counts` (n,) says how often, or with what weight, each row counts.

        Raises:
            CurateError: no rows, shapes that do not match, or a target out of range.
        """
        weights = np.ones((len(targets), 1)) if counts is None else np.asarray(counts, dtype=np.float64)[:, None]
        return float(self._checked(outputs, targets)(weights)[0])

    def values(self, outputs: Outputs, targets: NDArray[Any], counts: NDArray[np.number]) -> Floats:
        """The metric for each of b weightings at once: counts (b, n) -> (b,). For jackknife and bootstrap."""
        return self._checked(outputs, targets)(np.ascontiguousarray(np.asarray(counts, dtype=np.float64).T))

    def per_row(self, outputs: Outputs, targets: NDArray[Any]) -> Floats:
        """The value of each row, shape (n,); its (weighted) mean is the metric.

        Raises:
            CurateError: the metric is not a mean over rows.
        """
        raise CurateError(f"{self.name} is not a mean over rows", hint="use `values` with counts")

    def _checked(self, outputs: Outputs, targets: NDArray[Any]) -> Weighing:
        if len(targets) == 0:
            raise CurateError("a metric of no rows", hint="the test split is empty")
        if self.reads_texts and outputs.texts is None:
            raise CurateError(f"{self.name} reads what a model wrote, and nothing was written")
        if len(outputs) != len(targets):
            raise CurateError(f"{len(outputs)} rows were predicted, but there are {len(targets)} targets")
        return self.under(outputs, targets)


@dataclass(frozen=True)
class SumsMetric(Metric):
    """A metric that is sums over rows, then one formula.

    Args:
        statistics: outputs and targets of n rows -> what is summed over rows, shape (n, m). Metrics that share them
            share the pass over the rows.
        combine: sums of shape (..., m) -> values of shape (...).
        mean: a weighted mean of one value per row: the statistics are (value, 1).

    Example:
        >>> from curate.learn.metrics import ACCURACY
        >>> probs, labels = Outputs(np.array([[0.9, 0.1], [0.6, 0.4]])), np.array([0, 1])
        >>> ACCURACY.value(probs, labels), ACCURACY.value(probs, labels, counts=np.array([3, 1]))
        (0.5, 0.75)
    """

    statistics: RowSums
    combine: Callable[[Floats], Floats]
    _: KW_ONLY
    mean: bool = False

    @property
    def made(self) -> Made:
        return "two-way" if self.mean else "jackknife"

    def under(self, outputs: Outputs, targets: NDArray[Any]) -> Weighing:
        rows = self.statistics(outputs, targets)
        return lambda weights: self.combine(weights.T @ rows)

    def per_row(self, outputs: Outputs, targets: NDArray[Any]) -> Floats:
        if not self.mean:
            return super().per_row(outputs, targets)
        self._checked(outputs, targets)
        return self.statistics(outputs, targets)[:, 0]


@dataclass(frozen=True)
class WeighedMetric(Metric):
    """A metric that is no formula of sums: a function of the row weights.

    Args:
        weighing: outputs and targets of n rows -> the metric under weights of shape (n, b); defined for every weighting
            by whole numbers.
        interval: how its intervals are made.
    """

    weighing: Callable[[Outputs, NDArray[Any]], Weighing]
    _: KW_ONLY
    interval: Made = "jackknife"

    @property
    def made(self) -> Made:
        return self.interval

    def under(self, outputs: Outputs, targets: NDArray[Any]) -> Weighing:
        return self.weighing(outputs, targets)


def mean_of(sums: Floats) -> Floats:
    """The mean, from the sums of values and of ones."""
    return np.asarray(sums[..., 0] / sums[..., 1])


def with_ones(values: NDArray[Any]) -> Floats:
    """Values with a column of ones: what `mean_of` takes the sums of."""
    return np.column_stack([values, np.ones(len(values))])


def share(part: Floats, whole: Floats) -> Floats:
    """part/whole, 0 where the whole is 0.

    Example:
        >>> share(np.array([1.0, 2.0]), np.array([4.0, 0.0])).tolist()
        [0.25, 0.0]
    """
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0)

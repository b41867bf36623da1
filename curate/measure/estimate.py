"""Estimates: from the outputs of every cell to the difference between arms, on one metric.

A metric that is a mean over rows goes through the two-way layout, any other through that of its jackknife values; all
are asked alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from curate.kernels.jackknife import SumsStatistic, WeighedStatistic, jackknife
from curate.kernels.twoway import TwoWay, two_way
from curate.learn.metrics import Metric, SumsMetric
from curate.learn.metrics.base import Floats, RowSums
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied

DUST = 1e-12
ALIKE = 1e-6  # of the largest value that a model says: below it two models say the same


@dataclass(frozen=True, eq=False)
class Predictions:
    """What the model of every arm said in every replicate of the same test rows.

    Attributes:
        outputs: per arm, one for each replicate.
        targets: those of the test rows, n of them.
        clusters: the near-duplicate family of each test row, shape (n,).
        seed: keys the draws of whoever draws from them.
    """

    outputs: Mapping[Applied, Sequence[Outputs]]
    targets: NDArray[Any]
    clusters: NDArray[np.int64]
    seed: int

    @cached_property
    def _values(self) -> dict[tuple[str, Applied], Floats]:
        return {}

    @cached_property
    def _totals(self) -> dict[tuple[RowSums, Applied], Floats]:
        return {}

    @cached_property
    def _blocks(self) -> dict[tuple[RowSums, Applied], list[sparse.csr_array]]:
        return {}

    def _rows(self, metric: SumsMetric, arm: Applied) -> list[sparse.csr_array]:
        """What each row adds to the sums of a metric, shape (m, n), one for each replicate; made once."""
        at = (metric.statistics, arm)
        if at not in self._blocks:
            totals, blocks = [], []
            for outputs in self.outputs[arm]:  # one by one: with many classes the rows are wide before they are sparse
                rows = metric.statistics(outputs, self.targets)
                totals.append(rows.sum(axis=0))
                blocks.append(sparse.csr_array(rows.T))
            self._totals[at], self._blocks[at] = np.stack(totals), blocks
        return self._blocks[at]

    def _sums(self, metric: SumsMetric, arm: Applied) -> Floats:
        """The sums over all rows in each replicate, shape (R, m); made once for all metrics that share them."""
        at = (metric.statistics, arm)
        if at not in self._totals:
            made = [metric.statistics(outputs, self.targets).sum(axis=0) for outputs in self.outputs[arm]]
            self._totals[at] = np.stack(made)
        return self._totals[at]

    def values(self, metric: Metric, arm: Applied) -> Floats:
        """The metric in each replicate, shape (R,)."""
        at = (metric.name, arm)
        if at not in self._values:
            if isinstance(metric, SumsMetric):
                self._values[at] = np.asarray(metric.combine(self._sums(metric, arm)))
            else:
                self._values[at] = np.array([metric.value(outputs, self.targets) for outputs in self.outputs[arm]])
        return self._values[at]

    def delta(self, metric: Metric, contrast: Mapping[Applied, float]) -> float:
        """The contrast of arms, mean over replicates."""
        return float(sum(weight * self.values(metric, arm).mean() for arm, weight in contrast.items()))

    def cancels(self, contrast: Mapping[Applied, float]) -> bool:
        """Whether a contrast is 0 whatever the metric: in each replicate its arms cancel out, model for equal model.

        Equal to a millionth of what they say: the same rows in another order are summed otherwise.
        """
        return all(
            _cancel([(weight, self.outputs[arm][at].values) for arm, weight in contrast.items()])
            for at in range(len(self.outputs[next(iter(contrast))]))
        )

    def contrast(self, metric: Metric, contrast: Mapping[Applied, float]) -> TwoWay:
        """A contrast of arms, with what is needed for its intervals."""
        if isinstance(metric, SumsMetric) and metric.mean:
            rows = [
                weight * np.stack([block[[0]].toarray()[0] for block in self._rows(metric, arm)])
                for arm, weight in contrast.items()
            ]
            return two_way(_without_dust(rows), self.clusters)
        return jackknife(self.statistic(metric, contrast), n_rows=len(self.targets), clusters=self.clusters)

    def statistic(self, metric: Metric, contrast: Mapping[Applied, float]) -> SumsStatistic | WeighedStatistic:
        """The contrast in each replicate as a function of how often each test row counts."""
        if isinstance(metric, SumsMetric):
            return sums_statistic([self._rows(metric, arm) for arm in contrast], contrast.values(), metric)
        cells = [tuple(metric.under(outputs, self.targets) for outputs in self.outputs[arm]) for arm in contrast]
        return WeighedStatistic(tuple(cells), tuple(contrast.values()))


def _cancel(said: Sequence[tuple[float, NDArray[Any]]]) -> bool:
    """Whether the coefficients of those that say the same add up to 0."""
    left = list(said)
    while left:
        alike = [_same(left[0][1], values) for _, values in left]
        if abs(sum(weight for (weight, _), same in zip(left, alike, strict=True) if same)) > DUST:
            return False
        left = [each for each, same in zip(left, alike, strict=True) if not same]
    return True


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.shape != other.shape:
        return False
    return bool(np.allclose(one, other, rtol=0, atol=ALIKE * float(np.abs(one).max(initial=0.0))))


def _without_dust(rows: Sequence[Floats]) -> Floats:
    """The sum over arms, with what is but rounding (below 1e-12 of the values that were added) taken for 0."""
    total = np.sum(rows, axis=0)
    return np.where(np.abs(total) <= DUST * np.abs(rows).max(axis=0), 0.0, total)


def sums_statistic(
    rows: Sequence[Sequence[sparse.csr_array]], coefficients: Iterable[float], metric: SumsMetric
) -> SumsStatistic:
    """What the jackknife needs of a contrast, from what each row adds to the sums of the metric.

    Args:
        rows: per arm and replicate, shape (m, n).
        coefficients: one per arm.
        metric: what is made of the sums.
    """
    blocks = sparse.vstack([part for arm in rows for part in arm], "csr")
    shape = (len(rows), len(rows[0]), rows[0][0].shape[0])
    return SumsStatistic(blocks, shape, tuple(coefficients), metric.combine)

"""Estimates: from the outputs of every cell to the difference between arms, on one metric.

A metric that is a mean over rows goes through the two-way layout, any other through the crossed bootstrap; both are
asked alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from curate.core.random import key
from curate.kernels.bootstrap import Bootstrapped, SumsStatistic, crossed_bootstrap
from curate.kernels.intervals import Estimate
from curate.kernels.twoway import TwoWay, two_way
from curate.learn.metrics import Metric
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied


class Estimated(Protocol):
    """An estimate that can be read in two ways."""

    @property
    def delta(self) -> float: ...

    def on_this_test_set(self) -> Estimate: ...

    def on_new_data(self) -> Estimate: ...


@dataclass(frozen=True, eq=False)
class Predictions:
    """What the model of every arm said in every replicate of the same test rows.

    Attributes:
        outputs: per arm, one for each replicate.
        targets: those of the test rows, n of them.
        clusters: the near-duplicate family of each test row, shape (n,).
        seed: keys the bootstrap draws.
    """

    outputs: Mapping[Applied, Sequence[Outputs]]
    targets: NDArray[Any]
    clusters: NDArray[np.int64]
    seed: int

    @cached_property
    def _values(self) -> dict[tuple[str, Applied], NDArray[np.float64]]:
        return {}

    def _sums(self, metric: Metric, arm: Applied) -> Iterator[NDArray[np.float64]]:
        """What each row adds to the sums of a metric, shape (n, m), replicate by replicate."""
        for outputs in self.outputs[arm]:
            yield metric.statistics(outputs, self.targets)

    def values(self, metric: Metric, arm: Applied) -> NDArray[np.float64]:
        """The metric in each replicate, shape (R,)."""
        at = (metric.name, arm)
        if at not in self._values:
            sums = np.stack([rows.sum(axis=0) for rows in self._sums(metric, arm)])
            self._values[at] = np.asarray(metric.combine(sums))
        return self._values[at]

    def delta(self, metric: Metric, contrast: Mapping[Applied, float]) -> float:
        """The contrast of arms, mean over replicates."""
        return float(sum(weight * self.values(metric, arm).mean() for arm, weight in contrast.items()))

    def contrast(self, metric: Metric, contrast: Mapping[Applied, float]) -> Estimated:
        """A contrast of arms, with what is needed for its intervals."""
        if metric.additive:
            rows = [weight * np.stack([r[:, 0] for r in self._sums(metric, arm)]) for arm, weight in contrast.items()]
            return two_way(np.sum(rows, axis=0), self.clusters)
        return self._bootstrapped(metric, contrast)

    def _bootstrapped(self, metric: Metric, contrast: Mapping[Applied, float]) -> Bootstrapped:
        statistic = sums_statistic([list(self._sums(metric, arm)) for arm in contrast], contrast.values(), metric)
        n_rows = len(self.targets)
        generator = np.random.Generator(np.random.Philox(key=key(self.seed, "bootstrap", metric.name)))
        return crossed_bootstrap(statistic, n_rows=n_rows, generator=generator, clusters=self.clusters)


def sums_statistic(
    rows: Sequence[Sequence[NDArray[np.float64]]], coefficients: Iterable[float], metric: Metric
) -> SumsStatistic:
    """What the bootstrap needs of a contrast, from what each row adds to the sums of the metric.

    Args:
        rows: per arm and replicate, shape (n, m).
        coefficients: one per arm.
        metric: what is made of the sums.
    """
    blocks = sparse.vstack([sparse.csr_array(part.T) for arm in rows for part in arm], "csr")
    shape = (len(rows), len(rows[0]), rows[0][0].shape[1])
    return SumsStatistic(blocks, shape, tuple(coefficients), metric.combine)


def layout(estimated: Estimated) -> TwoWay:
    """The two-way layout behind an estimate, for plans."""
    return estimated.layout if isinstance(estimated, Bootstrapped) else estimated  # type: ignore[return-value]

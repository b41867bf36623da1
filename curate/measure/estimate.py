"""Estimates: from the probabilities of every cell to the difference between arms, on one metric.

A metric that is a mean over rows goes through the two-way layout, any other through the crossed bootstrap; both are
asked alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from curate.core.random import key
from curate.kernels.bootstrap import Bootstrapped, SumsStatistic, crossed_bootstrap
from curate.kernels.intervals import Estimate
from curate.kernels.twoway import TwoWay, two_way
from curate.learn.metrics import Metric
from curate.measure.arms import Applied


class Estimated(Protocol):
    """An estimate that can be read in two ways."""

    @property
    def delta(self) -> float: ...

    def on_this_test_set(self) -> Estimate: ...

    def on_new_data(self) -> Estimate: ...


@dataclass(frozen=True, eq=False)
class Predictions:
    """The probabilities of every arm in every replicate on the same test rows.

    Attributes:
        probs: per arm, float32, shape (R, n, k).
        labels: the test labels, shape (n,).
        clusters: the near-duplicate family of each test row, shape (n,).
        seed: keys the bootstrap draws.
    """

    probs: Mapping[Applied, NDArray[np.float32]]
    labels: NDArray[np.int64]
    clusters: NDArray[np.int64]
    seed: int

    @cached_property
    def _sums(self) -> dict[tuple[str, Applied], NDArray[np.float64]]:
        return {}

    def rows(self, metric: Metric, arm: Applied) -> NDArray[np.float64]:
        """What each row adds to the sums of a metric, shape (R, n, m)."""
        at = (metric.name, arm)
        if at not in self._sums:
            self._sums[at] = np.stack([metric.statistics(p.astype(np.float64), self.labels) for p in self.probs[arm]])
        return self._sums[at]

    def values(self, metric: Metric, arm: Applied) -> NDArray[np.float64]:
        """The metric in each replicate, shape (R,)."""
        return np.asarray(metric.combine(self.rows(metric, arm).sum(axis=1)))

    def delta(self, metric: Metric, contrast: Mapping[Applied, float]) -> float:
        """The contrast of arms, mean over replicates."""
        return float(sum(weight * self.values(metric, arm).mean() for arm, weight in contrast.items()))

    def contrast(self, metric: Metric, contrast: Mapping[Applied, float]) -> Estimated:
        """A contrast of arms, with what is needed for its intervals."""
        if metric.additive:
            rows = [weight * self.rows(metric, arm)[:, :, 0] for arm, weight in contrast.items()]
            return two_way(np.sum(rows, axis=0), self.clusters)
        return self._bootstrapped(metric, contrast)

    def _bootstrapped(self, metric: Metric, contrast: Mapping[Applied, float]) -> Bootstrapped:
        stacked = np.stack([self.rows(metric, arm) for arm in contrast])
        n_arms, n_replicates, n_rows, n_sums = stacked.shape
        lines = sparse.csr_array(np.moveaxis(stacked, 2, 3).reshape(-1, n_rows))
        statistic = SumsStatistic(lines, (n_arms, n_replicates, n_sums), tuple(contrast.values()), metric.combine)
        generator = np.random.Generator(np.random.Philox(key=key(self.seed, "bootstrap", metric.name)))
        return crossed_bootstrap(statistic, n_rows=n_rows, generator=generator, clusters=self.clusters)


def layout(estimated: Estimated) -> TwoWay:
    """The two-way layout behind an estimate, for plans."""
    return estimated.layout if isinstance(estimated, Bootstrapped) else estimated  # type: ignore[return-value]


def stacked(results: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The probabilities of one arm over replicates."""
    return np.stack(list(results))

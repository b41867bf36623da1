"""The crossed paired bootstrap: effects on metrics that do not add over rows (macro-F1, calibration error, gaps).

Replicates and clusters of test rows are drawn again independently of each other, the same draw for all arms
(Multi-Bootstrap, Sellam et al. 2022; `scipy.stats.bootstrap` draws along one axis only). The shape of the interval is
BCa (Efron 1987); its width is that of the two-way layout of the jackknife values with Student's t, because the crossed
bootstrap by itself is too wide in the residual (Owen 2007) and too narrow for few replicates (Hesterberg 2015).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, special

from curate.kernels.intervals import Estimate
from curate.kernels.twoway import FloatArray, IntArray, TwoWay, lay_out

Statistic = Callable[[FloatArray], FloatArray]  # weights of the rows, (b, n) → the contrast per replicate, (b, R)

CHUNK = 256  # weight vectors held at once
MOST_GROUPS = 1000  # units of the jackknife; more clusters than that are dealt into so many groups
STEEPEST = 0.2  # bound on the acceleration; beyond it BCa says nothing
FARTHEST = 3.0  # in standard errors; the BCa correction goes on straight from here


@dataclass(frozen=True, slots=True, eq=False)
class SumsStatistic:
    """A contrast of arms on a metric that is a function of sums over rows: metric = g(weights · contributions).

    Args:
        contributions: shape (A·R·K, n), sparse: what a row adds to each of the K sums of arm a in replicate r, at line
            (a·R + r)·K + k.
        shape: (A, R, K).
        coefficients: one per arm, e.g. (1, −1) for arm minus base.
        metric: g, from sums of shape (…, K) to shape (…); defined for every draw, an empty class included.
    """

    contributions: sparse.csr_array
    shape: tuple[int, int, int]
    coefficients: tuple[float, ...]
    metric: Callable[[FloatArray], FloatArray]

    def __call__(self, weights: FloatArray) -> FloatArray:
        """The contrast per replicate, shape (b, R), under row weights of shape (b, n)."""
        sums = self.contributions @ np.ascontiguousarray(weights.T)
        by_arm = self.metric(np.moveaxis(sums.reshape(*self.shape, -1), 3, 0))
        return np.asarray(np.tensordot(by_arm, np.asarray(self.coefficients), axes=(1, 0)), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class WeighedStatistic:
    """A contrast of arms on a metric that is no formula of sums (an area under a curve): a function of row weights.

    Args:
        cells: per arm and replicate, the metric under weights of shape (n, b), one column per draw, as shape (b,).
        coefficients: one per arm.
    """

    cells: tuple[tuple[Callable[[FloatArray], FloatArray], ...], ...]
    coefficients: tuple[float, ...]

    def __call__(self, weights: FloatArray) -> FloatArray:
        """The contrast per replicate, shape (b, R), under row weights of shape (b, n)."""
        columns = np.ascontiguousarray(weights.T)
        by_arm = [np.stack([cell(columns) for cell in arm], axis=1) for arm in self.cells]
        return np.asarray(np.tensordot(np.asarray(self.coefficients), np.stack(by_arm), axes=1), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapEstimate(Estimate):
    """An `Estimate` whose shape comes from bootstrap draws; every question is asked as of any other estimate.

    Args:
        values: distinct values of the draws, rising, at least 2.
        scores: their normal scores, rising.
        spread: standard deviation of the draws, above 0.
        bias: z0 of BCa, the normal score of the estimate among its draws.
        acceleration: a of BCa, within ±0.2.
    """

    values: FloatArray
    scores: FloatArray
    spread: float
    bias: float
    acceleration: float

    def score(self, value: float) -> float:
        """How far `value` lies above the estimate on the scale of Student's t, after the BCa correction."""
        low, high = self.values[0], self.values[-1]
        beyond = min(value - low, 0.0) + max(value - high, 0.0)
        normal = float(np.interp(value, self.values, self.scores)) + beyond / self.spread
        corrected = _bend(normal - self.bias, self.acceleration) - self.bias
        return corrected * self.spread / self.se

    def at(self, score: float) -> float:
        """The value at `score`: the inverse."""
        corrected = score * self.se / self.spread
        normal = _unbend(corrected + self.bias, self.acceleration) + self.bias
        beyond = min(normal - self.scores[0], 0.0) + max(normal - self.scores[-1], 0.0)
        return float(np.interp(normal, self.scores, self.values)) + float(beyond) * self.spread


@dataclass(frozen=True, slots=True, eq=False)
class Bootstrapped:
    """What the crossed bootstrap found; asked like a `TwoWay`.

    Args:
        layout: the two-way layout of the jackknife values: standard errors, degrees of freedom, plans.
        draws: the contrast in each draw, shape (n_draws,), rising.
        acceleration: a of BCa.
    """

    layout: TwoWay
    draws: FloatArray
    acceleration: float

    @property
    def delta(self) -> float:
        """The contrast on the data as they are."""
        return self.layout.delta

    def on_this_test_set(self) -> Estimate:
        """The effect on exactly these test rows: only replicates vary, and over them the contrast is a mean."""
        return self.layout.on_this_test_set()

    def on_new_data(self) -> Estimate:
        """The effect on new data of this source, with the shape of the draws where there is any."""
        plain = self.layout.on_new_data()
        values, counts = np.unique(self.draws, return_counts=True)
        spread = float(self.draws.std()) if values.size > 1 else 0.0
        if spread == 0 or plain.se == 0 or math.isinf(plain.se):
            return plain
        ranks = np.cumsum(counts) - counts / 2
        scores = np.asarray(special.ndtri(ranks / self.draws.size), dtype=np.float64)
        bias = float(np.interp(plain.delta, values, scores))
        return BootstrapEstimate(plain.delta, plain.se, plain.df, values, scores, spread, bias, self.acceleration)


def crossed_bootstrap(
    statistic: Statistic,
    *,
    n_rows: int,
    generator: np.random.Generator,
    clusters: npt.ArrayLike | None = None,
    n_draws: int = 2000,
) -> Bootstrapped:
    """Estimate a contrast of arms when replicates and test rows are both random.

    Args:
        statistic: from row weights of shape (b, n) to the contrast per replicate, shape (b, R): `SumsStatistic` or
            `WeighedStatistic`. Weights are whole numbers, 0 included.
        n_rows: n, test rows.
        generator: where the draws come from; the caller keys it.
        clusters: integer label per test row, shape (n,); rows with one label are drawn together. None: each its own.
        n_draws: bootstrap draws; 0: the interval of the jackknife, for what repeated rows would falsify.

    Raises:
        ValueError: `clusters` does not fit `n_rows`.

    Example:
        >>> correct = np.random.default_rng(0).random((2, 5, 300)) < np.array([0.8, 0.7])[:, None, None]
        >>> accuracy = lambda weights: (weights @ (1.0 * correct[0] - correct[1]).T) / weights.sum(axis=1)[:, None]
        >>> result = crossed_bootstrap(accuracy, n_rows=300, generator=np.random.default_rng(1)).on_new_data()
        >>> [round(end, 2) for end in (result.delta, *result.interval())]
        [0.07, 0.03, 0.11]
    """
    index, sizes = _clusters(n_rows, clusters)
    layout, acceleration = _jackknife(statistic, index, sizes)
    draws = np.concatenate(
        [np.empty(0), *_draws(statistic, index, sizes.size, layout.n_replicates, generator, n_draws)]
    )
    return Bootstrapped(layout, np.sort(draws), acceleration)


def _clusters(n_rows: int, clusters: npt.ArrayLike | None) -> tuple[IntArray, IntArray]:
    """Number the clusters from 0 by rising label: their number per row, and their sizes."""
    if clusters is None:
        return np.arange(n_rows), np.ones(n_rows, dtype=np.int64)
    labels = np.asarray(clusters)
    if labels.shape != (n_rows,):
        raise ValueError(f"clusters must have one label per row, shape ({n_rows},), not {labels.shape}")
    _, index, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return index.astype(np.int64), sizes.astype(np.int64)


def _jackknife(statistic: Statistic, index: IntArray, sizes: IntArray) -> tuple[TwoWay, float]:
    """Two-way layout of the jackknife values, and the acceleration of BCa over both factors.

    Leaving out unit c of size n_c of N gives θ_r(−c); its value is U[r, c] = θ_r + C·(1 − n_c/N)·(θ_r − θ_r(−c)), which
    for a mean is the linearised value of `two_way`.
    """
    n_rows, n_units = index.size, min(sizes.size, MOST_GROUPS)
    unit = index % n_units
    unit_sizes = np.bincount(index % n_units, minlength=n_units).astype(np.float64)
    whole = statistic(np.ones((1, n_rows)))[0]
    if n_units < 2:
        return lay_out(whole[:, None], unit_sizes), 0.0
    starts = range(0, n_units, CHUNK)
    left_out = [statistic((unit != np.arange(i, min(i + CHUNK, n_units))[:, None]) * 1.0) for i in starts]
    influence = n_units * (1 - unit_sizes / n_rows) * (whole - np.concatenate(left_out)).T
    influence -= influence.mean(axis=1, keepdims=True)
    by_replicate, by_unit = (whole - whole.mean()) / whole.size, influence.mean(axis=0) / n_units
    squares = float((by_replicate**2).sum() + (by_unit**2).sum())
    cubes = float((by_replicate**3).sum() + (by_unit**3).sum())
    acceleration = 0.0 if squares == 0 else cubes / (6 * squares**1.5)
    return lay_out(whole[:, None] + influence, unit_sizes), min(max(acceleration, -STEEPEST), STEEPEST)


def _draws(
    statistic: Statistic,
    index: IntArray,
    n_clusters: int,
    n_replicates: int,
    generator: np.random.Generator,
    n_draws: int,
) -> Iterator[FloatArray]:
    """The contrast of each draw, in chunks."""
    for weights, share in crossed_weights(index, n_clusters, n_replicates, generator, n_draws):
        yield (statistic(weights) * share).sum(axis=1)


def crossed_weights(
    index: IntArray, n_clusters: int, n_replicates: int, generator: np.random.Generator, n_draws: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Draw clusters and replicates with replacement, independently, in chunks.

    Args:
        index: the number of each row's cluster, in [0, n_clusters), shape (n,).
        n_clusters: how many clusters there are.
        n_replicates: R.
        generator: where the draws come from.
        n_draws: draws in all.

    Yields:
        How often each row comes up, shape (b, n), and the share of each replicate, shape (b, R), whose lines sum to 1.
    """
    for start in range(0, n_draws, CHUNK):
        size = min(CHUNK, n_draws - start)
        weights = _multiplicities(generator, size, n_clusters)[:, index]
        yield weights, _multiplicities(generator, size, n_replicates) / n_replicates


def _multiplicities(generator: np.random.Generator, n_draws: int, n_items: int) -> FloatArray:
    """How often each item comes up in `n_items` draws with replacement, shape (n_draws, n_items)."""
    drawn = generator.integers(0, n_items, size=(n_draws, n_items)) + n_items * np.arange(n_draws)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=n_draws * n_items)
    return counts.reshape(n_draws, n_items).astype(np.float64)


def _bend(distance: float, acceleration: float) -> float:
    """w/(1 + a·w) within ±3, straight on beyond: rising everywhere, so that it can be inverted."""
    inner = min(max(distance, -FARTHEST), FARTHEST)
    return inner / (1 + acceleration * inner) + (distance - inner)


def _unbend(distance: float, acceleration: float) -> float:
    """The inverse of `_bend`."""
    low, high = _bend(-FARTHEST, acceleration), _bend(FARTHEST, acceleration)
    inner = min(max(distance, low), high)
    return inner / (1 - acceleration * inner) + (distance - inner)

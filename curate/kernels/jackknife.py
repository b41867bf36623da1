"""The crossed jackknife: effects on metrics that do not add over rows (macro-F1, calibration error, areas, gaps).

Each cluster of test rows is left out in turn, in all arms and replicates at once; the values that come of it are linear
in the rows (Efron & Stein 1981, "The jackknife estimate of variance") and go through the two-way layout like any mean.
Bootstrap draws could correct the shape for bias and skew; with few replicates they give false alarms (decision 5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from curate.kernels.twoway import FloatArray, IntArray, TwoWay, lay_out

Statistic = Callable[[FloatArray], FloatArray]  # weights of the rows, (b, n) → the contrast per replicate, (b, R)

CHUNK = 256  # weight vectors held at once
MOST_GROUPS = 1000  # what is left out at once; more clusters than that are dealt into so many groups


@dataclass(frozen=True, slots=True, eq=False)
class SumsStatistic:
    """A contrast of arms on a metric that is a function of sums over rows: metric = g(weights · contributions).

    Args:
        contributions: shape (A·R·K, n), sparse: what a row adds to each of the K sums of arm a in replicate r, at line
            (a·R + r)·K + k.
        shape: (A, R, K).
        coefficients: one per arm, e.g. (1, −1) for arm minus base.
        metric: g, from sums of shape (…, K) to shape (…); defined for every weighting, an empty class included.
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
        cells: per arm and replicate, the metric under weights of shape (n, b), one column per weighting, as shape (b,).
        coefficients: one per arm.
    """

    cells: tuple[tuple[Callable[[FloatArray], FloatArray], ...], ...]
    coefficients: tuple[float, ...]

    def __call__(self, weights: FloatArray) -> FloatArray:
        """The contrast per replicate, shape (b, R), under row weights of shape (b, n)."""
        columns = np.ascontiguousarray(weights.T)
        by_arm = [np.stack([cell(columns) for cell in arm], axis=1) for arm in self.cells]
        return np.asarray(np.tensordot(np.asarray(self.coefficients), np.stack(by_arm), axes=1), dtype=np.float64)


def jackknife(statistic: Statistic, *, n_rows: int, clusters: npt.ArrayLike | None = None) -> TwoWay:
    """Estimate a contrast of arms when replicates and test rows are both random.

    Leaving out unit c of size n_c of N gives θ_r(−c); its value is U[r, c] = θ_r + C·(1 − n_c/N)·(θ_r − θ_r(−c)), which
    for a mean is the linearised value of `two_way`.

    Args:
        statistic: from row weights of shape (b, n) to the contrast per replicate, shape (b, R): `SumsStatistic` or
            `WeighedStatistic`. Weights are 1, and 0 for what is left out.
        n_rows: n, test rows.
        clusters: integer label per test row, shape (n,); rows with one label are left out together. None: each its own.

    Raises:
        ValueError: `clusters` does not fit `n_rows`.

    Example:
        >>> correct = np.random.default_rng(0).random((2, 5, 300)) < np.array([0.8, 0.7])[:, None, None]
        >>> accuracy = lambda weights: (weights @ (1.0 * correct[0] - correct[1]).T) / weights.sum(axis=1)[:, None]
        >>> result = jackknife(accuracy, n_rows=300).on_new_data()
        >>> [round(end, 2) for end in (result.delta, *result.interval())]
        [0.07, 0.03, 0.11]
    """
    return lay_out(*jackknife_units(statistic, n_rows=n_rows, clusters=clusters))


def jackknife_units(
    statistic: Statistic, *, n_rows: int, clusters: npt.ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """The values U of `jackknife`, shape (R, C), by rising label of the cluster, and the rows of each, shape (C,).

    What is linear in several statistics is linear in their values: a difference of two needs no pass of its own.
    """
    index, sizes = _clusters(n_rows, clusters)
    n_units = min(sizes.size, MOST_GROUPS)
    unit = index % n_units
    unit_sizes = np.bincount(unit, minlength=n_units).astype(np.float64)
    whole = statistic(np.ones((1, n_rows)))[0]
    if n_units < 2:
        return whole[:, None], unit_sizes
    starts = range(0, n_units, CHUNK)
    left_out = [statistic((unit != np.arange(i, min(i + CHUNK, n_units))[:, None]) * 1.0) for i in starts]
    influence = n_units * (1 - unit_sizes / n_rows) * (whole - np.concatenate(left_out)).T
    return whole[:, None] + influence - influence.mean(axis=1, keepdims=True), unit_sizes


def _clusters(n_rows: int, clusters: npt.ArrayLike | None) -> tuple[IntArray, IntArray]:
    """Number the clusters from 0 by rising label: their number per row, and their sizes."""
    if clusters is None:
        return np.arange(n_rows), np.ones(n_rows, dtype=np.int64)
    labels = np.asarray(clusters)
    if labels.shape != (n_rows,):
        raise ValueError(f"clusters must have one label per row, shape ({n_rows},), not {labels.shape}")
    _, index, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return index.astype(np.int64), sizes.astype(np.int64)

"""The two-way estimate: a mean difference over replicates × test rows, when both are random.

Here `measure` gets the effect of a step on every metric that adds over rows (accuracy, log loss). The mean squares are
those of a two-way layout without repetition; the standard error is the one of a grand mean with two crossed random
factors (Cornfield & Tukey 1956; Satterthwaite 1946 for the degrees of freedom). Rows come in clusters of near
duplicates, which are the units: a cluster enters by its sum, linearised as a ratio (Cochran 1977, chapter 9).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.kernels.intervals import Estimate, df_of_units

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NOISE = 1e-12  # what rounding leaves of a variance that is zero, as a share of the largest value


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Mean squares of a two-way layout of R replicates × C units, and the estimates that follow from them.

    Args:
        delta: the grand mean over rows, in units of the metric.
        ms_replicate: mean square between replicates, R − 1 degrees of freedom.
        ms_unit: mean square between units, `df_unit` degrees of freedom.
        ms_residual: mean square of what is left, (R − 1)·`df_unit` degrees of freedom.
        n_replicates: R.
        n_units: C, the clusters of near duplicates.
        n_rows: test rows, at least C.
        df_unit: C − 1 for clusters of one size, less where a few large ones rule.
    """

    delta: float
    ms_replicate: float
    ms_unit: float
    ms_residual: float
    n_replicates: int
    n_units: int
    n_rows: int
    df_unit: float

    def on_this_test_set(self) -> Estimate:
        """The effect on exactly these test rows: only replicates vary; t with R − 1 degrees of freedom."""
        if self.n_replicates < 2:
            return Estimate(self.delta, math.inf, 1.0)
        between, df = self._between_replicates
        return Estimate(self.delta, math.sqrt(between / (self.n_replicates * self.n_units)), df)

    @property
    def _between_replicates(self) -> tuple[float, float]:
        """The mean square between replicates and its degrees of freedom.

        Replicates that agree to the last digit although they differ row by row (each one right on another row) do so by
        chance: then the residual is the best that is known of how far they lie apart.
        """
        df = float(self.n_replicates - 1)
        return (self.ms_replicate, df) if self.ms_replicate else (self.ms_residual, df * self.df_unit)

    def on_new_data(self) -> Estimate:
        """The effect on new data of this source: replicates and test rows both vary.

        SE² = (MS_rep + MS_unit − MS_res)/(R·C), not below the replicate-only variance, with Satterthwaite's degrees of
        freedom, never fewer than the smaller of the two factors has.
        """
        if self.n_replicates < 2 or self.n_units < 2:
            return Estimate(self.delta, math.inf, 1.0)
        beyond = self.ms_unit - self.ms_residual
        if beyond <= 0:
            return self.on_this_test_set()
        between, df_between = self._between_replicates
        fewest = float(self.n_replicates - 1)
        total = between + beyond
        spread = (
            between**2 / df_between + self.ms_unit**2 / self.df_unit + self.ms_residual**2 / (fewest * self.df_unit)
        )
        df = max(total**2 / spread, min(fewest, self.df_unit), 1.0)
        return Estimate(self.delta, math.sqrt(total / (self.n_replicates * self.n_units)), df)


def two_way(differences: npt.ArrayLike, clusters: npt.ArrayLike | None = None) -> TwoWay:
    """Lay out the difference of two arms by replicate and test row.

    Clusters are the units. With S[r, c] the sum over the n_c rows of cluster c, N all rows, C clusters and δ_r the mean
    of replicate r, the unit value is U[r, c] = δ_r + (C/N)·(S[r, c] − n_c·δ_r): the linearised contribution of a
    cluster to a mean over rows. Its mean over c is δ_r, so the replicate part is that of the rows; its spread over c is
    the cluster-robust variance of a ratio; where every cluster is one row, U is the input. Centring within the
    replicate keeps a replicate's shift, times unequal sizes, out of the residual.

    Args:
        differences: arm minus base, shape (R, n): replicate, test row; in units of the metric.
        clusters: integer label per test row, shape (n,); rows with one label are near duplicates. None: each its own.

    Raises:
        ValueError: the shapes do not fit, there is nothing in it, or a value is not finite.

    Example:
        >>> layout = two_way([[0, 1, 0, 1], [0, 1, 1, 1], [0, 0, 0, 1]])
        >>> estimate = layout.on_new_data()
        >>> round(estimate.delta, 3), round(estimate.se, 3), round(estimate.df, 1)
        (0.5, 0.236, 3.2)
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"differences must have shape (replicates, rows) and hold something, not {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("differences must be finite")
    sums, sizes = cluster_sums(values, clusters)
    means = values.mean(axis=1, keepdims=True)
    units = means + (sizes.size / values.shape[1]) * (sums - sizes * means)
    return lay_out(units, sizes)


def cluster_sums(values: FloatArray, clusters: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Sum `values`, shape (R, n), over clusters: sums of shape (R, C) and sizes of shape (C,), by rising label."""
    if clusters is None:
        return values, np.ones(values.shape[1])
    labels = np.asarray(clusters)
    if labels.shape != (values.shape[1],):
        raise ValueError(f"clusters must have one label per row, shape ({values.shape[1]},), not {labels.shape}")
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(labels[order]) != 0])
    sizes = np.diff(np.r_[starts, labels.size]).astype(np.float64)
    return np.add.reduceat(values[:, order], starts, axis=1), sizes


def lay_out(units: FloatArray, sizes: FloatArray) -> TwoWay:
    """Mean squares of unit values, shape (R, C), with cluster sizes, shape (C,).

    With clusters of unequal size there are fewer degrees of freedom between units (`df_of_units`).
    """
    n_replicates, n_units = units.shape
    by_replicate, by_unit, grand = units.mean(axis=1), units.mean(axis=0), float(units.mean())
    residual = units - by_replicate[:, None] - by_unit[None, :] + grand
    floor = (NOISE * float(np.abs(units).max())) ** 2

    def mean_square(total: float, df: int) -> float:
        return 0.0 if df == 0 or total / df <= floor else total / df

    return TwoWay(
        delta=grand,
        ms_replicate=mean_square(n_units * float(((by_replicate - grand) ** 2).sum()), n_replicates - 1),
        ms_unit=mean_square(n_replicates * float(((by_unit - grand) ** 2).sum()), n_units - 1),
        ms_residual=mean_square(float((residual**2).sum()), (n_replicates - 1) * (n_units - 1)),
        n_replicates=n_replicates,
        n_units=n_units,
        n_rows=int(sizes.sum()),
        df_unit=df_of_units(sizes),
    )

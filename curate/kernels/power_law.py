"""How an error falls with the number of training rows, and what it would be with more: error(n) = floor + a·n^-b.

Learning curves of many models follow such a law (Cortes et al. 1993, "Learning Curves: Asymptotic Values and Rate of
Convergence"; Hestness et al. 2017). For a given exponent it is linear, so a fit is a search over exponents, the
same for any number of bootstrap draws at once.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from curate.kernels.intervals import t_quantile

FloatArray = npt.NDArray[np.float64]

EXPONENTS = np.geomspace(0.05, 2.0, 81)


def extrapolate(
    errors: npt.ArrayLike, sizes: npt.ArrayLike, at: float, *, lowest: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Fit the law to curves by least squares, weighted by size, and read it off at another size.

    The error never rises with n (a ≥ 0), and its floor is not below `lowest`.

    Args:
        errors: the error at each size, shape (c, s): c curves.
        sizes: training rows, above 0, shape (s,), at least 3 of them distinct.
        at: the size that is asked for, above 0.
        lowest: the least the error can be; -inf where nothing bounds it.

    Returns:
        The error at `at` and the exponent b of each curve, both of shape (c,).

    Example:
        >>> sizes = np.array([125.0, 250.0, 500.0, 1000.0])
        >>> error, exponent = extrapolate([0.05 + 3 / np.sqrt(sizes)], sizes, 2000)
        >>> round(float(error[0]), 3), round(float(exponent[0]), 1)
        (0.117, 0.5)
    """
    curves, rows = np.asarray(errors, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    weights = rows / rows.sum()
    x = (rows / rows.max())[:, None] ** -EXPONENTS
    mean_x, mean_y = weights @ x, (curves @ weights)[:, None]
    spread = weights @ (x - mean_x) ** 2
    slope = np.maximum(((curves - mean_y) * weights) @ (x - mean_x) / spread, 0.0)
    floor = mean_y - slope * mean_x
    if math.isfinite(lowest):
        bound = floor < lowest
        slope = np.where(bound, np.maximum(((curves - lowest) * weights) @ x / (weights @ x**2), 0.0), slope)
        floor = np.where(bound, lowest, floor)
    left = (weights[:, None, None] * (curves.T[:, :, None] - floor - slope * x[:, None, :]) ** 2).sum(axis=0)
    best = left.argmin(axis=1)
    found = floor + slope * (at / rows.max()) ** -EXPONENTS
    return np.take_along_axis(found, best[:, None], axis=1)[:, 0], EXPONENTS[best]


def draws_interval(
    value: float, draws: FloatArray, n_replicates: int, by_row: FloatArray | None = None, level: float = 0.95
) -> tuple[float, float]:
    """An interval around `value` as wide to both sides as the farther quantile of bootstrap draws.

    Symmetric, since draws of a fit that stands at a bound of its parameters lean to one side and the truth may lie on
    the other. For few replicates it is wider by Student's t and R/(R − 1) (Hesterberg 2015).

    Args:
        value: what was estimated.
        draws: the same in draws of replicates.
        n_replicates: R.
        by_row: the same in draws of test rows, which add their part to the variance; None: the rows are fixed.
        level: coverage it promises, in (0, 1).

    Example:
        >>> low, high = draws_interval(0.0, np.linspace(-1, 1, 2001), n_replicates=10)
        >>> round(low, 2), round(high, 2)
        (-1.16, 1.16)
    """
    if n_replicates < 2:
        return -math.inf, math.inf
    tail = (1 - level) / 2
    wider = t_quantile(n_replicates - 1, 1 - tail) / t_quantile(math.inf, 1 - tail)
    half = _reach(value, draws, tail) * wider * math.sqrt(n_replicates / (n_replicates - 1))
    if by_row is not None:
        half = math.hypot(half, _reach(value, by_row, tail))
    return value - half, value + half


def _reach(value: float, draws: FloatArray, tail: float) -> float:
    low, high = np.quantile(draws, [tail, 1 - tail]).tolist()
    return float(max(high - value, value - low, 0.0))

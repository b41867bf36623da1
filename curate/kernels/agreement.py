"""Do two ways of measuring rank things alike? Kendall's tau of two sets of effects, with an interval.

Used by `measure` where a second learner measures again what a cheap one left standing. Effects are estimates, so the
interval comes from drawing replicates and test rows again, the same draw for both (Multi-Bootstrap, Sellam et al.
2022); tau-b, as effects may tie (Kendall 1945).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.kernels.redraws import crossed_weights

FloatArray = npt.NDArray[np.float64]
Effects = Callable[[FloatArray, FloatArray], FloatArray]
"""Shares of the replicates, (b, R), whose lines sum to 1, and weights of the units, (b, C) → the effects, (b, k)."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Kendall's tau-b of two sets of effects.

    Args:
        tau: in [-1, 1]; None where one of the two sets does not rank its things at all.
        low: lower end of the interval.
        high: upper end.
        level: what the interval promises.
        n: things ranked.
    """

    tau: float | None
    low: float
    high: float
    level: float
    n: int


def tau_b(first: npt.ArrayLike, second: npt.ArrayLike) -> float | None:
    """Kendall's tau-b of two rows of numbers; None where all of one are equal.

    Example:
        >>> tau_b([1, 2, 3], [10, 20, 30]), tau_b([1, 2], [5, 5]) is None
        (1.0, True)
    """
    from scipy import stats  # half a second, which a process that only trains need not wait for

    value = float(stats.kendalltau(first, second, variant="b").statistic)
    return None if np.isnan(value) else round(value, 12)


def agreement(
    first: Effects,
    second: Effects,
    *,
    n_replicates: int,
    n_units: int,
    generator: np.random.Generator,
    level: float = 0.95,
    n_draws: int = 1000,
) -> Agreement:
    """How alike two ways of measuring rank the same things.

    Args:
        first: the effects by one way, as a function of how often each replicate and unit counts.
        second: by the other, on the same replicates and units.
        n_replicates: R.
        n_units: C, clusters of test rows.
        generator: where the draws come from; the caller keys it.
        level: of the interval, in (0, 1).
        n_draws: bootstrap draws.

    Example:
        >>> effects = np.array([0.0, 0.1, 0.3])[:, None] + np.zeros((3, 8))
        >>> mean = lambda replicates, units: replicates @ effects.T
        >>> found = agreement(mean, mean, n_replicates=8, n_units=1, generator=np.random.default_rng(0))
        >>> found.tau, found.low, found.n
        (1.0, 1.0, 3)
    """
    every = np.full((1, n_replicates), 1 / n_replicates), np.ones((1, n_units))
    [one], [other] = first(*every), second(*every)
    drawn: list[float | None] = []
    for units, replicates in crossed_weights(np.arange(n_units), n_units, n_replicates, generator, n_draws):
        drawn += map(tau_b, first(replicates, units), second(replicates, units))
    seen, tail = tau_b(one, other), (1 - level) / 2
    known = [tau for tau in drawn if tau is not None]
    low, high = np.quantile(known, [tail, 1 - tail]).tolist() if known else (-1.0, 1.0)
    if seen is not None:
        low, high = min(low, seen), max(high, seen)  # draws carry the noise twice, so they agree less than was seen
    return Agreement(seen, low, high, level, len(one))

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

FloatArray = npt.NDArray[np.float64]
Effects = Callable[[FloatArray, FloatArray], FloatArray]
"""Weights of the replicates (R,) and of the units (C,) → the effect of each thing, (k,)."""


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
        >>> mean = lambda replicates, units: effects @ replicates / replicates.sum()
        >>> found = agreement(mean, mean, n_replicates=8, n_units=1, generator=np.random.default_rng(0))
        >>> found.tau, found.low, found.n
        (1.0, 1.0, 3)
    """
    whole = [way(np.ones(n_replicates), np.ones(n_units)) for way in (first, second)]
    drawn = []
    for _ in range(n_draws):
        replicates, units = (_drawn(generator, n) for n in (n_replicates, n_units))
        drawn.append(tau_b(first(replicates, units), second(replicates, units)))
    known = [tau for tau in drawn if tau is not None]
    tail = (1 - level) / 2
    low, high = np.quantile(known, [tail, 1 - tail]).tolist() if known else (-1.0, 1.0)
    return Agreement(tau_b(*whole), low, high, level, len(whole[0]))


def _drawn(generator: np.random.Generator, n: int) -> FloatArray:
    """How often each of n things comes up in n draws with replacement."""
    return np.bincount(generator.integers(0, n, n), minlength=n).astype(np.float64)

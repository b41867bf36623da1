"""Successive halving: many candidates get a little, the better half of them more, until one is left.

Jamieson & Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016. The
resource is replicates; candidates share those they have in common, so that they differ in nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from curate.kernels.intervals import Estimate

F64 = NDArray[np.float64]


def survivors(n_candidates: int, n_rungs: int) -> list[int]:
    """How many candidates stand on each rung: half of those before, at least one.

    Example:
        >>> survivors(20, 3), survivors(1, 3)
        ([20, 10, 5], [1, 1, 1])
    """
    return [max(1, -(-n_candidates // 2**rung)) for rung in range(n_rungs)]


def halve(
    n_candidates: int, rungs: Sequence[int], gains: Callable[[Sequence[int], int], Sequence[float]]
) -> tuple[list[int], list[list[float]]]:
    """Find the candidate that gains most.

    Args:
        n_candidates: at least 1.
        rungs: replicates up to each rung, ascending.
        gains: what candidates gain in a replicate, all by number; more is better. Asked once for each.

    Returns:
        The candidates, the best first, those that were left earlier behind those left later; and what each gained in
        the replicates it was given. Of equal ones the earlier is the better.

    Example:
        >>> halve(4, [1, 2], lambda candidates, replicate: [[0.0, 2.0, 1.0, 2.0][one] for one in candidates])
        ([1, 3, 2, 0], [[0.0], [2.0, 2.0], [1.0], [2.0, 2.0]])
    """
    standing, left = list(range(n_candidates)), list[int]()
    gained: list[list[float]] = [[] for _ in standing]
    for n_replicates, n_kept in zip(rungs, survivors(n_candidates, len(rungs)), strict=True):
        ranked = sorted(standing, key=lambda one: (-float(np.mean(gained[one] or [0.0])), one))
        left = ranked[n_kept:] + left
        standing = ranked[:n_kept]
        for replicate in range(len(gained[standing[0]]), n_replicates):
            asked = sorted(standing)
            for one, more in zip(asked, gains(asked, replicate), strict=True):
                gained[one].append(more)
    return sorted(standing, key=lambda one: (-float(np.mean(gained[one])), one)) + left, gained


def resampled(gains: Sequence[float], test_fraction: float) -> Estimate:
    """The mean of what replicates gained that are drawn from the same rows, each judged on a part of them.

    Such replicates overlap, so the mean varies more than its replicates let see: the variance is corrected for it
    (Nadeau & Bengio, "Inference for the Generalization Error", Machine Learning 52, 2003).

    Args:
        gains: one for each replicate.
        test_fraction: the share of the rows that judges, in (0, 1).

    Example:
        >>> made = resampled([0.01, 0.03, 0.02], 0.2)
        >>> round(made.delta, 4), made.df
        (0.02, 2)
    """
    n = len(gains)
    if n < 2:
        return Estimate(float(np.mean(gains)), math.inf, 1)
    spread = float(np.var(gains, ddof=1)) * (1 / n + test_fraction / (1 - test_fraction))
    return Estimate(float(np.mean(gains)), math.sqrt(spread), n - 1)

"""How often a judge prefers another class than the label of rows that were made from others, beside its disagreement on
those others: so the judge's own errors are told apart from labels that augmenting has turned.

Rows of one family are alike, so families are what is counted as independent: the interval of a share is Wilson's with
the number of rows divided by the design effect (Kish 1965), that of the difference is Student's over families.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.intervals import Estimate, t_quantile

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """A share with its interval at 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class FlipRate:
    """What a judge says of the labels of some rows that were made from others.

    Attributes:
        n_rows: rows judged whose parents were judged, too.
        n_families: the families that they come from.
        added: the share of the rows for which the judge prefers another class than their label.
        parents: the same of the parents, each counted as often as it has rows.
        flipped: the difference: the estimated share of labels that were turned.
    """

    n_rows: int
    n_families: int
    added: Share
    parents: Share
    flipped: Share


def flip_rate(
    turned: NDArray[np.bool_], parent_turned: NDArray[np.bool_], families: NDArray[np.integer[Any]]
) -> FlipRate:
    """The flip rate of some rows.

    Args:
        turned: whether the judge prefers another class than a row's label, shape (n,), n at least 1.
        parent_turned: the same of the row's parent, shape (n,).
        families: a number for all rows that come from one, shape (n,).

    Example:
        >>> rate = flip_rate(np.array([True, False, False, True]), np.array([True, False, False, False]), np.arange(4))
        >>> rate.added.value, rate.parents.value, rate.flipped.value
        (0.5, 0.25, 0.25)
    """
    _, group = np.unique(families, return_inverse=True)
    mine, theirs = turned.astype(np.float64), parent_turned.astype(np.float64)
    estimate, n_families = _mean(mine - theirs, group), int(group.max()) + 1
    low, high = estimate.interval()
    if estimate.se == 0:  # nothing varied: all that is known is that so many families showed nothing else
        rest = _wilson(0.0, n_families)[1]
        low, high = low - rest, high + rest
    flipped = Share(estimate.delta, max(-1.0, low), min(1.0, high))
    return FlipRate(len(turned), n_families, _share(mine, group), _share(theirs, group), flipped)


def _mean(values: F64, group: NDArray[np.int64]) -> Estimate:
    """The mean of values, with a standard error that takes each group as one draw (a ratio of sums)."""
    mean, n_groups = float(values.mean()), int(group.max()) + 1
    if n_groups < 2:
        return Estimate(mean, math.inf, 1)
    residual = np.bincount(group, weights=values - mean)
    se = math.sqrt(n_groups / (n_groups - 1) * float((residual**2).sum())) / len(values)
    return Estimate(mean, se, n_groups - 1)


def _share(values: F64, group: NDArray[np.int64]) -> Share:
    """A share with Wilson's interval (Wilson 1927), of as many rows as its groups are worth."""
    share, n = float(values.mean()), float(len(values))
    spread, se = share * (1 - share), _mean(values, group).se
    if spread > 0 and math.isfinite(se) and se > 0:
        n = min(n, max(float(group.max()) + 1, spread / se**2))
    elif spread == 0:
        n = float(group.max()) + 1
    return Share(share, *_wilson(share, n))


def _wilson(share: float, n: float) -> tuple[float, float]:
    z = t_quantile(math.inf, 0.975)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)

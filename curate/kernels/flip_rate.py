"""How often a judge prefers another class than the label of rows that were made from others, beside its disagreement on
those others: so the judge's own errors are told apart from labels that augmenting has turned.

Rows of one family are alike, so families are what counts as independent, and a large one among small ones weighs by
itself. The interval of a share is Wilson's of its effective number of rows (Kish 1965; Korn & Graubard 1998), that of
the difference is made of the two (Newcombe 1998, "Improved confidence intervals for the difference between binomial
proportions based on paired data", method 10).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.intervals import df_of_units, n_effective, t_quantile, wilson

F64 = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
    _, group, sizes = np.unique(families, return_inverse=True, return_counts=True)
    mine, theirs = turned.astype(np.float64), parent_turned.astype(np.float64)
    added, parents = _share(mine, group, sizes), _share(theirs, group, sizes)
    if len(sizes) == 1:  # one draw: nothing is known of how much families differ
        ends = -1.0, 1.0
    elif np.ptp(mine - theirs) == 0:  # nothing varied: all that is known is that so many families showed nothing else
        rest, delta = wilson(0, _n_told(sizes))[1], added.value - parents.value
        ends = delta - rest, delta + rest
    else:
        ends = _apart(added, parents, _alike(mine, theirs, group, sizes))
    flipped = Share(added.value - parents.value, max(-1.0, ends[0]), min(1.0, ends[1]))
    return FlipRate(len(turned), len(sizes), added, parents, flipped)


def _share(values: F64, group: IntArray, sizes: IntArray) -> Share:
    """A share with Wilson's interval (Wilson 1927), of as many rows as its groups are worth."""
    share, n_groups = float(values.mean()), len(sizes)
    residual = np.bincount(group, weights=values - share)
    variance = n_groups / max(n_groups - 1, 1) * float((residual**2).sum()) / len(values) ** 2
    seen = share * (1 - share) / variance if variance > 0 else 0.0
    n_rows = _n_told(sizes, seen)
    return Share(share, *wilson(share * n_rows, n_rows))


def _n_told(sizes: IntArray, seen: float = 0.0) -> float:
    """As how many rows some count that come in groups.

    At least as if all rows of a group were equal, at most as if each were a draw of its own; fewer the fewer groups say
    how much they vary (Korn & Graubard 1998).

    Args:
        sizes: rows of each group, shape (n,).
        seen: as how many they count by the variance between groups.
    """
    if sizes.max() == 1:  # each row is a draw of its own, and its share says how much it varies
        return float(len(sizes))
    care = t_quantile(math.inf, 0.975) / t_quantile(df_of_units(sizes), 0.975)
    return min(float(sizes.sum()), max(n_effective(sizes), seen)) * care**2


def _alike(first: F64, second: F64, group: IntArray, sizes: IntArray) -> float:
    """How two shares go together over groups: the correlation of what each group adds to them, 0 where one is fixed.

    Two groups always go together in full: what is seen of few counts for less.
    """
    one, other = (np.bincount(group, weights=values - values.mean()) for values in (first, second))
    scale = math.sqrt(float(one @ one) * float(other @ other))
    return (1 - 1 / df_of_units(sizes)) * float(one @ other) / scale if scale > 0 else 0.0


def _apart(first: Share, second: Share, alike: float) -> tuple[float, float]:
    """The ends of the difference of two shares: as far off as their own ends say, by how the two go together."""

    def far(one: float, other: float) -> float:
        return math.sqrt(max(0.0, one**2 + other**2 - 2 * alike * one * other))

    delta = first.value - second.value
    below = far(first.value - first.low, second.high - second.value)
    return delta - below, delta + far(first.high - first.value, second.value - second.low)

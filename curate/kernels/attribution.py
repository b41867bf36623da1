"""Which step gets how much: alone, leave-one-out and Shapley, as contrasts between subsets of the steps.

A subset of k steps is a bit mask (bit i set: step i is in), 0 is the base. Every way of attributing is a list with one
contrast per step, {mask: coefficient}, the coefficients of each summing to 0. As contrasts are linear they go through
the same estimates as any difference of two arms: on per-row values by `two_way`, else by the jackknife.
Shapley 1953.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise, permutations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Contrast = dict[int, float]

EXACT = 4  # steps up to which every order is taken


def alone(n_steps: int) -> list[Contrast]:
    """Each step by itself against the base.

    Example:
        >>> alone(2)
        [{1: 1.0, 0: -1.0}, {2: 1.0, 0: -1.0}]
    """
    return [{1 << step: 1.0, 0: -1.0} for step in range(n_steps)]


def leave_one_out(n_steps: int) -> list[Contrast]:
    """All steps against all but one.

    Example:
        >>> leave_one_out(2)
        [{3: 1.0, 2: -1.0}, {3: 1.0, 1: -1.0}]
    """
    everything = (1 << n_steps) - 1
    return [{everything: 1.0, everything ^ (1 << step): -1.0} for step in range(n_steps)]


def shapley(n_steps: int) -> list[Contrast]:
    """What each step adds, on average over all orders in which the steps could come.

    Args:
        n_steps: k, up to four: five steps have 32 subsets.

    Raises:
        ValueError: more than four steps.

    Example:
        >>> shapley(2)[0] == {1: 0.5, 0: -0.5, 3: 0.5, 2: -0.5}
        True
    """
    if n_steps > EXACT:
        raise ValueError(f"exact up to {EXACT} steps, not {n_steps}: average over drawn orders")
    counts: list[defaultdict[int, int]] = [defaultdict(int) for _ in range(n_steps)]
    orders = list(permutations(range(n_steps)))
    for order in orders:
        masks = np.bitwise_or.accumulate([0, *(1 << step for step in order)]).tolist()
        for step, (without, with_step) in zip(order, pairwise(masks), strict=True):
            counts[step][with_step] += 1
            counts[step][without] -= 1
    return [{mask: count / len(orders) for mask, count in sorted(of_step.items())} for of_step in counts]


def subsets(contrasts: Iterable[Contrast]) -> list[int]:
    """The masks that contrasts need, rising: the arms to train.

    Example:
        >>> subsets(leave_one_out(3))
        [3, 5, 6, 7]
    """
    return sorted({mask for contrast in contrasts for mask in contrast})


def combine(contrast: Contrast, values: Mapping[int, npt.ArrayLike]) -> FloatArray:
    """The contrast of values per subset, e.g. of shape (R, n) or (R,); all of one shape.

    Raises:
        KeyError: a subset that the contrast needs has no values.

    Example:
        >>> combine({1: 1.0, 0: -1.0}, {0: [0.8, 0.7], 1: [0.9, 0.7]}).round(2).tolist()
        [0.1, 0.0]
    """
    parts = [weight * np.asarray(values[mask], dtype=np.float64) for mask, weight in contrast.items()]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)

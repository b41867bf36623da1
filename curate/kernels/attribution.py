"""Which step gets how much: alone, leave-one-out and Shapley, as contrasts between subsets of the steps.

A subset of k steps is a bit mask (bit i set: step i is in), 0 is the base. Every way of attributing is a list with one
contrast per step, {mask: coefficient}, the coefficients of each summing to 0. As contrasts are linear they go through
the same estimates as any difference of two arms: on per-row values by `two_way`, else by the jackknife.
Shapley 1953; sampled by permutations as in Castro, Gómez & Tejada 2009.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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


def shapley(n_steps: int, orders: Iterable[Sequence[int]] | None = None) -> list[Contrast]:
    """What each step adds, on average over the orders in which the steps could come.

    Args:
        n_steps: k.
        orders: permutations of range(k) to average over; None takes all k! of them, which is exact and allowed up to
            four steps. Each order and its reverse together make the average steadier.

    Raises:
        ValueError: more than four steps and no orders, no order at all, or one that is not a permutation.

    Example:
        >>> shapley(2)[0] == {1: 0.5, 0: -0.5, 3: 0.5, 2: -0.5}
        True
    """
    if orders is None and n_steps > EXACT:
        raise ValueError(f"exact up to {EXACT} steps, not {n_steps}: give the orders to average over")
    taken = list(permutations(range(n_steps)) if orders is None else orders)
    if not taken or any(sorted(order) != list(range(n_steps)) for order in taken):
        raise ValueError(f"orders must be permutations of 0 … {n_steps - 1}, at least one")
    counts: list[defaultdict[int, int]] = [defaultdict(int) for _ in range(n_steps)]
    for order in taken:
        masks = np.bitwise_or.accumulate([0, *(1 << step for step in order)]).tolist()
        for step, (without, with_step) in zip(order, pairwise(masks), strict=True):
            counts[step][with_step] += 1
            counts[step][without] -= 1
    return [{mask: count / len(taken) for mask, count in sorted(of_step.items())} for of_step in counts]


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

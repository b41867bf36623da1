"""Folds and splits by family: a row, its near duplicates and its descendants never stand on two sides.

Families are dealt out class by class in an order that hangs on their row ids alone, so a row's fold does not depend
on the row order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curate.core.random import StepRandom
from curate.data.rows import Ids

I64 = NDArray[np.int64]


def family_folds(families: I64, codes: I64, row_ids: Ids, n_folds: int, random: StepRandom) -> I64:
    """Deal families into folds of nearly equal size, each class spread evenly.

    Args:
        families: the family of each row, named by the position of a member, shape (n,).
        codes: the class of each row, shape (n,).
        row_ids: the id of each row, shape (n,).
        n_folds: how many folds.
        random: keys the order.

    Returns:
        The fold of each row, in [0, n_folds), shape (n,).

    Example:
        >>> ids = np.arange(4, dtype=np.uint64)
        >>> folds = family_folds(np.array([0, 0, 2, 3]), np.zeros(4, np.int64), ids, 3, StepRandom(0, "folds"))
        >>> bool(folds[0] == folds[1]), len(set(folds.tolist()))
        (True, 3)
    """
    oldest = np.lexsort((row_ids, families))
    names, first, of_row = np.unique(families[oldest], return_index=True, return_inverse=True)
    head = oldest[first]
    order = np.lexsort((row_ids[head], random.bits(row_ids[head]), codes[head]))
    fold = np.empty(len(names), np.int64)
    fold[order] = np.arange(len(names)) % n_folds
    result = np.empty(len(families), np.int64)
    result[oldest] = fold[of_row]
    return result


def family_sample(families: I64, codes: I64, row_ids: Ids, fraction: float, random: StepRandom) -> NDArray[np.bool_]:
    """Choose families that hold about `fraction` of each class's rows; a mask of shape (n,)."""
    parts = 1000
    return family_folds(families, codes, row_ids, parts, random) < round(fraction * parts)

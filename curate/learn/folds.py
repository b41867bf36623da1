"""Folds and splits by family: a row, its near duplicates and its descendants never stand on two sides.

Families are dealt out class by class in an order that hangs on their row ids and classes alone, so a row's fold does
not depend on the row order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curate.core.random import StepRandom
from curate.data.corpus import Corpus
from curate.data.rows import Ids
from curate.kernels.families import near_duplicate_families

I64 = NDArray[np.int64]


def families(corpus: Corpus) -> I64:
    """The family of each row: near duplicates of its text; without a text, rows with the same features."""
    if corpus.roles.text:
        return near_duplicate_families(corpus.texts())
    rows = [repr(row) for row in corpus.table().select(list(corpus.roles.features)).to_pylist()]
    _, first, family = np.unique(rows, return_index=True, return_inverse=True)
    return np.asarray(first[family], dtype=np.int64)


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
    ranks, _ = _ranks(families, codes, row_ids, random)
    return ranks % n_folds


def family_sample(families: I64, codes: I64, row_ids: Ids, fraction: float, random: StepRandom) -> NDArray[np.bool_]:
    """Choose `fraction` of the families of each class, up to one more or less; a mask of the rows, shape (n,).

    Every family is chosen with a chance of `fraction`, that of a class of one row too: steps of 1 / fraction through
    the families from a random start (systematic sampling; Cochran 1977, chapter 8).

    Example:
        >>> ids = np.arange(10, dtype=np.uint64)
        >>> classes = np.repeat([0, 1], 5)
        >>> chosen = family_sample(np.arange(10), classes, ids, 0.4, StepRandom(0, "pool"))
        >>> np.bincount(classes[chosen]).tolist()
        [2, 2]
    """
    ranks, n_families = _ranks(families, codes, row_ids, random)
    steps = np.floor(np.arange(n_families + 1) * fraction + random.uniform([0], draw=2))
    return np.asarray(np.diff(steps)[ranks] > 0)


def _ranks(families: I64, codes: I64, row_ids: Ids, random: StepRandom) -> tuple[I64, int]:
    """The rank of each row's family when families stand class by class; and their number.

    The classes are in a random order, and the families within a class.
    """
    oldest = np.lexsort((row_ids, families))
    names, first, of_row = np.unique(families[oldest], return_index=True, return_inverse=True)
    head = oldest[first]
    of_class = codes[head]
    order = np.lexsort((row_ids[head], random.bits(row_ids[head]), of_class, random.bits(of_class, draw=1)))
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    result = np.empty(len(families), np.int64)
    result[oldest] = rank[of_row]
    return result, len(names)

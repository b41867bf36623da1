"""Pairs of similar rows, and the twin that each row has: what every join of the library answers with.

The joins (`kernels.join`, `kernels.minhash`) make them; the dedup transforms and the checks read them. Both only hold
positions of rows, never their contents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.kernels.unionfind import link

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

NO_TWIN = -1
"""What stands in `Twins.twin` for a row that has none."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows at or above a bound, each once: `left < right`, ascending by (left, right).

    Attributes:
        left: int64, shape (n_pairs,): the position of the earlier row.
        right: int64, shape (n_pairs,): the position of the later row.
        similarity: float64, shape (n_pairs,), in [0, 1].
    """

    left: I64
    right: I64
    similarity: F64

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class Twins:
    """For each row the position of its twin, or -1, and how similar the two are.

    Attributes:
        twin: int64, shape (n,): a position, or -1 (`NO_TWIN`) for a row without one.
        similarity: float64, shape (n,), in [0, 1]; 0 for a row without a twin.
    """

    twin: I64
    similarity: F64

    def __len__(self) -> int:
        return len(self.twin)


def select(pairs: Pairs, order: I64) -> Twins:
    """Which rows go if each goes only for a row that stays: the greedy canonical selection.

    Rows are taken in `order`; one goes if a row that was taken before it and stayed is its twin, else it stays. So no
    row goes without a kept twin, and no two kept rows are twins. The same choice as walking through the rows one by
    one, made in rounds: each takes all rows that no undecided row before them can still push out, and every pair is
    looked at once. There are as many rounds as the longest chain of decisions.

    Args:
        pairs: twins at or above the bound, positions in [0, n).
        order: all n positions, the most wanted first, shape (n,).

    Returns:
        For each row that goes its most similar kept twin (of equal ones the earlier in `order`); -1 for a row that
        stays.

    Example:
        >>> chain = Pairs(np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.8]))
        >>> select(chain, np.array([0, 1, 2])).twin.tolist()
        [-1, 0, -1]
    """
    n = len(order)
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    ends = np.stack([rank[pairs.left], rank[pairs.right]])
    before, after = ends.min(axis=0), ends.max(axis=0)
    stays = _stays(n, before, after)
    between = np.flatnonzero(stays[before] != stays[after])  # of two that stay none is a twin, nor of two that go
    kept = np.where(stays[before[between]], before[between], after[between])
    gone = before[between] + after[between] - kept
    best = np.lexsort((kept, -pairs.similarity[between], gone))
    gone, first = np.unique(gone[best], return_index=True)
    twin, similarity = np.full(n, NO_TWIN, np.int64), np.zeros(n)
    twin[order[gone]] = order[kept[best[first]]]
    similarity[order[gone]] = pairs.similarity[between[best[first]]]
    return Twins(twin, similarity)


def _stays(n: int, before: I64, after: I64) -> npt.NDArray[np.bool_]:
    """Which ranks stay: those that no staying rank before them is paired with."""
    by_first = np.argsort(before, kind="stable")
    start = np.searchsorted(before[by_first], np.arange(n + 1))
    later = after[by_first]
    waits_for = np.bincount(after, minlength=n)
    decided, stays = waits_for == 0, waits_for == 0
    ready = np.flatnonzero(decided)
    while ready.size:
        gone = np.unique(later[_ranges(start[ready], start[ready + 1])])
        gone = gone[~decided[gone]]
        decided[gone] = True
        freed, times = np.unique(later[_ranges(start[gone], start[gone + 1])], return_counts=True)
        waits_for[freed] -= times
        ready = freed[(waits_for[freed] == 0) & ~decided[freed]]
        decided[ready] = stays[ready] = True
    return np.asarray(stays)


def _ranges(low: I64, high: I64) -> I64:
    """All integers of the ranges [low, high), one range after the other."""
    length = high - low
    return np.asarray(np.arange(length.sum()) + np.repeat(low - np.cumsum(length) + length, length), dtype=np.int64)


def components(n: int, pairs: Pairs) -> I64:
    """The connected component of each of n rows, named by the smallest position in it: shape (n,).

    Two rows of a component need not be alike: similarity is not transitive, and chains of twins grow without bound.

    Example:
        >>> components(4, Pairs(np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.8]))).tolist()
        [0, 0, 0, 3]
    """
    return link(np.arange(n, dtype=np.int64), pairs.left, pairs.right)


def centrality(n: int, pairs: Pairs) -> F64:
    """How much each of n rows is like its twins: the sum of the similarities of its pairs, shape (n,).

    Example:
        >>> centrality(3, Pairs(np.array([0, 1]), np.array([1, 2]), np.array([0.5, 0.75]))).tolist()
        [0.5, 1.25, 0.75]
    """
    ends = np.concatenate([pairs.left, pairs.right])
    return np.bincount(ends, weights=np.tile(pairs.similarity, 2), minlength=n).astype(np.float64)

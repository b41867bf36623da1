"""Joins of vectors by cosine above a bound, without a cap on the neighbours: pairs, twins that stay, twins elsewhere.

An index (`kernels.cosine_index`) proposes candidates and `kernels.vectors.cosine` decides them, so all exact backends
agree to the last bit. The transforms `dedup.semantic` and `dedup.leakage` stand on this. Selecting in keep order
compares a block of rows with the rows kept so far only: linear for one giant cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from curate.errors import CurateError
from curate.kernels.cosine_index import Backend, Index, NumpyIndex, best_backend, blocks, found
from curate.kernels.pairs import NO_TWIN, Pairs, Twins
from curate.kernels.threads import one_thread_each
from curate.kernels.vectors import F64, I64, Apart, Vectors

_PIECE = 128


@one_thread_each()
def similar_pairs_cosine(
    values: ArrayLike, min_similarity: float, *, backend: Backend | None = None, apart: Apart | None = None
) -> Pairs:
    """All pairs of rows whose cosine is at least `min_similarity`.

    Args:
        values: shape (n, d); rows need not have length 1; may be memory-mapped float32. A zero row has no pairs.
        min_similarity: in (0, 1].
        backend: how candidates are found; None for `best_backend()`.
        apart: two arrays uint64, shape (n,): rows equal in the first and not in the second are no pair.

    Raises:
        ColumnError: a vector is not finite.

    Example:
        >>> pairs = similar_pairs_cosine([[1, 0], [0, 1], [2, 0], [1, 0.1]], 0.9)
        >>> pairs.left.tolist(), pairs.right.tolist(), pairs.similarity.round(3).tolist()
        ([0, 0, 2], [2, 3, 3], [1.0, 0.995, 0.995])
    """
    vectors, backend = Vectors.of(values, apart=apart), _opened(backend, min_similarity)
    index = backend.index(vectors, min_similarity)
    parts = []
    for block in blocks(len(vectors), backend.block_rows):
        index.add(block)
        for at, there, similarity in found(index, vectors.take(block)):
            before = there < block[at]
            parts.append((there[before], block[at[before]], similarity[before]))
    left, right, similarity = _concatenated(parts)
    order = np.lexsort((right, left))
    return Pairs(vectors.rows[left[order]], vectors.rows[right[order]], similarity[order])


@one_thread_each()
def kept_twins_cosine(
    values: ArrayLike,
    order: ArrayLike,
    min_similarity: float,
    *,
    backend: Backend | None = None,
    apart: Apart | None = None,
) -> Twins:
    """Greedy selection in `order`: a row goes if an earlier row that stays is its twin, at or above `min_similarity`.

    Only rows that stay are compared with, and equal rows once, so that a million equal rows or one giant cluster of
    near twins take time linear in the rows.

    Args:
        values: shape (n, d), as for `similar_pairs_cosine`.
        order: int64, shape (n,): all rows, the most wanted first.
        min_similarity: in (0, 1].
        backend: how candidates are found; None for `best_backend()`.
        apart: two arrays uint64, shape (n,): rows equal in the first and not in the second are no twins.

    Returns:
        For each row that goes its most similar kept twin (of equally similar ones the first in `order`); -1 for a row
        that stays. The same as `kernels.pairs.select` of all pairs.

    Example:
        >>> kept_twins_cosine([[1, 0], [1, 0.4], [1, 0.8], [0, 1]], [0, 1, 2, 3], 0.9).twin.tolist()
        [-1, 2, -1, -1]
    """
    ranked, backend = Vectors.of(values, order, apart), _opened(backend, min_similarity)
    first, group = ranked.distinct()
    vectors = ranked.take(first)
    index = backend.index(vectors, min_similarity)
    kept = np.concatenate([[], *(_stays(index, block) for block in blocks(len(vectors), backend.block_rows))]) > 0
    best = _Best(len(vectors))
    best.offer_near(index, np.flatnonzero(~kept), backend.block_rows)
    best.base[kept], best.similarity[kept] = np.flatnonzero(kept), 1.0
    twin, similarity = first[best.base[group]], best.similarity[group]
    goes = twin != np.arange(len(ranked))
    return _twins(len(np.asarray(values)), ranked.rows[goes], ranked.rows[twin[goes]], similarity[goes])


@one_thread_each()
def nearest_across_cosine(
    values: ArrayLike, others: ArrayLike, min_similarity: float, *, backend: Backend | None = None
) -> Twins:
    """For each row the most similar row of `others` whose cosine is at least `min_similarity`; -1 where there is none.

    Example:
        >>> nearest_across_cosine([[1, 0], [1, 1]], [[0, 1], [5, 0], [1, 0.1]], 0.9).twin.tolist()
        [1, -1]
    """
    queries, base, backend = Vectors.of(values), Vectors.of(others), _opened(backend, min_similarity)
    base = base.take(base.distinct()[0])
    first, group = queries.distinct()
    index = backend.index(base, min_similarity)
    index.add(np.arange(len(base)))
    best = _Best(len(first))
    best.offer_near(index, np.arange(len(first)), backend.block_rows, queries.take(first))
    has = np.flatnonzero(best.base[group] >= 0)
    twin, similarity = best.base[group[has]], best.similarity[group[has]]
    return _twins(len(np.asarray(values)), queries.rows[has], base.rows[twin], similarity)


@dataclass(frozen=True)
class Recall:
    """How many of the pairs that are there a backend found, counted on a sample of rows."""

    n_found: int
    n_pairs: int
    n_rows: int

    @property
    def share(self) -> float:
        return self.n_found / self.n_pairs if self.n_pairs else 1.0


@one_thread_each()
def measured_recall(
    values: ArrayLike, min_similarity: float, backend: Backend, *, n_rows: int = 1000, seed: int = 0
) -> Recall:
    """The recall of a backend at this bound: the pairs it finds for `n_rows` drawn rows, against the exact product.

    Example:
        >>> measured_recall(np.eye(8)[[0, 0, 1, 2]], 0.9, best_backend()).share
        1.0
    """
    vectors = Vectors.of(values)
    draw = np.random.Generator(np.random.PCG64(seed)).permutation(len(vectors))[:n_rows]
    counts = []
    for tried in (backend, best_backend()):
        index, n_pairs = tried.index(vectors, min_similarity), 0
        index.add(np.arange(len(vectors)))
        for part in blocks(len(draw), tried.block_rows):
            block = draw[part]
            near = found(index, vectors.take(block))
            n_pairs += sum(int((there != block[at]).sum()) for at, there, _ in near)
        counts.append(n_pairs)
    return Recall(counts[0], counts[1], len(draw))


def _opened(backend: Backend | None, min_similarity: float) -> Backend:
    if not 0 < min_similarity <= 1:
        raise CurateError(f"min_similarity is {min_similarity}", hint="a cosine above 0 and at most 1")
    return best_backend() if backend is None else backend


class _Best:
    """For each of n rows the most similar place of an index offered so far; of equally similar ones the first."""

    def __init__(self, n: int) -> None:
        self.base, self.similarity = np.full(n, NO_TWIN, np.int64), np.zeros(n)

    def offer_near(self, index: Index, rows: I64, block_rows: int, queries: Vectors | None = None) -> None:
        """Offer rows (places of `queries`, else of the index's own vectors) what the index holds near them."""
        for block in blocks(len(rows), block_rows):
            asked = (index.vectors if queries is None else queries).take(rows[block])
            for at, there, similarity in found(index, asked):
                self.offer(rows[block[at]], there, similarity)

    def offer(self, rows: I64, base: I64, similarity: F64) -> None:
        """Pairs of a row with a place, in any order and number."""
        order = np.lexsort((base, -similarity, rows))
        rows, base, similarity = rows[order], base[order], similarity[order]
        lead = np.diff(rows, prepend=-1) != 0
        rows, base, similarity = rows[lead], base[lead], similarity[lead]
        known = self.similarity[rows]
        wins = (similarity > known) | ((similarity == known) & (base < self.base[rows]))
        self.base[rows[wins]], self.similarity[rows[wins]] = base[wins], similarity[wins]


def _stays(index: Index, block: I64) -> NDArray[np.bool_]:
    """Which rows of a block stay: decided against the index, then inside the block piece by piece; they join it."""
    stays, inside = ~_has_twin(index, block), index.empty()
    free = np.flatnonzero(stays)
    for low in range(0, len(free), _PIECE):
        piece = free[low : low + _PIECE]
        stays[piece] = ~_has_twin(inside, block[piece])
        piece = piece[stays[piece]]
        stays[piece] = _greedy(NumpyIndex(index.vectors.take(block[piece]), index.min_similarity))
        inside.add(block[piece[stays[piece]]])
    index.add(block[stays])
    return stays


def _has_twin(index: Index, places: I64) -> NDArray[np.bool_]:
    has = np.zeros(len(places), bool)
    for at, _, _ in found(index, index.vectors.take(places)):
        has[at] = True
    return has


def _greedy(index: NumpyIndex) -> NDArray[np.bool_]:
    """Which of a few rows stay: each that is no twin of one before it that stays."""
    index.add(np.arange(len(index.vectors)))
    stays = np.ones(len(index.vectors), bool)
    for at, there, _ in found(index, index.vectors):
        before = there < at
        for later, earlier in zip(at[before].tolist(), there[before].tolist(), strict=True):
            stays[later] &= not stays[earlier]
    return stays


def _twins(n: int, rows: I64, twins: I64, similarities: F64) -> Twins:
    twin, similarity = np.full(n, NO_TWIN, np.int64), np.zeros(n)
    twin[rows], similarity[rows] = twins, similarities
    return Twins(twin, similarity)


def _concatenated(parts: list[tuple[I64, I64, F64]]) -> tuple[I64, I64, F64]:
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    left, right, similarity = zip(none, *parts, strict=True)
    return np.concatenate(left), np.concatenate(right), np.concatenate(similarity)

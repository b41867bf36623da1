"""Near twins among rows that share a band of minima: all pairs, or for each row the most similar one that stays.

Candidates come from `kernels.minhash`; each is verified here by its true Jaccard similarity (`csrc/minhash.c`). The
answers are those of `kernels.join`, less the pairs that never met in a band.
"""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from curate.kernels.join_index import check_room
from curate.kernels.minhash import Bands, Buckets, bands_for, buckets_of
from curate.kernels.native import array, function, in_threads, n_threads
from curate.kernels.overlap import equal_sets
from curate.kernels.pairs import NO_TWIN, Pairs, Twins
from curate.kernels.partitions import block_keys, buckets_on_disk
from curate.kernels.shingles import ShingleSets
from curate.kernels.spill import spilling

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Apart = tuple[U64, U64]

ROUNDING = 1e-9
_ROWS_IN_MEMORY = 2**21  # the buckets of more may take gigabytes
_PAIRS = 2**18  # found by one thread before they are put aside

_bits = function(
    "curate_bits", None, array(np.int64), array(np.uint64), array(np.int64), ctypes.c_int64, array(np.uint64)
)
_SETS = (array(np.int64), array(np.uint64), array(np.int64), array(np.uint64))
_BUCKETS = (array(np.int64), array(np.uint32), array(np.int64), array(np.uint32))
_keep_first = function(
    "curate_keep_first",
    None,
    *(*_SETS, ctypes.c_int64, ctypes.c_double, ctypes.c_void_p, *_BUCKETS),
    *(array(np.int64), array(np.uint32), array(np.uint32), array(np.uint8)),
)
_best_kept = function(
    "curate_best_kept",
    None,
    *(*_SETS, ctypes.c_int64, ctypes.c_int64, ctypes.c_double, ctypes.c_void_p, *_BUCKETS),
    *(array(np.int64), array(np.uint32), array(np.uint32), array(np.uint8), array(np.int64), array(np.float64)),
)
_bucket_pairs = function(
    "curate_bucket_pairs",
    ctypes.c_int64,
    *(*_SETS, array(np.int64), ctypes.c_int64, ctypes.c_double, *_BUCKETS),
    *(array(np.uint32), array(np.int64), array(np.int64), array(np.float64), ctypes.c_int64),
)


def kept_twins_minhash(
    sets: ShingleSets,
    order: I64,
    min_similarity: float,
    *,
    recall: float = 0.95,
    n_hashes: int = 128,
    seed: int = 0,
    apart: Apart | None = None,
    threads: int | None = None,
) -> Twins:
    """Which rows go, and for which row that stays: as `kernels.pairs.select` chooses, among pairs that share a band.

    Rows are taken in their order and compared with rows that stay only: a million equal rows, or one giant cluster of
    near twins, cost no more than their number. Rows with equal sets are treated as one.

    Args:
        sets: the sets of n rows; an empty set is nobody's twin.
        order: all positions, the most wanted first, shape (n,).
        min_similarity: Jaccard similarity from which two rows are twins, in (0, 1].
        recall: the least chance that a pair at the bound is met.
        n_hashes: minima in a signature.
        seed: of the hash functions.
        apart: two arrays of shape (n,): rows that agree in the first and differ in the second are never twins. Rows
            that agree in both must have equal sets.
        threads: how many at most; None for one per core.

    Raises:
        CurateError: so many minima cannot reach that recall; see `bands_for`.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> sets = shingle_sets(["a b c d e f", "other words", "a b c d e f", "a b c d e f g"])
        >>> kept_twins_minhash(sets, np.arange(4), 0.8).twin.tolist()
        [-1, -1, 0, 0]
    """
    bands = bands_for(min_similarity, recall, n_hashes)
    order = np.ascontiguousarray(order[sets.sizes[order] > 0], np.int64)
    rows, of_row = _distinct(sets, order, apart)
    with _met(sets, rows, bands, seed, threads) as found:
        best, similarity = _select(sets, rows, found, min_similarity - ROUNDING, apart, threads)
    twin, score = np.full(len(sets), NO_TWIN, np.int64), np.zeros(len(sets))
    goes = best[of_row] != NO_TWIN
    twin[order[goes]], score[order[goes]] = rows[best[of_row[goes]]], similarity[of_row[goes]]
    equal = ~goes & (rows[of_row] != order)
    twin[order[equal]], score[order[equal]] = rows[of_row[equal]], 1.0
    return Twins(twin, score)


@contextmanager
def _met(sets: ShingleSets, rows: I64, bands: Bands, seed: int, threads: int | None) -> Iterator[Buckets]:
    """Which rows share a band; of very many rows decided in partitions on disk, in `TMPDIR`."""
    if len(rows) <= _ROWS_IN_MEMORY:
        yield buckets_of(sets, rows, bands, seed, threads)
        return
    with spilling(), tempfile.TemporaryDirectory(prefix="curate-") as folder:
        yield buckets_on_disk(partial(block_keys, sets, rows, bands, seed, threads), len(rows), Path(folder))


def _distinct(sets: ShingleSets, order: I64, apart: Apart | None) -> tuple[I64, I64]:
    """The first row of each set (and of what keeps it apart), in their order; for each row in order which it is."""
    _, place = equal_sets(sets, *(apart or ()))
    _, first, of = np.unique(place[order], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return order[np.sort(first)], rank[of]


def _select(
    sets: ShingleSets, rows: I64, found: Buckets, bound: float, apart: Apart | None, threads: int | None
) -> tuple[I64, npt.NDArray[np.float64]]:
    """For each rank the rank that stays in its place, or -1, and their similarity."""
    n = len(rows)
    masked = np.ascontiguousarray(apart[0][rows]) if apart is not None else None
    pointer = masked.ctypes.data if masked is not None else None
    buckets = (found.own_offsets, found.own, found.starts, found.members)
    n_kept, stays = np.zeros(len(found.starts) - 1, np.int64), np.empty(n, np.uint8)
    back = np.empty(len(found.members) if masked is not None else 0, np.uint32)
    of = _compared(sets, rows)
    _keep_first(*of, n, bound, pointer, *buckets, n_kept, back, np.zeros(n, np.uint32), stays)
    best, similarity = np.full(n, NO_TWIN, np.int64), np.zeros(n)

    def search(start: int, stop: int) -> None:
        seen = np.zeros(n, np.uint32)
        _best_kept(*of, start, stop, bound, pointer, *buckets, n_kept, back, seen, stays, best, similarity)

    in_threads(search, _even(found, n, threads), threads)
    return best, similarity


def _compared(sets: ShingleSets, rows: I64) -> tuple[I64, U64, I64, U64]:
    """What the C functions compare rows by; the last are 256 bits of each set, a bound on what two can share."""
    bits = np.zeros(4 * len(rows), np.uint64)
    _bits(sets.offsets, sets.shingles, rows, len(rows), bits)
    return sets.offsets, sets.shingles, rows, bits


def _even(found: Buckets, n: int, threads: int | None) -> I64:
    """Ranges of ranks that lie in about as many buckets, one for each thread."""
    parts = n_threads(threads)
    cuts = np.searchsorted(found.own_offsets, np.arange(1, parts) * len(found.own) // parts)
    return np.unique(np.concatenate([[0], np.minimum(cuts, n), [n]]))


def similar_pairs_minhash(
    sets: ShingleSets,
    min_similarity: float,
    *,
    recall: float = 0.95,
    n_hashes: int = 128,
    seed: int = 0,
    threads: int | None = None,
) -> Pairs:
    """Every pair at or above a bound that shares a band: pairs at the bound with a chance of `recall` or better.

    There are as many pairs as a cluster has, the square of its rows: to choose which rows stay, `kept_twins_minhash`
    needs none of them. The arguments are those of `kept_twins_minhash`.

    Raises:
        CurateError: so many minima cannot reach that recall, or there are more than 2**28 pairs.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> pairs = similar_pairs_minhash(shingle_sets(["a b c d", "x y", "a b c d", "d e"]), 0.8)
        >>> pairs.left.tolist(), pairs.right.tolist(), pairs.similarity.tolist()
        ([0], [2], [1.0])
    """
    bands: Bands = bands_for(min_similarity, recall, n_hashes)
    rows = np.flatnonzero(sets.sizes)
    found = buckets_of(sets, rows, bands, seed, threads)
    compared, bound = _compared(sets, rows), min_similarity - ROUNDING
    parts = in_threads(
        lambda start, stop: _pairs_between(compared, found, bound, start, stop),
        _even(found, len(rows), threads),
        threads,
    )
    blocks = [block for part in parts for block in part]
    check_room(sum(len(block[0]) for block in blocks))
    left, right = (np.concatenate([np.zeros(0, np.int64), *(block[end] for block in blocks)]) for end in (0, 1))
    similarity = np.concatenate([np.zeros(0), *(block[2] for block in blocks)])
    by_ends = np.lexsort((right, left))
    return Pairs(rows[left[by_ends]], rows[right[by_ends]], similarity[by_ends])


def _pairs_between(
    compared: tuple[I64, U64, I64, U64], found: Buckets, bound: float, start: int, stop: int
) -> list[tuple[I64, I64, npt.NDArray[np.float64]]]:
    """The pairs of the ranks from `start` to `stop` with later ones."""
    blocks, n_pairs = [], 0
    n_rows = len(compared[2])
    place, room = np.array([start], np.int64), max(_PAIRS, n_rows)
    left, right, similarity = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    while place[0] < stop:
        n = _bucket_pairs(
            *(*compared, place, stop, bound),
            *(found.own_offsets, found.own, found.starts, found.members, np.zeros(n_rows, np.uint32)),
            *(left, right, similarity, room),
        )
        blocks.append((left[:n].copy(), right[:n].copy(), similarity[:n].copy()))
        n_pairs += n
        check_room(n_pairs)
    return blocks

"""How alike given pairs of sets are, at or above any bound or not, and which sets are equal.

What verifies the candidates of a sketch or an index, and what the joins leave open: they look at no pair below their
bound, and equal sets need no join. The C is in `csrc/minhash.c`.
"""

from __future__ import annotations

import ctypes
from typing import Literal

import numpy as np
import numpy.typing as npt

from curate.kernels.native import array, function, in_threads
from curate.kernels.ngrams import mix
from curate.kernels.shingles import ShingleSets

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]

_BLOCK = 2**14  # pairs that a thread compares at once

_overlaps = function(
    "curate_overlaps",
    None,
    *(array(np.int64), array(np.uint64), array(np.int64), array(np.uint64)),
    *(array(np.int64), array(np.int64), ctypes.c_int64, array(np.int64)),
)
_contents = function("curate_contents", None, array(np.int64), array(np.uint64), ctypes.c_int64, array(np.uint64))


def overlaps(sets: ShingleSets, left: I64, right: I64, others: ShingleSets | None = None) -> I64:
    """How many shingles each pair of sets shares, shape (m,).

    Args:
        sets: the sets of n rows.
        left: one row of each pair, shape (m,).
        right: the other, shape (m,).
        others: where `right` points; None for `sets`.
    """
    others = sets if others is None else others
    left, right = np.ascontiguousarray(left, np.int64), np.ascontiguousarray(right, np.int64)
    shared = np.empty(left.size, np.int64)

    def count(start: int, stop: int) -> None:
        ends = (left[start:stop], right[start:stop])
        arrays = (sets.offsets, sets.shingles, others.offsets, others.shingles)
        _overlaps(*arrays, *ends, stop - start, shared[start:stop])

    in_threads(count, np.append(np.arange(0, left.size, _BLOCK), left.size), None)
    return shared


def similarities(
    sets: ShingleSets,
    left: I64,
    right: I64,
    measure: Literal["jaccard", "containment"] = "jaccard",
    others: ShingleSets | None = None,
) -> F64:
    """The similarity of each pair of sets, in [0, 1], shape (m,); 0 where one of them is empty.

    Args:
        sets: the sets of n rows.
        left: one row of each pair, shape (m,).
        right: the other, shape (m,).
        measure: shared shingles among all of both, or among those of the smaller one.
        others: where `right` points; None for `sets`.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> similarities(shingle_sets(["a b c", "b c d", ""], size=1), np.array([0, 0]), np.array([1, 2])).tolist()
        [0.5, 0.0]
    """
    shared = overlaps(sets, left, right, others)
    n_left, n_right = sets.sizes[left], (sets if others is None else others).sizes[right]
    of = np.minimum(n_left, n_right) if measure == "containment" else n_left + n_right - shared
    return np.asarray(shared / np.maximum(of, 1), dtype=np.float64)


def equal_sets(sets: ShingleSets, *forms: U64) -> tuple[I64, I64]:
    """The first row of each distinct set, and for each row its place among them; an empty set is none, its place -1.

    Equal by the sum of 64-bit hashes of their shingles; with `forms`, arrays of shape (n,), rows must agree in those
    too.

    Example:
        >>> sets = ShingleSets(np.array([0, 2, 2, 4, 5]), np.array([1, 2, 1, 2, 3], np.uint64))
        >>> [found.tolist() for found in equal_sets(sets)]
        [[0, 3], [0, -1, 0, 1]]
    """
    rows = np.flatnonzero(sets.sizes)
    place = np.full(len(sets), -1, np.int64)
    content = np.empty(len(sets), np.uint64)
    _contents(sets.offsets, sets.shingles, len(sets), content)
    for form in forms:
        content = mix(content + mix(form))
    _, first, of = np.unique(content[rows], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    place[rows] = rank[of]
    return rows[np.sort(first)], place

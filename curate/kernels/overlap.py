"""How alike given pairs of sets are, at or above any bound or not, and which sets are equal.

What the joins leave open: they look at no pair below their bound, and equal sets need no join. NumPy only, in blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt

from curate.kernels.ngrams import mix
from curate.kernels.shingles import ShingleSets

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
F64 = npt.NDArray[np.float64]
_BLOCK = 2**22  # shingles compared at once


def similarities(
    sets: ShingleSets, left: I64, right: I64, measure: Literal["jaccard", "containment"] = "jaccard"
) -> F64:
    """The similarity of each pair of sets, in [0, 1], shape (m,); 0 where one of them is empty.

    Args:
        sets: the sets of n rows.
        left: one row of each pair, shape (m,).
        right: the other, shape (m,).
        measure: shared shingles among all of both, or among those of the smaller one.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> similarities(shingle_sets(["a b c", "b c d", ""], size=1), np.array([0, 0]), np.array([1, 2])).tolist()
        [0.5, 0.0]
    """
    small, both = np.minimum(sets.sizes[left], sets.sizes[right]), sets.sizes[left] + sets.sizes[right]
    shared = np.zeros(left.size, np.int64)
    for start, stop in _blocks(both):
        parts = [sets.take(ends[start:stop]) for ends in (left, right)]
        pair = np.concatenate([np.repeat(np.arange(stop - start), part.sizes) for part in parts])
        shingle = np.concatenate([part.shingles for part in parts])
        order = np.lexsort((shingle, pair))
        twice = (np.diff(pair[order]) == 0) & (np.diff(shingle[order]) == 0)
        shared[start:stop] = np.bincount(pair[order][1:][twice], minlength=stop - start)
    of = small if measure == "containment" else both - shared
    return np.asarray(shared / np.maximum(of, 1), dtype=np.float64)


def _blocks(sizes: I64) -> Iterator[tuple[int, int]]:
    ends, start = np.cumsum(sizes), 0
    while start < sizes.size:
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _BLOCK, side="right")))
        yield start, stop
        start = stop


def equal_sets(sets: ShingleSets, *forms: U64) -> tuple[I64, I64]:
    """The first row of each distinct set that is not empty; and for each row its place among them, -1 where it is empty.

    Equal by the sum of 64-bit hashes of their shingles; with `forms`, arrays of shape (n,), rows must agree in those
    too.

    Example:
        >>> sets = ShingleSets(np.array([0, 2, 2, 4, 5]), np.array([1, 2, 1, 2, 3], np.uint64))
        >>> [found.tolist() for found in equal_sets(sets)]
        [[0, 3], [0, -1, 0, 1]]
    """
    rows = np.flatnonzero(sets.sizes)
    place = np.full(len(sets), -1, np.int64)
    if not rows.size:
        return rows, place
    content = np.add.reduceat(mix(sets.shingles), sets.offsets[:-1][rows])
    for form in forms:
        content = mix(content + mix(form[rows]))
    _, first, of = np.unique(content, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    place[rows] = rank[of]
    return rows[np.sort(first)], place

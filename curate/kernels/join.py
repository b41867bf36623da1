"""Exact set-similarity join: every pair of sets at or above a bound, and no other (but for equal hashes of 58 bits).

Rarest-first prefix filter, bounds by size, place and 256 bits, merge that stops early; see `csrc/join.c`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curate.errors import CurateError
from curate.kernels.join_index import Index, Measure, Sequence
from curate.kernels.pairs import NO_TWIN, Pairs, Twins
from curate.kernels.shingles import ShingleSets
from curate.kernels.tokens import Apart, count, first_of_same, rare_first

I64 = npt.NDArray[np.int64]

_MOST_PAIRS = 2**31


def similar_pairs(
    sets: ShingleSets, min_similarity: float, *, measure: Measure = "jaccard", threads: int | None = None
) -> Pairs:
    """All pairs."""
    made = rare_first(sets, count(sets, threads=threads), threads=threads)
    everyone = np.arange(made.records.size)
    first = first_of_same(made, everyone)
    distinct = np.flatnonzero(first == everyone)
    rows = distinct[np.argsort(made.records["size"][distinct], kind="stable")]
    found = Index(Sequence(made, rows), min_similarity, measure, ascending=True).pairs(threads)
    pairs = Pairs(rows[found["left"]], rows[found["right"]], found["similarity"])
    return _with_copies(pairs, first)


def _with_copies(pairs: Pairs, first: I64) -> Pairs:
    """Pairs of sets as pairs of the rows that have them, and the pairs of rows with one set."""
    members = np.argsort(first, kind="stable")
    start = np.searchsorted(first[members], np.arange(first.size + 1))
    many = np.flatnonzero(np.diff(start) > 1)
    left, right = np.concatenate([pairs.left, many]), np.concatenate([pairs.right, many])
    similarity = np.concatenate([pairs.similarity, np.ones(many.size)])
    n_left, n_right = (start[ends + 1] - start[ends] for ends in (left, right))
    n_pairs = n_left * n_right
    if n_pairs.sum() > _MOST_PAIRS:
        raise CurateError(
            f"{n_pairs.sum()} pairs are similar", hint="kept_twins or components, which need no list of pairs"
        )
    of = np.repeat(np.arange(left.size), n_pairs)
    place = np.arange(of.size) - np.repeat(np.cumsum(n_pairs) - n_pairs, n_pairs)
    a, b = members[start[left[of]] + place // n_right[of]], members[start[right[of]] + place % n_right[of]]
    once = (left[of] != right[of]) | (a < b)
    a, b = np.minimum(a, b)[once], np.maximum(a, b)[once]
    order = np.argsort(a * first.size + b)
    return Pairs(a[order], b[order], similarity[of][once][order])


def kept_twins(
    sets: ShingleSets,
    order: I64,
    min_similarity: float,
    *,
    measure: Measure = "jaccard",
    apart: Apart | None = None,
    threads: int | None = None,
) -> Twins:
    """Which rows go."""
    made = rare_first(sets, count(sets, threads=threads), threads=threads)
    order = _order(order, made.records.size)
    first = first_of_same(made, order, apart)
    rows = order[first[order] == order]
    index = Index(Sequence(made, rows, None if apart is None else apart[0]), min_similarity, measure)
    goes = np.flatnonzero(index.settle(threads))
    match, how_alike = index.nearest(index.sets, goes, threads)
    twin, similarity = np.full(first.size, NO_TWIN, np.int64), np.zeros(first.size)
    twin[rows[goes]], similarity[rows[goes]] = rows[match], how_alike
    copies = np.flatnonzero((first >= 0) & (first != np.arange(first.size)))
    of = first[copies]
    kept = twin[of] < 0
    twin[copies], similarity[copies] = np.where(kept, of, twin[of]), np.where(kept, 1.0, similarity[of])
    return Twins(twin, similarity)


def _order(order: I64, n: int) -> I64:
    """Checked."""
    order = np.ascontiguousarray(order, np.int64)
    if order.size != n or (np.sort(order) != np.arange(n)).any():
        raise CurateError(f"order is not an order of {n} rows", hint="each position from 0 once")
    return order


def nearest_across(
    sets: ShingleSets,
    others: ShingleSets,
    min_similarity: float,
    *,
    measure: Measure = "jaccard",
    threads: int | None = None,
) -> Twins:
    """Nearest."""
    counts = count(sets, others, threads=threads)
    asking, held = (rare_first(part, counts, threads=threads) for part in (sets, others))
    del counts
    first = first_of_same(held, np.arange(held.records.size))
    rows = np.flatnonzero(first == np.arange(first.size))
    index = Index(Sequence(held, rows), min_similarity, measure)
    index.insert()
    n = asking.records.size
    match, similarity = index.nearest(Sequence(asking, np.arange(n)), np.arange(n), threads)
    return Twins(np.append(rows, NO_TWIN)[match], similarity)


def components(sets: ShingleSets, min_similarity: float, *, threads: int | None = None) -> I64:
    """Single linkage."""
    made = rare_first(sets, count(sets, threads=threads), threads=threads)
    everyone = np.arange(made.records.size)
    first = first_of_same(made, everyone)
    rows = np.flatnonzero(first == everyone)
    index = Index(Sequence(made, rows), min_similarity, "jaccard")
    index.insert()
    labels = everyone.copy()
    labels[rows] = rows[index.components()]
    return np.where(first >= 0, labels[first], everyone)

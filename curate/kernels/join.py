"""Exact set-similarity joins: every pair at or above a bound and no other, but for equal hashes (58 bits count).

Let two sets A and B count as twins from `need` shared tokens on: `ceil(t/(1+t) (|A|+|B|))` for Jaccard's similarity t,
`ceil(t min(|A|,|B|))` for containment. Tokens stand rarest first, in one order for all sets (`kernels.tokens`).

*Prefix*: if twins first meet at place i of A and j of B (the rarest token they share), all they share stands from there
on, so `need <= |A| - i` and `need <= |B| - j`. For Jaccard, need is at least `t max(|A|,|B|)`, whence i and j are among
the first `|X| - ceil(t|X|) + 1` places of their sets. Only those tokens are indexed and asked for, whatever the order
of the sets. (Where all sets come by rising size, a set is only asked about by larger ones, need is at least
`2t/(1+t)` of its size, and fewer of its tokens are indexed.) For containment the same prefix holds of the smaller set
alone: prefixes are indexed and asked for with all tokens, which finds smaller sets; the tokens behind the prefixes are
indexed apart and asked for with the prefix of a set, which finds larger ones.

*Once*: a pair is accepted only where it first meets, so it counts once however many tokens it shares. Tokens that are
in one set only are passed over: nothing meets there. Each candidate is tried against `min(|A| - i, |B| - j)`, 256 bits
that bound the difference of the sets, and a merge that stops when `need` is out of reach. Lists of frequent tokens are
cut by the size of the sets, so that those out of reach are not walked through.

Memory beside the sets: 8 bytes per shingle and 104 per row, then 4 to 8 per shingle while shingles are counted, later
24 to 36 per token indexed (one shingle in ten of short texts at 0.7). A bound t counts from t - 1e-9 on, so that a pair
exactly at it is in. Chaudhuri, Ganti & Kaushik, ICDE 2006; Xiao et al. (PPJoin), WWW 2008; Sandes et al., 2020.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curate.errors import CurateError
from curate.kernels.join_index import MOST_PAIRS, TOO_MANY, Index, Measure, OrderedSets
from curate.kernels.pairs import NO_TWIN, Pairs, Twins
from curate.kernels.shingles import ShingleSets
from curate.kernels.tokens import Apart, Counts, count, first_of_same, rare_first

I64 = npt.NDArray[np.int64]


def similar_pairs(
    sets: ShingleSets, min_similarity: float, *, measure: Measure = "jaccard", threads: int | None = None
) -> Pairs:
    """Every pair of sets at or above the bound. Empty sets are in none.

    Args:
        sets: of n texts.
        min_similarity: the bound, in (0, 1].
        measure: `jaccard`, what two sets share of what both hold; `containment`, of what the smaller one holds.
        threads: how many; None for one per core. They change nothing but the time.

    Raises:
        CurateError: the bound is outside its range, or there are more than 2**28 pairs.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> similar_pairs(shingle_sets(["a b c d e", "b c d e f", "x y z"]), 0.5)
        Pairs(left=array([0]), right=array([1]), similarity=array([0.5]))
    """
    made = rare_first(sets, count(sets, threads=threads), threads=threads)
    everyone = np.arange(len(sets))
    first = first_of_same(made, everyone)
    distinct = np.flatnonzero(first == everyone)
    rows = distinct[np.argsort(made.records["size"][distinct], kind="stable")]
    found = Index(OrderedSets(made, rows), min_similarity, measure, ascending=True).pairs(threads)
    pairs = Pairs(rows[found["left"]], rows[found["right"]], found["similarity"])
    return _with_copies(pairs, first)


def kept_twins(
    sets: ShingleSets,
    order: I64,
    min_similarity: float,
    *,
    measure: Measure = "jaccard",
    apart: Apart | None = None,
    counts: Counts | None = None,
    threads: int | None = None,
) -> Twins:
    """Which rows go if each goes only for a row that stays: the greedy canonical selection, as in `pairs.select`.

    Rows are taken in `order`; one goes if a row that was taken before it and stayed is its twin, else it stays. Only
    rows that stay are indexed, so a million equal rows, or one crowd of near twins, cost no more than their number.

    Args:
        sets: of n texts. An empty set has no twin: its row stays.
        order: all n positions, the most wanted first, shape (n,).
        min_similarity: the bound, in (0, 1].
        measure: as in `similar_pairs`.
        apart: a guard: hashes of each text with something masked, and of the text itself, shape (n,) each. Two rows
            with the same masked form but different texts are no twins. Equal texts must have equal sets.
        counts: `tokens.count` of these sets, where they were counted already.
        threads: how many; None for one per core. They change nothing but the time.

    Returns:
        For each row that goes its most similar kept twin (of equal ones the earlier in `order`); -1 for a row that
        stays.

    Raises:
        CurateError: the bound is outside its range, or `order` is no order of the rows.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> kept_twins(shingle_sets(["a b c d e", "b c d e f", "x y z"]), np.array([1, 2, 0]), 0.5).twin.tolist()
        [1, -1, -1]
    """
    order = _checked(order, len(sets))
    made = rare_first(sets, counts or count(sets, threads=threads), threads=threads)
    first = first_of_same(made, order, apart)
    rows = order[first[order] == order]
    index = Index(OrderedSets(made, rows, None if apart is None else apart[0]), min_similarity, measure)
    goes = np.flatnonzero(index.settle(threads))
    match, how_alike = index.nearest(index.sets, goes, threads)
    twin, similarity = np.full(len(sets), NO_TWIN, np.int64), np.zeros(len(sets))
    twin[rows[goes]], similarity[rows[goes]] = rows[match], how_alike
    copies = np.flatnonzero((first >= 0) & (first != np.arange(len(sets))))
    of = first[copies]
    kept = twin[of] == NO_TWIN
    twin[copies], similarity[copies] = np.where(kept, of, twin[of]), np.where(kept, 1.0, similarity[of])
    return Twins(twin, similarity)


def nearest_across(
    sets: ShingleSets,
    others: ShingleSets,
    min_similarity: float,
    *,
    measure: Measure = "jaccard",
    threads: int | None = None,
) -> Twins:
    """For each set its most similar one among others.

    Args:
        sets: of n texts.
        others: of other texts, made with the same shingles.
        min_similarity: the bound, in (0, 1].
        measure: as in `similar_pairs`.
        threads: how many; None for one per core. They change nothing but the time.

    Returns:
        For each set a position in `others` (of equally similar ones the first); -1 where none is at the bound.

    Raises:
        CurateError: the bound is outside its range.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> nearest_across(shingle_sets(["a b c", "x y z"]), shingle_sets(["A, b, c!"]), 0.5).twin.tolist()
        [0, -1]
    """
    counts = count(sets, others, threads=threads)
    asking, held = (rare_first(part, counts, threads=threads) for part in (sets, others))
    del counts
    everyone = np.arange(len(others))
    rows = np.flatnonzero(first_of_same(held, everyone) == everyone)
    index = Index(OrderedSets(held, rows), min_similarity, measure)
    index.insert()
    match, similarity = index.nearest(OrderedSets(asking, np.arange(len(sets))), np.arange(len(sets)), threads)
    return Twins(np.append(rows, NO_TWIN)[match], similarity)


def components(
    sets: ShingleSets,
    min_similarity: float,
    *,
    measure: Measure = "jaccard",
    apart: Apart | None = None,
    threads: int | None = None,
) -> I64:
    """Connected components of the pairs at or above a bound, without a list of the pairs.

    Each component is searched from its first set; the sets reached leave the index, so that a crowd of near twins costs
    its size, not its square.

    Args:
        sets: of n texts. An empty set is a component of its own.
        min_similarity: the bound, in (0, 1].
        measure: as in `similar_pairs`.
        apart: as in `kept_twins`; rows that it keeps apart may still be linked through others.
        threads: how many prepare the sets; None for one per core. The search is one thread's.

    Returns:
        The smallest position in the component of each set, shape (n,).

    Raises:
        CurateError: the bound is outside its range.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> components(shingle_sets(["a b c d e", "x y z", "b c d e f", "c d e f g"]), 0.5).tolist()
        [0, 1, 0, 0]
    """
    made = rare_first(sets, count(sets, threads=threads), threads=threads)
    everyone = np.arange(len(sets))
    first = first_of_same(made, everyone, apart)
    rows = np.flatnonzero(first == everyone)
    index = Index(OrderedSets(made, rows, None if apart is None else apart[0]), min_similarity, measure)
    index.insert()
    labels = everyone.copy()
    labels[rows] = rows[index.components()]
    return np.where(first >= 0, labels[first], everyone)


def _checked(order: I64, n: int) -> I64:
    order = np.ascontiguousarray(order, np.int64)
    if order.shape != (n,) or not np.array_equal(np.sort(order), np.arange(n)):
        raise CurateError(f"no order of {n} rows", hint="each position from 0 on, once")
    return order


def _with_copies(pairs: Pairs, first: I64) -> Pairs:
    """Pairs of sets as pairs of the rows that have them, with the pairs of rows that have the same set, in order."""
    members = np.argsort(first, kind="stable")
    start = np.searchsorted(first[members], np.arange(first.size + 1))
    place = np.arange(first.size)
    later = np.where(first[members] >= 0, start[first[members] + 1] - 1 - place, 0)
    n_rows = np.diff(start)
    n_pairs = n_rows[pairs.left] * n_rows[pairs.right]
    if (total := int(n_pairs.sum() + later.sum())) > MOST_PAIRS:
        raise CurateError(f"{total:,} pairs are similar, more than {MOST_PAIRS:,}", hint=TOO_MANY)
    of, number = _repeated(n_pairs)
    left, right = pairs.left[of], pairs.right[of]
    of_same, step = _repeated(later)
    a = np.append(members[start[left] + number // n_rows[right]], members[of_same])
    b = np.append(members[start[right] + number % n_rows[right]], members[of_same + 1 + step])
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.argsort(low * first.size + high)
    return Pairs(low[order], high[order], np.append(pairs.similarity[of], np.ones(of_same.size))[order])


def _repeated(times: I64) -> tuple[I64, I64]:
    """Each position as often as told, and a running number from 0 beside it."""
    of = np.repeat(np.arange(times.size), times)
    return of, np.arange(of.size) - np.repeat(np.cumsum(times) - times, times)

"""The set-similarity join against comparing everything with everything, and what makes its time grow."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels.join import Measure, components, kept_twins, nearest_across, similar_pairs
from curate.kernels.join_cost import join_cost
from curate.kernels.shingles import ShingleSets, shingle_sets

BOUNDS = st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.6, 2 / 3, 0.7, 0.8, 0.9, 1.0])
MEASURES = st.sampled_from(["jaccard", "containment"])
SETS = st.lists(st.frozensets(st.integers(0, 12), max_size=9), max_size=25)
FORMS = st.lists(st.integers(0, 2), min_size=25, max_size=25)


def made(sets: Sequence[frozenset[int]]) -> ShingleSets:
    """Sets of small numbers as hashes spread over 64 bits."""
    hashes = [np.sort(np.array(sorted(found), np.uint64) * np.uint64(0x9E3779B97F4A7C15)) for found in sets]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum([len(found) for found in sets], dtype=np.int64)])
    return ShingleSets(offsets, np.concatenate([np.zeros(0, np.uint64), *hashes]))


def alike(a: frozenset[int], b: frozenset[int], measure: Measure) -> float:
    if not a or not b:
        return 0.0
    return len(a & b) / (len(a | b) if measure == "jaccard" else min(len(a), len(b)))


@given(sets=SETS, bound=BOUNDS, measure=MEASURES, threads=st.sampled_from([1, 2, 4]))
def test_all_pairs_and_no_other(sets: list[frozenset[int]], bound: float, measure: Measure, threads: int) -> None:
    pairs = similar_pairs(made(sets), bound, measure=measure, threads=threads)
    expected = [(a, b, alike(sets[a], sets[b], measure)) for a, b in combinations(range(len(sets)), 2)]
    expected = [pair for pair in expected if pair[2] >= bound - 1e-9]
    assert list(zip(pairs.left.tolist(), pairs.right.tolist(), pairs.similarity.tolist(), strict=True)) == expected


@given(sets=SETS, bound=BOUNDS, measure=MEASURES, seed=st.integers(0, 99), forms=FORMS | st.none())
def test_who_goes_and_for_whom(
    sets: list[frozenset[int]], bound: float, measure: Measure, seed: int, forms: list[int] | None
) -> None:
    order = np.random.default_rng(seed).permutation(len(sets))

    def similarity(a: int, b: int) -> float:
        if forms and forms[a] == forms[b] and sets[a] != sets[b]:
            return 0.0
        return alike(sets[a], sets[b], measure)

    kept: list[int] = []
    for row in order.tolist():
        if not any(similarity(row, other) >= bound - 1e-9 for other in kept):
            kept.append(row)
    apart = None
    if forms:
        apart = np.array(forms[: len(sets)], np.uint64), np.array([sets.index(found) for found in sets], np.uint64)
    twins = kept_twins(made(sets), order, bound, measure=measure, apart=apart, threads=1 + seed % 3)
    for row in range(len(sets)):
        if row in kept:
            assert (twins.twin[row], twins.similarity[row]) == (-1, 0)
        else:
            best = max(similarity(row, other) for other in kept)
            first = next(other for other in kept if similarity(row, other) == best)
            assert (twins.twin[row], twins.similarity[row]) == (first, best)


@given(sets=SETS, others=SETS, bound=BOUNDS, measure=MEASURES)
def test_the_nearest_of_others(
    sets: list[frozenset[int]], others: list[frozenset[int]], bound: float, measure: Measure
) -> None:
    twins = nearest_across(made(sets), made(others), bound, measure=measure)
    for row, mine in enumerate(sets):
        how = [alike(mine, other, measure) for other in others]
        best = max(how, default=0.0)
        expected = (how.index(best), best) if best >= bound - 1e-9 else (-1, 0.0)
        assert (twins.twin[row], twins.similarity[row]) == expected


@given(sets=SETS, bound=BOUNDS, measure=MEASURES, forms=FORMS | st.none())
def test_components_are_those_of_all_pairs(
    sets: list[frozenset[int]], bound: float, measure: Measure, forms: list[int] | None
) -> None:
    labels = list(range(len(sets)))
    for a, b in combinations(range(len(sets)), 2):
        guarded = forms and forms[a] == forms[b] and sets[a] != sets[b]
        if not guarded and alike(sets[a], sets[b], measure) >= bound - 1e-9:
            low, high = sorted([labels[a], labels[b]])
            labels = [low if label == high else label for label in labels]
    apart = None
    if forms:
        apart = np.array(forms[: len(sets)], np.uint64), np.array([sets.index(found) for found in sets], np.uint64)
    assert components(made(sets), bound, measure=measure, apart=apart).tolist() == labels


def crowd(n: int, size: int, seed: int) -> ShingleSets:
    """Sets that share many shingles, some in most sets: long lists, frequent tokens, near twins and copies."""
    rng = np.random.default_rng(seed)
    sets: list[frozenset[int]] = []
    for _ in range(n):
        if sets and rng.random() < 0.5:
            members = set(sets[rng.integers(len(sets))])
            members -= set(
                rng.choice(sorted(members), int(rng.integers(0, 1 + len(members) // 4)), replace=False).tolist()
            )
            members |= set(rng.integers(0, 10**6, rng.integers(0, 5)).tolist())
        else:
            members = set((rng.pareto(0.7, int(rng.integers(1, size))) * 3).astype(np.int64).tolist())
        sets.append(frozenset(members))
    return made(sets)


@pytest.mark.parametrize("measure", ["jaccard", "containment"])
@pytest.mark.parametrize("bound", [0.3, 0.6, 0.8])
def test_frequent_tokens_against_all_pairs(measure: Measure, bound: float) -> None:
    sets = crowd(1500, 60, seed=3)
    held = np.zeros((len(sets), np.unique(sets.shingles).size), np.float32)
    held[np.repeat(np.arange(len(sets)), sets.sizes), np.unique(sets.shingles, return_inverse=True)[1]] = 1
    common, sizes = held @ held.T, sets.sizes
    both = np.minimum.outer(sizes, sizes) if measure == "containment" else np.add.outer(sizes, sizes) - common
    left, right = np.nonzero(np.triu(common / both >= bound - 1e-9, 1))
    for threads in (1, 2, 4):
        pairs = similar_pairs(sets, bound, measure=measure, threads=threads)
        assert np.array_equal(pairs.left, left)
        assert np.array_equal(pairs.right, right)
        assert np.array_equal(pairs.similarity, (common.astype(np.float64) / both)[left, right])


@pytest.mark.parametrize("measure", ["jaccard", "containment"])
def test_neither_threads_nor_the_order_of_the_rows_show(measure: Measure) -> None:
    """More sets than are settled at once, so that every thread has some."""
    sets = crowd(12_000, 25, seed=5)
    order = np.random.default_rng(1).permutation(len(sets))
    whole = kept_twins(sets, order, 0.6, measure=measure, threads=1)
    for threads in (2, 4):
        twins = kept_twins(sets, order, 0.6, measure=measure, threads=threads)
        assert np.array_equal(twins.twin, whole.twin)
        assert np.array_equal(twins.similarity, whole.similarity)
    moved = np.random.default_rng(2).permutation(len(sets))
    place = np.argsort(moved)
    twins = kept_twins(sets.take(moved), place[order], 0.6, measure=measure)
    assert np.array_equal(np.append(moved, -1)[twins.twin], whole.twin[moved])
    assert np.array_equal(twins.similarity, whole.similarity[moved])


TEMPLATE = "dear customer your order {} has left and will arrive at your home within three working days from now"


def test_time_grows_with_the_rows_and_not_with_their_square() -> None:
    """A million equal rows; a crowd of near twins of which all but one go; the same below the bound, or kept apart by
    the guard, so that all stay. Each takes about half a second on one free core.
    """
    start = time.process_time()
    same = ShingleSets(np.arange(1_000_001), np.full(1_000_000, 7, np.uint64))
    assert (kept_twins(same, np.arange(1_000_000), 0.8).twin[1:] == 0).all()
    sets, order = shingle_sets([TEMPLATE.format(i) for i in range(300_000)]), np.arange(300_000)
    assert (kept_twins(sets, order, 0.7).twin[1:] == 0).all()
    assert (kept_twins(sets, order, 0.75).twin == -1).all()
    assert (
        kept_twins(sets, order, 0.7, apart=(np.zeros(300_000, np.uint64), order.astype(np.uint64))).twin == -1
    ).all()
    alone = ShingleSets(order[:50_001].copy(), np.full(50_000, 7, np.uint64))
    forms = np.zeros(50_000, np.uint64), np.arange(50_000, dtype=np.uint64)
    assert (kept_twins(alone, order[:50_000], 0.7, apart=forms).twin == -1).all()
    assert (components(sets, 0.7) == 0).all()
    assert np.array_equal(components(sets, 0.75), order)
    assert np.array_equal(components(sets, 0.7, apart=(np.zeros(300_000, np.uint64), order.astype(np.uint64))), order)
    assert time.process_time() - start < 20


def test_too_many_pairs_to_list() -> None:
    same = ShingleSets(np.arange(30_001), np.full(30_000, 7, np.uint64))
    with pytest.raises(CurateError, match="449,985,000 pairs"):
        similar_pairs(same, 0.8)


def test_what_is_not_an_order_or_a_bound() -> None:
    sets = made([frozenset({1}), frozenset({2})])
    for order in ([0, 0], [0], [0, 2], [-1, 0]):
        with pytest.raises(CurateError, match="no order of 2 rows"):
            kept_twins(sets, np.array(order), 0.5)
    for bound in (0, 1.1, -1):
        with pytest.raises(CurateError, match="min_similarity"):
            similar_pairs(sets, bound)


def test_the_least_of_bounds_still_asks_for_something_in_common() -> None:
    sets = made([frozenset({1, 2}), frozenset({3}), frozenset({2, 4, 5})])
    assert similar_pairs(sets, 1e-12).left.tolist() == [0]
    assert kept_twins(sets, np.arange(3), 1e-12).twin.tolist() == [-1, -1, 0]


def test_no_sets_at_all() -> None:
    nothing = made([])
    assert len(similar_pairs(nothing, 0.5)) == 0
    assert len(kept_twins(nothing, np.arange(0), 0.5)) == 0
    assert nearest_across(made([frozenset({1})]), nothing, 0.5).twin.tolist() == [-1]
    assert components(made([frozenset(), frozenset()]), 0.5).tolist() == [0, 1]


def test_the_cost_tells_long_lists_from_short_ones() -> None:
    rng = np.random.default_rng(0)
    rare = made([frozenset(rng.integers(0, 10**9, 20).tolist()) for _ in range(3000)])
    frequent = made([frozenset(rng.integers(0, 60, 20).tolist()) for _ in range(3000)])
    assert join_cost(rare, 0.7).n_candidates == 0
    assert join_cost(frequent, 0.7).n_candidates > 10**6
    assert join_cost(frequent, 0.3).n_candidates > join_cost(frequent, 0.9).n_candidates

"""The greedy selection against walking through the rows one by one, and what a component and a centre are."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.pairs import NO_TWIN, Pairs, Twins, centrality, components, select


def walked(n: int, pairs: list[tuple[int, int, float]], order: list[int]) -> Twins:
    """The definition: each row in order stays unless a row that stayed before it is its twin."""
    alike: dict[int, dict[int, float]] = {row: {} for row in range(n)}
    for left, right, similarity in pairs:
        alike[left][right] = alike[right][left] = similarity
    rank = {row: at for at, row in enumerate(order)}
    twin, best, kept = np.full(n, NO_TWIN), np.zeros(n), set()
    for row in order:
        if not kept & alike[row].keys():
            kept.add(row)
    for row in set(order) - kept:
        found = [(-similarity, rank[other], other) for other, similarity in alike[row].items() if other in kept]
        lowest, _, twin[row] = min(found)
        best[row] = -lowest
    return Twins(twin, best)


def as_pairs(found: list[tuple[int, int, float]]) -> Pairs:
    found = sorted(found)
    left, right, similarity = zip(*found, strict=True) if found else ((), (), ())
    return Pairs(np.array(left, np.int64), np.array(right, np.int64), np.array(similarity, float))


@settings(max_examples=200)
@given(st.data())
def test_rounds_choose_as_walking_does(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 12))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda two: two[0] < two[1])
    edges = data.draw(st.sets(ends, max_size=40)) if n > 1 else set()
    found = [(*two, data.draw(st.sampled_from([0.8, 0.9, 1.0]))) for two in sorted(edges)]
    order = data.draw(st.permutations(range(n)))
    expected, given_back = walked(n, found, order), select(as_pairs(found), np.array(order))
    assert given_back.twin.tolist() == expected.twin.tolist()
    assert given_back.similarity.tolist() == expected.similarity.tolist()


def test_many_pairs_take_seconds_not_minutes() -> None:
    rng = np.random.default_rng(0)
    n, m = 300_000, 3_000_000
    keys = np.unique(rng.integers(0, n, m) * n + rng.integers(0, n, m))
    left, right = keys // n, keys % n
    pairs = Pairs(left[left < right], right[left < right], np.ones(int((left < right).sum())))
    began = perf_counter()
    twins = select(pairs, rng.permutation(n))
    assert perf_counter() - began < 30
    gone = twins.twin != NO_TWIN
    assert not (~gone[pairs.left] & ~gone[pairs.right]).any()
    assert not gone[twins.twin[gone]].any()


def test_a_long_chain_keeps_every_other_row() -> None:
    n = 20_001
    chain = Pairs(np.arange(n - 1), np.arange(1, n), np.full(n - 1, 0.9))
    twin = select(chain, np.arange(n)).twin
    assert (twin[::2] == NO_TWIN).all()
    assert (twin[1::2] == np.arange(0, n - 1, 2)).all()
    assert components(n, chain).max() == 0


@pytest.mark.parametrize("n", [0, 1, 3])
def test_without_pairs_every_row_stays(n: int) -> None:
    nothing = as_pairs([])
    assert select(nothing, np.arange(n)).twin.tolist() == [NO_TWIN] * n
    assert components(n, nothing).tolist() == list(range(n))
    assert centrality(n, nothing).tolist() == [0.0] * n

"""MinHash's pairs and twins: true similarities, the choice of `select`, linear where it must be, threads unseen."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels.minhash_join import kept_twins_minhash, similar_pairs_minhash
from curate.kernels.pairs import Pairs, select
from curate.kernels.shingles import ShingleSets, shingle_sets

TEXTS = st.lists(st.lists(st.sampled_from("a b c d e f 数".split()), max_size=8).map(" ".join), max_size=20)


def as_sets(sets: ShingleSets) -> list[set[int]]:
    return [set(part.tolist()) for part in np.split(sets.shingles, sets.offsets[1:-1])][: len(sets)]


def all_pairs(sets: ShingleSets, bound: float) -> dict[tuple[int, int], float]:
    of = as_sets(sets)
    pairs = {}
    for b in range(len(of)):
        for a in range(b):
            similarity = len(of[a] & of[b]) / max(1, len(of[a] | of[b]))
            if similarity >= bound - 1e-9:
                pairs[a, b] = similarity
    return pairs


def as_dict(pairs: Pairs) -> dict[tuple[int, int], float]:
    ends = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    assert list(ends) == sorted(set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)))
    return dict(
        zip(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True), pairs.similarity.tolist(), strict=True)
    )


@given(texts=TEXTS, bound=st.sampled_from([0.3, 0.5, 0.75, 1.0]), threads=st.integers(1, 3))
def test_pairs_are_all_pairs_where_recall_is_certain(texts: list[str], bound: float, threads: int) -> None:
    sets = shingle_sets(texts, size=2)
    found = similar_pairs_minhash(sets, bound, recall=1 - 1e-12, n_hashes=400, threads=threads)
    assert as_dict(found) == all_pairs(sets, bound)


@given(
    texts=TEXTS, bound=st.sampled_from([0.3, 0.6, 1.0]), seed=st.integers(0, 9), guarded=st.booleans(), data=st.data()
)
def test_twins_are_those_that_select_takes(
    texts: list[str], bound: float, seed: int, guarded: bool, data: st.DataObject
) -> None:
    """Also at a low recall: among the pairs that were met, the choice is the same."""
    sets = shingle_sets(texts, size=2)
    n = len(texts)
    order = np.array(data.draw(st.permutations(range(n))), np.int64)
    draw = np.random.default_rng(seed)
    raw = 3 * np.unique(texts, return_inverse=True)[1] + draw.integers(0, 3, n) if guarded else None
    apart = (draw.integers(0, 2, n).astype(np.uint64), raw.astype(np.uint64)) if raw is not None else None
    options = {"recall": 0.6, "n_hashes": 24, "seed": seed}
    pairs = similar_pairs_minhash(sets, bound, **options)
    if apart is not None:
        masked, raw = apart
        ok = (masked[pairs.left] != masked[pairs.right]) | (raw[pairs.left] == raw[pairs.right])
        pairs = Pairs(pairs.left[ok], pairs.right[ok], pairs.similarity[ok])
    expected = select(pairs, order)
    for threads in (1, 3):
        found = kept_twins_minhash(sets, order, bound, apart=apart, threads=threads, **options)
        assert found.twin.tolist() == expected.twin.tolist()
        assert found.similarity.tolist() == expected.similarity.tolist()


def test_more_pairs_than_fit_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.kernels.minhash_join._PAIRS", 1)
    sets = shingle_sets(["the same words again"] * 60 + ["none of it"])
    assert len(similar_pairs_minhash(sets, 0.9)) == 60 * 59 // 2


@pytest.mark.parametrize("threads", [1, 3])
def test_too_many_pairs_to_list(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    sets = shingle_sets(["the same words again"] * 60)
    monkeypatch.setattr("curate.kernels.join_index.MOST_PAIRS", 60 * 59 // 2)
    assert len(similar_pairs_minhash(sets, 0.9, threads=threads)) == 60 * 59 // 2
    monkeypatch.setattr("curate.kernels.join_index.MOST_PAIRS", 60 * 59 // 2 - 1)
    with pytest.raises(CurateError, match="more than 1,769 pairs are similar"):
        similar_pairs_minhash(sets, 0.9, threads=threads)


def test_an_empty_set_has_no_twin() -> None:
    sets = shingle_sets(["", None, " ", "a", "a"])
    assert kept_twins_minhash(sets, np.arange(5)[::-1], 0.5).twin.tolist() == [-1, -1, -1, 4, -1]
    assert as_dict(similar_pairs_minhash(sets, 0.5)) == {(3, 4): 1.0}
    assert len(kept_twins_minhash(shingle_sets([]), np.arange(0), 0.5)) == 0


def test_recall_out_of_reach_is_said() -> None:
    with pytest.raises(CurateError, match="recall below"):
        similar_pairs_minhash(shingle_sets(["a"]), 0.1, recall=0.99, n_hashes=10)


def test_the_stated_recall_is_reached_on_planted_twins() -> None:
    """2,000 pairs at exactly 0.7 of 17 shingles: found 95 % of the time, three standard errors aside."""
    words = [f"w{number}" for number in range(40_000)]
    texts = []
    for pair in range(2000):
        own = words[20 * pair : 20 * pair + 20]
        texts += [" ".join(own[:17]), " ".join(own[3:])]
    sets = shingle_sets(texts, size=1)
    found = as_dict(similar_pairs_minhash(sets, 0.7, recall=0.95))
    assert set(found.values()) == {0.7}
    assert len(found) / 2000 > 0.95 - 3 * (0.95 * 0.05 / 2000) ** 0.5


def test_a_million_equal_rows_and_one_giant_cluster_stay_linear() -> None:
    start = time.process_time()
    equal = shingle_sets(pa.array(["all the same text over and over"]).take(pa.array(np.zeros(1_000_000, np.int64))))
    twins = kept_twins_minhash(equal, np.arange(1_000_000), 0.8)
    assert twins.twin[0] == -1
    assert not twins.twin[1:].any()
    template = "dear customer your order {} has left and will arrive at your home within three working days from now"
    cluster = shingle_sets([template.format(number) for number in range(50_000)])
    twins = kept_twins_minhash(cluster, np.arange(50_000), 0.6)
    assert (twins.twin >= 0).sum() >= 49_990  # a row at the bound may be missed
    apart = np.zeros(50_000, np.uint64), np.arange(50_000, dtype=np.uint64)
    assert (kept_twins_minhash(cluster, np.arange(50_000), 0.6, apart=apart).twin < 0).all()
    assert time.process_time() - start < 15

"""Signatures estimate Jaccard's similarity, bands keep the recall they state, and buckets hold who shares a band."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels.minhash import Bands, bands_for, buckets_of, hash_functions, signatures
from curate.kernels.shingles import ShingleSets


def sets_of(rows: list[np.ndarray]) -> ShingleSets:
    sizes = np.cumsum([0, *map(len, rows)])
    return ShingleSets(sizes.astype(np.int64), np.concatenate([np.zeros(0, np.uint64), *map(np.sort, rows)]))


def twins_at(similarity: float, size: int, n: int, seed: int = 0) -> ShingleSets:
    """2 n sets; 2 i and 2 i + 1 share as many of their `size` hashes as `similarity` asks for."""
    draw = np.random.default_rng(seed)
    shared = round(2 * size * similarity / (1 + similarity))
    rows = []
    for _ in range(n):
        hashes = draw.integers(0, 2**64, 2 * size - shared, dtype=np.uint64)
        rows += [hashes[:size], hashes[size - shared :]]
    return sets_of(rows)


@given(
    rows=st.lists(st.sets(st.integers(0, 2**64 - 1), max_size=600), max_size=6),
    n_hashes=st.integers(1, 70),
    seed=st.integers(0, 2**64 - 1),
)
def test_minima_are_those_of_plain_python(rows: list[set[int]], n_hashes: int, seed: int) -> None:
    sets = sets_of([np.array(sorted(row), dtype=np.uint64) for row in rows])
    found = signatures(sets, n_hashes, seed)
    multipliers, shifts = hash_functions(n_hashes, seed)
    for row, minima in zip(rows, found.tolist(), strict=True):
        halves = [hashed >> 32 for hashed in row]
        for multiplier, shift, least in zip(multipliers.tolist(), shifts.tolist(), minima, strict=True):
            assert least == min(((half * multiplier + shift) % 2**32 for half in halves), default=2**32 - 1)
    assert np.array_equal(found[:, :1], signatures(sets, 1, seed, threads=1))


@pytest.mark.parametrize("size", [4, 30, 400])
@pytest.mark.parametrize("similarity", [0.2, 0.5, 0.8, 0.95])
def test_agreement_estimates_the_similarity(size: int, similarity: float) -> None:
    """Without bias, and with no more spread than independent hash functions have."""
    n, n_hashes = 2000, 64
    sets = twins_at(similarity, size, n)
    shared = round(2 * size * similarity / (1 + similarity))
    true = shared / (2 * size - shared)
    minima = signatures(sets, n_hashes, seed=7)
    estimates = (minima[::2] == minima[1::2]).mean(axis=1)
    error = np.sqrt(true * (1 - true) / n_hashes)
    assert abs(estimates.mean() - true) <= 5 * error / np.sqrt(n)
    assert estimates.std() <= 1.1 * error + 1e-12


@pytest.mark.parametrize("similarity", [0.5, 0.65, 0.8, 0.9])
def test_the_s_curve_is_what_happens(similarity: float) -> None:
    bands = bands_for(0.8, 0.9, 128)
    sets = twins_at(similarity, 180, 3000, seed=1)
    shared = round(360 * similarity / (1 + similarity))
    expected = bands.probability(shared / (360 - shared))
    found = buckets_of(sets, np.arange(6000), bands, seed=3)
    owners = np.repeat(np.arange(6000), np.diff(found.own_offsets))
    met = np.mean(np.intersect1d(owners[owners % 2 == 0] + 1, owners[owners % 2 == 1]).size / 3000)
    assert abs(met - expected) <= 4 * np.sqrt(expected * (1 - expected) / 3000) + 1e-3


@given(min_similarity=st.floats(0.05, 1.0), recall=st.floats(0.01, 0.9999), n_hashes=st.integers(1, 512))
def test_bands_reach_the_recall_or_say_what_would(min_similarity: float, recall: float, n_hashes: int) -> None:
    try:
        bands = bands_for(min_similarity, recall, n_hashes)
    except CurateError as error:
        enough = int(str(error.hint).split()[4].rstrip(","))
        assert bands_for(min_similarity, recall, enough).probability(min_similarity) >= recall - 1e-6
        assert Bands(n_hashes, 1).probability(min_similarity) < recall
    else:
        assert bands.n_hashes <= n_hashes
        assert bands.probability(min_similarity) >= recall - 1e-6
        longer = bands.n_rows + 1
        assert longer > n_hashes or Bands(n_hashes // longer, longer).probability(min_similarity) < recall


def test_the_s_curve_rises_from_nothing_to_certainty() -> None:
    curve = Bands(20, 5).s_curve()
    assert (curve[0], curve[-1], len(curve)) == ((0.0, 0.0), (1.0, 1.0), 21)
    assert [chance for _, chance in curve] == sorted(chance for _, chance in curve)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((0, 0.9, 64), "min_similarity"),
        ((1.1, 0.9, 64), "min_similarity"),
        ((0.8, 1, 64), "recall"),
        ((0.8, 0.9, 0), "n_hashes"),
    ],
)
def test_bad_options(options: tuple[float, float, int], said: str) -> None:
    with pytest.raises(CurateError, match=said):
        bands_for(*options)


@given(
    rows=st.lists(st.sets(st.integers(0, 12), min_size=1, max_size=4), max_size=12),
    bands=st.builds(Bands, st.integers(1, 4), st.integers(1, 3)),
    threads=st.integers(1, 3),
)
def test_buckets_hold_who_shares_a_band(rows: list[set[int]], bands: Bands, threads: int) -> None:
    sets = sets_of([np.array(sorted(row), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) for row in rows])
    sets = ShingleSets(sets.offsets, sets.shingles)
    order = np.random.default_rng(0).permutation(len(rows))
    found = buckets_of(sets, order, bands, 5, threads)
    minima = signatures(sets, bands.n_hashes, 5)[order]
    expected = []
    for band in range(bands.n_bands):
        groups: dict[bytes, list[int]] = {}
        for rank, part in enumerate(minima[:, band * bands.n_rows : (band + 1) * bands.n_rows]):
            groups.setdefault(part.tobytes(), []).append(rank)
        expected += [group for group in groups.values() if len(group) > 1]
    buckets = [part.tolist() for part in np.split(found.members, found.starts[1:-1])] if expected else []
    assert sorted(buckets) == sorted(expected)
    for rank in range(len(rows)):
        own = found.own[found.own_offsets[rank] : found.own_offsets[rank + 1]].tolist()
        assert own == [number for number, bucket in enumerate(buckets) if rank in bucket]

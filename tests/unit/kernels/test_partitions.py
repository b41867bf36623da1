"""Buckets on disk: the same however small the partitions are, and the same as a dictionary finds."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from curate.errors import CurateError
from curate.kernels.minhash import Bands, Buckets, buckets_of
from curate.kernels.minhash_join import kept_twins_minhash
from curate.kernels.partitions import block_keys, buckets_on_disk
from curate.kernels.shingles import shingle_sets


def keys(n_rows: int, n_bands: int, n_keys: int, seed: int = 0) -> np.ndarray:
    """Random keys, spread over all 32 bits, each drawn from few."""
    draw = np.random.default_rng(seed)
    spread = draw.integers(0, 2**32, n_keys, dtype=np.uint64)
    return spread[draw.integers(0, n_keys, (n_bands, n_rows))] << np.uint64(32) | np.arange(n_rows, dtype=np.uint64)


def plain(found: Buckets) -> tuple[list[list[int]], list[list[int]]]:
    """The rows of each bucket, and the buckets of each row."""
    rows = [part.tolist() for part in np.split(found.members, found.starts[1:-1])] if len(found.starts) > 1 else []
    return rows, [part.tolist() for part in np.split(found.own, found.own_offsets[1:-1])]


@pytest.mark.parametrize(("n_rows", "n_keys"), [(0, 1), (1, 1), (50, 1), (600, 200), (600, 100_000)])
@pytest.mark.parametrize("partition_items", [50, 2**22])
def test_buckets_are_those_of_a_dictionary(tmp_path: Path, n_rows: int, n_keys: int, partition_items: int) -> None:
    given = keys(n_rows, 3, n_keys)
    found = buckets_on_disk(lambda a, b: given[:, a:b], n_rows, tmp_path, partition_items=partition_items)
    expected = defaultdict(list)
    for band, items in enumerate(given.tolist()):
        for item in items:
            expected[band, item >> 32].append(item & 0xFFFFFFFF)
    shared = [rows for _, rows in sorted(expected.items()) if len(rows) > 1]
    rows, own = plain(found)
    assert rows == shared
    if n_rows:
        assert own == [[at for at, members in enumerate(shared) if row in members] for row in range(n_rows)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["members", "own", "own_offsets", "starts"]


def test_more_rows_than_can_be_numbered_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="more than one run can hold"):
        buckets_on_disk(lambda a, b: keys(b - a, 1, 1), 2**32 - 1, tmp_path)


@pytest.mark.parametrize("partition_items", [200, 2**22])
def test_buckets_on_disk_are_those_in_memory(tmp_path: Path, partition_items: int) -> None:
    draw = np.random.default_rng(3)
    texts = [" ".join(f"w{word}" for word in draw.integers(0, 30, 12)) for _ in range(900)]
    sets, rows, bands = shingle_sets([*texts, *texts[:100]], size=1), draw.permutation(1000)[:950], Bands(9, 3)
    expected = buckets_of(sets, rows, bands, 7)
    keys_of = partial(block_keys, sets, rows, bands, 7, None)
    found = buckets_on_disk(keys_of, len(rows), tmp_path, partition_items=partition_items)
    for name in ("starts", "members", "own_offsets", "own"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
    assert len(found.starts) > 100


def test_rows_that_stay_are_the_same_in_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(4)
    texts = [" ".join(f"w{word}" for word in draw.integers(0, 12, 8)) for _ in range(2000)]
    sets = shingle_sets(texts, size=1)
    in_memory = kept_twins_minhash(sets, np.arange(2000), 0.6)
    monkeypatch.setattr("curate.kernels.minhash_join._ROWS_IN_MEMORY", 10)
    in_partitions = kept_twins_minhash(sets, np.arange(2000), 0.6)
    assert in_partitions.twin.tolist() == in_memory.twin.tolist()
    assert in_partitions.similarity.tolist() == in_memory.similarity.tolist()
    assert 100 < np.count_nonzero(in_memory.twin >= 0) < 1990

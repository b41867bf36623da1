"""Batches hang on content and seed alone, hold every row once, and pad little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="batches are torch's")

from curate.learn.batching import epoch_batches, keys_of, pad, padded_fraction
from curate.learn.examples import Examples

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=300)


def drawn(
    lengths: np.ndarray, *, seed: int = 1, epoch: int = 0, rows: int = 4, bucketed: bool = True
) -> list[np.ndarray]:
    keys = np.arange(len(lengths), dtype=np.uint64) * np.uint64(977)
    return epoch_batches(lengths, keys, rows, seed=seed, epoch=epoch, bucketed=bucketed)


@given(LENGTHS, st.integers(1, 9), st.integers(0, 3), st.booleans())
def test_every_row_once_in_batches_of_the_size(lengths, rows, epoch, bucketed) -> None:
    batches = drawn(np.array(lengths), epoch=epoch, rows=rows, bucketed=bucketed)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert len(batches) == -(-len(lengths) // rows)
    assert sorted(len(batch) for batch in batches)[1:] == [rows] * (len(batches) - 1)


@given(LENGTHS, st.integers(0, 2**63 - 1))
def test_the_order_of_the_rows_does_not_matter(lengths, seed) -> None:
    lengths, order = np.array(lengths), np.random.default_rng(seed).permutation(len(lengths))
    keys = np.arange(len(lengths), dtype=np.uint64)
    one = epoch_batches(lengths, keys, 4, seed=seed, epoch=2)
    other = epoch_batches(lengths[order], keys[order], 4, seed=seed, epoch=2)
    assert [batch.tolist() for batch in one] == [order[batch].tolist() for batch in other]


def test_epochs_and_seeds_differ() -> None:
    lengths = np.arange(1, 200) % 30 + 1
    seen = {str(drawn(lengths, seed=seed, epoch=epoch)) for seed in (0, 1) for epoch in (0, 1)}
    assert len(seen) == 4


def test_lengths_do_not_run_from_short_to_long() -> None:
    means = [lengths.mean() for lengths in (np.arange(1, 2001)[batch] for batch in drawn(np.arange(1, 2001), rows=10))]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.2


def test_real_texts_are_padded_little(data_dir: Path) -> None:
    """SST-2 in words: without buckets nearly half of all places are padding."""
    lines = (data_dir / "sst2" / "train.tsv").read_text(encoding="utf-8").splitlines()
    lengths = np.array([len(line.split()) for line in lines if line])
    loose = padded_fraction(lengths, drawn(lengths, rows=32, bucketed=False))
    tight = padded_fraction(lengths, drawn(lengths, rows=32))
    assert loose > 0.4
    assert tight < 0.05


def test_keys_tell_rows_by_content_and_copies_apart() -> None:
    rows = Examples(["a", "b", "a", "a"], np.array([0, 0, 0, 1]), None, 2)
    keys = keys_of(rows)
    assert len(set(keys.tolist())) == 4
    order = np.array([3, 1, 2, 0])
    assert sorted(keys_of(rows.take(order)).tolist()) == sorted(keys.tolist())
    assert keys_of(rows.take(order))[0] == keys[3]


@pytest.mark.parametrize(
    "rows",
    [
        Examples(["a", "a"], np.array([[True, False], [True, True]]), None, 2, "multilabel"),
        Examples(["a", "a"], np.array([0.5, 0.25]), np.array([1.0, 2.0]), task="regression"),
        Examples(["a", "a"], np.array(["x", "y"], dtype=object), None, task="generation"),
        Examples(["a", "a"], np.array([0, 0]), np.array([1.0, 2.0]), 1),
    ],
    ids=lambda rows: rows.task,
)
def test_keys_of_any_task(rows: Examples) -> None:
    keys = keys_of(rows)
    assert keys[0] != keys[1]
    assert keys_of(rows.take(np.array([1, 0]))).tolist() == keys[::-1].tolist()


def test_padding_on_either_side() -> None:
    rows = [np.array([1, 2, 3]), np.array([4]), np.zeros(0, np.int64)]
    right, real = pad(rows, 9)
    assert right.tolist() == [[1, 2, 3], [4, 9, 9], [9, 9, 9]]
    assert real.tolist() == [[True] * 3, [True, False, False], [False] * 3]
    left, real = pad(rows, 9, side="left")
    assert left.tolist() == [[1, 2, 3], [9, 9, 4], [9, 9, 9]]
    assert real.sum().item() == 4
    assert pad([], 0)[0].shape == (0, 0)

"""Packing against plain loops, and against what cannot be beaten."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.packing import (
    best_fit_decreasing,
    end_to_end,
    padded_in_random_batches,
    padded_in_sorted_batches,
)


def plain(lengths: list[int], capacity: int) -> int:
    """Best fit decreasing, row by row, over all open sequences."""
    room: list[int] = []
    for length in sorted(lengths, reverse=True):
        fits = [at for at, left in enumerate(room) if left >= length]
        if not length:
            continue
        if fits:
            room[min(fits, key=lambda at: room[at])] -= length
        else:
            room.append(capacity - length)
    return len(room)


@settings(max_examples=150)
@given(lengths=st.lists(st.integers(0, 30), max_size=60), capacity=st.integers(30, 64))
def test_as_many_sequences_as_row_by_row(lengths: list[int], capacity: int) -> None:
    found = best_fit_decreasing(np.array(lengths, np.int64), capacity)
    assert found == plain(lengths, capacity)
    fewest = -(-sum(lengths) // capacity)
    assert fewest <= found <= 11 / 9 * fewest + 4


@pytest.mark.parametrize("capacity", [512, 2048])
def test_lengths_as_texts_have_them(capacity: int) -> None:
    random = np.random.Generator(np.random.PCG64(1))
    lengths = np.minimum(random.lognormal(5, 1, 3000).astype(np.int64), capacity)
    assert best_fit_decreasing(lengths, capacity) == plain(lengths.tolist(), capacity)


def test_a_row_that_is_too_long_is_an_error() -> None:
    with pytest.raises(ValueError, match="11 does not fit into 10"):
        best_fit_decreasing(np.array([11]), 10)


def test_a_million_rows_take_a_moment() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    lengths = np.minimum(random.lognormal(6, 1, 1_000_000).astype(np.int64), 32_768)
    began = time.process_time()
    found = best_fit_decreasing(lengths, 32_768)
    assert time.process_time() - began < 5
    assert found <= 1.001 * -(-lengths.sum() // 32_768)


@settings(max_examples=60)
@given(lengths=st.lists(st.integers(1, 50), min_size=1, max_size=40), batch_rows=st.integers(1, 8))
def test_padding_is_what_a_loop_counts(lengths: list[int], batch_rows: int) -> None:
    array, ordered = np.array(lengths), sorted(lengths)
    batches = [ordered[at : at + batch_rows] for at in range(0, len(ordered), batch_rows)]
    assert padded_in_sorted_batches(array, batch_rows) == sum(len(batch) * max(batch) for batch in batches)
    drawn = np.random.Generator(np.random.PCG64(2)).choice(array, (4000, batch_rows)).max(axis=1).mean() * len(lengths)
    assert padded_in_random_batches(array, batch_rows) == pytest.approx(drawn, rel=0.05)


@settings(max_examples=60)
@given(lengths=st.lists(st.integers(0, 30), max_size=40), capacity=st.integers(1, 40))
def test_end_to_end_is_what_a_loop_counts(lengths: list[int], capacity: int) -> None:
    owner = [row for row, length in enumerate(lengths) for _ in range(length)]
    sequences = [owner[at : at + capacity] for at in range(0, len(owner), capacity)]
    cut = sum(sum(row in sequence for sequence in sequences) > 1 for row in range(len(lengths)))
    assert end_to_end(np.array(lengths, np.int64), capacity) == (len(sequences), cut)

"""Cutting, packing and striding: every token of every response once, in windows that are never too long."""

from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from curate.learn.causal_rows import Piece, Row, cut, epoch_windows, kept_prompt, packed, strides


def rows(fewest: int) -> st.SearchStrategy[Row]:
    """Prompts of 1 to 40 tokens, the start included, and responses of `fewest` to 60."""
    return st.builds(lambda first, n: Row(np.arange(first + n), first), st.integers(1, 40), st.integers(fewest, 60))


def to_predict(pieces: list[Piece]) -> list[int]:
    return [token for piece in pieces for token in piece.tokens[piece.first :].tolist()]


@given(rows(0), st.integers(2, 24))
def test_scoring_asks_for_each_token_of_the_response_once(row: Row, context: int) -> None:
    windows = strides(row, context)
    assert to_predict(windows) == list(range(row.first, len(row.tokens)))
    assert all(len(window) <= context and window.first >= 1 for window in windows)
    behind = [window.tokens[window.first] - window.tokens[0] for window in windows]
    assert all(seen >= min(context // 2, row.first) for seen in behind), "with half a window before it, or all there is"


@given(rows(1), st.integers(2, 24))
def test_training_asks_for_each_token_of_the_response_once(row: Row, context: int) -> None:
    pieces, lost = cut(row, context)
    assert to_predict(pieces) == list(range(row.first, len(row.tokens)))
    assert all(len(piece) <= context for piece in pieces)
    assert lost == (pieces[0].first < row.first)
    assert not lost or pieces[0].first >= context // 2


@given(st.lists(st.integers(1, 16), max_size=60))
def test_packing_leaves_nothing_out_and_fills_no_window_twice(lengths: list[int]) -> None:
    windows = packed(np.array(lengths, np.int64), 16)
    assert sorted(piece for window in windows for piece in window) == list(range(len(lengths)))
    filled = [sum(lengths[piece] for piece in window) for window in windows]
    assert all(total <= 16 for total in filled)
    assert sum(total <= 8 for total in filled) <= 1, "two windows that are half empty would have been one"


def test_an_epoch_is_drawn_by_key_and_seed_and_not_by_place() -> None:
    pieces = [Piece(np.arange(2 + at % 7), 1, key=at * 7919) for at in range(50)]

    def drawn(pieces: list[Piece], seed: int, epoch: int) -> list[list[int]]:
        return [[piece.key for piece in window] for window in epoch_windows(pieces, 16, seed, epoch)]

    assert drawn(pieces, 1, 0) == drawn(pieces[::-1], 1, 0)
    assert sorted(chain.from_iterable(drawn(pieces, 1, 0))) == [piece.key for piece in pieces]
    assert drawn(pieces, 1, 0) != drawn(pieces, 1, 1)
    assert drawn(pieces, 1, 0) != drawn(pieces, 2, 0)


def test_a_prompt_keeps_its_start_and_its_end() -> None:
    assert kept_prompt(np.arange(20), 10, 4).tolist() == [0, 15, 16, 17, 18, 19]
    assert kept_prompt(np.arange(20), 10, 99).tolist() == [0, 16, 17, 18, 19]

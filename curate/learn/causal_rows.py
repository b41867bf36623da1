"""From rows to what a language model trains on and is scored on: sequences of tokens, cut and packed into windows.

Training reads every token of every response once per epoch; several short pieces share a window without seeing each
other. Scoring slides along rows that are longer than a window. Between `causal_tokens` and `causal_model`.
Packing: best fit decreasing (Johnson 1973, "Near-optimal bin packing algorithms").
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.core.random import key
from curate.kernels.draws import mix

Tokens = NDArray[np.int64]
Keys = NDArray[np.uint64]

_PACKED_TOGETHER = 4096  # pieces: the more, the less padding, and the less random the company of a piece


@dataclass(frozen=True, eq=False)
class Piece:
    """A stretch of a row that fits into a window.

    Attributes:
        tokens: one more than it fills, as each is predicted from those before it; shape (t,).
        first: from which token on they are to be predicted, 1 to t - 1.
        weight: of its row, of mean 1 over the rows.
        key: names it, whatever stands beside it.
    """

    tokens: Tokens
    first: int
    weight: float = 1.0
    key: int = 0

    def __len__(self) -> int:
        """The places it fills in a window."""
        return len(self.tokens) - 1


@dataclass(frozen=True, eq=False)
class Row:
    """A row as tokens: how it starts, the prompt, the response, how it ends; the response begins at `first` >= 1."""

    tokens: Tokens
    first: int


def cut(row: Row, context: int) -> tuple[list[Piece], bool]:
    """The pieces of a row in which each token of its response is to be predicted once; and whether the prompt lost.

    A prompt loses its beginning only where the whole is longer than a window, and never more than leaves half a window
    of it. What does not fit goes on in pieces of its own, each from the last token of the one before.

    Args:
        row: the row.
        context: places of a window, at least 2.

    Example:
        >>> pieces, lost = cut(Row(np.arange(8), first=1), 4)
        >>> [(piece.tokens.tolist(), piece.first) for piece in pieces], lost
        ([([0, 1, 2, 3, 4], 1), ([4, 5, 6, 7], 1)], False)
    """
    tokens, first = row.tokens, row.first
    keep = max(context // 2, context + 1 - (len(tokens) - first))
    lost = len(tokens) > context + 1 and first > keep
    if lost:
        tokens, first = np.concatenate([kept_prompt(tokens[:first], context, context - keep), tokens[first:]]), keep
    pieces = [Piece(tokens[: context + 1], first)]
    pieces += [Piece(tokens[at : at + context + 1], 1) for at in range(context, len(tokens) - 1, context)]
    return pieces, lost


def kept_prompt(prompt: Tokens, context: int, n_new: int) -> Tokens:
    """The start and the end of a prompt, so much of it that `n_new` tokens have room, or half a window.

    Example:
        >>> kept_prompt(np.arange(9), 8, 3).tolist(), kept_prompt(np.arange(3), 8, 3).tolist()
        ([0, 5, 6, 7, 8], [0, 1, 2])
    """
    keep = max(context // 2, context - n_new)
    return prompt if len(prompt) <= keep else np.concatenate([prompt[:1], prompt[len(prompt) - keep + 1 :]])


def strides(row: Row, context: int) -> list[Piece]:
    """The windows in which a row is scored: each token of its response in one of them, behind half a window or more.

    Example:
        >>> windows = strides(Row(np.arange(8), first=1), 4)
        >>> [(window.tokens.tolist(), window.first) for window in windows]
        [([0, 1, 2, 3, 4], 1), ([2, 3, 4, 5, 6], 3), ([4, 5, 6, 7], 3)]
    """
    last, step = len(row.tokens) - 1, context - context // 2
    if row.first > last:
        return []
    start = 0 if last <= context else max(0, row.first - 1 - context // 2)
    windows, first = [], row.first
    while first <= last:
        windows.append(Piece(row.tokens[start : start + context + 1], first - start))
        first = start + context + 1
        start += step
    return windows


def packed(lengths: Tokens, capacity: int) -> list[list[int]]:
    """Which pieces share a window: the longest first, each where it leaves the least room.

    Example:
        >>> packed(np.array([3, 6, 5, 4]), 10)
        [[1, 3], [2, 0]]
    """
    windows: list[list[int]] = []
    room: list[tuple[int, int]] = []
    for piece in np.argsort(-lengths, kind="stable").tolist():
        length = int(lengths[piece])
        at = bisect_left(room, (length, -1))
        if at == len(room):
            windows.append([])
            left, window = capacity, len(windows) - 1
        else:
            left, window = room.pop(at)
        windows[window].append(piece)
        if left > length:
            insort(room, (left - length, window))
    return windows


def epoch_windows(pieces: Sequence[Piece], context: int, seed: int, epoch: int) -> list[list[Piece]]:
    """All pieces packed into windows, in an order that the seed draws anew for each epoch."""
    keys = np.array([piece.key for piece in pieces], np.uint64)
    order = np.argsort(mix(keys ^ np.uint64(key(seed, "pieces", epoch))), kind="stable")
    windows: list[list[Piece]] = []
    for low in range(0, len(order), _PACKED_TOGETHER):
        part = order[low : low + _PACKED_TOGETHER].tolist()
        lengths = np.array([len(pieces[at]) for at in part], np.int64)
        windows += [[pieces[part[at]] for at in together] for together in packed(lengths, context)]
    drawn = mix(np.arange(len(windows), dtype=np.uint64) ^ np.uint64(key(seed, "windows", epoch)))
    return [windows[at] for at in np.argsort(drawn, kind="stable").tolist()]

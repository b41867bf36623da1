"""Batches of token sequences: drawn by content and seed, of like lengths, padded to the longest of the batch.

An epoch orders the rows anew by their keys, never by position, cuts the order into windows, sorts each by length, cuts
it into batches, and draws the order of the batches. As in Khomenko et al. 2016, "Accelerating recurrent neural network
training using sequence bucketing and multi-GPU data parallelization".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from curate.core.random import key
from curate.kernels.draws import mix
from curate.kernels.hashing import hash_texts
from curate.learn.embedding import row_keys, target_keys
from curate.learn.examples import Examples

WINDOW_BATCHES = 50
"""Batches in a window: the more, the less padding, and the less random the company of a row."""

Indices = NDArray[np.int64]


def keys_of(rows: Examples) -> NDArray[np.uint64]:
    """A key of each row from its text, target and copy number among equal ones, by weight, (n,); no weight is in it."""
    written = rows.task == "generation"
    targets = hash_texts(rows.targets.tolist()).view(np.int64) if written else target_keys(rows)
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    return row_keys(hash_texts(rows.texts), targets, weights)


def named(keys: NDArray[np.uint64], weights: torch.Tensor) -> str:
    """What names the rows that a training has: their keys and weights, in the order of the keys."""
    return keys.tobytes().hex() + weights.numpy().tobytes().hex()


def epoch_batches(
    lengths: Indices, keys: NDArray[np.uint64], batch_rows: int, *, seed: int, epoch: int, bucketed: bool = True
) -> list[Indices]:
    """The rows of each batch of an epoch, as positions in `lengths` and `keys`.

    Args:
        lengths: of the sequences, (n,).
        keys: of the rows, distinct, (n,).
        batch_rows: rows per batch; the last of the longest may have fewer.
        seed: of the training.
        epoch: which, from 0.
        bucketed: sort the rows of a window by length; False: batches as they are drawn.

    Example:
        >>> lengths, keys = np.array([9, 1, 8, 2]), np.arange(4, dtype=np.uint64)
        >>> sorted(sorted(lengths[batch].tolist()) for batch in epoch_batches(lengths, keys, 2, seed=0, epoch=0))
        [[1, 2], [8, 9]]
    """
    order = np.argsort(mix(keys ^ np.uint64(key(seed, "rows", epoch))), kind="stable")
    window = batch_rows * WINDOW_BATCHES
    batches: list[Indices] = []
    for low in range(0, len(order), window):
        part = order[low : low + window]
        if bucketed:
            part = part[np.argsort(lengths[part], kind="stable")]
        batches += [part[at : at + batch_rows] for at in range(0, len(part), batch_rows)]
    drawn = mix(np.arange(len(batches), dtype=np.uint64) ^ np.uint64(key(seed, "batches", epoch)))
    return [batches[at] for at in np.argsort(drawn, kind="stable").tolist()]


def pad(rows: Sequence[NDArray[np.integer]], filler: int, *, side: str = "right") -> tuple[torch.Tensor, torch.Tensor]:
    """Sequences of ids as int64 (n, t), as long as the longest, and which are real, bool (n, t).

    Example:
        >>> ids, real = pad([np.array([5, 6]), np.array([7])], filler=0)
        >>> ids.tolist(), real.tolist()
        ([[5, 6], [7, 0]], [[True, True], [True, False]])
    """
    longest = max((len(row) for row in rows), default=0)
    ids = np.full((len(rows), longest), filler, np.int64)
    real = np.zeros((len(rows), longest), bool)
    for at, row in enumerate(rows):
        place = slice(0, len(row)) if side == "right" else slice(longest - len(row), longest)
        ids[at, place], real[at, place] = row, True
    return torch.from_numpy(ids), torch.from_numpy(real)


def padded_fraction(lengths: Indices, batches: Sequence[Indices]) -> float:
    """The share of all places of the padded batches that hold no token, in [0, 1).

    Example:
        >>> padded_fraction(np.array([1, 3]), [np.array([0, 1])]) == 1 / 3
        True
    """
    places = sum(len(batch) * int(lengths[batch].max()) for batch in batches)
    return (places - int(lengths.sum())) / places if places else 0.0

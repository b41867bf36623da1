"""The kernel of `bag` against plain numpy, at sizes on both sides of its lanes; also run under the sanitizers."""

from __future__ import annotations

import numpy as np
import pytest

from curate.kernels.embedding_bag import Loss, Parameters, SparseRows, Steps, Trainer, bucket_counts, encode, scores
from curate.kernels.ngrams import Grams, hash_ngrams

TEXTS = ["", "a", "a b a", "\x00", "你好世界", "👍🏽 \ud800", "x" * 5000, "one two three four five six seven"]
N_BUCKETS = 2**10


def rows_of(n_features: int | None = None) -> tuple[Grams, np.ndarray, SparseRows, int]:
    grams = hash_ngrams(TEXTS, words=(1, 2), characters=(2, 3), n_buckets=N_BUCKETS)
    ids = np.flatnonzero(bucket_counts(grams, N_BUCKETS))[:n_features]
    place = np.full(N_BUCKETS, -1, np.int32)
    place[ids] = np.arange(len(ids))
    return grams, place, encode(grams, place, half=N_BUCKETS // 2, weight=0.5), len(ids)


def dense(rows: SparseRows, n_features: int) -> np.ndarray:
    made = np.zeros((len(rows), n_features))
    for row in range(len(rows)):
        at = slice(rows.offsets[row], rows.offsets[row + 1])
        np.add.at(made[row], rows.index[at], rows.value[at])
    return made


@pytest.mark.parametrize("n_features", [0, 1, 9, None])
def test_rows_are_of_length_1_or_empty(n_features: int | None) -> None:
    grams, place, rows, n_kept = rows_of(n_features)
    wanted = np.zeros((len(TEXTS), n_kept))
    for row in range(len(TEXTS)):
        for at in range(grams.offsets[row], grams.offsets[row + 1]):
            bucket = grams.ids[at]
            if place[bucket] >= 0:
                factor = 0.5 if bucket >= N_BUCKETS // 2 else 1.0
                wanted[row, place[bucket]] = (1 + np.log(grams.counts[at])) * factor
    lengths = np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(dense(rows, n_kept), wanted / np.where(lengths > 0, lengths, 1), atol=1e-6)


@pytest.mark.parametrize("loss", ["softmax", "sigmoid", "squares"])
@pytest.mark.parametrize(("dim", "n_outputs", "batch_rows"), [(1, 1, 1), (7, 3, 3), (32, 150, 8), (40, 2, 5)])
def test_a_step_is_that_of_numpy(loss: Loss, dim: int, n_outputs: int, batch_rows: int) -> None:
    draw = np.random.default_rng(dim)
    _, _, rows, n_features = rows_of()
    shapes = ((n_features, dim), (n_outputs, dim), (n_outputs,))
    model = Parameters(*(draw.normal(size=shape).astype(np.float32) for shape in shapes))
    codes = draw.integers(0, n_outputs, len(TEXTS))
    goals = codes if loss == "softmax" else draw.random((len(TEXTS), n_outputs)).astype(np.float32)
    weights = draw.random(len(TEXTS)).astype(np.float32)
    order = draw.permutation(len(TEXTS))[:batch_rows]
    before, x = model.copy(), dense(rows, n_features)[order]
    hidden = x @ before.table.astype(np.float64)
    said = hidden @ before.weight.T + before.bias
    np.testing.assert_allclose(scores(rows, before)[order], said, atol=1e-4)
    if loss == "softmax":
        odds = np.exp(said - said.max(axis=1, keepdims=True))
        slope = odds / odds.sum(axis=1, keepdims=True) - np.eye(n_outputs)[codes[order]]
    elif loss == "sigmoid":
        slope = (1 / (1 + np.exp(-said)) - goals[order]) / n_outputs
    else:
        slope = 2 * (said - goals[order])
    slope *= weights[order, None] / batch_rows
    found = Trainer(model, rows, goals, weights, Steps(loss, 0.0, 0.1, batch_rows, 4)).run(order, 0, 1)
    assert np.isfinite(found)
    gradients = x.T @ (slope @ before.weight), slope.T @ hidden, slope.sum(axis=0)
    table = gradients[0] / np.sqrt(np.square(gradients[0]).mean(axis=1, keepdims=True) + 1e-30)
    touched = (x != 0).any(axis=0)
    np.testing.assert_allclose(model.table[touched], (before.table - 0.1 * table)[touched], atol=2e-3)
    assert (model.table[~touched] == before.table[~touched]).all()
    clear = np.abs(gradients[1]) > 1e-6  # AdaGrad's first step is the rate times the sign
    np.testing.assert_allclose((before.weight - model.weight)[clear], 0.1 * np.sign(gradients[1])[clear], atol=1e-4)
    assert model.is_finite()

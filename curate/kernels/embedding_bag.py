"""A sum of embeddings into a linear layer, trained by AdaGrad: features and rows in, parameters and scores out.

The arithmetic of the `bag` learner, in csrc/embedding_bag.c: one model on one thread, every sum in a fixed order, so
the same bytes on any number of cores and whatever else runs. Model: Joulin et al. 2017, "Bag of Tricks for Efficient
Text Classification"; AdaGrad: Duchi et al. 2011, "Adaptive subgradient methods".
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_double, c_float, c_int, c_int64, c_uint32
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curate.kernels.native import array, function
from curate.kernels.ngrams import Grams

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]

Loss = Literal["softmax", "sigmoid", "squares"]
"""Cross-entropy over classes; the mean over classes of each one's own; the squared error."""
_KINDS: dict[Loss, int] = {"softmax": 0, "sigmoid": 1, "squares": 2}
_F32, _F64, _I64, _I32, _U32 = (array(kind) for kind in (np.float32, np.float64, np.int64, np.int32, np.uint32))


@dataclass(frozen=True)
class SparseRows:
    """n rows over a vocabulary of v features (CSR): offsets int64 (n + 1,), index int32 (m,), value float32 (m,)."""

    offsets: I64
    index: I32
    value: F32

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True)
class Parameters:
    """Embeddings (v, dim), the linear layer's weight (k, dim) and bias (k,); all float32."""

    table: F32
    weight: F32
    bias: F32

    def copy(self) -> Parameters:
        return Parameters(self.table.copy(), self.weight.copy(), self.bias.copy())

    def is_finite(self) -> bool:
        """Whether every parameter is a finite number."""
        return all(bool(np.isfinite(part).all()) for part in (self.table, self.weight, self.bias))


@dataclass(frozen=True)
class Steps:
    """How steps are made: the loss and its label smoothing, the rate of AdaGrad, rows per step, and all steps."""

    loss: Loss
    label_smoothing: float
    learning_rate: float
    batch_rows: int
    n_steps: int


@cache
def _count() -> Callable[..., Any]:
    return function("curate_bag_count", None, _U32, c_int64, _I64)


@cache
def _encode() -> Callable[..., Any]:
    return function("curate_bag_encode", None, _I64, _U32, _F32, c_int64, _I32, c_uint32, c_float, _I64, _I32, _F32)


@cache
def _scores() -> Callable[..., Any]:
    return function(
        "curate_bag_scores", None, _I64, _I32, _F32, c_int64, _F32, _F32, _F32, c_int64, c_int64, _F32, _F64
    )


@cache
def _train() -> Callable[..., Any]:
    rows = (_I64, _I32, _F32, _I64, _F32, _F32)
    steps = (_I64, c_int64, c_int64, c_int64, c_int64, c_int64, c_double, c_double, c_int)
    return function(
        "curate_bag_train", c_double, *rows, *steps, *(_F32,) * 6, c_int64, c_int64, _I32, _I32, _F32, _F32, _F64
    )


def bucket_counts(grams: Grams, n_buckets: int) -> I64:
    """In how many rows each bucket is, shape (n_buckets,)."""
    counts = np.zeros(n_buckets, np.int64)
    _count()(grams.ids, len(grams.ids), counts)
    return counts


def encode(grams: Grams, place: I32, *, half: int, weight: float) -> SparseRows:
    """Rows of hashed n-grams over a vocabulary, each of Euclidean length 1; a row without a feature stays empty.

    Args:
        grams: counts c of n-grams, whose values are 1 + ln(c).
        place: the feature of each bucket, -1 for none, shape (n_buckets,).
        half: n-grams of this bucket and those above have their values times `weight`.
        weight: above 0.

    Example:
        >>> grams = Grams(np.array([0, 2]), np.array([1, 3], np.uint32), np.ones(2, np.float32), np.zeros(1, np.uint64))
        >>> encode(grams, np.array([-1, 0, -1, 1], np.int32), half=4, weight=1.0).value.round(3).tolist()
        [0.7070000171661377, 0.7070000171661377]
    """
    size, n_rows = len(grams.ids), len(grams)
    offsets, index, value = np.empty(n_rows + 1, np.int64), np.empty(size, np.int32), np.empty(size, np.float32)
    _encode()(grams.offsets, grams.ids, grams.counts, n_rows, place, half, weight, offsets, index, value)
    return SparseRows(offsets, index[: offsets[-1]].copy(), value[: offsets[-1]].copy())


def scores(rows: SparseRows, model: Parameters) -> F64:
    """The scores of each row, shape (n, k); a row's do not depend on the rows beside it."""
    n_outputs, dim = model.weight.shape
    out = np.empty((len(rows), n_outputs))
    _scores()(
        rows.offsets,
        rows.index,
        rows.value,
        len(rows),
        model.table,
        model.weight,
        model.bias,
        dim,
        n_outputs,
        np.empty(dim, np.float32),
        out,
    )
    return out


class Trainer:
    """AdaGrad on a model's parameters, which it changes in place, with one accumulator per embedding.

    The rate is lr * sqrt(step), falling linearly to 0: the root turns the accumulators into means.

    Args:
        model: the parameters.
        rows: the training rows.
        targets: for softmax the output of each row, int64, shape (n,); else the targets, float32, shape (n, k).
        weights: of the rows, float32, shape (n,).
        steps: how to train.
    """

    def __init__(self, model: Parameters, rows: SparseRows, targets: NDArray[Any], weights: F32, steps: Steps) -> None:
        n_outputs, dim = model.weight.shape
        self._steps, self._dim, self._n_outputs = steps, dim, n_outputs
        none = np.zeros(0, np.int64), np.zeros(0, np.float32)
        goals = (targets, none[1]) if steps.loss == "softmax" else (none[0], targets)
        self._rows = (rows.offsets, rows.index, rows.value, *goals, weights)
        sums = np.zeros(len(model.table), np.float32), np.zeros_like(model.weight), np.zeros_like(model.bias)
        self._state = (model.table, sums[0], model.weight, sums[1], model.bias, sums[2])
        sizes = np.diff(rows.offsets)
        most = int(min(np.sort(sizes)[-steps.batch_rows :].sum(), len(model.table)))
        self._scratch = (
            np.full(len(model.table), -1, np.int32),
            np.empty(most, np.int32),
            np.empty(most * dim, np.float32),
            np.zeros((n_outputs + 2) * (dim + 1), np.float32),
            np.empty(n_outputs),
        )

    def run(self, order: I64, first: int, last: int) -> float:
        """Do the steps from `first` up to `last`, on the rows at the positions `order`, `batch_rows` at a time.

        Returns:
            The sum over the steps of the mean loss before each.
        """
        how = self._steps
        ends = first, last, how.n_steps, how.learning_rate, how.label_smoothing, _KINDS[how.loss]
        done = _train()(
            *self._rows,
            order,
            len(order),
            how.batch_rows,
            *ends,
            *self._state,
            self._dim,
            self._n_outputs,
            *self._scratch,
        )
        return float(done)

"""Training of the `bag` model: a sum of embeddings, then a linear layer, by AdaGrad; in torch, on one thread.

Every draw is keyed by the seed and the row itself, never by its position: the same rows in any order give the same
bytes, and the arms of an experiment that share a seed see their common rows alike. Features are weighed as in Joulin
et al. 2017, "Bag of Tricks for Efficient Text Classification"; AdaGrad is Duchi et al. 2011.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from curate.kernels.ngrams import mix
from curate.learn.features import SparseRows
from curate.learn.learner import TrainingCurve

N_LOOKS = 20
"""At most so many looks at the validation rows in one training, however short its epochs are."""


@dataclass(frozen=True)
class Schedule:
    """How long and how to train; see the fields of `Bag`."""

    learning_rate: float
    batch_rows: int
    n_steps: int
    patience: int | None
    label_smoothing: float


@dataclass(frozen=True)
class Task:
    """Rows with their labels (n,), weights (n,) of mean 1, and keys (n,) uint64, ascending: the order is canonical."""

    rows: SparseRows
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]
    keys: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Model:
    """Embeddings (v, dim), the linear layer's weight (k, dim) and bias (k,)."""

    table: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor

    @classmethod
    def initial(cls, n_features: int, classes: NDArray[np.int64], n_classes: int, dim: int, seed: int) -> Model:
        """Embeddings of 0 and normal weights of standard deviation dim**-0.5, the same for a class in every arm."""
        generator = torch.Generator().manual_seed(seed % 2**63)
        weight = torch.randn(n_classes, dim, generator=generator)[torch.from_numpy(classes)] / dim**0.5
        return cls(torch.zeros(n_features, dim), weight, torch.zeros(len(classes)))

    def copy(self) -> Model:
        return Model(self.table.clone(), self.weight.clone(), self.bias.clone())

    def embed(self, rows: SparseRows) -> torch.Tensor:
        """The weighted sum of each row's embeddings, float32, shape (n, dim)."""
        index, offsets = torch.from_numpy(rows.index), torch.from_numpy(rows.offsets[:-1].astype(np.int32))
        value = torch.from_numpy(rows.value)
        return functional.embedding_bag(index, self.table, offsets, mode="sum", per_sample_weights=value)

    def probabilities(self, rows: SparseRows) -> NDArray[np.float64]:
        """Class probabilities (n, k). A row's do not depend on the rows beside it: no blocked matrix product."""
        with torch.inference_mode():
            hidden = self.embed(rows).numpy().astype(np.float64)
        scores = np.einsum("nd,kd->nk", hidden, self.weight.numpy().astype(np.float64))
        scores += self.bias.numpy()
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread: sums in one order, so the same bytes on any number of cores; small models lose no time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def row_keys(
    text_keys: NDArray[np.uint64], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.uint64]:
    """A key for each row from its text, its label and its copy number among equal ones: position plays no part."""
    keys = mix(text_keys + mix(labels.astype(np.uint64) + np.uint64(1)))
    order = np.lexsort((weights, keys))
    ranked = keys[order]
    first = np.concatenate([[True], ranked[1:] != ranked[:-1]])
    start = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
    copy = np.empty(len(keys), dtype=np.uint64)
    copy[order] = (np.arange(len(keys)) - start).astype(np.uint64)
    return mix(keys + mix(copy))


def train(
    model: Model, task: Task, validation: Task | None, schedule: Schedule, seed: int
) -> tuple[Model, TrainingCurve]:
    """Train `model` in place for `schedule.n_steps`, less when `patience` looks in a row bring nothing.

    Returns:
        The model at the best look (the lowest validation loss; without validation the last), and the curve.
    """
    optimiser = _AdaGrad(model, schedule)
    steps, losses, looks = [], [], []
    best, kept, total, seen = 0, model, 0.0, 0
    per_epoch = -(-len(task) // schedule.batch_rows)
    every = max(per_epoch, -(-schedule.n_steps // N_LOOKS))
    for batch, labels, weights in _batches(task, schedule, seed):
        total += optimiser.step(batch, labels, weights)
        seen += 1
        if optimiser.n_steps % every and optimiser.n_steps < schedule.n_steps:
            continue
        steps.append(optimiser.n_steps)
        losses.append(total / seen)
        total, seen = 0.0, 0
        if validation is None:
            best = len(steps) - 1
            continue
        looks.append(_loss(model, validation))
        if looks[-1] <= min(looks):
            best, kept = len(looks) - 1, model.copy()
        elif schedule.patience is not None and len(looks) - 1 - best >= schedule.patience:
            break
    return kept, TrainingCurve(tuple(steps), tuple(losses), tuple(looks), best)


def _loss(model: Model, task: Task) -> float:
    hits = model.probabilities(task.rows)[np.arange(len(task)), task.labels]
    return float(np.average(-np.log(np.maximum(hits, np.finfo(np.float64).eps)), weights=task.weights))


def _batches(task: Task, schedule: Schedule, seed: int) -> Iterator[tuple[SparseRows, torch.Tensor, torch.Tensor]]:
    """Batches of `schedule.n_steps` steps; each epoch orders the rows anew by their keys."""
    done, epoch = 0, 0
    while done < schedule.n_steps:
        salt = mix(np.array([seed % 2**64], dtype=np.uint64) + mix(np.array([epoch], dtype=np.uint64)))
        order = np.argsort(mix(task.keys ^ salt), kind="stable")
        rows = task.rows.take(order)
        labels, weights = torch.from_numpy(task.labels[order]), torch.from_numpy(task.weights[order]).float()
        for low in range(0, len(task), schedule.batch_rows):
            if done == schedule.n_steps:
                return
            high = min(low + schedule.batch_rows, len(task))
            first, last = rows.offsets[low], rows.offsets[high]
            span = rows.offsets[low : high + 1] - first
            yield SparseRows(span, rows.index[first:last], rows.value[first:last]), labels[low:high], weights[low:high]
            done += 1
        epoch += 1


class _AdaGrad:
    """AdaGrad with one accumulator per embedding, touching only what a batch uses.

    The rate is lr * sqrt(step), falling linearly to 0: the root turns the accumulators into means.
    """

    def __init__(self, model: Model, schedule: Schedule) -> None:
        self.model, self.schedule, self.n_steps = model, schedule, 0
        self.table_sum = torch.zeros(len(model.table), 1)
        self.weight_sum = torch.zeros_like(model.weight)
        self.bias_sum = torch.zeros_like(model.bias)

    def step(self, batch: SparseRows, labels: torch.Tensor, weights: torch.Tensor) -> float:
        """One step; returns the batch's loss before it."""
        model, smoothing = self.model, self.schedule.label_smoothing
        leaves = model.embed(batch).requires_grad_(), model.weight.requires_grad_(), model.bias.requires_grad_()
        scores = functional.linear(*leaves)
        losses = functional.cross_entropy(scores, labels, reduction="none", label_smoothing=smoothing)
        loss = (losses * weights).mean()
        d_hidden, d_weight, d_bias = torch.autograd.grad(loss, leaves)
        rate = self.schedule.learning_rate * self._share_left * (self.n_steps + 1) ** 0.5
        with torch.no_grad():
            self._update_table(batch, d_hidden, rate)
            _descend(model.weight.detach_(), self.weight_sum, d_weight, rate)
            _descend(model.bias.detach_(), self.bias_sum, d_bias, rate)
        self.n_steps += 1
        return float(loss.detach())

    @property
    def _share_left(self) -> float:
        """The share of the steps still to do, in (0, 1]."""
        return 1 - self.n_steps / self.schedule.n_steps

    def _update_table(self, batch: SparseRows, d_hidden: torch.Tensor, rate: float) -> None:
        """The gradient of the touched embeddings is the batch's transpose times that of the hidden layer."""
        index, order = torch.sort(torch.from_numpy(batch.index), stable=True)
        touched, n_uses = torch.unique_consecutive(index, return_counts=True)
        row = torch.from_numpy(np.repeat(np.arange(len(batch)), np.diff(batch.offsets)))[order]
        begins = torch.cumsum(n_uses, 0) - n_uses
        value = torch.from_numpy(batch.value)[order]
        gradient = functional.embedding_bag(row, d_hidden, begins, mode="sum", per_sample_weights=value)
        total = self.table_sum[touched] + gradient.square().mean(dim=1, keepdim=True)
        self.table_sum[touched] = total
        self.model.table.index_add_(0, touched, gradient * (-rate / (total.sqrt() + 1e-12)))


def _descend(parameter: torch.Tensor, total: torch.Tensor, gradient: torch.Tensor, rate: float) -> None:
    total += gradient.square()
    parameter -= rate * gradient / (total.sqrt() + 1e-12)

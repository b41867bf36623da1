"""Training of the `bag` model, look by look: the order of the rows, early stopping, the curve.

Every draw is keyed by the seed and the row itself, never by its position: the same rows in any order give the same
bytes, and the arms of an experiment that share a seed see their common rows alike. The arithmetic is
`kernels.embedding_bag`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import CurateError
from curate.kernels.embedding_bag import Parameters, SparseRows, Steps, Trainer, scores
from curate.kernels.ngrams import mix
from curate.learn.examples import Examples
from curate.learn.learner import TrainingCurve
from curate.learn.objective import Objective

N_LOOKS = 20
"""At most so many looks at the validation rows in one training, however short its epochs are."""


@dataclass(frozen=True)
class Task:
    """Rows with the goals of the outputs (see `Objective.goals`), weights (n,) of mean 1, and keys (n,) uint64."""

    rows: SparseRows
    goals: NDArray[Any]
    weights: NDArray[np.float32]
    keys: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, rows: Examples, encoded: SparseRows, text_keys: NDArray[np.uint64], objective: Objective) -> Task:
        """The task of some rows, whose texts are `encoded` and have the keys `text_keys`."""
        weights = np.ones(len(rows)) if rows.weights is None else rows.weights / np.sort(rows.weights).mean()
        keys = row_keys(text_keys, target_keys(rows), weights)
        return cls(encoded, objective.goals(rows), weights.astype(np.float32), keys)


def initial(n_features: int, objective: Objective, dim: int, seed: int) -> Parameters:
    """Embeddings of 0 and normal weights of standard deviation dim**-0.5, the same for a class in every arm."""
    draw = np.random.Generator(np.random.Philox(key=seed % 2**64))
    weight = draw.standard_normal((max(objective.n_classes, 1), dim), dtype=np.float32)[objective.classes]
    n_outputs = len(objective.classes)
    table = np.zeros((n_features, dim), np.float32)
    return Parameters(table, weight / np.float32(dim**0.5), np.zeros(n_outputs, np.float32))


def target_keys(rows: Examples) -> NDArray[np.int64]:
    """A number for each row's target: its class, a hash of its classes, or the bits of its number."""
    if rows.task == "multilabel":
        classes = mix(np.arange(1, rows.n_classes + 1, dtype=np.uint64))
        return np.asarray((rows.targets * classes).sum(axis=1, dtype=np.uint64).view(np.int64))
    return rows.targets.view(np.int64) if rows.task == "regression" else rows.targets


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
    model: Parameters,
    task: Task,
    validation: Task | None,
    objective: Objective,
    steps: Steps,
    *,
    patience: int | None,
    seed: int,
) -> tuple[Parameters, TrainingCurve]:
    """Train `model` in place for `steps.n_steps`, less when `patience` looks in a row bring nothing.

    Returns:
        The model at the best look (the lowest validation loss; without validation the last), and the curve.

    Raises:
        CurateError: the loss or a parameter did not stay finite.
    """
    trainer = Trainer(model, task.rows, task.goals, task.weights, steps)
    done, losses, looks = [0], [], []
    best, kept, total = 0, model, 0.0
    every = max(_per_epoch(task, steps), -(-steps.n_steps // N_LOOKS))
    for first, last, order in _stretches(task, steps, every, seed):
        total += trainer.run(order, first, last)
        if last % every and last < steps.n_steps:
            continue
        losses.append(total / (last - done[-1]))
        done.append(last)
        total = 0.0
        if not (math.isfinite(losses[-1]) and model.is_finite()):
            raise CurateError(f"the learner 'bag' diverged at step {last}", hint="lower learning_rate")
        if validation is None:
            best = len(losses) - 1
            continue
        looks.append(_loss(model, validation, objective))
        if looks[-1] <= min(looks):
            best, kept = len(looks) - 1, model.copy()
        elif patience is not None and len(looks) - 1 - best >= patience:
            break
    rates = tuple(steps.learning_rate * (1 - (last - 1) / steps.n_steps) for last in done[1:])
    start = _start(objective)
    return kept, TrainingCurve(tuple(done[1:]), tuple(losses), tuple(looks), best, start=start, learning_rate=rates)


def _start(objective: Objective) -> float:
    """What a row costs the model before its first step, whose scores are all 0; of numbers in the mean."""
    n_outputs = len(objective.classes)
    goals = np.zeros(1, np.int64) if objective.task == "classification" else np.ones((1, n_outputs))
    return float(objective.losses(np.zeros((1, n_outputs)), goals)[0])


def _per_epoch(task: Task, steps: Steps) -> int:
    return -(-len(task) // steps.batch_rows)


def _loss(model: Parameters, task: Task, objective: Objective) -> float:
    losses = objective.losses(scores(task.rows, model), task.goals) * task.weights
    return math.fsum(losses.tolist()) / math.fsum(task.weights.tolist())


def _stretches(task: Task, steps: Steps, every: int, seed: int) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """All steps, cut at epochs and looks: the first, the one after the last, and the rows they take, in order.

    Each epoch orders the rows anew by their keys.
    """
    per_epoch, first = _per_epoch(task, steps), 0
    while first < steps.n_steps:
        epoch, within = divmod(first, per_epoch)
        if within == 0:
            salt = mix(np.array([seed % 2**64], dtype=np.uint64) + mix(np.array([epoch], dtype=np.uint64)))
            order = np.argsort(mix(task.keys ^ salt), kind="stable")
        last = min(first + per_epoch - within, (first // every + 1) * every, steps.n_steps)
        taken = order[within * steps.batch_rows : (within + last - first) * steps.batch_rows]
        yield first, last, taken
        first = last

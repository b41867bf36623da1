"""What the networks of the `head` learner learn: rows of a shared table of vectors, their goals, weights and keys.

Between `Examples` and `curate.learn.mlp`; numpy only. Nothing here depends on the order that rows came in.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.embedding_bag import Loss
from curate.learn.embedding import row_keys, target_keys
from curate.learn.examples import Examples
from curate.learn.learner import Fit
from curate.learn.objective import Objective
from curate.learn.vectors import Vectors


@dataclass(frozen=True)
class Settings:
    """How to train; see the fields of `Head`."""

    loss: Loss
    hidden: int
    dropout: float
    learning_rate: float
    weight_decay: float
    batch_rows: int
    n_steps: int
    patience: int | None
    label_smoothing: float
    mixup: float = 0.0


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows in the order of their keys (n,), uint64, which is that of their content.

    Attributes:
        places: where in the table their vectors stand, int64, shape (n,).
        goals: see `Objective.goals`.
        weights: float32, shape (n,), of mean 1.
        keys: uint64, shape (n,).
    """

    places: NDArray[np.int64]
    goals: NDArray[Any]
    weights: NDArray[np.float32]
    keys: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, eq=False)
class Problem:
    """One training: its rows, those that tell when to stop, what the outputs mean, the biases (k,) to begin with."""

    train: Rows
    validation: Rows | None
    objective: Objective
    bias: NDArray[np.float32]
    seed: int


def problems_of(
    fits: Sequence[Fit], objectives: Sequence[Objective], source: Vectors, *, balanced: bool
) -> tuple[NDArray[np.float32], list[Problem]]:
    """The table of all vectors that some trainings need, shape (n_all, d), and the trainings on it.

    Args:
        fits: the trainings; no training row has the weight 0.
        objectives: what the outputs of each mean.
        source: where vectors come from.
        balanced: give each class the same weight in all.
    """
    places: dict[Hashable, int] = {}
    made = [
        _problem(each, objective, source, places, balanced) for each, objective in zip(fits, objectives, strict=True)
    ]
    return source.vectors(list(places)), made


def _problem(fit: Fit, objective: Objective, source: Vectors, places: dict[Hashable, int], balanced: bool) -> Problem:
    train = _rows(fit.train, objective, source, places, balanced)
    validation = None
    if fit.validation is not None:
        judges = np.flatnonzero(objective.judges(fit.validation))
        if len(judges):
            validation = _rows(fit.validation.take(judges), objective, source, places, balanced)
    return Problem(train, validation, objective, _bias(train, objective), fit.seed)


def _rows(rows: Examples, objective: Objective, source: Vectors, places: dict[Hashable, int], balanced: bool) -> Rows:
    named = source.keys(rows)
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    keys = row_keys(source.hashes(named), target_keys(rows), weights)
    order = np.argsort(keys)
    goals, weights = objective.goals(rows)[order], weights[order]
    if balanced and objective.task == "classification":
        weights = weights / np.bincount(goals, weights)[goals]
    where = np.array([places.setdefault(name, len(places)) for name in named], np.int64)
    return Rows(where[order], goals, (weights / weights.mean()).astype(np.float32), keys[order])


def _bias(rows: Rows, objective: Objective) -> NDArray[np.float32]:
    """The scores that say the shares of the classes; 0 for a number, whose mean is taken off."""
    if objective.task == "regression":
        return np.zeros(1, np.float32)
    if objective.task == "classification":
        shares = np.bincount(rows.goals, rows.weights, minlength=len(objective.classes)) / len(rows)
        return np.log(shares).astype(np.float32)
    shares = np.average(rows.goals, axis=0, weights=rows.weights)
    shares = np.clip(shares, 0.5 / len(rows), 1 - 0.5 / len(rows))
    return np.log(shares / (1 - shares)).astype(np.float32)

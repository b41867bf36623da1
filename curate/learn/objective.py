"""What the outputs of a model mean: one for each class that training has, or one number; their loss, and the way back.

Shared by the learners `bag` and `tabular`: between the targets of `Examples` and a model's scores, numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.embedding_bag import Loss
from curate.learn.examples import Examples, Task

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

_LOSSES: dict[Task, Loss] = {"classification": "softmax", "multilabel": "sigmoid", "regression": "squares"}


@dataclass(frozen=True)
class Objective:
    """The outputs of a model, k of them, and what is lost by each.

    Args:
        task: classification, multilabel or regression.
        classes: the class of each output, int64, shape (k,); [0] for regression.
        n_classes: all classes there are, also those without an output.
        mean: of the training targets, weighted; for regression, else 0.
        scale: their standard deviation, above 0; for regression, else 1.

    Example:
        >>> objective = Objective.of(Examples(["a", "b"], np.array([2, 0]), None, n_classes=3))
        >>> objective.classes.tolist(), objective.predictions(np.zeros((1, 2))).tolist()
        ([0, 2], [[0.5, 0.0, 0.5]])
    """

    task: Task
    classes: I64
    n_classes: int
    mean: float = 0.0
    scale: float = 1.0

    @classmethod
    def of(cls, train: Examples) -> Objective:
        """The outputs for the targets of `train`: none for a class that no row has."""
        if train.task == "classification":
            return cls(train.task, np.unique(train.targets), train.n_classes)
        if train.task == "multilabel":
            return cls(train.task, np.flatnonzero(train.targets.any(axis=0)), train.n_classes)
        weights = np.ones(len(train)) if train.weights is None else train.weights
        order = np.lexsort((weights, train.targets))  # sums in one order, whichever the rows came in
        targets, weights = train.targets[order], weights[order]
        mean = float(np.average(targets, weights=weights))
        spread = float(np.sqrt(np.average(np.square(targets - mean), weights=weights)))
        return cls(train.task, np.zeros(1, np.int64), 0, mean, spread if spread > 0 else 1.0)

    @property
    def loss(self) -> Loss:
        """The loss of the task."""
        return _LOSSES[self.task]

    def judges(self, rows: Examples) -> NDArray[np.bool_]:
        """Which rows can judge the model: those with a weight above 0, and of a class that it knows, shape (n,)."""
        known = np.isin(rows.targets, self.classes) if self.task == "classification" else np.ones(len(rows), np.bool_)
        return known if rows.weights is None else known & (rows.weights > 0)

    def goals(self, rows: Examples) -> NDArray[Any]:
        """The targets of the outputs: the position of its class, int64 (n,); else float32 (n, k)."""
        if self.task == "classification":
            return np.searchsorted(self.classes, rows.targets)
        if self.task == "multilabel":
            return np.ascontiguousarray(rows.targets[:, self.classes], dtype=np.float32)
        return ((rows.targets - self.mean) / self.scale).astype(np.float32)[:, None]

    def losses(self, scores: F64, goals: NDArray[Any]) -> F64:
        """What each row loses, shape (n,): nats, or squared standard deviations."""
        if self.task == "classification":
            scores = scores - scores.max(axis=1, keepdims=True)
            return np.asarray(np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(goals)), goals])
        if self.task == "multilabel":
            return np.asarray((np.logaddexp(0, scores) - goals * scores).mean(axis=1))
        return np.asarray(np.square(scores - goals).mean(axis=1))

    def predictions(self, scores: F64) -> F64:
        """From scores (n, k) to what `Fitted.predict` says of the task; a class without an output gets 0."""
        if self.task == "regression":
            return scores * self.scale + self.mean
        if self.task == "multilabel":
            probabilities = 0.5 * (1 + np.tanh(0.5 * scores))
        else:
            odds = np.exp(scores - scores.max(axis=1, keepdims=True))
            probabilities = odds / odds.sum(axis=1, keepdims=True)
        found = np.zeros((len(scores), self.n_classes))
        found[:, self.classes] = probabilities
        return found

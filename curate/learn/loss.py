"""Losses per row, in float32 whatever the precision of the scores, and their weighted sums.

`row_loss` makes that of a task; a `Problem` returns what `weighted` does. Focal loss: Lin et al. 2017, "Focal Loss for
Dense Object Detection"; logit adjustment: Menon et al. 2021, "Long-tail learning via logit adjustment".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from curate.learn.examples import Examples
from curate.learn.objective import Objective
from curate.learn.training import Training

RowLoss = Callable[[Tensor, Tensor], Tensor]
"""The loss of each row, (n,), of scores (n, k) and goals as `Objective.goals` gives them."""


def row_loss(training: Training, objective: Objective, train: Examples) -> RowLoss:
    """The loss of a task with what the settings add to it.

    Args:
        training: the settings; those that the task does not read have been refused (`unread.py`).
        objective: what the scores mean.
        train: the training rows.
    """
    if objective.task == "classification":
        return ClassLoss.of(training, train.class_weights()[objective.classes])
    if objective.task == "multilabel":
        return LabelLoss(training.label_smoothing, training.focal_gamma)
    return lambda scores, goals: number_losses(scores[:, 0], goals[:, 0])


@dataclass(frozen=True, eq=False)
class ClassLoss:
    """The loss of a classification: cross-entropy, with what the settings add.

    Attributes:
        label_smoothing: the share of each label's weight spread over all classes.
        focal_gamma: the power of (1 - probability of the label) that each loss is multiplied with.
        class_weights: a factor of each row's loss by its class, (k,); None for none.
        shift: what is added to the scores in training, tau * log(class share), (k,); None for nothing.

    Example:
        >>> loss = ClassLoss.of(Training(), np.array([3.0, 1.0]))
        >>> [round(value, 4) for value in loss(torch.zeros(2, 2), torch.tensor([0, 1])).tolist()]
        [0.6931, 0.6931]
    """

    label_smoothing: float = 0.0
    focal_gamma: float = 0.0
    class_weights: Tensor | None = None
    shift: Tensor | None = None

    @classmethod
    def of(cls, training: Training, totals: NDArray[np.float64]) -> ClassLoss:
        """The loss of the settings, for classes of the total weights `totals`, (k,); all above 0.

        Balanced class weights are total / (k * class total), so that the mean over the training rows is 1.
        """
        shares = torch.from_numpy(totals / totals.sum()).float()
        weights = 1 / (len(totals) * shares) if training.class_weights == "balanced" else None
        shift = training.logit_adjustment * shares.log() if training.logit_adjustment else None
        return cls(training.label_smoothing, training.focal_gamma, weights, shift)

    def __call__(self, scores: Tensor, labels: Tensor) -> Tensor:
        """The loss of each row: scores (n, k), labels (n,) int64 -> (n,)."""
        scores = scores.float() if self.shift is None else scores.float() + self.shift.to(scores.device)
        losses = functional.cross_entropy(scores, labels, reduction="none", label_smoothing=self.label_smoothing)
        if self.focal_gamma:
            others = functional.softmax(scores, 1).scatter(1, labels[:, None], 0.0).sum(1)  # 1 - p would be rounding
            losses = losses * others.clamp_min(torch.finfo(others.dtype).tiny) ** self.focal_gamma
        return losses if self.class_weights is None else losses * self.class_weights.to(scores.device)[labels]


@dataclass(frozen=True, eq=False)
class LabelLoss:
    """The loss of several classes a row, each by itself: the mean binary cross-entropy, with what the settings add.

    Attributes:
        label_smoothing: the share of each target's weight spread over yes and no.
        focal_gamma: the power of (1 - probability of the target) that each class's loss is multiplied with.

    Example:
        >>> loss = LabelLoss(focal_gamma=1.0)
        >>> round(loss(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]])).item(), 4)
        0.3466
    """

    label_smoothing: float = 0.0
    focal_gamma: float = 0.0

    def __call__(self, scores: Tensor, targets: Tensor) -> Tensor:
        """The loss of each row: scores and targets (n, k) -> (n,)."""
        scores, targets = scores.float(), targets.float()
        wanted = targets * (1 - self.label_smoothing) + self.label_smoothing / 2
        losses = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none")
        if self.focal_gamma:
            wrong = torch.sigmoid(torch.where(targets > 0, -scores, scores))
            losses = losses * wrong.clamp_min(torch.finfo(wrong.dtype).tiny) ** self.focal_gamma
        return losses.mean(1)


def number_losses(predicted: Tensor, targets: Tensor) -> Tensor:
    """The squared error of each row: (n,), (n,) -> (n,)."""
    return (predicted.float() - targets.float()).square()


def weighted(losses: Tensor, weights: Tensor | None) -> tuple[Tensor, float]:
    """The weighted sum of losses (n,) and what divides it, n.

    Weights of mean 1 over the training rows (`mean_one`) make every step an unbiased one. Dividing by the weights of
    the batch instead would not: in a batch of one row its weight would do nothing.
    """
    total = losses.sum() if weights is None else (losses * weights).sum()
    return total, float(len(losses))


def mean_one(weights: NDArray[np.float64] | None, n_rows: int) -> NDArray[np.float32]:
    """The weights divided by their mean, whatever order the rows come in, (n_rows,); 1 for each where there are none.

    Example:
        >>> mean_one(np.array([1.0, 3.0]), 2).tolist()
        [0.5, 1.5]
    """
    if weights is None:
        return np.ones(n_rows, np.float32)
    return (weights / np.sort(weights).mean()).astype(np.float32)

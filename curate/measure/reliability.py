"""The reliability diagram: of the answers given with a certain confidence, how many are right.

Where the line lies below the diagonal a model is surer than it should be (Guo et al. 2017, "On Calibration of Modern
Neural Networks"). One class a row: the confidence of the likeliest; sets of classes: the probability of each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.intervals import Estimate
from curate.learn.examples import Task
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied, full_arm
from curate.measure.evidence import Evidence
from curate.measure.told import Told, n_alike, of_share
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number

TITLE = "Reliability"
N_BINS = 10


@dataclass(frozen=True)
class Bin:
    """The answers with a confidence in (low, high]; the first bin holds 0, too.

    Attributes:
        n: answers, over all replicates.
        confidence: their mean confidence; `right` the share of them that are right, with its interval (`share_right`).
    """

    low: float
    high: float
    n: int
    confidence: float
    right: Told

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {**vars(self), "right": self.right.to_dict()}


@dataclass(frozen=True)
class Reliability:
    """The bins of an arm that hold any answer, by rising confidence; `arm` is `base` or `all steps`."""

    arm: str
    bins: tuple[Bin, ...]

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {"arm": self.arm, "bins": [each.to_dict() for each in self.bins]}


def reliability(evidence: Evidence) -> list[Reliability]:
    """The diagram of the base and of all steps, where the task has probabilities."""
    task = evidence.subject.targets.task
    if task not in ("classification", "multilabel"):
        return []
    arms: dict[str, Applied] = {"base": (), "all steps": full_arm(evidence.design.steps)}
    return [Reliability(name, tuple(_bins(evidence, arm, task))) for name, arm in arms.items()]


def _bins(evidence: Evidence, arm: Applied, task: Task) -> list[Bin]:
    predictions = evidence.predictions
    pairs = [confidence(outputs, predictions.targets, task) for outputs in predictions.outputs[arm]]
    sure, right = (np.stack(part) for part in zip(*pairs, strict=True))
    family = np.broadcast_to(predictions.clusters[:, None], sure.shape[1:]) if sure.ndim == 3 else predictions.clusters
    family = np.broadcast_to(family, sure.shape)
    place = np.clip(np.ceil(sure * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    found = []
    for number_ in np.unique(place).tolist():
        chosen = place == number_
        mean = float(sure[chosen].mean())
        told = share_right(right, chosen, n_alike(family[chosen]))
        found.append(Bin(number_ / N_BINS, (number_ + 1) / N_BINS, int(chosen.sum()), mean, told))
    return found


def share_right(right: NDArray[np.bool_], chosen: NDArray[np.bool_], n_rows: float) -> Told:
    """The share of some answers that are right.

    The interval is the wider, end by end, of Wilson's, wide enough where nearly all are right or few are chosen, and
    that of a ratio over replicates (Cochran 1977, chapter 6).

    Args:
        right: whether an answer is right, shape (R, ...).
        chosen: which answers count, of the same shape, at least one.
        n_rows: as how many independent rows they count.

    Example:
        >>> told = share_right(np.array([[True, False], [True, True]]), np.ones((2, 2), np.bool_), 2.0)
        >>> told.value, told.interval.low, told.interval.high
        (0.75, 0.0, 1.0)
    """
    n_replicates, n_chosen = len(right), int(chosen.sum())
    share = float(right[chosen].mean())
    residuals = np.where(chosen, right - share, 0.0).reshape(n_replicates, -1).sum(axis=1)
    spread = n_replicates / max(n_replicates - 1, 1) * float((residuals**2).sum())
    se = math.sqrt(spread) / n_chosen if n_replicates > 1 else math.inf
    over_replicates = Interval.of(Estimate(share, se, max(n_replicates - 1, 1)))
    return Told(share, over_replicates).widened(of_share(share, n_rows)).within(0.0, 1.0)


def confidence(outputs: Outputs, targets: NDArray[Any], task: Task) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How sure each answer is and whether it is right, shape (n,); for sets of classes both (n, k).

    Example:
        >>> sure, right = confidence(Outputs(np.array([[0.9, 0.1], [0.4, 0.6]])), np.array([0, 0]), "classification")
        >>> sure.tolist(), right.tolist()
        ([0.9, 0.6], [True, False])
    """
    values = outputs.values.astype(np.float64)
    if task == "multilabel":
        return values, np.asarray(targets, dtype=np.bool_)
    return values.max(axis=1), values.argmax(axis=1) == targets


def section(found: Sequence[Reliability]) -> model.Section:
    """The diagrams in one plot, and the bins of the base as a table."""
    series = tuple(
        model.Series(
            each.arm,
            tuple(model.Point(part.confidence, part.right.point(), f"{number(part.n)} answers") for part in each.bins),
        )
        for each in found
    )
    plot = model.LinePlot(series, "confidence", "share that is right", "percent", diagonal=True)
    columns = (
        model.Column("arm", "code"),
        *(model.Column(name, "percent") for name in ("above", "to", "confidence", "right")),
        model.Column("answers", "number"),
    )
    rows = tuple(
        (each.arm, part.low, part.high, part.confidence, part.right.value, part.n)
        for each in found
        for part in each.bins
    )
    table = model.Table(columns, rows, "Answers by confidence, over all replicates", searchable=False)
    lead = "On the diagonal an answer is right as often as its confidence says; below it the model is too sure."
    return model.Section(TITLE, (plot, table), lead)

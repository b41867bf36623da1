"""Metrics of class probabilities: accuracy, macro-F1, F1 of one class, log loss, calibration error.

Every metric is sums over rows, then one formula (`statistics`, `combine`). So one pass over the predictions serves any
number of bootstrap draws: only the sums change. Where scikit-learn has the metric, the values are equal to its.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curate.errors import CurateError, UnknownName, did_you_mean
from curate.learn.examples import Task
from curate.learn.outputs import Outputs

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
RowSums = Callable[[Outputs, NDArray[Any]], Floats]

N_BINS = 15
"""Equal-width confidence bins of the calibration error (Guo et al. 2017, On Calibration of Modern Neural Networks)."""


@dataclass(frozen=True)
class Metric:
    """A number about predictions.

    Args:
        name: what it is called in reports and options.
        direction: whether higher or lower is better.
        additive: a weighted mean of one value per row, so that `per_row` exists.
        statistics: outputs and targets of n rows -> what is summed over rows, shape (n, m).
        combine: sums of shape (..., m) -> values of shape (...).
        unit: "points" (a share, shown times 100) or "nats".
        task: the kind of target it is a metric of.
        reads_texts: whether it needs what the model wrote.

    Example:
        >>> probs, labels = Outputs(np.array([[0.9, 0.1], [0.6, 0.4]])), np.array([0, 1])
        >>> ACCURACY.value(probs, labels), ACCURACY.value(probs, labels, counts=np.array([3, 1]))
        (0.5, 0.75)
    """

    name: str
    direction: Literal["higher", "lower"]
    additive: bool
    statistics: RowSums
    combine: Callable[[Floats], Floats]
    unit: Literal["points", "nats"] = "points"
    task: Task = "classification"
    reads_texts: bool = False

    @property
    def scale(self) -> float:
        """What a value is multiplied with for display."""
        return 100.0 if self.unit == "points" else 1.0

    def value(self, outputs: Outputs, targets: NDArray[Any], counts: NDArray[np.number] | None = None) -> float:
        """The metric over all rows; `counts` (n,) says how often, or with what weight, each row counts.

        Raises:
            CurateError: no rows, shapes that do not match, or a label out of range.
        """
        rows = self._rows(outputs, targets)
        return float(self.combine(rows.sum(axis=0) if counts is None else np.asarray(counts, dtype=np.float64) @ rows))

    def values(self, outputs: Outputs, targets: NDArray[Any], counts: NDArray[np.number]) -> Floats:
        """The metric for each of b weightings at once: counts (b, n) -> (b,). For bootstraps."""
        return self.combine(np.asarray(counts, dtype=np.float64) @ self._rows(outputs, targets))

    def per_row(self, outputs: Outputs, targets: NDArray[Any]) -> Floats:
        """The value of each row, shape (n,); its (weighted) mean is the metric.

        Raises:
            CurateError: the metric is not additive.
        """
        if not self.additive:
            raise CurateError(f"{self.name} is not a mean over rows", hint="use `values` with bootstrap counts")
        return self._rows(outputs, targets)[:, 0]

    def _rows(self, outputs: Outputs, targets: NDArray[Any]) -> Floats:
        if len(targets) == 0:
            raise CurateError("a metric of no rows", hint="the test split is empty")
        return self.statistics(outputs, targets)


def _of_probabilities(statistics: Callable[[Floats, Labels], Floats]) -> RowSums:
    """Row sums of class probabilities, checked before they are used."""
    return lambda outputs, labels: _checked(statistics, outputs.values.astype(np.float64), labels)


def _checked(statistics: Callable[[Floats, Labels], Floats], probs: Floats, labels: Labels) -> Floats:
    if probs.ndim != 2 or labels.shape != probs.shape[:1]:
        raise CurateError(f"probabilities of shape {probs.shape} do not fit labels of shape {labels.shape}")
    if labels.min() < 0 or labels.max() >= probs.shape[1]:
        raise CurateError(f"labels run from {labels.min()} to {labels.max()}, but there are {probs.shape[1]} classes")
    return statistics(probs, labels)


def _mean(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / sums[..., 1])


def _with_ones(values: NDArray[np.generic]) -> Floats:
    return np.column_stack([values, np.ones(len(values))])


def _correct(probs: Floats, labels: Labels) -> Floats:
    return _with_ones(probs.argmax(axis=1) == labels)


def _surprise(probs: Floats, labels: Labels) -> Floats:
    """-log p(label), with p clipped to the float64 epsilon as scikit-learn does: at most 36.04."""
    eps = np.finfo(np.float64).eps
    return _with_ones(-np.log(np.clip(probs[np.arange(len(labels)), labels], eps, 1 - eps)))


def _confusion(probs: Floats, labels: Labels) -> Floats:
    """Per row and class: a hit, then how often the class is named (as label or prediction: 0, 1 or 2). (n, 2k)."""
    classes = np.arange(probs.shape[1])
    predicted = probs.argmax(axis=1)[:, None] == classes
    actual = labels[:, None] == classes
    return np.hstack([predicted & actual, predicted.astype(np.float64) + actual])


def _class_f1(sums: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """F1 per class, 0 where the class is never named, and whether it is named; each (..., k)."""
    hits, named = np.split(sums, 2, axis=-1)
    seen = named > 0
    return np.divide(2 * hits, named, out=np.zeros_like(hits), where=seen), seen


def _macro(sums: Floats) -> Floats:
    f1, seen = _class_f1(sums)
    return np.asarray(f1.sum(axis=-1) / seen.sum(axis=-1))


def _calibration(probs: Floats, labels: Labels) -> Floats:
    """Per row: confidence minus hit, in the column of its bin (lower, upper]; then 1. (n, N_BINS + 1)."""
    confidence = probs.max(axis=1)
    bins = np.clip(np.ceil(confidence * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    gap = np.zeros((len(labels), N_BINS))
    gap[np.arange(len(labels)), bins] = confidence - (probs.argmax(axis=1) == labels)
    return _with_ones(gap)


def _calibration_error(sums: Floats) -> Floats:
    return np.asarray(np.abs(sums[..., :-1]).sum(axis=-1) / sums[..., -1])


ACCURACY = Metric("accuracy", "higher", True, _of_probabilities(_correct), _mean)
MACRO_F1 = Metric("macro_f1", "higher", False, _of_probabilities(_confusion), _macro)
"""The mean F1 of the classes that some row has as its label or its prediction."""
LOG_LOSS = Metric("log_loss", "lower", True, _of_probabilities(_surprise), _mean, unit="nats")
ECE = Metric("ece", "lower", False, _of_probabilities(_calibration), _calibration_error)
"""Expected calibration error of the top class over `N_BINS` equal-width bins."""

METRICS = {metric.name: metric for metric in (ACCURACY, MACRO_F1, LOG_LOSS, ECE)}


def class_f1(index: int, name: str) -> Metric:
    """F1 of the class `index`, called `f1:<name>`; 0 where no row has it as label or prediction.

    Example:
        >>> probs = Outputs(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]))
        >>> round(class_f1(1, "sport").value(probs, np.array([0, 1, 1])), 3)
        0.667
    """

    def statistics(probs: Floats, labels: Labels) -> Floats:
        predicted, actual = probs.argmax(axis=1) == index, labels == index
        return np.column_stack([predicted & actual, predicted.astype(np.float64) + actual])

    return Metric(f"f1:{name}", "higher", False, _of_probabilities(statistics), lambda sums: _class_f1(sums)[0][..., 0])


def metrics_of(task: Task, class_names: Sequence[str] = (), *, texts: bool = False) -> list[Metric]:
    """Every metric of a task, the usual one first, those of single classes last; `texts`: those that read text, too."""
    every = [each for each in METRICS.values() if each.task == task and (texts or not each.reads_texts)]
    per_class = [class_f1(at, name) for at, name in enumerate(class_names)] if task == "classification" else []
    return [*every, *per_class]


def metric(name: str, class_names: Sequence[str] = ()) -> Metric:
    """The metric called `name`: one of `METRICS`, or `f1:<class name>`.

    Raises:
        UnknownName: there is none; the hint names the nearest.

    Example:
        >>> metric("macro_f1").direction, metric("f1:sport", ["news", "sport"]).name
        ('higher', 'f1:sport')
    """
    if name in METRICS:
        return METRICS[name]
    per_class = {f"f1:{each}": index for index, each in enumerate(class_names)}
    if name in per_class:
        return class_f1(per_class[name], name.removeprefix("f1:"))
    raise UnknownName(f"no metric is called {name!r}", hint=did_you_mean(name, [*METRICS, *per_class]))


def report(outputs: Outputs, targets: Labels, class_names: Sequence[str]) -> dict[str, float]:
    """Every metric at once, by name: those of `METRICS`, then F1 of each class."""
    every = [*METRICS.values(), *(class_f1(index, each) for index, each in enumerate(class_names))]
    return {each.name: each.value(outputs, targets) for each in every}

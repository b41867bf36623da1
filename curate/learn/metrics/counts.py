"""Precision, recall and F1, of classes and of sets of classes: hits, times predicted and times right, then a formula.

Where a figure has nothing to divide by it is 0, as scikit-learn's `zero_division=0`. A macro mean is over the classes
that some row has as its label or its prediction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import CurateError
from curate.learn.examples import Task
from curate.learn.metrics.base import Floats, SumsMetric, share
from curate.learn.outputs import Outputs

Bools = NDArray[np.bool_]
TASKS: tuple[Task, ...] = ("classification", "multilabel")
Figure = Callable[[Floats, Floats, Floats], Floats]


def named(outputs: Outputs, targets: NDArray[Any]) -> tuple[Bools, Bools]:
    """Which classes each row is given and which it has, both (n, k).

    One class a row: the likeliest, the first of equals. Any number: those likelier than not.

    Raises:
        CurateError: outputs and targets do not fit each other.
    """
    values = outputs.values
    if targets.ndim == 2:
        check_sets(values, targets)
        return values > 0.5, targets.astype(np.bool_)
    check_classes(values, targets)
    classes = np.arange(values.shape[1])
    return values.argmax(axis=1)[:, None] == classes, targets[:, None] == classes


def check_classes(probs: NDArray[Any], labels: NDArray[Any]) -> None:
    """Raise where probabilities of classes do not fit labels, or a label is out of range."""
    if probs.ndim != 2 or labels.shape != probs.shape[:1]:
        raise CurateError(f"probabilities of shape {probs.shape} do not fit labels of shape {labels.shape}")
    if labels.min() < 0 or labels.max() >= probs.shape[1]:
        raise CurateError(f"labels run from {labels.min()} to {labels.max()}, but there are {probs.shape[1]} classes")


def check_sets(probs: NDArray[Any], targets: NDArray[Any]) -> None:
    """Raise where probabilities of classes do not fit sets of classes."""
    if probs.shape != targets.shape:
        raise CurateError(f"probabilities of shape {probs.shape} do not fit sets of classes of shape {targets.shape}")


def counted(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    """Per row and class: hit, predicted, actual; shape (n, 3k)."""
    predicted, actual = named(outputs, targets)
    return np.hstack([predicted & actual, predicted, actual]).astype(np.float64)


def precision(hits: Floats, predicted: Floats, actual: Floats) -> Floats:
    """The share of what is given a class that has it."""
    return share(hits, predicted)


def recall(hits: Floats, predicted: Floats, actual: Floats) -> Floats:
    """The share of what has a class that is given it."""
    return share(hits, actual)


def f1(hits: Floats, predicted: Floats, actual: Floats) -> Floats:
    """The harmonic mean of precision and recall."""
    return share(2 * hits, predicted + actual)


FIGURES: dict[str, Figure] = {"f1": f1, "precision": precision, "recall": recall}


def _parts(sums: Floats) -> tuple[Floats, Floats, Floats]:
    hits, predicted, actual = np.split(sums, 3, axis=-1)
    return hits, predicted, actual


def _macro(figure: Figure) -> Callable[[Floats], Floats]:
    def combine(sums: Floats) -> Floats:
        parts = _parts(sums)
        seen = parts[1] + parts[2] > 0
        return share(figure(*parts).sum(axis=-1), seen.sum(axis=-1))

    return combine


def _micro(figure: Figure) -> Callable[[Floats], Floats]:
    return lambda sums: figure(*(part.sum(axis=-1) for part in _parts(sums)))


def _weighted_f1(sums: Floats) -> Floats:
    parts = _parts(sums)
    return share((f1(*parts) * parts[2]).sum(axis=-1), parts[2].sum(axis=-1))


def _balanced(sums: Floats) -> Floats:
    parts = _parts(sums)
    return share(recall(*parts).sum(axis=-1), (parts[2] > 0).sum(axis=-1))


def _metric(name: str, combine: Callable[[Floats], Floats], tasks: tuple[Task, ...] = TASKS) -> SumsMetric:
    return SumsMetric(name, "higher", counted, combine, tasks=tasks)


BALANCED_ACCURACY = _metric("balanced_accuracy", _balanced, ("classification",))
"""The mean recall of the classes that some row has."""
MACRO_F1 = _metric("macro_f1", _macro(f1))
MACRO = (MACRO_F1, _metric("macro_precision", _macro(precision)), _metric("macro_recall", _macro(recall)))
MICRO = tuple(_metric(f"micro_{name}", _micro(figure)) for name, figure in FIGURES.items())
"""Over all classes together; where each row has one class, all three are the accuracy."""
WEIGHTED_F1 = _metric("weighted_f1", _weighted_f1)
"""The mean F1 of the classes, each by the rows that have it."""


def of_class(figure: str, index: int, name: str) -> SumsMetric:
    """F1, precision or recall of the class `index`, called e.g. `f1:<name>`.

    Example:
        >>> probs = Outputs(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]))
        >>> round(of_class("f1", 1, "sport").value(probs, np.array([0, 1, 1])), 3)
        0.667
    """

    def combine(sums: Floats) -> Floats:
        return FIGURES[figure](*(part[..., index] for part in _parts(sums)))

    return _metric(f"{figure}:{name}", combine)


def confusion(outputs: Outputs, targets: NDArray[Any]) -> NDArray[np.int64]:
    """How many rows of each class (line) are given each class (column), shape (k, k).

    Example:
        >>> confusion(Outputs(np.array([[0.9, 0.1], [0.6, 0.4]])), np.array([0, 1])).tolist()
        [[1, 0], [1, 0]]
    """
    check_classes(outputs.values, targets)
    k = outputs.values.shape[1]
    places = targets * k + outputs.values.argmax(axis=1)
    return np.bincount(places, minlength=k * k).reshape(k, k).astype(np.int64)

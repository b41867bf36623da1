"""Areas under curves, one class against the rest: how well probabilities rank the rows that have it above the others.

Macro: the mean over the classes that can be ranked. With two classes both have one area under the ROC curve; under the
precision-recall curve they have not, so `pr_auc:CLASS` says which is the positive one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.ranking import Area, average_precision, roc_area
from curate.learn.metrics.base import Floats, WeighedMetric, Weighing
from curate.learn.metrics.counts import TASKS, check_classes, check_sets
from curate.learn.outputs import Outputs

NOTHING_RANKED = {"roc_auc": 0.5, "pr_auc": 0.0}
AREAS: dict[str, Callable[[Floats, NDArray[np.bool_]], Area | None]] = {
    "roc_auc": roc_area,
    "pr_auc": average_precision,
}


def _actual(outputs: Outputs, targets: NDArray[Any]) -> NDArray[np.bool_]:
    if targets.ndim == 2:
        check_sets(outputs.values, targets)
        return targets.astype(np.bool_)
    check_classes(outputs.values, targets)
    return np.asarray(targets[:, None] == np.arange(outputs.values.shape[1]))


def _weighing(area: str, classes: list[int] | None) -> Callable[[Outputs, NDArray[Any]], Weighing]:
    """The mean area of the classes, all where None."""

    def of(outputs: Outputs, targets: NDArray[Any]) -> Weighing:
        actual = _actual(outputs, targets)
        symmetric = area == "roc_auc" and targets.ndim == 1 and actual.shape[1] == 2
        chosen = classes if classes is not None else [1] if symmetric else range(actual.shape[1])
        areas = [AREAS[area](outputs.values[:, at].astype(np.float64), actual[:, at]) for at in chosen]
        return lambda weights: _mean(areas, weights, NOTHING_RANKED[area])

    return of


def _rankable(area: str, index: int | None) -> Callable[[NDArray[Any]], bool]:
    """Whether rows with such targets have anything to rank: of a class, or of any, and for the ROC others beside."""

    def defined(targets: NDArray[Any]) -> bool:
        if targets.ndim == 2:
            shares = targets.mean(axis=0) if len(targets) else np.zeros(targets.shape[1])
            shares = shares if index is None else shares[[index]]
        elif index is None:
            shares = np.unique(targets, return_counts=True)[1] / max(len(targets), 1)
        else:
            shares = np.array([(targets == index).mean()]) if len(targets) else np.zeros(1)
        return bool(((shares > 0) & ((shares < 1) | (area != "roc_auc"))).any())

    return defined


def _mean(areas: list[Area | None], weights: Floats, otherwise: float) -> Floats:
    total, known = np.zeros(weights.shape[1]), np.zeros(weights.shape[1])
    for area in areas:
        if area is not None:
            values = area(weights)
            there = ~np.isnan(values)
            total[there] += values[there]
            known += there
    return np.where(known > 0, total / np.maximum(known, 1), otherwise)


ROC_AUC = WeighedMetric(
    "roc_auc", "higher", _weighing("roc_auc", None), tasks=TASKS, defined=_rankable("roc_auc", None)
)
"""The chance that a row of a class is ranked above one that is not of it; 0.5 where there is nothing to rank."""
PR_AUC = WeighedMetric("pr_auc", "higher", _weighing("pr_auc", None), tasks=TASKS, defined=_rankable("pr_auc", None))
"""Average precision: the mean precision over the rows of a class, from the top of the ranking."""


def area_of_class(area: str, index: int, name: str) -> WeighedMetric:
    """The area `roc_auc` or `pr_auc` of the class `index` as the positive one, called e.g. `pr_auc:<name>`.

    Example:
        >>> probs = Outputs(np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]))
        >>> area_of_class("pr_auc", 1, "sport").value(probs, np.array([0, 1, 1]))
        1.0
    """
    return WeighedMetric(
        f"{area}:{name}", "higher", _weighing(area, [index]), tasks=TASKS, defined=_rankable(area, index)
    )

"""scikit-learn models of an objective: one of the classes or of a number, or one for each class that stands by itself.

Shared by the learners `linear` and `tabular`: features and targets in, predictions as `Fitted.predict` gives them out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from curate.learn.examples import Examples
from curate.learn.objective import Objective


@dataclass(frozen=True)
class Estimators:
    """Fitted models; None in the place of a class that every training row has."""

    models: tuple[Any, ...]
    objective: Objective

    @classmethod
    def fit(cls, features: Any, rows: Examples, new: Callable[[], Any]) -> Estimators:
        """Fit a `new` scikit-learn model, or one for each class, to the targets and weights of `rows`, on one thread.

        Args:
            features: what the models read of the rows, shape (n, p), dense or sparse.
            rows: the training rows; sums follow their order.
            new: makes a model that is not fitted: a regressor for numbers, else a classifier.
        """
        objective, weights = Objective.of(rows), rows.weights
        if weights is not None:
            weights = weights / np.sort(weights).mean()  # a penalty weighs the same whatever their unit
        models = []
        with threadpool_limits(limits=1):  # more threads only spin here, and would change the order of sums
            for goals in _columns(objective, rows):
                certain = objective.task == "multilabel" and goals.all()
                models.append(None if certain else new().fit(features, goals, sample_weight=weights))
        return cls(tuple(models), objective)

    @property
    def n_steps(self) -> int:
        """The most iterations that a solver did; 0 where it does not count them."""
        counted = (getattr(model, "n_iter_", None) for model in self.models)
        return max((int(np.max(n)) for n in counted if n is not None), default=0)

    def predict(self, features: Any) -> NDArray[np.float64]:
        """Class probabilities, shape (n, n_classes), 0 for classes that training did not have; or numbers, (n, 1)."""
        objective = self.objective
        found = np.zeros((features.shape[0], objective.n_classes or 1))
        if not len(found):
            return found
        with threadpool_limits(limits=1):
            if objective.task == "regression":
                found[:, 0] = self.models[0].predict(features) * objective.scale + objective.mean
            elif objective.task == "classification":
                found[:, objective.classes] = self.models[0].predict_proba(features)
            else:
                for number, model in zip(objective.classes.tolist(), self.models, strict=True):
                    found[:, number] = 1.0 if model is None else model.predict_proba(features)[:, 1]
        return found


def _columns(objective: Objective, rows: Examples) -> list[NDArray[np.generic]]:
    """What each model is to learn: the classes, or one class and not another, or the standardised numbers."""
    if objective.task == "classification":
        return [rows.targets]
    if objective.task == "multilabel":
        return list(rows.targets[:, objective.classes].T)
    return [(rows.targets - objective.mean) / objective.scale]

"""Metrics of predicted numbers: mean absolute and mean squared error, its root, and R²."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import CurateError
from curate.learn.metrics.base import SHARE_MARGIN, Floats, SumsMetric, mean_of, with_ones
from curate.learn.outputs import Outputs


def _errors(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    if outputs.values.shape != (len(targets), 1):
        raise CurateError(f"predictions of shape {outputs.values.shape} do not fit {len(targets)} numbers")
    return np.asarray(outputs.values[:, 0] - targets, dtype=np.float64)


def _absolute(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    return with_ones(np.abs(_errors(outputs, targets)))


def _squared(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    return with_ones(_errors(outputs, targets) ** 2)


def _moments(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    """Squared error, then the target and its square about the mean of these rows, then 1; (n, 4)."""
    centred = targets - targets.mean()
    return with_ones(np.column_stack([_errors(outputs, targets) ** 2, centred, centred**2]))


def _explained(sums: Floats) -> Floats:
    """1 − squared error/variance; where the target does not vary 1 if all is right, else 0, as scikit-learn."""
    errors, first, second, weight = np.moveaxis(sums, -1, 0)
    spread = second - first**2 / weight
    varies = spread > 1e-12 * second
    explained = 1 - np.divide(errors, spread, out=np.zeros_like(errors), where=varies)
    return np.where(varies, explained, np.where(errors == 0, 1.0, 0.0))


def _varies(targets: NDArray[Any]) -> bool:
    return len(np.unique(targets)) > 1


MAE = SumsMetric("mae", "lower", _absolute, mean_of, mean=True, unit="target", tasks=("regression",))
MSE = SumsMetric("mse", "lower", _squared, mean_of, mean=True, unit="squared target", tasks=("regression",))
RMSE = SumsMetric("rmse", "lower", _squared, lambda sums: np.sqrt(mean_of(sums)), unit="target", tasks=("regression",))
R2 = SumsMetric(
    "r2", "higher", _moments, _explained, unit="", tasks=("regression",), absolute_margin=SHARE_MARGIN, defined=_varies
)
"""The share of the target's variance that is predicted; below 0 where the mean would do better."""

"""Metrics of class probabilities, one class a row: accuracy, log loss, Brier score, calibration error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.learn.metrics.base import Floats, Labels, SumsMetric, mean_of, with_ones
from curate.learn.metrics.counts import check_classes
from curate.learn.outputs import Outputs

N_BINS = 15
"""Equal-width confidence bins of the calibration error (Guo et al. 2017, On Calibration of Modern Neural Networks)."""


def _probabilities(outputs: Outputs, labels: NDArray[Any]) -> tuple[Floats, Labels]:
    check_classes(outputs.values, labels)
    return outputs.values.astype(np.float64), labels


def _correct(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    probs, labels = _probabilities(outputs, targets)
    return with_ones(probs.argmax(axis=1) == labels)


def _surprise(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    """-log p(label), with p clipped to the float64 epsilon as scikit-learn does: at most 36.04."""
    probs, labels = _probabilities(outputs, targets)
    eps = np.finfo(np.float64).eps
    return with_ones(-np.log(np.clip(probs[np.arange(len(labels)), labels], eps, 1 - eps)))


def _squares(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    """The squared distance of the probabilities from the truth; half of it for two classes, as scikit-learn does."""
    probs, labels = _probabilities(outputs, targets)
    squares = ((probs - (labels[:, None] == np.arange(probs.shape[1]))) ** 2).sum(axis=1)
    return with_ones(squares / 2 if probs.shape[1] == 2 else squares)


def _gaps(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    """Per row: confidence minus hit, in the column of its bin (lower, upper]; then 1. (n, N_BINS + 1)."""
    probs, labels = _probabilities(outputs, targets)
    confidence = probs.max(axis=1)
    bins = np.clip(np.ceil(confidence * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    gap = np.zeros((len(labels), N_BINS))
    gap[np.arange(len(labels)), bins] = confidence - (probs.argmax(axis=1) == labels)
    return with_ones(gap)


def _calibration_error(sums: Floats) -> Floats:
    return np.asarray(np.abs(sums[..., :-1]).sum(axis=-1) / sums[..., -1])


ACCURACY = SumsMetric("accuracy", "higher", _correct, mean_of, mean=True)
LOG_LOSS = SumsMetric("log_loss", "lower", _surprise, mean_of, mean=True, unit="nats")
BRIER = SumsMetric("brier", "lower", _squares, mean_of, mean=True, unit="")
"""The Brier score: 0 to 1 for two classes, 0 to 2 for more."""
ECE = SumsMetric("ece", "lower", _gaps, _calibration_error)
"""Expected calibration error of the likeliest class over `N_BINS` equal-width bins."""

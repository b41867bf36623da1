"""Metrics as functions of sums agree with scikit-learn and with the definition, under weights too."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from curate.kernels.sums import bin_gaps, calibration_error, class_counts, class_f1, macro_f1


@pytest.mark.parametrize("n_classes", [2, 5])
def test_f1_is_that_of_scikit_learn(n_classes: int) -> None:
    rng = np.random.default_rng(n_classes)
    labels, weights = rng.integers(0, n_classes, 60), rng.integers(0, 4, 60)
    predicted = rng.integers(0, n_classes, (2, 3, 60))
    sums = (class_counts(labels, predicted, n_classes) @ weights).reshape(2, 3, -1)
    for arm, replicate in np.ndindex(2, 3):
        options = {"sample_weight": weights, "labels": range(n_classes), "zero_division": 0}
        expected = f1_score(labels, predicted[arm, replicate], average=None, **options)
        assert class_f1(sums[arm, replicate]) == pytest.approx(expected)
        assert macro_f1(sums)[arm, replicate] == pytest.approx(expected.mean())


def test_a_class_that_no_row_has_counts_as_zero() -> None:
    sums = class_counts(np.array([0, 0]), np.array([[[0, 0]]]), 2) @ np.ones(2)
    assert class_f1(sums).tolist() == [1.0, 0.0]


def test_calibration_error_by_its_definition() -> None:
    rng = np.random.default_rng(0)
    confidence, weights = np.r_[rng.random(97), 0.0, 1.0, 0.2], rng.integers(0, 3, 100)
    correct = rng.random(100) < confidence
    sums = bin_gaps(correct[None, None], confidence[None, None], n_bins=10) @ weights
    expected = 0.0
    for low in np.arange(10) / 10:
        inside = (confidence > low) & (confidence <= low + 0.1 + 1e-12) | ((low == 0) & (confidence == 0))
        expected += abs((weights * (confidence - correct))[inside].sum())
    assert calibration_error(sums).item() == pytest.approx(expected / weights.sum())

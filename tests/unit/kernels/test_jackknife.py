"""The crossed jackknife: p-value inverts interval, clusters stay together, odd cases answered."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from scipy.sparse import csr_array

from curate.kernels.jackknife import jackknife
from curate.kernels.twoway import TwoWay, two_way
from curate.learn.metrics import MACRO_F1
from curate.learn.outputs import Outputs
from curate.measure.estimate import sums_statistic


def predictions(rng: np.random.Generator, shape: tuple[int, int, int], accuracy: list[float]) -> tuple:
    labels = rng.integers(0, 4, shape[2])
    right = rng.random(shape) < np.array(accuracy)[:, None, None]
    return labels, np.where(right, labels, rng.integers(0, 4, shape))


def estimated(labels: np.ndarray, predicted: np.ndarray, clusters: object = None) -> TwoWay:
    rows = [[csr_array(MACRO_F1.statistics(Outputs(np.eye(4)[part]), labels).T) for part in arm] for arm in predicted]
    statistic = sums_statistic(rows, (1.0, -1.0), MACRO_F1)
    return jackknife(statistic, n_rows=labels.size, clusters=clusters)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999, 1 - 1e-6])
def test_the_p_value_inverts_the_interval(level: float) -> None:
    labels, predicted = predictions(np.random.default_rng(1), (2, 6, 150), [0.85, 0.8])
    estimate = estimated(labels, predicted).on_new_data()
    low, high = estimate.interval(level)
    assert low < estimate.delta < high
    assert [estimate.p_value(end) for end in (low, high)] == pytest.approx([1 - level] * 2, rel=1e-5)
    assert estimate.p_value(low - 0.01) < 1 - level < estimate.p_value((low + high) / 2)


def test_on_an_additive_metric_it_agrees_with_the_two_way_estimate() -> None:
    rng = np.random.default_rng(2)
    differences = 0.02 + rng.normal(size=(8, 1)) * 0.02 + rng.normal(size=400) * 0.3 + rng.normal(size=(8, 400)) * 0.2
    clusters = rng.integers(0, 250, 400)
    result = jackknife(
        lambda weights: weights @ differences.T / weights.sum(axis=1, keepdims=True), n_rows=400, clusters=clusters
    )
    exact = two_way(differences, clusters)
    assert result.delta == pytest.approx(exact.delta)
    assert result.on_new_data().se == pytest.approx(exact.on_new_data().se, rel=0.02)
    assert result.on_new_data().interval() == pytest.approx(exact.on_new_data().interval(), abs=0.005)
    assert result.on_this_test_set().se == pytest.approx(exact.on_this_test_set().se)


def test_copies_of_test_rows_add_no_certainty() -> None:
    labels, predicted = predictions(np.random.default_rng(3), (2, 5, 150), [0.9, 0.85])
    once = estimated(labels, predicted).on_new_data()
    copied = estimated(np.repeat(labels, 4), np.repeat(predicted, 4, axis=2), clusters=np.repeat(np.arange(150), 4))
    assert copied.on_new_data().se == pytest.approx(once.se, rel=1e-6)
    assert copied.on_new_data().interval() == pytest.approx(once.interval(), abs=1e-6)


def test_no_difference_and_nothing_to_tell_from() -> None:
    labels, predicted = predictions(np.random.default_rng(4), (1, 5, 80), [0.9])
    same = estimated(labels, np.concatenate([predicted, predicted])).on_new_data()
    assert (same.delta, same.p_value(), same.interval()) == (0.0, 1.0, (0.0, 0.0))
    labels, predicted = predictions(np.random.default_rng(5), (2, 5, 80), [0.9, 0.5])
    assert math.isinf(estimated(labels, predicted, clusters=np.zeros(80)).on_new_data().se)
    assert math.isinf(estimated(labels, predicted[:, :1]).on_new_data().se)


def test_clusters_of_the_wrong_length() -> None:
    labels, predicted = predictions(np.random.default_rng(4), (2, 2, 8), [0.9, 0.9])
    with pytest.raises(ValueError, match="one label per row"):
        estimated(labels, predicted, clusters=[0, 1])


def test_a_full_test_set_takes_seconds() -> None:
    """1,000 groups left out × 10 replicates × 2 arms on 7,600 rows; about a second on one free core."""
    labels, predicted = predictions(np.random.default_rng(6), (2, 10, 7600), [0.9, 0.9])
    start = time.process_time()
    estimated(labels, predicted)
    assert time.process_time() - start < 10

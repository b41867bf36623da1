"""Scores with their intervals: no narrower than replicates, rows, or few of either, allow."""

from __future__ import annotations

import numpy as np

from curate.kernels.twoway import two_way
from curate.learn.metrics import metric
from curate.learn.outputs import Outputs
from curate.measure.estimate import Predictions
from curate.measure.told import level, of_share

ACCURACY = metric("accuracy")


def predictions(right: np.ndarray) -> Predictions:
    """The base's answers, right where `right`, shape (R, n), says so."""
    outputs = [Outputs(np.eye(2, dtype=np.float32)[1 - one.astype(int)]) for one in right]
    return Predictions({(): outputs}, np.zeros(right.shape[1], int), np.arange(right.shape[1]), 0)


def test_where_replicates_lie_apart_the_interval_of_a_score_says_so() -> None:
    """A spread of 3 points over 5 replicates and 2,000 rows: Wilson's interval alone holds the truth in 79 %."""
    draw, n_runs, by_wilson, held = np.random.default_rng(3), 200, 0, 0
    for _ in range(n_runs):
        right = draw.random((5, 2000)) < 0.75 + 0.03 * draw.standard_normal((5, 1))
        found = level(predictions(right), ACCURACY, ())
        alone = of_share(found.value, 2000)
        by_wilson += alone.low <= 0.75 <= alone.high
        held += found.interval.low <= 0.75 <= found.interval.high
        here = two_way(right * 1.0).on_this_test_set().interval()
        assert found.interval.high - found.interval.low > 0.98 * (min(here[1], 1.0) - max(here[0], 0.0))
    assert by_wilson < 0.87 * n_runs
    assert held >= 0.92 * n_runs


def test_where_all_rows_are_right_the_interval_of_a_score_is_wilsons() -> None:
    found = level(predictions(np.ones((5, 40), bool)), ACCURACY, ())
    assert found.value == 1.0
    assert (found.interval.low, found.interval.high) == (of_share(1.0, 40).low, 1.0)

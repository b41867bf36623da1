"""Figures over groups: those of fairlearn, with intervals that hold where groups are alike and tell those apart that
are not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, demographic_parity_difference, equalized_odds_difference
from sklearn.metrics import accuracy_score

from curate.learn.metrics import metric
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.disparity import Figure, figure_change, figure_level, figures, scores_of
from curate.measure.estimate import Predictions
from curate.measure.told import Told

STEP: Applied = (("step", False),)
CHANGE = {STEP: 1.0, (): -1.0}
ACCURACY = metric("accuracy")


def arms(draw: np.random.Generator, base: list[float], step: list[float], each: int, n: int = 5) -> Predictions:
    """Two arms of `n` replicates, right on rows of each group with its chance (0.125 to 0.875); some rows are hard."""
    hard, outputs = draw.random(each * len(base)), {}
    for arm, chances in (((), base), (STEP, step)):
        least = np.repeat(0.8 * np.array(chances) + 0.1, each)
        right = [0.8 * hard + 0.2 * draw.random(len(hard)) < least for _ in range(n)]
        outputs[arm] = [Outputs(np.eye(2)[1 - one.astype(int)]) for one in right]
    targets = np.zeros(len(hard), int)
    return Predictions(outputs, targets, np.arange(len(hard)), 0)


def told(predictions: Predictions, n_groups: int, name: str, change: bool) -> Told:
    rows = np.split(np.arange(len(predictions.targets)), n_groups)
    figure = figures(ACCURACY, rows, predictions.targets)[name]
    seen = {arm: scores_of(figure, predictions, arm) for arm in predictions.outputs}
    return figure_change(figure, seen, CHANGE) if change else figure_level(figure, seen[()])


def held(found: Told, true: float) -> bool:
    return found.interval.low <= true <= found.interval.high


def test_figures_over_groups_are_those_of_fairlearn() -> None:
    draw = np.random.default_rng(0)
    labels, who = draw.integers(0, 2, 500), draw.choice(list("abcd"), 500)
    scores = np.clip(0.5 + 0.4 * (labels - 0.5) + 0.1 * (who == "c") + draw.normal(0, 0.25, 500), 0.01, 0.99)
    given = (scores > 0.5).astype(int)
    predictions = Predictions({(): [Outputs(np.column_stack([1 - scores, scores]))]}, labels, np.arange(500), 0)
    rows = [np.flatnonzero(who == name) for name in "abcd"]
    found = {
        name: figure_level(figure, scores_of(figure, predictions, ()))
        for name, figure in figures(ACCURACY, rows, labels, rows).items()
    }
    frame = MetricFrame(metrics=accuracy_score, y_true=labels, y_pred=given, sensitive_features=who)
    by_fairlearn = {
        "worst group": frame.group_min(),
        "gap": frame.difference(),
        "selection rate difference": demographic_parity_difference(labels, given, sensitive_features=who),
        "equalised odds difference": equalized_odds_difference(labels, given, sensitive_features=who),
    }
    assert {name: each.value for name, each in found.items()} == pytest.approx(by_fairlearn)
    ends = {(each.interval.low, each.interval.high) for each in found.values()}
    assert ends == {(0.0, 1.0)}, "of one replicate nothing is known"


@pytest.mark.parametrize(("n_groups", "each"), [(2, 150), (5, 60), (8, 50)])
def test_groups_that_are_alike_are_not_told_to_lie_apart(n_groups: int, each: int) -> None:
    """The jackknife of the largest difference, as it was, holds the gap of 0 in 0 % of eight groups of 50."""
    draw = np.random.default_rng([n_groups, each])
    runs = [arms(draw, [0.75] * n_groups, [0.85] * n_groups, each) for _ in range(20)]
    levels = [(told(run, n_groups, "worst group", False), told(run, n_groups, "gap", False)) for run in runs]
    changes = [(told(run, n_groups, "worst group", True), told(run, n_groups, "gap", True)) for run in runs]
    assert np.mean([gap.value for _, gap in levels]) > 0.02, "as seen it is larger than it is"
    assert sum(held(worst, 0.75) for worst, _ in levels) >= 18
    assert sum(held(gap, 0.0) for _, gap in levels) >= 18
    assert sum(held(worst, 0.1) for worst, _ in changes) >= 18
    assert sum(held(gap, 0.0) for _, gap in changes) >= 18
    assert all(held(found, found.value) for run in (*levels, *changes) for found in run)


def test_groups_that_lie_apart_are_told_apart_and_so_is_what_narrows_their_gap() -> None:
    run = arms(np.random.default_rng(0), [0.87, 0.82, 0.45], [0.87, 0.82, 0.75], 300, n=10)
    worst, gap = told(run, 3, "worst group", False), told(run, 3, "gap", False)
    assert worst.interval.high < 0.6
    assert gap.interval.low > 0.2
    assert told(run, 3, "worst group", True).interval.low > 0
    assert told(run, 3, "gap", True).interval.high < 0


def test_equal_arms_change_no_figure_and_a_contrast_of_many_arms_is_told_without_an_interval() -> None:
    run = arms(np.random.default_rng(0), [0.8, 0.7], [0.85, 0.85], 50)
    rows = np.split(np.arange(100), 2)
    for figure in figures(ACCURACY, rows, run.targets).values():
        base, step = (scores_of(figure, run, arm) for arm in ((), STEP))
        same = figure_change(figure, {(): base, STEP: base}, CHANGE)
        assert (same.value, same.interval.low, same.interval.high) == (0, 0, 0)
        both: Applied = (("step", False), ("other", False))
        many = figure_change(figure, {(): base, STEP: step, both: step}, {STEP: 0.5, both: 0.5, (): -1.0})
        assert many.value == pytest.approx(figure_change(figure, {(): base, STEP: step}, CHANGE).value)
        assert (many.interval.low, many.interval.high) == (-np.inf, np.inf)


def test_a_metric_of_which_less_is_better_has_the_highest_as_its_worst() -> None:
    run = arms(np.random.default_rng(0), [0.85, 0.6], [0.85, 0.6], 200)
    figure = figures(metric("log_loss"), np.split(np.arange(400), 2), run.targets)["worst group"]
    seen = scores_of(figure, run, ())
    found = figure_level(figure, seen)
    assert found.value == pytest.approx(seen.means.max())
    assert seen.means.min() < found.interval.low < found.value < found.interval.high


def test_families_that_reach_over_groups_count_once(
    small_families: Callable[[int], tuple[Figure, Predictions]],
) -> None:
    """A row of each of two groups in every family: what they share cancels in the gap."""
    figure, run = small_families(100)
    paired = scores_of(figure, run, ())
    alone = scores_of(figure, Predictions(run.outputs, run.targets, np.arange(200), 0), ())
    assert figure_level(figure, paired).interval.high <= figure_level(figure, alone).interval.high


@pytest.fixture
def small_families() -> Callable[[int], tuple[Figure, Predictions]]:
    """Two groups that hold the same rows, mean squared error of numbers."""

    def made(n: int) -> tuple[Figure, Predictions]:
        draw, said = np.random.default_rng(0), metric("mse")
        row, targets = draw.normal(0, 3, n), np.zeros(2 * n)
        outputs = [Outputs((np.tile(row, 2) + draw.normal(0, 0.3, 2 * n))[:, None]) for _ in range(5)]
        run = Predictions({(): outputs}, targets, np.tile(np.arange(n), 2), 0)
        return figures(said, np.split(np.arange(2 * n), 2), targets)["gap"], run

    return made

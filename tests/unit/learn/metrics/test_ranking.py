"""Areas under curves against scikit-learn: ties, one side only, several classes, weights; what a jackknife costs."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from curate.kernels.jackknife import WeighedStatistic, jackknife
from curate.kernels.ranking import average_precision, roc_area
from curate.learn.metrics import METRICS, metric
from curate.learn.outputs import Outputs

ROC, PR = METRICS["roc_auc"], METRICS["pr_auc"]


@given(st.integers(0, 10_000), st.integers(2, 60), st.sampled_from([2, 5, 1000]), st.floats(0.05, 0.95))
def test_areas_with_ties_and_weights_are_those_of_scikit_learn(seed: int, n: int, levels: int, share: float) -> None:
    draw = np.random.default_rng(seed)
    scores, positive = draw.integers(0, levels, n) / levels, draw.random(n) < share
    weights = draw.integers(0, 4, n).astype(np.float64)
    for area, score in ((roc_area, roc_auc_score), (average_precision, average_precision_score)):
        made = area(scores, positive)
        if not positive.any() or (area is roc_area and positive.all()):
            assert made is None
            continue
        for given_weights in (np.ones(n), weights, weights + 0.25):
            got = float(made(given_weights[:, None])[0])
            sides = given_weights[positive].sum(), given_weights[~positive].sum()
            if not sides[0] or (area is roc_area and not sides[1]):
                assert np.isnan(got)
            else:
                assert got == pytest.approx(score(positive, scores, sample_weight=given_weights))


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_several_classes_are_one_against_the_rest(n_classes: int) -> None:
    draw = np.random.default_rng(n_classes)
    probs, labels = draw.dirichlet(np.ones(n_classes), 200), draw.integers(0, n_classes, 200)
    actual = np.eye(n_classes, dtype=bool)[labels]
    plain = probs[:, 1] if n_classes == 2 else probs
    assert ROC.value(Outputs(probs), labels) == pytest.approx(roc_auc_score(labels, plain, multi_class="ovr"))
    assert PR.value(Outputs(probs), labels) == pytest.approx(average_precision_score(actual, probs, average="macro"))
    names = [f"c{at}" for at in range(n_classes)]
    for at, name in enumerate(names):
        one = average_precision_score(actual[:, at], probs[:, at])
        assert metric(f"pr_auc:{name}", names).value(Outputs(probs), labels) == pytest.approx(one)
        one = roc_auc_score(actual[:, at], probs[:, at])
        assert metric(f"roc_auc:{name}", names).value(Outputs(probs), labels) == pytest.approx(one)


def test_one_class_alone_ranks_nothing_and_an_absent_class_is_left_out() -> None:
    probs = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    same = np.zeros(20, int)
    assert ROC.value(Outputs(probs), same) == 0.5
    assert PR.value(Outputs(probs), same) == 1.0
    assert metric("pr_auc:b", ["a", "b", "c"]).value(Outputs(probs), same) == 0.0
    two = np.arange(20) % 2
    want = np.mean([roc_auc_score(two == at, probs[:, at]) for at in range(2)])
    assert ROC.value(Outputs(probs), two) == pytest.approx(want)


@pytest.mark.slow
def test_a_jackknife_of_areas_costs_seconds_and_finds_the_better_arm() -> None:
    """2,000 rows, 10 replicates, 2 arms, 1,000 groups left out: under 1 s of CPU time each on two slow cores."""
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, 2000)
    for each in (ROC, PR):
        arms = []
        for skill in (1.0, 0.7):
            scores = labels * skill + draw.normal(size=(10, 2000))
            probs = 1 / (1 + np.exp(-scores))
            arms.append(tuple(each.under(Outputs(np.stack([1 - p, p], axis=1)), labels) for p in probs))
        began = time.process_time()
        found = jackknife(WeighedStatistic(tuple(arms), (1.0, -1.0)), n_rows=2000)
        assert time.process_time() - began < 6, "three times what was measured"
        low, high = found.on_new_data().interval()
        assert 0 < low < found.delta < high

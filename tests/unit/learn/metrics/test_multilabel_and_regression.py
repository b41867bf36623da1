"""Metrics of sets of classes and of numbers against scikit-learn, also under row multiplicities and in odd cases."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from curate.errors import CurateError
from curate.learn.metrics import METRICS, metrics_of
from curate.learn.outputs import Outputs


def sets(seed: int, n_rows: int = 40, n_classes: int = 4, share: float = 0.4) -> tuple:
    draw = np.random.default_rng(seed)
    return draw.random((n_rows, n_classes)), draw.random((n_rows, n_classes)) < share


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 5), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
def test_sets_of_classes_are_scored_as_by_scikit_learn(seed: int, n_rows: int, n_classes: int, share: float) -> None:
    probs, actual = sets(seed, n_rows, n_classes, share)
    predicted = probs > 0.5
    ours = {each.name: each.value(Outputs(probs), actual) for each in metrics_of("multilabel")}
    assert ours["subset_accuracy"] == pytest.approx((predicted == actual).all(axis=1).mean())
    assert ours["hamming_loss"] == pytest.approx((predicted != actual).mean())
    if n_classes > 1:
        assert ours["subset_accuracy"] == pytest.approx(reference.accuracy_score(actual, predicted))
        assert ours["hamming_loss"] == pytest.approx(reference.hamming_loss(actual, predicted))
    named = (predicted | actual).any(axis=0)
    for figure in ("precision", "recall", "f1"):
        score = getattr(reference, f"{figure}_score")
        each = [score(actual[:, at], predicted[:, at], zero_division=0) for at in np.flatnonzero(named)]
        assert ours[f"macro_{figure}"] == pytest.approx(np.mean(each) if each else 0.0)
        want = score(actual.ravel(), predicted.ravel(), zero_division=0)
        assert ours[f"micro_{figure}"] == pytest.approx(want)
    with warnings.catch_warnings(action="ignore"):
        areas = [reference.average_precision_score(actual[:, at], probs[:, at]) for at in range(n_classes)]
    some = actual.any(axis=0)
    assert ours["pr_auc"] == pytest.approx(np.mean(np.array(areas)[some]) if some.any() else 0.0)


def test_macro_and_micro_are_scikit_learns_where_every_class_is_named() -> None:
    probs, actual = sets(1, 100)
    for average in ("macro", "micro"):
        want = reference.f1_score(actual, probs > 0.5, average=average)
        assert METRICS[f"{average}_f1"].value(Outputs(probs), actual) == pytest.approx(want)
    want = reference.roc_auc_score(actual, probs, average="macro")
    assert METRICS["roc_auc"].value(Outputs(probs), actual) == pytest.approx(want)


@given(st.integers(0, 10_000), st.integers(1, 30), st.booleans())
def test_numbers_are_scored_as_by_scikit_learn(seed: int, n_rows: int, constant: bool) -> None:
    draw = np.random.default_rng(seed)
    targets = np.full(n_rows, 4.0) if constant else draw.normal(1e6, 2, n_rows)
    values = targets + draw.normal(size=n_rows) * draw.integers(0, 2)
    ours = {each.name: each.value(Outputs(values[:, None]), targets) for each in metrics_of("regression")}
    assert ours["mae"] == pytest.approx(reference.mean_absolute_error(targets, values))
    assert ours["mse"] == pytest.approx(reference.mean_squared_error(targets, values))
    assert ours["rmse"] == pytest.approx(reference.root_mean_squared_error(targets, values))
    if n_rows > 1:
        assert ours["r2"] == pytest.approx(reference.r2_score(targets, values), rel=1e-6)


@pytest.mark.parametrize("task", ["multilabel", "regression"])
def test_counts_are_the_same_as_repeated_rows(task: str) -> None:
    draw = np.random.default_rng(3)
    if task == "multilabel":
        values, targets = sets(3)
    else:
        targets = draw.normal(size=40)
        values = targets[:, None] + draw.normal(size=(40, 1))
    counts = draw.multinomial(40, np.full(40, 1 / 40), size=4)
    for each in metrics_of(task):  # type: ignore[arg-type]
        for value, row in zip(each.values(Outputs(values), targets, counts), counts, strict=True):
            rows = np.repeat(np.arange(40), row)
            assert value == pytest.approx(each.value(Outputs(values[rows]), targets[rows])), each.name


def test_what_does_not_fit_is_refused() -> None:
    probs, actual = sets(0)
    for name, outputs, targets in (
        ("macro_f1", probs[:, :2], actual),
        ("subset_accuracy", probs[:5], actual),
        ("mae", np.zeros((3, 2)), np.zeros(3)),
        ("r2", np.zeros((0, 1)), np.zeros(0)),
    ):
        with pytest.raises(CurateError):
            METRICS[name].value(Outputs(outputs), targets)

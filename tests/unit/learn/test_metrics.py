"""Metrics against scikit-learn, also under row multiplicities, and against the definitions where it has none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from curate.errors import CurateError, UnknownName
from curate.learn.metrics import ACCURACY, ECE, LOG_LOSS, MACRO_F1, METRICS, N_BINS, class_f1, metric, report
from curate.learn.outputs import Outputs


def predictions(seed: int, n_rows: int = 60, n_classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return draw.dirichlet(np.full(n_classes, 0.5), size=n_rows), draw.integers(0, n_classes, size=n_rows)


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(2, 6))
def test_values_are_those_of_scikit_learn(seed: int, n_rows: int, n_classes: int) -> None:
    probs, labels = predictions(seed, n_rows, n_classes)
    predicted, classes = probs.argmax(axis=1), np.arange(n_classes)
    assert ACCURACY.value(Outputs(probs), labels) == pytest.approx(reference.accuracy_score(labels, predicted))
    assert LOG_LOSS.value(Outputs(probs), labels) == pytest.approx(reference.log_loss(labels, probs, labels=classes))
    assert MACRO_F1.value(Outputs(probs), labels) == pytest.approx(
        reference.f1_score(labels, predicted, average="macro")
    )
    each = reference.f1_score(labels, predicted, labels=classes, average=None, zero_division=0)
    assert [class_f1(i, str(i)).value(Outputs(probs), labels) for i in classes] == pytest.approx(each.tolist())


@given(st.integers(0, 10_000))
def test_counts_are_the_same_as_repeated_rows(seed: int) -> None:
    probs, labels = predictions(seed)
    counts = np.random.default_rng(seed + 1).multinomial(60, np.full(60, 1 / 60), size=5)
    for each in (*METRICS.values(), class_f1(1, "one")):
        at_once = each.values(Outputs(probs), labels, counts)
        assert at_once.shape == (5,)
        for value, row in zip(at_once, counts, strict=True):
            rows = np.repeat(np.arange(60), row)
            assert value == pytest.approx(each.value(Outputs(probs[rows]), labels[rows]))
            assert value == pytest.approx(each.value(Outputs(probs), labels, counts=row))


def test_macro_f1_with_weights_is_that_of_scikit_learn() -> None:
    probs, labels = predictions(3)
    weights = np.random.default_rng(4).random(60)
    want = reference.f1_score(labels, probs.argmax(axis=1), average="macro", sample_weight=weights)
    assert MACRO_F1.value(Outputs(probs), labels, counts=weights) == pytest.approx(want)


def test_additive_metrics_are_means_of_their_rows() -> None:
    probs, labels = predictions(5)
    for each in METRICS.values():
        if each.additive:
            assert each.per_row(Outputs(probs), labels).mean() == pytest.approx(each.value(Outputs(probs), labels))
        else:
            with pytest.raises(CurateError, match="not a mean over rows"):
                each.per_row(Outputs(probs), labels)


def test_calibration_error_by_its_definition() -> None:
    probs, labels = predictions(6, n_rows=500)
    confidence, hit = probs.max(axis=1), probs.argmax(axis=1) == labels
    want = 0.0
    for low in range(N_BINS):
        inside = (confidence > low / N_BINS) & (confidence <= (low + 1) / N_BINS)
        if inside.any():
            want += inside.mean() * abs(confidence[inside].mean() - hit[inside].mean())
    assert ECE.value(Outputs(probs), labels) == pytest.approx(want)


def test_certain_and_right_is_perfect_and_a_probability_of_0_stays_finite() -> None:
    probs = np.eye(3)
    labels = np.arange(3)
    assert [METRICS[name].value(Outputs(probs), labels) for name in ("accuracy", "macro_f1", "ece")] == [1, 1, 0]
    assert LOG_LOSS.value(Outputs(probs), labels) == pytest.approx(0, abs=1e-9)
    assert LOG_LOSS.value(Outputs(probs), np.array([1, 2, 0])) == pytest.approx(36.04, abs=0.01)


def test_metrics_are_found_by_name() -> None:
    assert metric("log_loss").direction == "lower"
    assert metric("f1:Sport", ["World", "Sport"]).name == "f1:Sport"
    with pytest.raises(UnknownName, match="accuracy"):
        metric("acuracy")


def test_the_report_names_every_metric_and_class() -> None:
    probs, labels = predictions(7, n_classes=2)
    assert list(report(Outputs(probs), labels, ["no", "yes"])) == [
        "accuracy",
        "macro_f1",
        "log_loss",
        "ece",
        "f1:no",
        "f1:yes",
    ]


@pytest.mark.parametrize(
    ("probs", "labels"),
    [(np.zeros((0, 2)), np.zeros(0, int)), (np.eye(2), np.array([0])), (np.eye(2), np.array([0, 2]))],
)
def test_what_does_not_fit_is_refused(probs: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(CurateError):
        ACCURACY.value(Outputs(probs), labels)

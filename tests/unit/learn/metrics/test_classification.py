"""Metrics of classes against scikit-learn and torchmetrics, also under row multiplicities and in odd cases."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from curate.errors import CurateError
from curate.learn.metrics import ACCURACY, BRIER, ECE, LOG_LOSS, MACRO_F1, METRICS, N_BINS, confusion, metric
from curate.learn.outputs import Outputs

OF_CLASSES = [each for each in METRICS.values() if "classification" in each.tasks]


def predictions(seed: int, n_rows: int = 60, n_classes: int = 4, n_seen: int | None = None) -> tuple:
    """Probabilities with ties, and labels of which only the first `n_seen` classes occur."""
    draw = np.random.default_rng(seed)
    probs = draw.dirichlet(np.full(n_classes, 0.5), size=n_rows)
    tied = draw.random(n_rows) < 0.3
    probs[tied] = np.eye(n_classes)[draw.integers(0, n_classes, tied.sum())]
    return probs, draw.integers(0, n_seen or n_classes, size=n_rows)


CASES = given(st.integers(0, 10_000), st.integers(1, 40), st.integers(2, 6), st.integers(1, 6))


@CASES
def test_values_are_those_of_scikit_learn(seed: int, n_rows: int, n_classes: int, n_seen: int) -> None:
    probs, labels = predictions(seed, n_rows, n_classes, min(n_seen, n_classes))
    predicted, classes = probs.argmax(axis=1), np.arange(n_classes)
    ours = {each.name: each.value(Outputs(probs), labels) for each in OF_CLASSES}
    assert ours["accuracy"] == pytest.approx(reference.accuracy_score(labels, predicted))
    assert ours["log_loss"] == pytest.approx(reference.log_loss(labels, probs, labels=classes))
    with warnings.catch_warnings(action="ignore"):
        assert ours["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(labels, predicted))
    for figure in ("precision", "recall", "f1"):
        score = getattr(reference, f"{figure}_score")
        for average in ("macro", "micro"):
            want = score(labels, predicted, average=average, zero_division=0)
            assert ours[f"{average}_{figure}"] == pytest.approx(want)
        each = score(labels, predicted, labels=classes, average=None, zero_division=0)
        names = [str(at) for at in classes]
        mine = [metric(f"{figure}:{name}", names).value(Outputs(probs), labels) for name in names]
        assert mine == pytest.approx(each.tolist())
    want = reference.f1_score(labels, predicted, average="weighted", zero_division=0)
    assert ours["weighted_f1"] == pytest.approx(want)


@CASES
def test_confusion_is_that_of_scikit_learn(seed: int, n_rows: int, n_classes: int, n_seen: int) -> None:
    probs, labels = predictions(seed, n_rows, n_classes, min(n_seen, n_classes))
    want = reference.confusion_matrix(labels, probs.argmax(axis=1), labels=np.arange(n_classes))
    assert (confusion(Outputs(probs), labels) == want).all()


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_brier_score_is_that_of_scikit_learn(n_classes: int) -> None:
    probs, labels = predictions(2, 200, n_classes)
    given = probs[:, 1] if n_classes == 2 else probs
    want = reference.brier_score_loss(labels, given, labels=None if n_classes == 2 else np.arange(n_classes))
    assert BRIER.value(Outputs(probs), labels) == pytest.approx(want)


@pytest.mark.parametrize("n_classes", [2, 5])
def test_the_calibration_error_is_that_of_torchmetrics(n_classes: int) -> None:
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchmetrics.functional.classification")
    probs, labels = predictions(2, 500, n_classes)
    want = functional.multiclass_calibration_error(
        torch.tensor(probs), torch.tensor(labels), num_classes=n_classes, n_bins=N_BINS, norm="l1"
    )
    assert ECE.value(Outputs(probs), labels) == pytest.approx(float(want), abs=1e-6)


def test_calibration_error_by_its_definition() -> None:
    probs, labels = predictions(6, n_rows=500)
    confidence, hit = probs.max(axis=1), probs.argmax(axis=1) == labels
    want = 0.0
    for low in range(N_BINS):
        inside = (confidence > low / N_BINS) & (confidence <= (low + 1) / N_BINS)
        if inside.any():
            want += inside.mean() * abs(confidence[inside].mean() - hit[inside].mean())
    assert ECE.value(Outputs(probs), labels) == pytest.approx(want)


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_counts_are_the_same_as_repeated_rows(seed: int, n_seen: int) -> None:
    probs, labels = predictions(seed, n_seen=n_seen)
    counts = np.random.default_rng(seed + 1).multinomial(60, np.full(60, 1 / 60), size=3)
    names = ["a", "b", "c", "d"]
    of_class = [metric(f"{kind}:b", names) for kind in ("f1", "precision", "recall", "roc_auc", "pr_auc")]
    for each in (*OF_CLASSES, *of_class):
        at_once = each.values(Outputs(probs), labels, counts)
        assert at_once.shape == (3,)
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
    assert {each.name for each in OF_CLASSES if each.additive} == {"accuracy", "log_loss", "brier"}
    for each in OF_CLASSES:
        if each.additive:
            assert each.per_row(Outputs(probs), labels).mean() == pytest.approx(each.value(Outputs(probs), labels))
        else:
            with pytest.raises(CurateError, match="not a mean over rows"):
                each.per_row(Outputs(probs), labels)


def test_certain_and_right_is_perfect_and_a_probability_of_0_stays_finite() -> None:
    probs = np.eye(3)
    labels = np.arange(3)
    for each in OF_CLASSES:
        perfect = 1 if each.direction == "higher" else 0
        assert each.value(Outputs(probs), labels) == pytest.approx(perfect, abs=1e-9), each.name
    assert LOG_LOSS.value(Outputs(probs), np.array([1, 2, 0])) == pytest.approx(36.04, abs=0.01)


@pytest.mark.parametrize(
    ("probs", "labels"),
    [(np.zeros((0, 2)), np.zeros(0, int)), (np.eye(2), np.array([0])), (np.eye(2), np.array([0, 2]))],
)
def test_what_does_not_fit_is_refused(probs: np.ndarray, labels: np.ndarray) -> None:
    for each in (ACCURACY, MACRO_F1, METRICS["roc_auc"]):
        with pytest.raises(CurateError):
            each.value(Outputs(probs), labels)

"""Losses against formulas written out in NumPy, row by row, and against torch's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

torch = pytest.importorskip("torch", reason="losses are torch's")

from curate.learn.examples import Examples  # noqa: E402
from curate.learn.loss import ClassLoss, LabelLoss, mean_one, number_losses, weighted  # noqa: E402
from curate.learn.monitor import chance_loss  # noqa: E402
from curate.learn.training import Training  # noqa: E402

SCORES = arrays(np.float32, (5, 4), elements=st.floats(-20, 20, width=32))
LABELS = arrays(np.int64, 5, elements=st.integers(0, 3))
TOTALS = arrays(np.float64, 4, elements=st.floats(0.5, 1000))
SHARE = st.floats(0, 0.9)


def log_softmax(scores: np.ndarray) -> np.ndarray:
    scores = scores.astype(np.float64)
    top = scores.max(axis=-1, keepdims=True)
    return scores - top - np.log(np.exp(scores - top).sum(axis=-1, keepdims=True))


@given(SCORES, LABELS, TOTALS, SHARE, st.floats(0, 5), st.floats(0, 2), st.booleans())
def test_the_loss_of_classes_is_the_formula(scores, labels, totals, smoothing, gamma, tau, balanced) -> None:
    training = Training(
        label_smoothing=smoothing,
        focal_gamma=gamma,
        logit_adjustment=tau,
        class_weights="balanced" if balanced else None,
    )
    found = ClassLoss.of(training, totals)(torch.from_numpy(scores), torch.from_numpy(labels))
    shares = totals / totals.sum()
    logs = log_softmax(scores + tau * np.log(shares))
    wanted = (1 - smoothing) * np.eye(4)[labels] + smoothing / 4
    losses = -(wanted * logs).sum(axis=1) * (1 - np.exp(logs[np.arange(5), labels])) ** gamma
    losses *= (1 / (4 * shares))[labels] if balanced else 1.0
    assert found.numpy() == pytest.approx(losses, rel=2e-3, abs=2e-4)


@given(SCORES, LABELS, SHARE)
def test_without_settings_it_is_that_of_torch(scores, labels, smoothing) -> None:
    scores, labels = torch.from_numpy(scores), torch.from_numpy(labels)
    found = ClassLoss(label_smoothing=smoothing)(scores, labels)
    plain = torch.nn.CrossEntropyLoss(label_smoothing=smoothing, reduction="none")(scores, labels)
    assert torch.equal(found, plain)


def test_balanced_classes_count_alike_and_leave_the_mean_weight_1() -> None:
    totals = np.array([90.0, 9.0, 1.0])
    weights = ClassLoss.of(Training(class_weights="balanced"), totals).class_weights.numpy()
    assert weights * totals == pytest.approx(np.full(3, 100 / 3), rel=1e-6)


def test_an_adjusted_model_prefers_the_rare_class_when_it_predicts() -> None:
    """Scores that are log shares say nothing; in training they are doubled, so that the model need not learn them."""
    loss = ClassLoss.of(Training(logit_adjustment=1.0), np.array([99.0, 1.0]))
    assert loss(torch.zeros(1, 2), torch.tensor([1])).item() == pytest.approx(-np.log(0.01), rel=1e-5)


@given(SCORES, arrays(np.bool_, (5, 4)), SHARE, st.floats(0, 5))
def test_the_loss_of_labels_is_the_mean_cross_entropy_of_each(scores, targets, smoothing, gamma) -> None:
    found = LabelLoss(smoothing, gamma)(torch.from_numpy(scores), torch.from_numpy(targets)).numpy()
    signed = np.where(targets, scores, -scores).astype(np.float64)
    losses = (1 - smoothing / 2) * np.log1p(np.exp(-signed)) + smoothing / 2 * np.log1p(np.exp(signed))
    wanted = (losses * (1 / (1 + np.exp(signed))) ** gamma).mean(axis=1)
    assert found == pytest.approx(wanted, rel=1e-3, abs=1e-4)


def least(loss, goals, n_outputs: int) -> float:
    """What the best scores that are the same for every row cost."""
    scores = torch.zeros(1, n_outputs, requires_grad=True)
    optimiser = torch.optim.LBFGS([scores], max_iter=200, line_search_fn="strong_wolfe")

    def cost():
        optimiser.zero_grad()
        total = loss(scores.expand(len(goals), -1), goals).mean()
        total.backward()
        return total

    optimiser.step(cost)
    return float(cost().detach())


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("gamma", [0.0, 2.0])
@pytest.mark.parametrize("balanced", [None, "balanced"])
@pytest.mark.parametrize("tau", [0.0, 1.0])
def test_chance_is_the_least_that_the_trained_loss_costs_on_a_constant(smoothing, gamma, balanced, tau) -> None:
    labels = np.array([0] * 90 + [1] * 8 + [3] * 2)
    settings = {"label_smoothing": smoothing, "focal_gamma": gamma, "class_weights": balanced}
    loss = ClassLoss.of(Training(**settings, logit_adjustment=tau), np.array([90.0, 8.0, 2.0]))
    found = chance_loss(Examples(["a"] * 100, labels, None, 4), **settings)
    goals = torch.from_numpy(np.searchsorted([0, 1, 3], labels))
    assert found == pytest.approx(least(loss, goals, 3), rel=1e-3)
    targets = np.stack([labels == 0, labels > 1, labels > 5], 1)
    several = chance_loss(
        Examples(["a"] * 100, targets, None, 3, "multilabel"), label_smoothing=smoothing, focal_gamma=gamma
    )
    own = least(LabelLoss(smoothing, gamma), torch.from_numpy(targets[:, :2]).float(), 2)
    assert several == pytest.approx(own, rel=1e-3)


@given(arrays(np.float32, 5, elements=st.floats(-100, 100, width=32)))
def test_the_loss_of_numbers_is_the_squared_error(numbers) -> None:
    found = number_losses(torch.from_numpy(numbers), torch.zeros(5, dtype=torch.float64))
    assert found.numpy() == pytest.approx(numbers.astype(np.float64) ** 2, rel=1e-5)


def test_bfloat16_scores_are_reckoned_in_float32() -> None:
    scores = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)).bfloat16()
    labels = torch.tensor([0, 1, 2, 0])
    assert torch.equal(ClassLoss()(scores, labels), ClassLoss()(scores.float(), labels))


def test_weights_multiply_and_rows_divide() -> None:
    losses, weights = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 0.0])
    assert [float(part) for part in weighted(losses, None)] == [4.0, 2.0]
    assert [float(part) for part in weighted(losses, weights)] == [2.0, 2.0]


@given(arrays(np.float64, 6, elements=st.floats(0.01, 100)), st.permutations(range(6)))
def test_weights_of_mean_1_do_not_depend_on_the_order(weights, order) -> None:
    assert mean_one(weights, 6).mean() == pytest.approx(1, rel=1e-5)
    assert mean_one(weights, 6)[order].tobytes() == mean_one(weights[order], 6).tobytes()
    assert mean_one(None, 3).tolist() == [1, 1, 1]

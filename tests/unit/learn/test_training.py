"""Settings of a training: schedules, budgets, and what counts in a fingerprint."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.errors import CurateError
from curate.learn.training import Training


@given(st.sampled_from(["linear", "cosine", "plateau", "constant"]), st.floats(0, 0.99), st.integers(1, 500))
def test_rates_rise_then_fall_and_stay_between_0_and_1(schedule, warmup, n_steps) -> None:
    training = Training(schedule=schedule, warmup_fraction=warmup)
    rates = [training.rate(step, n_steps) for step in range(n_steps)]
    n_warm = round(warmup * n_steps)
    assert all(0 < rate <= 1 for rate in rates)
    assert rates[:n_warm] == sorted(rates[:n_warm])
    assert rates[n_warm:] == sorted(rates[n_warm:], reverse=True)
    assert n_warm == 0 or rates[n_warm - 1] == 1


def test_rates_are_the_formulas() -> None:
    linear, cosine = (Training(schedule=name, warmup_fraction=0.2) for name in ("linear", "cosine"))
    for step in range(2, 10):
        done = (step - 2) / 8
        assert linear.rate(step, 10) == pytest.approx(1 - done)
        assert cosine.rate(step, 10) == pytest.approx((1 + math.cos(math.pi * done)) / 2)


def test_steps() -> None:
    assert Training(batch_rows=10, n_epochs=2).n_steps(95) == 20
    assert Training(batch_rows=10, n_epochs=2, accumulate_steps=4).n_steps(95) == 6
    assert Training(batch_rows=10, n_epochs=2, min_steps=50).n_steps(95) == 50
    assert Training(batch_rows=10).on_budget(95).max_steps == 30


def test_what_changes_no_result_does_not_count() -> None:
    other = Training(checkpoint_every=5, checkpoint_folder="a", tensorboard="b", mlflow="c")
    assert other.model_dump() == Training().model_dump()
    assert Training(learning_rate=1e-3).model_dump() != Training().model_dump()


def test_checkpoints_are_named_after_all_that_is_told_and_need_a_folder(tmp_path) -> None:
    kept = Training(checkpoint_folder=tmp_path)
    assert kept.checkpoint("rows", 1) == kept.checkpoint("rows", 1) != kept.checkpoint("rows", 2)
    assert Training().checkpoint("rows") is None
    with pytest.raises(CurateError, match="without a checkpoint_folder"):
        Training(checkpoint_every=5).checkpoint("rows")


@pytest.mark.parametrize(
    "wrong", [{"learning_rate": 0}, {"schedule": "step"}, {"layer_decay": 0}, {"n_looks": 0}, {"epochs": 3}]
)
def test_settings_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        Training.model_validate(wrong)

"""Arms: each question needs just the arms it names, and questions share them."""

from __future__ import annotations

import pytest

from curate.measure.arms import arm_name, arms, full_arm, questions

A, B, C = (("a", False),), (("b", False),), (("c", False),)


def test_alone_holds_each_step_against_the_base() -> None:
    first, second = questions(["a", "b"], "alone")
    assert first.effect == {A: 1.0, (): -1.0}
    assert second.placebo == {(("b", True),): 1.0, (): -1.0}
    assert first.beyond == {A: 1.0, (("a", True),): -1.0}


def test_leaving_one_out_holds_all_steps_against_the_rest_with_the_placebo_in_the_same_place() -> None:
    first, _, _ = questions(["a", "b", "c"], "leave-one-out")
    assert first.effect == {A + B + C: 1.0, B + C: -1.0}
    assert first.placebo == {(("a", True), *B, *C): 1.0, B + C: -1.0}


@pytest.mark.parametrize("attribution", ["alone", "leave-one-out", "shapley"])
def test_every_contrast_sums_to_nothing(attribution: str) -> None:
    for question in questions(["a", "b", "c"], attribution):  # type: ignore[arg-type]
        assert sum(question.effect.values()) == pytest.approx(0)
        assert sum(question.placebo.values()) == 0


def test_shapley_values_of_all_steps_make_up_the_full_arm_minus_the_base() -> None:
    total: dict[object, float] = {}
    for question in questions(["a", "b", "c"], "shapley"):
        for arm, weight in question.effect.items():
            total[arm] = total.get(arm, 0.0) + weight
    left = {arm: weight for arm, weight in total.items() if abs(weight) > 1e-12}
    assert left == {full_arm(["a", "b", "c"]): pytest.approx(1), (): pytest.approx(-1)}


def test_arms_are_named_once() -> None:
    steps = ["a", "b"]
    asked = questions(steps, "alone") + questions(steps, "leave-one-out")
    wanted = arms(asked, steps)
    assert len(wanted) == len(set(wanted)) == 8
    assert arm_name(wanted[0]) == "base"
    assert arm_name((("a", False), ("b", True))) == "a + placebo of b"

"""Arms: each question needs just the arms it names, and questions share them."""

from __future__ import annotations

import numpy as np
import pytest

from curate.measure.arms import N_ORDERS, Applied, arm_name, arms, full_arm, in_orders, questions

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


@pytest.mark.parametrize("steps", ["abc", "abcdef"])
@pytest.mark.parametrize("attribution", ["alone", "leave-one-out", "shapley"])
def test_every_contrast_sums_to_nothing(attribution: str, steps: str) -> None:
    for question in questions([*steps], attribution):  # type: ignore[arg-type]
        assert sum(question.effect.values()) == pytest.approx(0)
        assert sum(question.placebo.values()) == 0


def test_shapley_values_of_all_steps_make_up_the_full_arm_minus_the_base() -> None:
    total: dict[object, float] = {}
    for question in questions(["a", "b", "c"], "shapley"):
        for arm, weight in question.effect.items():
            total[arm] = total.get(arm, 0.0) + weight
    left = {arm: weight for arm, weight in total.items() if abs(weight) > 1e-12}
    assert left == {full_arm(["a", "b", "c"]): pytest.approx(1), (): pytest.approx(-1)}


def drawn(steps: str, seed: int) -> dict[Applied, Applied]:
    draw = np.random.default_rng(seed)
    half = [draw.permutation(len(steps)).tolist() for _ in range(N_ORDERS // 2)]
    return in_orders([*steps], half + [order[::-1] for order in half])


def test_sampled_shapley_values_make_up_the_whole_in_every_replicate_and_are_exact_on_average() -> None:
    """Three steps do something only together: each is worth a third, the other three nothing."""
    worth = lambda arm: float({("a", False), ("b", False), ("c", False)} <= set(arm))  # noqa: E731
    asked, seen = questions([*"abcdef"], "shapley"), []
    for seed in range(200):
        real = drawn("abcdef", seed)
        seen.append([sum(weight * worth(real[arm]) for arm, weight in one.effect.items()) for one in asked])
    assert np.sum(seen, axis=1) == pytest.approx(1.0)
    assert np.mean(seen, axis=0) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0, 0, 0], abs=0.03)


def test_the_arms_of_drawn_orders_apply_steps_in_the_order_of_the_recipe() -> None:
    real = in_orders(["a", "b", "c"], [[2, 0, 1], [1, 0, 2]])
    assert real[(("before c in order 1", False),)] == ()
    assert real[(("up to a in order 1", False),)] == A + C
    assert real[(("up to c in order 2", False),)] == A + B + C


def test_arms_are_named_once() -> None:
    steps = ["a", "b"]
    asked = questions(steps, "alone") + questions(steps, "leave-one-out")
    wanted = arms(asked, steps)
    assert len(wanted) == len(set(wanted)) == 8
    assert arm_name(wanted[0]) == "base"
    assert arm_name((("a", False), ("b", True))) == "a + placebo of b"

"""Attribution: Shapley's axioms, and what differs between the ways is the interaction."""

from __future__ import annotations

import numpy as np
import pytest

from curate.kernels.attribution import alone, combine, leave_one_out, shapley, subsets


def values(n_steps: int, seed: int = 0) -> dict[int, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {mask: rng.normal(size=(3, 4)) for mask in range(1 << n_steps)}


@pytest.mark.parametrize("n_steps", [1, 2, 3, 4])
def test_the_shares_add_up_to_the_whole_effect(n_steps: int) -> None:
    by_subset = values(n_steps)
    shares = sum(combine(contrast, by_subset) for contrast in shapley(n_steps))
    assert shares == pytest.approx(by_subset[(1 << n_steps) - 1] - by_subset[0])


def test_steps_that_do_not_interact_get_the_same_by_every_way() -> None:
    worth = np.array([0.5, -0.2, 0.1])
    by_subset = {mask: sum(worth[i] for i in range(3) if mask >> i & 1) for mask in range(8)}
    for way in (alone, leave_one_out, shapley):
        assert [combine(contrast, by_subset).item() for contrast in way(3)] == pytest.approx(worth)


def test_a_pure_interaction_is_shared_equally() -> None:
    by_subset = {0: 0.0, 1: 0.0, 2: 0.0, 3: 1.0}
    assert [combine(c, by_subset).item() for c in shapley(2)] == [0.5, 0.5]
    assert [combine(c, by_subset).item() for c in alone(2)] == [0.0, 0.0]
    assert [combine(c, by_subset).item() for c in leave_one_out(2)] == [1.0, 1.0]


def test_the_arms_that_are_needed() -> None:
    assert subsets(alone(3)) == [0, 1, 2, 4]
    assert subsets(shapley(3)) == list(range(8))


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="exact up to 4 steps"):
        shapley(5)
    with pytest.raises(KeyError):
        combine({1: 1.0, 0: -1.0}, {0: 1.0})

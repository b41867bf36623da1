"""Rank agreement: tau as scipy has it, and noise lowers it, which is why it is told as seen."""

from __future__ import annotations

import numpy as np
import pytest

from curate.kernels.agreement import tau_b


def test_equal_ranks_agree_and_turned_ones_do_not() -> None:
    assert tau_b(range(5), np.arange(5) ** 2) == 1.0
    assert tau_b(range(5), -np.arange(5)) == -1.0


def test_ties_count_as_ties_and_all_equal_is_no_ranking() -> None:
    assert tau_b([1, 1, 2], [1, 2, 3]) == pytest.approx(2 / np.sqrt(6))
    assert tau_b([0, 0, 0], [1, 2, 3]) is None


def test_two_measurements_of_the_same_effects_agree_less_than_the_effects_do() -> None:
    draw, effects = np.random.default_rng(0), np.linspace(0, 2.5, 6)
    seen = [tau_b(*(effects + draw.normal(0, 1, 6) for _ in range(2))) for _ in range(300)]
    assert 0.25 < np.mean(seen) < 0.45

"""Bins of a reliability diagram: intervals that hold where replicates lie apart and where all answers are right."""

from __future__ import annotations

import numpy as np
import pytest

from curate.measure.reliability import share_right
from curate.measure.told import of_share


def test_replicates_that_lie_apart_widen_the_interval() -> None:
    """Five replicates with 80 % on average, 4 points apart: held in 92 % of 400 worlds, by Wilson's in few."""
    draw, held, by_wilson = np.random.default_rng(0), 0, 0
    for _ in range(400):
        shares = np.clip(0.8 + 0.04 * draw.standard_normal(5), 0, 1)
        right = draw.random((5, 3000)) < shares[:, None]
        told, alone = share_right(right, draw.random((5, 3000)) < 0.5, 3000.0), of_share(float(right.mean()), 3000)
        held += told.interval.low <= 0.8 <= told.interval.high
        by_wilson += alone.low <= 0.8 <= alone.high
    assert held >= 0.92 * 400
    assert by_wilson < 0.75 * 400


def test_answers_that_are_all_right_are_no_certainty() -> None:
    told = share_right(np.ones((5, 40), np.bool_), np.ones((5, 40), np.bool_), 40.0)
    assert (told.interval.low, told.interval.high) == pytest.approx((of_share(1.0, 40).low, 1.0))


def test_of_one_replicate_nothing_is_known() -> None:
    told = share_right(np.ones((1, 40), np.bool_), np.ones((1, 40), np.bool_), 40.0)
    assert (told.interval.low, told.interval.high) == (0.0, 1.0)

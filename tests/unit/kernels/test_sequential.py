"""Spending: levels rise, add up to alpha, and one look is no correction."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from curate.kernels.sequential import LOOKS, nominal_alphas, spent


def test_the_levels_rise_to_just_below_alpha() -> None:
    levels = nominal_alphas()
    assert len(levels) == len(LOOKS)
    assert list(levels) == sorted(levels)
    assert 0.04 < levels[-1] < 0.05
    assert spent(1.0) == pytest.approx(0.05)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.1])
def test_looks_together_keep_to_alpha(alpha: float) -> None:
    """Random walks cross the boundaries as often as they should, at every look."""
    steps = np.diff(np.array([0, *LOOKS]))
    walks = np.random.default_rng(0).normal(size=(200_000, 5)) * np.sqrt(steps)
    z = np.abs(np.cumsum(walks, axis=1)) / np.sqrt(LOOKS)
    crossed = np.maximum.accumulate(z > -ndtri(np.array(nominal_alphas(alpha=alpha)) / 2), axis=1)
    assert crossed.mean(axis=0) == pytest.approx([spent(look / 16, alpha) for look in LOOKS], abs=0.0025)


def test_one_look_at_the_end_uses_all_of_it() -> None:
    assert nominal_alphas(looks=(16,)) == pytest.approx((0.05,))
    assert nominal_alphas(looks=(5,), maximum=5, alpha=0.01) == pytest.approx((0.01,))


@pytest.mark.parametrize("looks", [(), (4, 4), (6, 4), (0, 4), (4, 20)])
def test_bad_looks(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="looks must rise"):
        nominal_alphas(looks=looks)

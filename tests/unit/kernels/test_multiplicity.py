"""Adjusted p-values: never smaller than the raw ones, in their order, and at the published values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from curate.kernels.multiplicity import benjamini_yekutieli, holm

P_VALUES = arrays(np.float64, st.integers(0, 12), elements=st.floats(0, 1))


@pytest.mark.parametrize("adjust", [holm, benjamini_yekutieli])
@given(p=P_VALUES)
def test_adjusting_keeps_the_order_and_never_lowers(adjust: object, p: np.ndarray) -> None:
    adjusted = adjust(p)
    assert adjusted.shape == p.shape
    assert ((adjusted >= p) & (adjusted <= 1)).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= 0).all()


def test_holm_by_hand() -> None:
    """Four tests: 4 × .005, then the running maximum of 3 × .011, 2 × .02, 1 × .04."""
    assert holm([0.02, 0.04, 0.011, 0.005]) == pytest.approx([0.04, 0.04, 0.033, 0.02])


@pytest.mark.parametrize("bad", [[0.5, 1.2], [-0.1], [float("nan")], [[0.1]]])
def test_bad_input(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="p-values"):
        holm(bad)

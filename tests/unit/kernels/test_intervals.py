"""One confidence distribution answers everything: interval and p-value agree, and odd cases have an answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.intervals import Estimate, wilson

ESTIMATES = st.builds(Estimate, delta=st.floats(-2, 2), se=st.floats(1e-3, 1), df=st.floats(1, 1e4))


@given(estimate=ESTIMATES, level=st.floats(0.5, 0.999), null=st.floats(-3, 3))
def test_the_interval_excludes_what_the_p_value_rejects(estimate: Estimate, level: float, null: float) -> None:
    low, high = estimate.interval(level)
    assert low <= estimate.delta <= high
    edge = 1e-9 * (1 + abs(null))
    if min(abs(null - low), abs(null - high)) > edge:
        assert (low < null < high) is (estimate.p_value(null) > 1 - level)


@given(estimate=ESTIMATES, margin=st.floats(0.01, 1))
def test_equivalence_is_the_interval_of_twice_the_tail_within_the_margin(estimate: Estimate, margin: float) -> None:
    low, high = estimate.interval(0.9)
    if min(abs(low + margin), abs(high - margin)) > 1e-9:
        assert (estimate.p_equivalence(margin) < 0.05) is (-margin < low and high < margin)


def test_nothing_varied() -> None:
    still = Estimate(0.1, 0.0, 4.0)
    assert still.interval() == (0.1, 0.1)
    assert (still.p_value(), still.p_value(0.1), still.detectable()) == (0.0, 1.0, 0.0)
    assert (still.p_equivalence(0.2), still.p_equivalence(0.05)) == (0.0, 1.0)


def test_a_design_that_cannot_tell() -> None:
    unknown = Estimate(0.1, math.inf, 1.0)
    assert unknown.interval() == (-math.inf, math.inf)
    assert unknown.p_value() == 1.0
    assert unknown.p_equivalence(0.5) == 0.5
    assert unknown.detectable() == math.inf


def test_wilson_at_its_edges() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == pytest.approx(1.0)

"""Plots are well-formed SVG that stays on its canvas, whatever the numbers."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.report import plot
from curate.report.model import EffectLine, EffectPlot, Histogram, Interval, Mark

REAL = st.floats(-1e6, 1e6)
HOSTILE = "</svg><script>alert(1)</script>"


def percentages(svg):
    ElementTree.fromstring(svg)
    return [float(value) for value in re.findall(r'(?:x|x1|x2|cx|width)="(-?[\d.]+)%"', svg)]


@given(REAL, REAL, REAL, st.one_of(st.none(), st.floats(0.01, 10)))
def test_every_interval_lies_on_its_axis(a, b, c, margin):
    low, value, high = sorted((a, b, c))
    line = EffectLine("step", Interval(value, low, high), Interval(c))
    ends = plot.scale(EffectPlot((line,), margin=margin))
    svg = plot.effect(line, *ends, margin)
    assert all(0 <= share <= 100 for share in percentages(svg))
    assert all(ends[0] <= tick <= ends[1] for tick in plot.ticks(*ends))
    assert 2 <= len(plot.ticks(*ends)) <= 9


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_an_effect_that_is_no_number_is_not_drawn(value):
    line = EffectLine("step", Interval(value, value, value))
    ends = plot.scale(EffectPlot((line,)))
    assert "circle" not in plot.effect(line, *ends, None)
    assert ends[0] < 0 < ends[1]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40), st.floats(-1e9, 1e9))
def test_histogram_keeps_its_marks_and_counts_on_the_canvas(counts, mark):
    edges = tuple(float(edge) for edge in range(len(counts) + 1))
    svg = plot.histogram(Histogram(edges, tuple(counts), (Mark(mark, HOSTILE),), axis=HOSTILE))
    assert all(-0.001 <= share <= 100.001 for share in percentages(svg))
    assert "<script" not in svg


def test_bars_show_even_the_smallest_and_take_no_width_for_nothing():
    assert percentages(plot.bar(0, 100)) == [100, 0]
    assert percentages(plot.bar(1, 1_000_000)) == [100, 0.4]
    assert percentages(plot.bar(math.nan, 1)) == [100, 0]


def test_a_model_whose_numbers_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 edges do not bound 2 counts"):
        Histogram((0.0, 1.0), (1, 2))

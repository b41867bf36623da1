"""Line plots stay on their canvas and read the same on a page, at a terminal and in Markdown."""

from __future__ import annotations

import io
import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from curate.report.html import render_html
from curate.report.lineplot import line_plot
from curate.report.markdown import render_markdown
from curate.report.model import Interval, LinePlot, Point, Report, Section, Series
from curate.report.terminal import render_terminal

REAL = st.floats(-1e6, 1e6)
HOSTILE = "</svg><script>alert(1)</script>"


@given(
    st.lists(st.tuples(st.floats(1e-3, 1e9), REAL, st.floats(0, 1e3)), min_size=1, max_size=8),
    st.booleans(),
    st.booleans(),
)
def test_every_point_and_interval_lies_on_the_canvas(points, log_x, diagonal):
    line = Series(HOSTILE, tuple(Point(x, Interval(y, y - half, y + half), HOSTILE) for x, y, half in points))
    svg = line_plot(LinePlot((line,), HOSTILE, HOSTILE, log_x=log_x, diagonal=diagonal))
    ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert all(-0.01 <= float(share) <= 100.01 for share in re.findall(r'[xc]\w*="(-?[\d.]+)%"', svg))
    heights = re.findall(r'(?:y1|y2|cy)="(-?[\d.]+)"', svg)
    assert all(-0.1 <= float(height) <= 280 for height in heights)


def test_points_that_are_no_numbers_are_refused_and_open_intervals_not_drawn():
    with pytest.raises(ValueError, match="not finite"):
        LinePlot((Series("a", (Point(1.0, Interval(math.nan)),)),), "x", "y")
    with pytest.raises(ValueError, match="no logarithm"):
        LinePlot((Series("a", (Point(0.0, Interval(1.0)),)),), "x", "y", log_x=True)
    svg = line_plot(LinePlot((Series("a", (Point(1.0, Interval(0.5, -math.inf, math.inf)),)),), "x", "y"))
    assert "reach" not in svg


def test_all_three_forms_say_every_point():
    series = (
        Series("seen", (Point(100, Interval(0.5, 0.4, 0.6), "10 rows"), Point(200, Interval(0.625)))),
        Series("reckoned", (Point(400, Interval(0.75)),), dashed=True),
    )
    block = LinePlot(series, "rows", "accuracy", kind="percent", log_x=True)
    report = Report("a", "measure", "b", sections=(Section("Curve", (block,)),))
    out = io.StringIO()
    Console(file=out, width=100).print(render_terminal(report))
    for said in (out.getvalue(), render_markdown(report), render_html(report)):
        text = said.replace("\\", "")
        assert all(part in text for part in ("50 % [40 %, 60 %]", "62.5 %", "75 %", "seen", "reckoned"))

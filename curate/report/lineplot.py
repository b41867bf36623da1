"""Lines on two axes as inline SVG: calibration, learning curves, whatever runs along something.

As in `plot`, lengths run in per cent of the width and heights in pixels, and colours are classes of the style sheet.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from markupsafe import Markup, escape

from curate.report import display
from curate.report.model import LinePlot, Point, Series
from curate.report.plot import svg, ticks

_HEIGHT, _TOP = 240, 8
_AIR = 0.06
_MOST_DOTS = 60
"""Points of a line up to which each is drawn; more only make a line."""

Range = tuple[float, float]


def ranges(block: LinePlot) -> tuple[Range, Range]:
    """The two axes, x by its logarithm where the plot says so, that hold every point and interval, with some air.

    Example:
        >>> from curate.report.model import Interval
        >>> block = LinePlot((Series("a", (Point(1, Interval(0)), Point(2, Interval(50)))),), "x", "y")
        >>> ranges(block)
        ((0.94, 2.06), (-3.0, 53.0))
    """
    points = [point for line in block.series for point in line.points]
    across = [_x(block, point.x) for point in points]
    ends = [end for point in points for end in (point.y.value, point.y.low, point.y.high) if end is not None]
    up = [end for end in ends if math.isfinite(end)]
    if block.diagonal:
        across, up = [*across, *up], [*across, *up]
    return _with_air(min(across), max(across)), _with_air(min(up), max(up))


def _with_air(low: float, high: float) -> Range:
    air = _AIR * (high - low) if high - low > 1e-9 else max(abs(high), 1.0) * _AIR
    return round(low - air, 9), round(high + air, 9)


def _x(block: LinePlot, value: float) -> float:
    return math.log(value) if block.log_x else value


def line_plot(block: LinePlot) -> Markup:
    """The plot as SVG."""
    across, up = ranges(block)
    parts = [*_grid(block, across, up)]
    if block.diagonal:
        low, high = max(across[0], up[0]), min(across[1], up[1])
        parts.append(_segment(_left(low, across), _down(low, up), _left(high, across), _down(high, up), "zero"))
    for number, line in enumerate(block.series):
        parts.extend(_series(block, line, f"line{number % 4}", across, up))
    return svg(_HEIGHT + _TOP + 24, "".join(parts), label=f"{block.y_axis} against {block.x_axis}")


def _grid(block: LinePlot, across: Range, up: Range) -> Iterator[str]:
    for value in ticks(*up):
        y = _down(value, up)
        yield f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="tick" x="0" y="{y - 3:.1f}">{escape(display.cell(value, block.kind, 20))}</text>'
    base = _HEIGHT + _TOP
    yield f'<line class="axis" x1="0" x2="100%" y1="{base}" y2="{base}"/>'
    for value in _ticks_across(block, across):
        x = _left(_x(block, value), across)
        anchor = "start" if x < 3 else "end" if x > 97 else "middle"
        yield f'<line class="axis" x1="{x:.3f}%" x2="{x:.3f}%" y1="{base}" y2="{base + 5}"/>'
        yield f'<text class="tick" x="{x:.3f}%" y="{base + 18}" text-anchor="{anchor}">{display.number(value)}</text>'


def _ticks_across(block: LinePlot, across: Range) -> list[float]:
    if block.log_x:
        return sorted({point.x for line in block.series for point in line.points})
    return list(ticks(*across))


def _series(block: LinePlot, line: Series, style: str, across: Range, up: Range) -> Iterator[str]:
    style += " dashed" if line.dashed else ""
    places = [(_left(_x(block, point.x), across), _down(point.y.value, up)) for point in line.points]
    for (x1, y1), (x2, y2) in pairwise(places):
        yield _segment(x1, y1, x2, y2, f"run {style}")
    for point, (x, y) in zip(line.points, places, strict=True) if len(places) <= _MOST_DOTS else ():
        if point.y.low is not None and point.y.high is not None and math.isfinite(point.y.high - point.y.low):
            yield _segment(x, _down(point.y.low, up), x, _down(point.y.high, up), f"reach {style}")
        title = f"<title>{escape(says(block, line, point))}</title>"
        yield f'<circle class="point {style}" cx="{x:.3f}%" cy="{y:.1f}" r="4">{title}</circle>'


def says(block: LinePlot, line: Series, point: Point) -> str:
    """A point in words: where it stands, and what stands behind it."""
    head = f"{display.shorten(line.name, 60)} at {display.number(point.x)}: {reads(block, point)}"
    return f"{head}, {display.shorten(point.note, 80)}" if point.note else head


def reads(block: LinePlot, point: Point) -> str:
    """The value of a point with its interval.

    Example:
        >>> from curate.report.model import Interval
        >>> point = Point(1, Interval(0.5, 0.4, 0.6))
        >>> reads(LinePlot((Series("a", (point,)),), "x", "y", "percent"), point)
        '50 % [40 %, 60 %]'
    """
    value, *ends = (
        None if end is None else display.cell(end, block.kind, 20) for end in (point.y.value, point.y.low, point.y.high)
    )
    return f"{value} [{ends[0]}, {ends[1]}]" if None not in ends else f"{value}"


def _left(value: float, across: Range) -> float:
    return 100 * (value - across[0]) / (across[1] - across[0])


def _down(value: float, up: Range) -> float:
    return _TOP + _HEIGHT * (up[1] - value) / (up[1] - up[0])


def _segment(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line class="{style}" x1="{x1:.3f}%" x2="{x2:.3f}%" y1="{y1:.1f}" y2="{y2:.1f}"/>'

"""Plots as inline SVG, made by pure functions: bars, histograms, effects with their intervals.

Lengths run in per cent of the width and heights in pixels, so a plot fills any column without scaling its type or its
points. Colours are classes of the page's style sheet. Points with intervals: Cleveland, "Visualizing Data" (1993).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from curate.report.display import number, shorten, signed
from curate.report.model import EffectLine, EffectPlot, Histogram, Interval, Tone

_PLOT_HEIGHT = 150
_MARK_ROW = 16
_STRIP = 58


def bar(value: float, largest: float, tone: Tone = "neutral") -> Markup:
    """One horizontal bar, `value` of `largest` wide; anything above 0 can be seen."""
    share = 100 * value / largest if largest > 0 and math.isfinite(value) else 0.0
    width = max(share, 0.4) if value > 0 else 0.0
    return svg(14, f'<rect class="fill {tone}" x="0" y="1" height="12" rx="2" width="{width:.2f}%"/>')


def histogram(block: Histogram) -> Markup:
    """Counts as columns of equal width, edge values below, marks as labelled lines above them."""
    top = 8 + _MARK_ROW * len(block.marks)
    base = top + _PLOT_HEIGHT
    parts = [*_columns(block, base), *_marks(block, base), *_edge_labels(block, base)]
    parts.append(f'<line class="axis" x1="0" x2="100%" y1="{base}" y2="{base}"/>')
    return svg(base + 22, "".join(parts), label=f"histogram of {shorten(block.axis or 'values', 40)}")


def _columns(block: Histogram, base: int) -> Iterator[str]:
    width = 100 / len(block.counts)
    highest = max(block.counts) or 1
    for place, count in enumerate(block.counts):
        height = max(1.5, _PLOT_HEIGHT * count / highest) if count else 0
        title = f"{number(block.edges[place])} to {number(block.edges[place + 1])}: {count:,} rows"
        yield (
            f'<rect class="fill info" x="{place * width + width * 0.06:.3f}%" width="{width * 0.88:.3f}%" '
            f'y="{base - height:.1f}" height="{height:.1f}"><title>{escape(title)}</title></rect>'
        )


def _marks(block: Histogram, base: int) -> Iterator[str]:
    for row, mark in enumerate(block.marks):
        x, y = along(mark.value, block.edges), 12 + _MARK_ROW * row
        anchor, shift = ("end", -5) if x > 60 else ("start", 5)
        yield f'<line class="mark" x1="{x:.3f}%" x2="{x:.3f}%" y1="{y - 10}" y2="{base}"/>'
        yield f'<text class="mark-label" x="{x:.3f}%" y="{y}" dx="{shift}" text-anchor="{anchor}">'
        yield f"{escape(shorten(mark.label, 40))}</text>"


def _edge_labels(block: Histogram, base: int) -> Iterator[str]:
    last = len(block.counts)
    places = sorted({round(last * part / 5) for part in range(6)})
    for place in places:
        anchor = "start" if place == 0 else "end" if place == last else "middle"
        yield f'<text class="tick" x="{100 * place / last:.3f}%" y="{base + 16}" text-anchor="{anchor}">'
        yield f"{escape(number(block.edges[place]))}</text>"


def along(value: float, edges: Sequence[float]) -> float:
    """Where `value` lies between `edges` drawn at equal distances, in per cent; outside: the nearer end.

    Example:
        >>> along(15, (0, 10, 20, 100)), along(500, (0, 10, 20, 100))
        (50.0, 100.0)
    """
    n_bins = len(edges) - 1
    place = min(max(bisect_right(edges, value) - 1, 0), n_bins - 1)
    width = edges[place + 1] - edges[place]
    part = (value - edges[place]) / width if width > 0 else 0.0
    return 100 * (place + min(max(part, 0.0), 1.0)) / n_bins


def scale(plot: EffectPlot) -> tuple[float, float]:
    """The axis that holds every interval of `plot`, its margin and zero, with a little air at both ends.

    Example:
        >>> scale(EffectPlot((EffectLine("clean", Interval(1.0, 0.0, 2.0)),), margin=0.5))
        (-0.7, 2.2)
    """
    intervals = [part for line in plot.lines for part in (line.effect, line.placebo) if part is not None]
    ends = [end for part in intervals for end in (part.value, part.low, part.high) if end is not None]
    ends = [0.0, plot.margin or 0.0, -(plot.margin or 0.0), *filter(math.isfinite, ends)]
    low, high = min(ends), max(ends)
    air = 0.08 * (high - low) or 1.0
    digits = max(6, 3 - math.floor(math.log10(air)))
    return round(low - air, digits), round(high + air, digits)


def band(plot: EffectPlot) -> str:
    """What the band means, in words, with as many digits as the effects have; empty where there is none.

    Example:
        >>> band(EffectPlot((), margin=0.00868812, unit="stars", decimals=4)), band(EffectPlot(()))
        ('within ±0.0087 stars: does not matter', '')
    """
    if not plot.margin:
        return ""
    size = f"{signed(plot.margin, plot.decimals).lstrip('+')} {plot.unit}".rstrip()
    return f"within ±{size}: does not matter"


def ticks(low: float, high: float) -> tuple[float, ...]:
    """Four to seven round numbers in [low, high].

    Example:
        >>> ticks(-0.7, 2.2)
        (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
    """
    rough = (high - low) / 6
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(10, 2 - math.floor(math.log10(step)))
    return tuple(round(place * step, digits) for place in range(first, last + 1))


def effect(line: EffectLine, low: float, high: float, margin: float | None) -> Markup:
    """One step's strip: its point and interval, below it those of its placebo, the zero line, the band of margin."""
    parts = [*_ground(low, high, margin, _STRIP), *_interval(line.effect, low, high, 21, f"effect {line.tone}")]
    if line.placebo is not None:
        parts.extend(_interval(line.placebo, low, high, 38, "placebo"))
    return svg(_STRIP, "".join(parts))


def effect_axis(low: float, high: float) -> Markup:
    """The shared axis below the strips of an effect plot."""
    parts = ['<line class="axis" x1="0" x2="100%" y1="0.5" y2="0.5"/>']
    for value in ticks(low, high):
        x = _place(value, low, high)
        anchor = "start" if x < 3 else "end" if x > 97 else "middle"
        parts.append(f'<line class="axis" x1="{x:.3f}%" x2="{x:.3f}%" y1="0" y2="5"/>')
        parts.append(f'<text class="tick" x="{x:.3f}%" y="18" text-anchor="{anchor}">{number(value)}</text>')
    return svg(22, "".join(parts))


def _ground(low: float, high: float, margin: float | None, height: int) -> Iterator[str]:
    if margin:
        left, right = _place(-margin, low, high), _place(margin, low, high)
        yield f'<rect class="band" x="{left:.3f}%" width="{right - left:.3f}%" y="0" height="{height}"/>'
    zero = _place(0.0, low, high)
    yield f'<line class="zero" x1="{zero:.3f}%" x2="{zero:.3f}%" y1="0" y2="{height}"/>'


def _interval(part: Interval, low: float, high: float, y: int, style: str) -> Iterator[str]:
    if part.low is not None and part.high is not None and math.isfinite(part.low) and math.isfinite(part.high):
        left, right = _place(part.low, low, high), _place(part.high, low, high)
        yield f'<line class="reach {style}" x1="{left:.3f}%" x2="{right:.3f}%" y1="{y}" y2="{y}"/>'
        for end in (left, right):
            yield f'<line class="reach {style}" x1="{end:.3f}%" x2="{end:.3f}%" y1="{y - 4}" y2="{y + 4}"/>'
    if math.isfinite(part.value):
        yield f'<circle class="point {style}" cx="{_place(part.value, low, high):.3f}%" cy="{y}" r="4.5"/>'


def _place(value: float, low: float, high: float) -> float:
    return 100 * (value - low) / (high - low)


def svg(height: float, inner: str, label: str = "") -> Markup:
    """A picture `height` pixels high; without a label it only repeats what stands beside it."""
    role = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(f'<svg width="100%" height="{height:g}" {role}>{inner}</svg>')

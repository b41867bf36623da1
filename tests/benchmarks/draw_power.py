"""The detection curve: how often a planted fault is found, by its size. Draws what `power.py` found.

    python tests/benchmarks/draw_power.py FOUND.json [FOUND.json ...] docs/concepts/power.svg

FOUND.json are what `power.py --json` wrote; a data set, fault and dose that stands in several counts as the last says.
A dose of 0 is a null: what is found there is a false alarm.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from curate.report.lineplot import line_plot
from curate.report.model import Interval, LinePlot, Point, Series

TITLES = {
    "noise": "wrong labels: the step drops them",
    "texts": "rows with the text of another row: the step drops them",
    "copies": "rows that stand there twenty-fold: dedup.exact",
    "class": "the step drops rows of the largest class",
}
NAMES = {"sst2": "SST-2", "trec": "TREC", "ag_news": "AG News"}
WIDTH, HEIGHT, GAP, TOP = 430, 310, 40, 66
STYLE = """
svg { --ink: #1c1c1a; --soft: #6b6a65; --line: #d8d6cf; font: 13px system-ui, sans-serif; }
.line0 { --own: #1f5fbf; } .line1 { --own: #b06000; } .line2 { --own: #2c7a3f; }
text { fill: var(--ink); } .tick { font-size: 12px; fill: var(--soft); } .title { font-weight: 600; }
.grid, .axis { stroke: var(--line); } .run, .reach { stroke: var(--own); stroke-width: 1.6; }
.point { fill: var(--own); } .reach { opacity: 0.45; } .line3 { display: none; } .paper { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #ecebe6; --soft: #a3a19a; --line: #45443f; } .paper { fill: #161614; }
  .line0 { --own: #7fb0ff; } .line1 { --own: #f0a64a; } .line2 { --own: #78c98c; }
}
"""


FRAME = Series("", (Point(0, Interval(0)), Point(0, Interval(1))))
"""Not drawn, the fourth line: all panels have the same height, 0 to 100 %, and begin at 0."""


def lines(found: dict[tuple[str, str, float], Interval], fault: str) -> list[Series]:
    """A line for each data set; one without a measurement of the fault has a name and is not drawn."""
    every = []
    for data, name in NAMES.items():
        points = sorted(
            (100 * dose, share) for (where, what, dose), share in found.items() if (where, what) == (data, fault)
        )
        every.append(Series(name, tuple(Point(*point) for point in points)))
    return [*every, FRAME]


def panel(found: dict[tuple[str, str, float], Interval], fault: str) -> str:
    """One fault: a title and the plot."""
    plot = line_plot(LinePlot(tuple(lines(found, fault)), "% of the rows", "found", "percent"))
    return f'<text class="title" x="0" y="-10">{TITLES[fault]}</text>{plot}'


def picture(found: dict[tuple[str, str, float], Interval]) -> str:
    """All of it, a file by itself."""
    width, height = 2 * WIDTH + 3 * GAP, 2 * HEIGHT + TOP + 34
    parts = [f'<rect class="paper" width="{width}" height="{height}"/>']
    for number, name in enumerate(NAMES.values()):
        x = GAP + 90 * number
        parts.append(
            f'<circle class="point line{number}" cx="{x + 5}" cy="22" r="5"/><text x="{x + 16}" y="27">{name}</text>'
        )
    for number, fault in enumerate(TITLES):
        x, y = GAP + (number % 2) * (WIDTH + GAP), TOP + number // 2 * (HEIGHT + 10)
        parts.append(
            f'<svg x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" overflow="visible">{panel(found, fault)}</svg>'
        )
    foot = (
        "across: % of the rows that are hit; up: how often it is found with the right verdict, 95 % interval (Wilson)"
    )
    parts.append(f'<text class="tick" x="{GAP}" y="{height - 14}">{foot}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>\n"
    )


def main() -> None:
    *sources, out = map(Path, sys.argv[1:])
    every = [line for source in sources for line in json.loads(source.read_text(encoding="utf-8"))]
    found = {
        (line["set"], line["fault"], line["dose"]): Interval(line["share"], line["low"], line["high"]) for line in every
    }
    out.write_text(picture(found), encoding="utf-8")


if __name__ == "__main__":
    main()

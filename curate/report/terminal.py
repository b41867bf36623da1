"""A report for the terminal: compact, readable at 80 columns and without colour.

Severities and verdicts stand there as words; colour only repeats them. Of a finding's evidence the first block is
shown, of a table the first rows: the page (`html`) holds the rest. Drawn with rich (`Text`, so nothing is markup).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatch
from typing import Literal

from rich.cells import cell_len
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from curate.report import display, lineplot, model, plot
from curate.report.diff import Span, excerpt, spans
from curate.report.fitted import Column, fitted

CELL_LIMIT = 160
DIFF_LIMIT, DIFF_LEAD = 120, 30
"""Cells of one side of a difference from the first change on, and characters before it: three lines of a terminal."""
PROSE_LIMIT = 2_000
CODE_LIMIT = 10_000
ROW_LIMIT = 20
FINDING_ROWS = 3
BAR_LIMIT = 12
_INDENT = 10
_FIGURES = ("number", "percent")
_STYLES = {
    "crashed": "bold magenta", "high": "bold red", "medium": "yellow", "low": "cyan", "none": "green",
    "good": "green", "bad": "red", "warning": "yellow", "info": "cyan", "neutral": "",
}  # fmt: skip


def render_terminal(report: model.Report) -> RenderableType:
    """The report as something a rich `Console` prints.

    Example:
        >>> from rich.console import Console
        >>> Console(width=60).print(render_terminal(model.Report("news.csv", "audit", "Nothing to mend")))
        audit  news.csv
        Nothing to mend
    """
    parts: list[RenderableType] = [
        Text.assemble((display.shorten(report.kind, 40), "bold"), "  ", (_line(report.title), "dim")),
        Text(_prose(report.headline), style=f"bold {_STYLES[report.tone]}"),
    ]
    tally = Counter(finding.severity for finding in report.findings)
    if tally:
        parts.append(_tally(tally))
    if report.facts:
        parts.append(draw(model.Facts(report.facts)))
    for section in report.sections:
        parts.extend((Text(), Text(_line(section.title), style="bold underline")))
        if section.lead:
            parts.append(Text(_prose(section.lead), style="dim"))
        parts.extend(draw(block) for block in section.blocks)
    if report.footer:
        parts.extend((Text(), Text(_prose(report.footer), style="dim")))
    return Group(*parts)


@singledispatch
def draw(block: object) -> RenderableType:
    """One block as a rich renderable."""
    raise TypeError(f"no block of a report: {type(block).__name__}")


@draw.register
def _(block: model.Text) -> RenderableType:
    return Text(_prose(block.text))


@draw.register
def _(block: model.Note) -> RenderableType:
    return Text.assemble(("▌ ", _STYLES[block.tone]), _prose(block.text))


@draw.register
def _(block: model.Facts) -> RenderableType:
    pairs = [
        Text.assemble((_line(fact.label), "dim"), " ", (_line(fact.value), f"bold {_STYLES[fact.tone]}"))
        for fact in block.facts
    ]
    return Columns(pairs, padding=(0, 3))


@draw.register
def _(block: model.Table) -> RenderableType:
    rows = [
        [
            Text(_one_line(display.cell(value, column.kind, CELL_LIMIT)))
            for value, column in zip(row, block.columns, strict=True)
        ]
        for row in block.rows[:ROW_LIMIT]
    ]
    columns = [
        Column(_line(column.name), tuple(row[place] for row in rows), *2 * (column.kind in _FIGURES,))
        for place, column in enumerate(block.columns)
    ]
    parts = [*_caption(block.caption), fitted(columns, _n_names(block))]
    more = block.total - len(rows)
    if more:
        parts.append(Text(f"… {more:,} more {'row' if more == 1 else 'rows'}", style="dim"))
    return Group(*parts)


def _n_names(block: model.Table) -> int:
    """How many of the first columns name a row: until no two rows are alike, or figures begin."""
    n_names = 1
    shown = block.rows[:ROW_LIMIT]
    while len({row[:n_names] for row in shown}) < len(shown) and n_names < len(block.columns) - 1:
        if block.columns[n_names].kind in _FIGURES:
            break
        n_names += 1
    return n_names


def _caption(text: str) -> list[RenderableType]:
    return [Text(_line(text), style="bold")] if text else []


@draw.register
def _(block: model.Diff) -> RenderableType:
    parts = spans(block.before or "", block.after or "")
    lines = [Text(_line(block.caption), style="bold")] if block.caption else []
    sides: tuple[tuple[str, str | None, Literal["gone", "new"], str], ...]
    sides = (("-", block.before, "gone", "red"), ("+", block.after, "new", "green"))
    for sign, text, side, style in sides:
        if text is not None:
            shown = excerpt(
                parts, side, limit=DIFF_LIMIT, lines=DIFF_LIMIT, lead=DIFF_LEAD, n_characters=len(text), width=cell_len
            )
            lines.append(Text.assemble((f"{sign} ", style), *(_piece(span, style) for span in shown)))
    return Group(*lines)


def _piece(span: Span, style: str) -> tuple[str, str]:
    """A run of a difference on one line: a line end is a sign."""
    if span.kind in ("gone", "new"):
        return span.shown().replace("\n", "").replace("\t", ""), f"{style} underline"
    return _one_line(span.shown()), "dim" if span.kind == "cut" else ""


@draw.register
def _(block: model.Bars) -> RenderableType:
    largest = max((bar.value for bar in block.bars), default=0)
    table = Table.grid(padding=(0, 1))
    table.title, table.title_justify = (Text(_line(block.caption), style="bold") if block.caption else None), "left"
    for bar in block.bars[:BAR_LIMIT]:
        shown = Text(display.blocks(bar.value, largest, 30), style=_STYLES[bar.tone])
        table.add_row(Text(display.shorten(bar.label, 30)), shown, Text(_line(bar.text or display.number(bar.value))))
    more = len(block.bars) - BAR_LIMIT
    return Group(table, Text(f"… {more:,} more", style="dim")) if more > 0 else table


@draw.register
def _(block: model.Histogram) -> RenderableType:
    levels = " ▁▂▃▄▅▆▇█"
    highest = max(block.counts) or 1
    bars = "".join(levels[-(-8 * count // highest)] for count in block.counts)
    ends = (display.number(block.edges[0]), display.number(block.edges[-1]))
    marks = ", ".join(_line(mark.label) for mark in block.marks)
    head = f"{_line(block.caption)}\n" if block.caption else ""
    return Text.assemble((head, "bold"), f"{ends[0]} {bars} {ends[1]} ", (f"{_line(block.axis)}  {marks}", "dim"))


@draw.register
def _(block: model.EffectPlot) -> RenderableType:
    low, high = plot.scale(block)
    steps, verdicts, effects, strips = [], [], [], []
    for line in block.lines:
        drawn, words = [_strip(line.effect, low, high, "●")], [display.interval(line.effect, block.decimals)]
        if line.placebo is not None:
            drawn.append(_strip(line.placebo, low, high, "○"))
            words.append(f"placebo {display.signed(line.placebo.value, block.decimals)}")
        steps.append(Text.assemble(_line(line.step), (f"\n{_line(line.note)}" if line.note else "", "dim")))
        verdicts.append(Text(_line(line.verdict), style=f"bold {_STYLES[line.tone]}"))
        effects.append(Text("\n".join(words)))
        strips.append(Text("\n".join(drawn)))
    columns = [
        Column("step", tuple(steps)),
        Column("verdict", tuple(verdicts), whole=True),
        Column("effect", tuple(effects)),
    ]
    if not any(line.verdict for line in block.lines):
        del columns[1]
    columns.append(Column(_line(block.unit), tuple(strips), whole=True, spare=True))
    under = "; ".join(filter(None, (_line(block.axis), _line(plot.band(block)))))
    return Group(*_caption(block.caption), fitted(columns), *([Text(under, style="dim")] if under else []))


def _strip(part: model.Interval, low: float, high: float, point: str, width: int = 19) -> str:
    def place(value: float) -> int:
        return round((width - 1) * (value - low) / (high - low))

    characters = [" "] * width
    if low <= 0 <= high:
        characters[place(0.0)] = "┊"
    ends = [part.low, part.high, part.value]
    if all(end is not None and abs(end) < float("inf") for end in ends):
        first, last = place(part.low or 0.0), place(part.high or 0.0)
        characters[first : last + 1] = "─" * (last - first + 1)
    if abs(part.value) < float("inf"):
        characters[place(part.value)] = point
    return "".join(characters)


@draw.register
def _(block: model.LinePlot) -> RenderableType:
    _, (low, high) = lineplot.ranges(block)
    points = [(line, point) for line in block.series for point in line.points]
    shown = points[:ROW_LIMIT]
    strips = [_strip(point.y, low, high, "○" if line.dashed else "●") for line, point in shown]
    columns = [
        Column("", tuple(Text(_line(line.name)) for line, _ in shown)),
        Column(_line(block.x_axis), tuple(Text(display.number(point.x)) for _, point in shown), right=True, whole=True),
        Column(_line(block.y_axis), tuple(Text(lineplot.reads(block, point)) for _, point in shown), right=True),
        Column("", tuple(map(Text, strips)), whole=True, spare=True),
    ]
    alone = len(block.series) == 1
    more = len(points) - ROW_LIMIT
    tail = [Text(f"… {more:,} more points", style="dim")] if more > 0 else []
    return Group(*_caption(block.caption), fitted(columns[alone:], 1 if alone else 2), *tail)


@draw.register
def _(block: model.Code) -> RenderableType:
    head = [Text(_line(block.caption), style="bold")] if block.caption else []
    return Group(*head, Padding(Text(display.shorten(block.text.rstrip("\n"), CODE_LIMIT)), (0, 0, 0, 2)))


@draw.register
def _(block: model.Finding) -> RenderableType:
    word = "ok" if block.severity == "none" else block.severity
    head = Text.assemble((f"{word:<{_INDENT}}", _STYLES[block.severity]), (_line(block.title), "bold"))
    if block.value:
        bound = f" (bound {_line(block.bound)})" if block.bound else ""
        head.append(f"  {_line(block.value)}{bound}", style="dim")
    body: list[RenderableType] = [Text(_prose(block.saw))] if block.saw else []
    body.extend(draw(_first_rows(child)) for child in _foremost(block.evidence))
    if block.remedy:
        body.append(Text.assemble(("remedy\n", "dim"), display.shorten(block.remedy.rstrip("\n"), CODE_LIMIT)))
    return Group(head, *(Padding(part, (0, 0, 0, _INDENT)) for part in body))


def _foremost(evidence: Sequence[model.Block]) -> list[model.Block]:
    """What a terminal has room for: the first block, and where that is a pair of texts, the figures beside it."""
    facts = [block for block in evidence[1:] if isinstance(block, model.Facts)]
    return [*evidence[:1], *(facts[:1] if evidence and isinstance(evidence[0], model.Diff) else [])]


def _first_rows(block: model.Block) -> model.Block:
    if isinstance(block, model.Table):
        return replace(block, rows=block.rows[:FINDING_ROWS], n_rows=block.total)
    return block


def _tally(tally: Counter[model.Severity]) -> Text:
    names = [name for name in model.SEVERITIES if tally[name]]
    parts = [(f"{tally[name]} {'ok' if name == 'none' else name}", _STYLES[name]) for name in names]
    return Text(" · ").join(Text(word, style=style) for word, style in parts)


def _line(text: str) -> str:
    return _one_line(display.shorten(text, CELL_LIMIT))


def _one_line(text: str) -> str:
    return text.replace("\n", "↵").replace("\t", " ")


def _prose(text: str) -> str:
    return display.shorten(text, PROSE_LIMIT)

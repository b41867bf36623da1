"""A report as GitHub Markdown: for CI summaries, issues and dataset cards.

Texts of the data are escaped so that they stay text: no link, no tag, no formula, no heading comes out of a row.
Syntax: GitHub Flavored Markdown Spec 0.29.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Literal

from curate.report import display, lineplot, model, plot
from curate.report.diff import excerpt, spans

CELL_LIMIT = 160
PROSE_LIMIT = 4_000
CODE_LIMIT = 50_000
ROW_LIMIT = 10
POINT_LIMIT = 40
_SIGNS = {"crashed": "🟣", "high": "🔴", "medium": "🟠", "low": "🟡", "none": "🟢"}
_TONES = {"neutral": "NOTE", "info": "NOTE", "good": "TIP", "warning": "WARNING", "bad": "CAUTION"}
_SPECIAL = re.compile(r"[\\`*_\[\]|~]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"}
_LEADING = re.compile(r"^(?:(#{1,6}|[+=-]+)|(\d+)([.)]))(?=\s|$)", re.MULTILINE)


def render_markdown(report: model.Report, *, level: int = 1) -> str:
    r"""The report as Markdown, its first heading at `level` (1 to 4; a card sets it below its own).

    Example:
        >>> print(render_markdown(model.Report("a_b.csv", "audit", "Nothing to mend")))
        # Nothing to mend
        <BLANKLINE>
        **audit** a\_b.csv
        <BLANKLINE>
    """
    parts = [_heading(level, report.headline), f"{_strong(report.kind)} {_line(report.title)}"]
    if report.facts:
        parts.append(_facts(report.facts))
    for section in report.sections:
        parts.append(_heading(level + 1, section.title))
        parts.extend([_prose(section.lead)] if section.lead else [])
        parts.extend(draw(block, level + 2) for block in section.blocks)
    if report.footer:
        parts.append(f"<sub>{_line(report.footer)}</sub>")
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    r"""Clean `text` written so that Markdown shows exactly it.

    Example:
        >>> escape("# <b>*x*</b> [a](b)")
        '\\# &lt;b&gt;\\*x\\*&lt;/b&gt; \\[a\\](b)'
    """
    flush = re.sub(r"^[ \t]+", "", display.clean(text), flags=re.MULTILINE)
    out = _SPECIAL.sub(r"\\\g<0>", flush)
    for character, entity in _ENTITIES.items():
        out = out.replace(character, entity)
    return _LEADING.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", out)


@singledispatch
def draw(block: object, level: int) -> str:
    """One block as Markdown, its heading, if it has one, at `level`."""
    raise TypeError(f"no block of a report: {type(block).__name__}")


@draw.register
def _(block: model.Text, level: int) -> str:
    return _prose(block.text)


@draw.register
def _(block: model.Note, level: int) -> str:
    lines = _prose(block.text).split("\n")
    return "\n".join(f"> {line}" for line in (f"[!{_TONES[block.tone]}]", *lines))


@draw.register
def _(block: model.Facts, level: int) -> str:
    return _facts(block.facts)


@draw.register
def _(block: model.Table, level: int) -> str:
    heads = [(column.name, column.kind in ("number", "percent")) for column in block.columns]
    kinds = [column.kind for column in block.columns]
    shown = block.rows[:ROW_LIMIT]
    rows = ([display.cell(value, kind, CELL_LIMIT) for value, kind in zip(row, kinds, strict=True)] for row in shown)
    more = block.total - len(shown)
    tail = f"\n\n… {more:,} more {'row' if more == 1 else 'rows'}" if more else ""
    return _caption(block.caption) + _table(heads, rows) + tail


@draw.register
def _(block: model.Diff, level: int) -> str:
    parts = spans(block.before or "", block.after or "")
    lines: list[str] = []
    sides: tuple[tuple[str, str | None, Literal["gone", "new"]], ...]
    sides = (("-", block.before, "gone"), ("+", block.after, "new"))
    for sign, text, which in sides:
        if text is not None:
            side = "".join(span.shown() for span in excerpt(parts, which, n_characters=len(text)))
            lines.extend(f"{sign} {line}" for line in side.split("\n"))
    return _caption(block.caption) + _fence("\n".join(lines), "diff")


@draw.register
def _(block: model.Bars, level: int) -> str:
    largest = max((bar.value for bar in block.bars), default=0)
    rows = ((bar.label, bar.text or display.number(bar.value), _bar(bar.value, largest)) for bar in block.bars)
    return _caption(block.caption) + _table([("", False), ("", True), ("", False)], rows)


@draw.register
def _(block: model.Histogram, level: int) -> str:
    highest = max(block.counts)
    rows = (
        (display.number(low), display.number(high), display.number(count), _bar(count, highest))
        for low, high, count in zip(block.edges, block.edges[1:], block.counts, strict=False)
    )
    marks = ", ".join(_line(mark.label) for mark in block.marks)
    heads = [(f"{block.axis} from".strip(), True), ("to", True), ("rows", True), ("", False)]
    return _caption(block.caption) + _table(heads, rows) + (f"\n\n{marks}" if marks else "")


@draw.register
def _(block: model.EffectPlot, level: int) -> str:
    heads = [("step", False), (f"effect, {block.axis or block.unit}", True), ("placebo", True), ("verdict", False)]
    rows = (
        (
            line.step,
            display.interval(line.effect, block.decimals),
            display.NOTHING if line.placebo is None else display.interval(line.placebo, block.decimals),
            f"{line.verdict} ({line.note})" if line.note else line.verdict,
        )
        for line in block.lines
    )
    band = _line(plot.band(block))
    return _caption(block.caption) + _table(heads, rows) + (f"\n\n{band[0].upper()}{band[1:]}." if band else "")


@draw.register
def _(block: model.LinePlot, level: int) -> str:
    heads = [("", False), (block.x_axis, True), (block.y_axis, True), ("", False)]
    points = [(line, point) for line in block.series for point in line.points]
    rows = (
        (line.name, display.number(point.x), lineplot.reads(block, point), point.note)
        for line, point in points[:POINT_LIMIT]
    )
    more = len(points) - POINT_LIMIT
    return _caption(block.caption) + _table(heads, rows) + (f"\n\n… {more:,} more points" if more > 0 else "")


@draw.register
def _(block: model.Code, level: int) -> str:
    return _caption(block.caption) + _fence(display.shorten(block.text, CODE_LIMIT), block.language)


@draw.register
def _(block: model.Finding, level: int) -> str:
    word = "ok" if block.severity == "none" else block.severity
    value = f" – {_line(block.value)}" + (f" (bound {_line(block.bound)})" if block.bound else "")
    head = f"{'#' * min(level, 6)} {_SIGNS[block.severity]} {word}: {_line(block.title)}{value if block.value else ''}"
    parts = [head, _prose(block.saw), *_evidence(block, level + 1)]
    if block.remedy:
        parts.append(_caption("Remedy") + _fence(display.shorten(block.remedy, CODE_LIMIT), "yaml"))
    return "\n\n".join(part for part in parts if part)


def _evidence(block: model.Finding, level: int) -> Iterator[str]:
    if block.evidence:
        yield "<details><summary>Evidence</summary>"
        yield from (draw(child, level) for child in block.evidence)
        yield "</details>"


def _table(heads: list[tuple[str, bool]], rows: Iterable[Iterable[str]]) -> str:
    lines = [_row(name for name, _ in heads), _row_of("---:" if right else "---" for _, right in heads)]
    return "\n".join((*lines, *(_row(row) for row in rows)))


def _row(cells: Iterable[str]) -> str:
    return _row_of(_line(text) for text in cells)


def _row_of(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _facts(facts: tuple[model.Fact, ...]) -> str:
    return "\n".join(f"- {_line(fact.label)}: {_strong(fact.value)}" for fact in facts)


def _bar(value: float, largest: float) -> str:
    return display.blocks(value, largest, 20)


def _fence(text: str, language: str) -> str:
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{ticks}{re.sub(r'[^a-z0-9]', '', language.lower())}\n{text.rstrip(chr(10))}\n{ticks}"


def _heading(level: int, text: str) -> str:
    return f"{'#' * min(level, 6)} {_line(text)}"


def _caption(text: str) -> str:
    return f"{_strong(text)}\n\n" if text.strip() else ""


def _line(text: str) -> str:
    return escape(display.shorten(text, CELL_LIMIT + 40).replace("\n", " ").strip())


def _strong(text: str) -> str:
    return f"**{line}**" if (line := _line(text)) else ""


def _prose(text: str) -> str:
    return escape(display.shorten(text, PROSE_LIMIT))

"""What a report says, before it has a form: a `Report` of sections, each a tuple of blocks.

Verbs build these plain frozen values; `html`, `terminal` and `markdown` draw them. The model knows no verb and holds no
markup: every string is plain text and may be hostile, every renderer escapes, cleans and shortens it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

Tone = Literal["neutral", "info", "good", "warning", "bad"]
Severity = Literal["crashed", "high", "medium", "low", "none"]
ColumnKind = Literal["text", "code", "id", "number", "percent"]
Cell = str | int | float | bool | None

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""Worst first; `none` is a check that ran and found nothing."""


@dataclass(frozen=True)
class Text:
    """Running prose; an empty line parts paragraphs."""

    text: str


@dataclass(frozen=True)
class Note:
    """One remark that must not be overlooked."""

    text: str
    tone: Tone = "info"


@dataclass(frozen=True)
class Fact:
    """A labelled value, already written as it should be read (`"12,000"`, `"3.4 %"`)."""

    label: str
    value: str
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Facts:
    """Labelled values side by side."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Column:
    """A table's column; `kind` says how its cells are written and sorted.

    `text` is prose (shortened, searched), `code` a short name such as a label or a reason (a filter where it has few
    values), `id` a row id (exact at any size), `number` an int or float, `percent` a fraction (0.034 reads 3.4 %).
    """

    name: str
    kind: ColumnKind = "text"


@dataclass(frozen=True)
class Table:
    """Rows to browse: in HTML sorted by any column, searched, and shown `page_rows` at a time.

    `n_rows` is how many rows there are where `rows` holds only the first of them.

    Raises:
        ValueError: a row has another number of cells than there are columns.

    Example:
        >>> Table((Column("row", "id"), Column("text")), ((7, "same"), (9, "same"))).total
        2
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    searchable: bool = True
    sortable: bool = True
    page_rows: int = 10
    n_rows: int | None = None

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells for {len(self.columns)} columns")

    @property
    def total(self) -> int:
        """How many rows there are, whether or not `rows` holds them all."""
        return len(self.rows) if self.n_rows is None else self.n_rows


@dataclass(frozen=True)
class Diff:
    """Two texts with their difference: one before and after an edit, or those of two rows.

    `caption` says which and why, `names` what the two sides are. None: the text is not there on that side.
    """

    before: str | None
    after: str | None
    caption: str = ""
    names: tuple[str, str] = ("before", "after")


@dataclass(frozen=True)
class Bar:
    """One bar: a name, its length, and what to write at its end (default: the value)."""

    label: str
    value: float
    text: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Bars:
    """Horizontal bars on one scale from 0: class balance, counts per reason."""

    bars: tuple[Bar, ...]
    caption: str = ""


@dataclass(frozen=True)
class Mark:
    """A vertical line in a histogram: a bound, a median."""

    value: float
    label: str


@dataclass(frozen=True)
class Histogram:
    """Counts between edges, `len(edges) == len(counts) + 1`, with lines at its marks.

    Raises:
        ValueError: the numbers of edges and counts do not fit.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    marks: tuple[Mark, ...] = ()
    axis: str = ""
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.counts or len(self.edges) != len(self.counts) + 1:
            raise ValueError(f"{len(self.edges)} edges do not bound {len(self.counts)} counts")


@dataclass(frozen=True)
class Interval:
    """A point with its interval; `low` and `high` are None where only the point is known."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class EffectLine:
    """One step's effect beside that of its placebo, with its verdict in words and as a tone."""

    step: str
    effect: Interval
    placebo: Interval | None = None
    verdict: str = ""
    tone: Tone = "neutral"
    note: str = ""


@dataclass(frozen=True)
class EffectPlot:
    """Effects on one axis with its zero line; `margin` draws the band -margin … +margin of what does not matter.

    Values are in the unit of the axis (`unit="points"`: 0.5 is half a point), not fractions, and are told with so many
    `decimals`.
    """

    lines: tuple[EffectLine, ...]
    margin: float | None = None
    unit: str = "points"
    axis: str = ""
    caption: str = ""
    decimals: int = 2


@dataclass(frozen=True)
class Point:
    """A place in a `LinePlot`: y with its interval, and a remark (how many rows stand behind it)."""

    x: float
    y: Interval
    note: str = ""


@dataclass(frozen=True)
class Series:
    """Points joined by a line, from left to right; `dashed` for what was not seen but reckoned."""

    name: str
    points: tuple[Point, ...]
    dashed: bool = False


@dataclass(frozen=True)
class LinePlot:
    """Lines on two axes; `kind` says how values of y are written, as in a `Column`.

    `log_x` sets x by its logarithm, with a tick at every point; `diagonal` draws the line y = x.

    Raises:
        ValueError: there is no point, a logarithm is asked of an x that is not above 0, or an x or y is not finite.
    """

    series: tuple[Series, ...]
    x_axis: str
    y_axis: str
    kind: ColumnKind = "number"
    log_x: bool = False
    diagonal: bool = False
    caption: str = ""

    def __post_init__(self) -> None:
        places = [(point.x, point.y.value) for line in self.series for point in line.points]
        if not places or not all(math.isfinite(x) and math.isfinite(y) for x, y in places):
            raise ValueError(f"{self.caption or self.y_axis!r} has no points, or one that is not finite")
        if self.log_x and min(x for x, _ in places) <= 0:
            raise ValueError(f"{self.x_axis!r} has no logarithm at every point")


@dataclass(frozen=True)
class Code:
    """Text to copy: a recipe, a command."""

    text: str
    language: str = "yaml"
    caption: str = ""


@dataclass(frozen=True)
class Finding:
    """What a check saw: title, the value against its bound (both as they should read), the remedy and the evidence.

    `remedy` is the recipe text that would mend it; `n_rows` is how many rows it concerns.
    """

    title: str
    severity: Severity
    check: str = ""
    saw: str = ""
    value: str = ""
    bound: str = ""
    n_rows: int | None = None
    remedy: str = ""
    evidence: tuple[Block, ...] = ()


Block = Text | Note | Facts | Table | Diff | Bars | Histogram | EffectPlot | LinePlot | Code | Finding


@dataclass(frozen=True)
class Section:
    """A titled part of a report; `lead` is its first sentence."""

    title: str
    blocks: tuple[Block, ...]
    lead: str = ""


@dataclass(frozen=True)
class Report:
    """A whole report: `kind` ("audit") names it, `headline` is its answer in one sentence, `tone` its colour.

    `footer` says what made it (version, seed, fingerprint). A report holds no clock: equal input, equal bytes.

    Example:
        >>> report = Report("news.csv", "audit", "Nothing to mend", sections=(Section("Checks", (Text("all ran"),)),))
        >>> report.findings
        ()
    """

    title: str
    kind: str
    headline: str
    tone: Tone = "neutral"
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    footer: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order they stand in the report."""
        return tuple(_findings(self.sections))


def _findings(sections: tuple[Section, ...]) -> Iterator[Finding]:
    for section in sections:
        yield from (block for block in section.blocks if isinstance(block, Finding))

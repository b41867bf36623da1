"""A report as one HTML page that needs nothing else: no network, no framework, its rows inside it as JSON.

Texts are hostile: Jinja escapes them all, rows are JSON that cannot end its element, and a Content Security Policy lets
only the page's own two scripts and its style sheet run, by their hashes (W3C CSP Level 3).
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections import Counter
from functools import lru_cache
from itertools import count
from numbers import Real
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from curate.report import diff, display, lineplot, plot
from curate.report.model import SEVERITIES, Block, Cell, Column, ColumnKind, Report, Table

TITLE_LIMIT = 300
PROSE_LIMIT = 8_000
CODE_LIMIT = 100_000
CELL_LIMIT = 2_000
BAR_LIMIT = 500
_STYLE, _THEME, _SCRIPT = "style.css", "theme.js", "page.js"


def render_html(report: Report) -> str:
    """The report as one self-contained page; equal reports give equal bytes.

    Example:
        >>> page = render_html(Report("<news>", "audit", "Nothing to mend"))
        >>> page.startswith("<!doctype html>"), "&lt;news&gt;" in page
        (True, True)
    """
    page = _Page()
    severities = Counter(finding.severity for finding in report.findings)
    return (
        _templates()
        .get_template("page.html.j2")
        .render(
            report=report,
            page=page,
            severities=[(name, severities[name]) for name in SEVERITIES if severities[name]],
            style=_asset(_STYLE),
            theme=_asset(_THEME),
            script=_asset(_SCRIPT),
            policy=_policy(),
        )
    )


class _Page:
    """What one rendering needs while it runs: the macro of each block, and the next id."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._blocks: Template = _templates().get_template("blocks.html.j2")

    def draw(self, block: Block, anchor: str = "") -> Markup:
        macro = getattr(self._blocks.module, type(block).__name__.lower())
        return Markup(macro(block, self, anchor or f"b{next(self._numbers)}"))


def table_json(table: Table) -> Markup:
    r"""The table for the page's script: columns, and per cell a string, or for numbers `[value, how it reads]`.

    Row ids are strings, as a browser's numbers end at 2**53; nothing in it can end the element it stands in.

    Example:
        >>> print(table_json(Table((Column("id", "id"), Column("n", "number")), ((2**63, 1), ("</script>", None)))))
        {"columns":[["id","id"],["n","number"]],"rows":[["9223372036854775808",[1,"1"]],["\u003c/script\u003e",null]]}
    """
    rows = [[_json_cell(*pair) for pair in zip(row, table.columns, strict=True)] for row in table.rows]
    columns = [[display.shorten(column.name, TITLE_LIMIT), column.kind] for column in table.columns]
    text = json.dumps({"columns": columns, "rows": rows}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _json_cell(value: Cell, column: Column) -> str | list[float | int | str | None] | None:
    if value is None:
        return None
    reads = display.cell(value, column.kind, CELL_LIMIT)
    if column.kind not in ("number", "percent"):
        return reads
    known = isinstance(value, Real) and math.isfinite(value)
    return [(int(value) if isinstance(value, int) else float(value)) if known else None, reads]


def _cell(value: Cell, kind: ColumnKind) -> str:
    return display.cell(value, kind, CELL_LIMIT)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    loader = PackageLoader("curate.report", "templates")
    env = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    limits = {"title": TITLE_LIMIT, "prose": PROSE_LIMIT, "code": CODE_LIMIT}
    env.filters.update({name: _cut_at(limit) for name, limit in limits.items()})
    env.filters.update(clean=display.clean, reveal=display.reveal, number=display.number, signed=display.signed)
    env.filters.update(cell=_cell, table_json=table_json)
    env.globals.update(
        plot=plot, line_plot=lineplot.line_plot, spans=diff.spans, excerpt=diff.excerpt, bar_limit=BAR_LIMIT
    )
    return env


def _cut_at(limit: int) -> Any:
    return lambda text: display.shorten(text, limit)


@lru_cache(maxsize=3)
def _asset(name: str) -> Markup:
    loader = _templates().loader
    assert loader is not None
    return Markup(loader.get_source(_templates(), name)[0])


@lru_cache(maxsize=1)
def _policy() -> str:
    """Nothing may load, and only what this package wrote may run or style."""

    def hashed(name: str) -> str:
        digest = hashlib.sha256(_asset(name).encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"

    return (
        f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src {hashed(_STYLE)}; script-src {hashed(_THEME)} {hashed(_SCRIPT)}"
    )

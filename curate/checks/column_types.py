"""`column_types`: columns of text whose cells are numbers, dates or truth values, and the step that reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.checks.remedy import of_rows, plural, propose
from curate.core.check import Check, CheckContext, Finding, Skip, edited_rows
from curate.data.corpus import Corpus
from curate.data.roles import is_text
from curate.kernels import parse
from curate.kernels.placeholders import is_placeholder

_READERS: dict[str, tuple[dict[str, Any], Callable[[str], Any]]] = {
    "numbers": ({"to": "number"}, parse.number),
    "numbers with a decimal comma": (
        {"to": "number", "decimal": ","},
        lambda cell: parse.number(cell, decimal=","),
    ),
    "dates": ({"to": "date"}, parse.day),
    "truth values": ({"to": "boolean"}, parse.truth),
}
_CODE = r"^\s*[+]?0\d"
"""A number that begins with a zero is a code: a postcode, a telephone number."""


class ColumnTypes(Check):
    """Columns of text that hold numbers, dates or truth values but for some cells: a reader took the whole column for
    text because of a unit, a percent sign, an `N/A`.

    Columns with the role text, label or group are left alone, and so are codes: numbers that begin with a zero.

    Attributes:
        min_fraction: the share of the cells (placeholders aside) that must be readable, 0 to 1. House figure.
        min_cells: the fewest cells with a value a column must have.
    """

    name: ClassVar[str] = "column_types"
    version: ClassVar[str] = "1"

    min_fraction: float = Field(0.9, gt=0.5, le=1)
    min_cells: int = Field(10, ge=1)

    def look(self, context: CheckContext) -> list[Finding]:
        corpus = context.corpus
        roles = corpus.roles.columns()
        names = [
            field.name
            for field in corpus.schema
            if is_text(field.type) and roles.get(field.name) not in ("text", "label", "group")
        ]
        if not names:
            raise Skip("no column of text beside the text, the label and the groups")
        found = [(name, *kind) for name in names if (kind := self._kind(corpus, name)) is not None]
        if not found:
            return [Finding(self.name, "No column of text holds numbers, dates or truth values", "none", 0.0)]
        return [self._finding(context, *one) for one in found]

    def _finding(self, context: CheckContext, name: str, what: str, n_cells: int) -> Finding:
        plan, remedy = propose(context, "clean.types", columns=[name], **_READERS[what][0])
        counts = plan.reasons()
        rows = edited_rows(plan)
        unread = pc.equal(rows.column("reason"), "not_read")
        rows = pa.concat_tables([rows.filter(unread), rows.filter(pc.invert(unread))])
        title = f"The column {name!r} holds {what} as text: {of_rows(counts['read'], n_cells, 'cell')} can be read"
        n_percent = _n_percent(context.corpus, name)
        if 0 < n_percent < counts["read"]:
            title += (
                f"; {plural(n_percent, 'cell')} with a percent sign among others without: percent: divide, or keep?"
            )
        share = counts["read"] / n_cells
        return Finding(self.name, title, "low", share, self.min_fraction, rows, {"reasons": counts}, remedy, plan)

    def _kind(self, corpus: Corpus, name: str) -> tuple[str, int] | None:
        """What most cells of a column are, and how many have a value; None where they are texts or codes."""
        left = dict.fromkeys(_READERS, 0)
        n_cells, spare = 0, (1 - self.min_fraction) * len(corpus)
        for batch in corpus.batches(1 << 13):
            cells = batch.column(name).cast(pa.large_string())
            cells = cells.filter(pa.array(~is_placeholder(cells, "all"))).drop_null()
            counts = Counter(cells.to_pylist())
            counts.pop("", None)
            n_cells += sum(counts.values())
            if pc.any(pc.match_substring_regex(cells, _CODE)).as_py():
                return None
            for what in list(left):
                read = _READERS[what][1]
                left[what] += sum(n for cell, n in counts.items() if read(cell) is None)
                if left[what] > spare:
                    del left[what]
            if not left:
                return None
        if n_cells < self.min_cells:
            return None
        return next(((what, n_cells) for what, n in left.items() if n <= (1 - self.min_fraction) * n_cells), None)


def _n_percent(corpus: Corpus, name: str) -> int:
    """The cells of a column that end with a percent sign."""
    parts = (batch.column(name).cast(pa.large_string()) for batch in corpus.batches(1 << 13))
    return sum(pc.sum(pc.match_substring_regex(cells, r"%\s*$")).as_py() or 0 for cells in parts)

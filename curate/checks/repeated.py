"""`repeated_text`: lines that stand in several rows, and long spans that stand elsewhere word for word: headers,
footers, notices, quotations and pages scraped twice.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate import registry
from curate.checks.remedy import need_texts, of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, edited_rows
from curate.core.signals import Signal
from curate.kernels.pii.mask import mask_text
from curate.kernels.text import n_characters

SHOWN_UNITS = 20
SHOWN_CHARACTERS = 200


class RepeatedText(Check):
    """Lines that stand in several rows or twice in one, and spans of 50 words and more that stand elsewhere too: a
    model learns them by heart, and they tell sources apart.

    Attributes:
        lines: bounds on the share of rows that hold such a line: any is `low`, above 10 % is a habit of the source;
            lines may recur for good reasons (code, forms, verse), so never above `medium`.
        spans: bounds on the share of rows that hold such a span: any is `low`, above 1 % a habit of the source, above
            10 % a trait of the corpus. House figures. Rows that repeat another as a whole count too: see `duplicates`.
    """

    name: ClassVar[str] = "repeated_text"
    version: ClassVar[str] = "1"

    lines: Bounds = Bounds(low=0, medium=0.10)
    spans: Bounds = Bounds(low=0, medium=0.01, high=0.10)

    def look(self, context: CheckContext) -> list[Finding]:
        need_texts(context)
        return [
            self._would_cut(
                context,
                "dedup.lines",
                self.lines,
                "Lines that stand in other rows too, or twice in one",
                "No line stands in three rows or twice in one",
            ),
            self._would_cut(
                context,
                "dedup.substring",
                self.spans,
                "Spans of 50 words and more that stand elsewhere too",
                "No span of 50 words is repeated",
            ),
        ]

    def _would_cut(self, context: CheckContext, use: str, bounds: Bounds, what: str, clean: str) -> Finding:
        plan, remedy = propose(context, use)
        rows, n_rows = edited_rows(plan), len(context.corpus)
        if not len(rows):
            return Finding(self.name, clean, "none", 0.0, bounds.low)
        share = len(rows) / n_rows
        ((signal, settings),) = registry.get("transforms", use)().signals().items()
        evidence = {
            "n_rows_with_nothing_left": plan.drops.num_rows,
            **_evidence(context, context.signal(signal, **settings)),
        }
        title = f"{what}: {of_rows(len(rows), n_rows)}"
        return Finding(self.name, title, bounds.severity(share), share, bounds.low, rows, evidence, remedy, plan)


def _evidence(context: CheckContext, signal: Signal) -> dict[str, Any]:
    """The share of all characters that repeated spans make up, and the spans that most rows hold."""
    spans = signal.values.flatten()
    row_ids = signal.row_ids[pc.list_parent_indices(signal.values).to_numpy()]
    units, starts, ends, refs = (
        spans.field(name).to_numpy(zero_copy_only=False) for name in ("unit", "start", "end", "ref")
    )
    held = np.unique(np.stack([np.concatenate([units, units]), np.concatenate([row_ids, refs])]), axis=1)
    _, n_rows = np.unique(held[0], return_counts=True)
    first = np.lexsort((starts, row_ids, units))
    first = first[np.concatenate([[True], np.diff(units[first]) != 0])]
    top = np.lexsort((row_ids[first], -n_rows))[:SHOWN_UNITS]
    shown = spans.take(pa.array(first[top])).to_pylist()
    n_all, said = _read(context, row_ids[first[top]].tolist(), shown)
    return {
        "characters_fraction": float((ends - starts).sum() / max(1, n_all)),
        "most_repeated": [{"text": text, "n_rows": int(n)} for text, n in zip(said, n_rows[top], strict=True)],
    }


def _read(context: CheckContext, rows: list[int], spans: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """How many characters all texts have, and what some spans say."""
    n_all, said = 0, [""] * len(spans)
    for batch in context.corpus.batches():
        columns = {name: pa.array(batch.texts(name), pa.large_string()) for name in batch.roles.text}
        n_all += sum(int(n_characters(column).sum()) for column in columns.values())
        place = {row_id: at for at, row_id in enumerate(batch.row_ids.tolist())}
        for number, (row, span) in enumerate(zip(rows, spans, strict=True)):
            if row in place:
                text = mask_text(columns[span["column"]][place[row]].as_py()[span["start"] : span["end"]])
                said[number] = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …"
    return n_all, said

"""Cutting repeated spans out of texts: the form in which a signal names them, and the base of the transforms that cut.

A signal says which spans of a row's text stand elsewhere too and where; the transform only carries that out. So moving
the bound below which a row goes recomputes nothing, and a check shows the same spans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch, Ids, as_strings
from curate.kernels.text import n_words
from curate.kernels.units import cut

SPAN = pa.struct(
    [
        ("column", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("ref", pa.uint64()),
        ("unit", pa.uint64()),
    ]
)
"""One repeated span: the text column, its first character and the one after its last (code points), the row whose copy
explains it (the row itself, where the span is repeated inside it), and a number that equal spans share."""


@dataclass(frozen=True, eq=False)
class Spans:
    """Repeated spans of a corpus, ordered by row, column and start.

    Attributes:
        rows: the position of each span's row in the corpus, shape (n,).
        columns: the position of its column among the text columns.
        starts: its first character.
        ends: the character after its last.
        refs: the row that explains it.
        units: a number that equal spans share.
    """

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    refs: Ids
    units: npt.NDArray[np.uint64]

    def table(self, row_ids: Ids, names: Sequence[str]) -> pa.Table:
        """As the values of a signal: a list of `SPAN` for each row, null where a row has none."""
        named = pa.DictionaryArray.from_arrays(pa.array(self.columns.astype(np.int32)), pa.array(names, pa.string()))
        cells = [named.dictionary_decode(), self.starts, self.ends, self.refs, self.units]
        spans = pa.StructArray.from_arrays([pa.array(cell) for cell in cells], fields=list(SPAN))
        counts = np.bincount(self.rows, minlength=len(row_ids))
        offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
        lists = pa.ListArray.from_arrays(offsets, spans, type=pa.list_(SPAN), mask=pa.array(counts == 0))
        return pa.table({"row_id": row_ids, "value": lists})


class CutSpans(RowTransform):
    """Sets texts without the spans that a signal names, and drops rows of which too little would be left.

    The white space around a cut is tidied as `kernels.units.cut` says; no other character changes. Of several text
    columns a row keeps what would be the whole of one: half of a pair is no pair.

    Attributes:
        min_left_words: a row is dropped if fewer words than this would be left in all its texts together (in scripts
            without spaces, characters); 0 drops none.
    """

    signal: ClassVar[str]
    reasons: ClassVar[Mapping[str, str]] = {
        "repeated_in_other_rows": "a span stands in other rows too; score is the share of characters it made up",
        "repeated_in_row": "a span stands in the same row before",
        "nothing_left": "fewer words than min_left_words would be left without what stands elsewhere too",
    }

    min_left_words: int = Field(1, ge=0)

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        spans = batch.signals[self.signal]
        found = np.flatnonzero(spans.is_valid().to_numpy(zero_copy_only=False))
        if not len(found):
            return Edits()
        at = pa.array(found)
        rows = Batch(batch.rows.take(at), batch.row_ids[found], batch.roles)
        return self._edits(rows, spans.take(at).to_pylist())

    def _edits(self, rows: Batch, spans: list[list[dict[str, Any]]]) -> Edits:
        columns = {name: as_strings(rows.column(name)) for name in rows.roles.text}
        after = {name: _without(name, texts, spans) for name, texts in columns.items()}
        left = sum(n_words(pa.array(texts, pa.large_string())) for texts in after.values())
        kept = np.asarray(left) >= self.min_left_words
        if len(columns) > 1:
            after = {name: _not_emptied(columns[name], texts) for name, texts in after.items()}
        edits = [self._drop(rows, spans, columns, ~kept)]
        edits += [self._set(rows, name, columns[name], after[name], spans, kept) for name in columns]
        return Edits.concat(edits)

    def _drop(
        self, rows: Batch, spans: list[list[dict[str, Any]]], columns: dict[str, list[str | None]], gone: npt.NDArray
    ) -> Edits:
        at = np.flatnonzero(gone)
        if not len(at):
            return Edits()
        sizes = [sum(len(texts[row] or "") for texts in columns.values()) for row in at]
        scores = [_share(spans[row], size) for row, size in zip(at, sizes, strict=True)]
        refs = [_ref(spans[row], int(rows.row_ids[row])) for row in at]
        return Edits.drop(rows.row_ids[at], "nothing_left", score=scores, ref=pa.array(refs, pa.uint64()))

    def _set(
        self,
        rows: Batch,
        name: str,
        before: list[str | None],
        after: list[str | None],
        spans: list[list[dict[str, Any]]],
        kept: npt.NDArray,
    ) -> Edits:
        at = [row for row in np.flatnonzero(kept) if before[row] != after[row]]
        if not at:
            return Edits()
        mine = [[span for span in spans[row] if span["column"] == name] for row in at]
        refs = [_ref(those, int(rows.row_ids[row])) for row, those in zip(at, mine, strict=True)]
        reasons = ["repeated_in_row" if ref is None else "repeated_in_other_rows" for ref in refs]
        scores = [_share(those, len(before[row] or "")) for row, those in zip(at, mine, strict=True)]
        kind = rows.rows.schema.field(name).type
        values = pa.array([after[row] for row in at], pa.large_string()).cast(kind)
        return Edits.set(name, rows.row_ids[at], values, reasons, score=scores, ref=pa.array(refs, pa.uint64()))


def _without(column: str, texts: list[str | None], spans: list[list[dict[str, Any]]]) -> list[str | None]:
    return [
        None if text is None else cut(text, [(s["start"], s["end"]) for s in those if s["column"] == column])
        for text, those in zip(texts, spans, strict=True)
    ]


def _not_emptied(before: list[str | None], after: list[str | None]) -> list[str | None]:
    """Texts after the cut, but for those of which nothing is left: a row that stays with half of a pair is no pair."""
    return [was if was is not None and not (now or "").strip() else now for was, now in zip(before, after, strict=True)]


def _share(spans: list[dict[str, Any]], n_characters: int) -> float:
    """The share of a text that spans make up, in [0, 1]."""
    return min(1.0, sum(span["end"] - span["start"] for span in spans) / max(1, n_characters))


def _ref(spans: list[dict[str, Any]], row_id: int) -> int | None:
    """The row that explains the longest span which stands in another row; None where all stand in the row itself."""
    others = [span for span in spans if span["ref"] != row_id]
    return max(others, key=lambda span: (span["end"] - span["start"], -span["start"]))["ref"] if others else None

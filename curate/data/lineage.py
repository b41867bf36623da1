"""Lineage: one Arrow table of events, one event per edit that was applied; and the sums that must balance.

`n_in - dropped - quarantined + added = n_out`; every missing id has a drop or stands in quarantine, every new id has
parents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.data.edits import CHANGES
from curate.data.rows import Ids
from curate.errors import AccountingError

LINEAGE = pa.schema(
    [
        ("step", pa.string()),
        ("kind", pa.string()),
        ("row_id", pa.uint64()),
        ("column", pa.string()),
        ("reason", pa.string()),
        ("score", pa.float32()),
        ("ref", pa.uint64()),
        ("ref_split", pa.string()),
        ("parents", pa.list_(pa.uint64())),
        ("before", pa.large_string()),
        ("changes", CHANGES),
    ]
)
QUARANTINE = pa.schema(
    [
        ("row_id", pa.uint64()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("step", pa.string()),
        ("cause", pa.string()),
        ("raw", pa.large_string()),
    ]
)


def events(
    step: str, kind: str, edits: pa.Table, *, column: str | None = None, before: pa.Array | None = None
) -> pa.Table:
    """The lineage events of one kind of edit of one step."""
    n = edits.num_rows
    parents = edits.column("parents") if "parents" in edits.column_names else pa.nulls(n, pa.list_(pa.uint64()))
    shown = pa.nulls(n, pa.large_string()) if before is None else as_text(before)
    named = pa.nulls(n, pa.string()) if column is None else pa.repeat(column, n)
    why = [edits.column(name) for name in ("reason", "score", "ref", "ref_split")]
    changes = edits.column("changes") if "changes" in edits.column_names else pa.nulls(n, CHANGES)
    arrays = [pa.repeat(step, n), pa.repeat(kind, n), edits.column("row_id"), named, *why, parents, shown, changes]
    return pa.Table.from_arrays(arrays, schema=LINEAGE)


def as_text(values: pa.Array) -> pa.Array:
    """Cells as text: text as it is, all else as Arrow writes it, nested values by their Python form."""
    if pa.types.is_nested(values.type):
        return pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.large_string())
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        return pa.array([None if v is None else repr(v) for v in values.to_pylist()], pa.large_string())
    return values.cast(pa.large_string())


def quarantine_row(
    cause: str,
    *,
    raw: str | None,
    row_id: int | None = None,
    file: str | None = None,
    line: int | None = None,
    step: str | None = None,
) -> dict[str, Any]:
    """One row of the quarantine table: where the row was, why it is here, and all of it that could be read."""
    return {"row_id": row_id, "file": file, "line": line, "step": step, "cause": cause, "raw": raw}


def quarantine_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows made by `quarantine_row`, as a table (schema `QUARANTINE`)."""
    return pa.Table.from_pylist(list(rows), schema=QUARANTINE)


@dataclass
class StepCount:
    """What one step did: rows in, out, dropped, added, quarantined, rows with a changed cell, and edits by reason.

    `dropped_by` and `cells_by` are those of the edits that drop a row and that change a cell. `notes` is what its
    transform has to say of how it came to its edits; `refused` counts rows that it could have added and did not.
    """

    step: str
    n_in: int = 0
    n_out: int = 0
    n_dropped: int = 0
    n_added: int = 0
    n_changed: int = 0
    n_quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    dropped_by: dict[str, int] = field(default_factory=dict)
    cells_by: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    refused: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def count(self, n_in: int, n_out: int, happened: pa.Table, n_quarantined: int) -> None:
        """Take in one batch: its size before and after, and its events."""
        self.n_in += n_in
        self.n_out += n_out
        self.n_quarantined += n_quarantined
        if happened.num_rows:
            kinds = happened.column("kind")
            self.n_dropped += _tally(self.dropped_by, happened.filter(pc.equal(kinds, "drop")))
            self.n_added += int(pc.sum(pc.equal(kinds, "add")).as_py() or 0)
            cells = happened.filter(pc.equal(kinds, "set"))
            self.n_changed += len(pc.unique(cells.column("row_id")))
            _tally(self.cells_by, cells)
            _tally(self.reasons, happened)

    def note(self, notes: Iterable[str]) -> None:
        """Take in what is to be told, each once."""
        self.notes = tuple(dict.fromkeys([*self.notes, *notes]))

    def refuse(self, refused: Mapping[str, int]) -> None:
        """Take in rows that could have been added, by the reason why they were not."""
        for reason, n in refused.items():
            self.refused[reason] = self.refused.get(reason, 0) + n

    def merge(self, other: StepCount) -> None:
        """Take in the counts of other rows of the same step."""
        self.note(other.notes)
        self.refuse(other.refused)
        for name in ("n_in", "n_out", "n_dropped", "n_added", "n_changed", "n_quarantined", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("reasons", "dropped_by", "cells_by"):
            mine = getattr(self, name)
            for reason, n in getattr(other, name).items():
                mine[reason] = mine.get(reason, 0) + n

    def by_reason(self) -> list[str]:
        """Each reason with how many edits it has, the most first; where rows have several changed cells, it says so.

        Example:
            >>> StepCount("tidy", n_changed=2, reasons={"spaces": 3, "empty": 1}, cells_by={"spaces": 3}).by_reason()
            ['spaces 3 cells', 'empty 1']
        """
        several = sum(self.cells_by.values()) > self.n_changed
        ordered = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        units = {reason: " cell" if n == 1 else " cells" for reason, n in self.cells_by.items() if several}
        return [f"{reason} {n:,}{units.get(reason, '')}" for reason, n in ordered]

    def by_refusal(self) -> list[str]:
        """One line that says how many rows could have been added and were not, and why; none where none was refused.

        Example:
            >>> StepCount("augment.typo", refused={"unchanged": 3, "duplicate": 1200}).by_refusal()
            ['refused: duplicate 1,200, unchanged 3']
        """
        ordered = sorted(self.refused.items(), key=lambda item: (-item[1], item[0]))
        return ["refused: " + ", ".join(f"{reason} {n:,}" for reason, n in ordered)] if ordered else []

    def check(self) -> None:
        """Raise `AccountingError` where rows in and rows out do not balance."""
        kept = self.n_in - self.n_dropped - self.n_quarantined
        if kept < 0 or kept + self.n_added != self.n_out:
            raise AccountingError(
                f"step {self.step!r}: {self.n_in} in - {self.n_dropped} dropped - {self.n_quarantined} quarantined "
                f"+ {self.n_added} added is not {self.n_out} out"
            )


def _tally(into: dict[str, int], happened: pa.Table) -> int:
    for row in happened.column("reason").value_counts().to_pylist():
        into[row["values"]] = into.get(row["values"], 0) + row["counts"]
    return int(happened.num_rows)


def check_balance(ids_in: Ids, ids_out: Ids, lineage: pa.Table, quarantine: pa.Table) -> None:
    """Check row by row that every missing id has a drop or is in quarantine, and every new id was added.

    Raises:
        AccountingError: naming the first row that is not accounted for.
    """
    kinds = lineage.column("kind")
    ids = lineage.column("row_id").to_numpy()
    gone = np.union1d(ids[pc.equal(kinds, "drop").to_numpy()], quarantine.column("row_id").drop_null().to_numpy())
    added = ids[pc.equal(kinds, "add").to_numpy()]
    expected = np.setdiff1d(np.union1d(ids_in, added), gone, assume_unique=True)
    wrong = np.setxor1d(expected, ids_out)
    if len(wrong) or len(np.unique(ids_out)) != len(ids_out):
        raise AccountingError(f"{len(wrong)} rows are not accounted for, the first is row {wrong[:1].tolist()}")

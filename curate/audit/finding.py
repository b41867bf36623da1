"""One finding of an audit as a block: what it means, before and after, evidence, rows with their texts, remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import yaml

from curate import registry
from curate.audit.evidence import TRAIN, blocks, is_pairs
from curate.audit.texts import ShownRows
from curate.core.check import Finding
from curate.report import model
from curate.report.model import Block, Cell, Column, Diff, Table

if TYPE_CHECKING:
    from curate.audit.result import Entry

SHOWN_ROWS = 200
SHOWN_DIFFS = 6


def needed_rows(entries: Sequence[Entry]) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """Which rows the blocks will show, as (split, row id), and of which they need the whole text."""
    wanted: set[tuple[str, int]] = set()
    in_full: set[tuple[str, int]] = set()
    for finding in (entry.finding for entry in entries):
        for row in finding.rows.slice(0, SHOWN_ROWS).to_pylist():
            wanted.add((row["split"], row["row_id"]))
            if row["ref"] is not None:
                wanted.add((row["ref_split"], row["ref"]))
        in_full |= {(TRAIN, edit["row_id"]) for _, edit in _examples(finding)}
        for value in finding.evidence.values():
            if is_pairs(value):
                in_full |= {(pair.get("split", TRAIN), pair["row_id"]) for pair in value}
                in_full |= {(pair.get("ref_split", TRAIN), pair["ref"]) for pair in value}
            elif isinstance(value, list):
                wanted |= {(TRAIN, record["row_id"]) for record in value if "row_id" in record}
    return wanted | in_full, in_full


def finding_block(entry: Entry, rows: ShownRows) -> model.Finding:
    """The block of a finding."""
    finding = entry.finding
    evidence: list[Block] = list(_before_and_after(finding, rows))
    evidence += blocks(
        finding.evidence,
        lambda split, row_id: rows.get(split, row_id).text,
        lambda split, row_id: rows.get(split, row_id).whole,
    )
    if len(finding.rows):
        evidence.append(_rows_table(finding, rows))
    return model.Finding(
        title=finding.title,
        severity=finding.severity,
        check=finding.check,
        saw=_meaning(type(entry.result.check)) if entry.status == "finding" else "",
        n_rows=len(finding.rows) or None,
        remedy="" if finding.remedy is None else yaml.safe_dump([dict(finding.remedy)], sort_keys=False),
        evidence=tuple(evidence),
    )


def _meaning(check: type) -> str:
    """What a check looks for and why it matters: the first paragraph of its docstring."""
    return " ".join((check.__doc__ or "").strip().split("\n\n")[0].split())


def _examples(finding: Finding) -> Iterator[tuple[str, dict[str, Any]]]:
    """The column and edit of the first rows whose text the remedy would change, in the order of the finding's rows."""
    if finding.plan is None:
        return
    order = {row_id: at for at, row_id in enumerate(finding.rows.column("row_id").slice(0, SHOWN_ROWS).to_pylist())}
    for column, table in sorted(finding.plan.sets.items()):
        edits = [edit for edit in table.to_pylist() if edit["row_id"] in order]
        for edit in sorted(edits, key=lambda edit: order[edit["row_id"]])[:SHOWN_DIFFS]:
            yield column, edit


def _before_and_after(finding: Finding, rows: ShownRows) -> Iterator[Diff]:
    for column, edit in _examples(finding):
        before = rows.get(TRAIN, edit["row_id"]).cells.get(column)
        yield Diff(before, edit["value"], f"row {edit['row_id']}, column {column}")


def _rows_table(finding: Finding, rows: ShownRows) -> Table:
    """The rows with their texts; columns that say nothing here are left out."""
    table = finding.rows
    shown = table.slice(0, SHOWN_ROWS).to_pylist()
    cells: dict[Column, list[Cell]] = {Column("row", "id"): [row["row_id"] for row in shown]}
    own = [rows.get(row["split"], row["row_id"]) for row in shown]
    if _differs(table.column("split")):
        cells[Column("split", "code")] = [row["split"] for row in shown]
    if any(row.label is not None for row in own):
        cells[Column("label", "code")] = [row.label for row in own]
    if table.column("detail").null_count < len(table):
        cells[Column("detail", "code")] = [row["detail"] for row in shown]
    cells[Column("text")] = [row.text for row in own]
    if _differs(table.column("score")):
        cells[Column("score", "number")] = [round(row["score"], 4) for row in shown]
    if _differs(table.column("reason")):
        cells[Column("reason", "code")] = [row["reason"] for row in shown]
    if table.column("ref").null_count < len(table):
        refs = [None if row["ref"] is None else rows.get(row["ref_split"], row["ref"]) for row in shown]
        cells[Column("compared with row", "id")] = [row["ref"] for row in shown]
        if any(ref is not None and ref.label is not None for ref in refs):
            cells[Column("its label", "code")] = [None if ref is None else ref.label for ref in refs]
        cells[Column("its text")] = [None if ref is None else ref.text for ref in refs]
    return Table(
        tuple(cells), tuple(zip(*cells.values(), strict=True)), caption=_caption(finding), n_rows=len(finding.rows)
    )


def _differs(column: pa.ChunkedArray) -> bool:
    return len(column.unique()) > 1


def _caption(finding: Finding) -> str:
    """The rows, with what their reasons mean."""
    if finding.remedy is None:
        return "rows"
    reasons = registry.get("transforms", finding.remedy["use"]).reasons
    given = [reason for reason in finding.rows.column("reason").unique().to_pylist() if reason in reasons]
    return "rows: " + "; ".join(reasons[reason].split(";")[0] for reason in given) if given else "rows"

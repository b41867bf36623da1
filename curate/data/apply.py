"""Apply: the one place that turns edits into new rows, and in the same act writes the lineage.

Nothing else in curate changes a row. Edits that contradict each other, or name a row that is not here, are refused.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.data.edits import ADDS, Edits, first_parents
from curate.data.lineage import LINEAGE, events
from curate.data.rows import Batch, Ids
from curate.errors import AccountingError


def _once(name: str, ids: Ids, step: str) -> None:
    if len(np.unique(ids)) != len(ids):
        raise AccountingError(f"step {step!r} proposes two {name} edits for one row")


def _set_cells(
    rows: pa.RecordBatch, batch: Batch, column: str, table: pa.Table, step: str
) -> tuple[pa.RecordBatch, pa.Table]:
    if column not in rows.schema.names:
        raise AccountingError(f"step {step!r} sets the column {column!r}, which the rows do not have")
    ids = table.column("row_id").to_numpy()
    _once(f"set:{column}", ids, step)
    old, values = rows.column(column), table.column("value").combine_chunks()
    _fits(rows, column, values, step)
    at = batch.locate(ids)
    position = np.arange(len(batch))
    position[at] = len(batch) + np.arange(len(at))
    index = rows.schema.get_field_index(column)
    new = pa.concat_arrays([old, _one(values)]).take(pa.array(position))
    return rows.set_column(index, rows.schema.field(index), new), events(
        step, "set", table, column=column, before=old.take(pa.array(at))
    )


def _fits(rows: pa.RecordBatch, column: str, values: pa.Array | pa.ChunkedArray, step: str) -> None:
    kind = rows.schema.field(column).type
    if values.type != kind:
        raise AccountingError(f"step {step!r} sets {column!r} to {values.type}, but the column holds {kind}")


def _weigh(rows: pa.RecordBatch, batch: Batch, weights: pa.Table, step: str) -> tuple[pa.RecordBatch, pa.Table]:
    column = batch.roles.weight
    if column is None:
        raise AccountingError(f"step {step!r} weighs rows, but no column has the role weight")
    given = weights.column("weight").to_numpy()
    if not np.all(np.isfinite(given) & (given >= 0)):
        raise AccountingError(f"step {step!r} gives a weight that is below 0 or not finite")
    kind = rows.schema.field(column).type
    if not pa.types.is_floating(kind):
        raise AccountingError(f"step {step!r} weighs rows, but the weight column {column!r} holds {kind}, not floats")
    values = weights.column("weight").cast(kind)
    cells = weights.rename_columns({"weight": "value"}).set_column(1, "value", values)
    return _set_cells(rows, batch, column, cells, step)


def _one(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(values.chunks) if isinstance(values, pa.ChunkedArray) else values


def _copies(rows: pa.RecordBatch, batch: Batch, adds: pa.Table, step: str) -> tuple[pa.RecordBatch, NDArray[np.int64]]:
    """The added rows, with the position of each one's first parent."""
    ids = adds.column("row_id").to_numpy()
    _once("add", ids, step)
    if np.isin(ids, batch.row_ids).any():
        raise AccountingError(f"step {step!r} adds a row with the id of a row that is there")
    at = batch.locate(first_parents(adds))
    new = rows.take(pa.array(at))
    for column in adds.column_names[len(ADDS) :]:
        if column not in rows.schema.names:
            raise AccountingError(f"step {step!r} adds a cell of the column {column!r}, which the rows do not have")
        index, values = rows.schema.get_field_index(column), _one(adds.column(column))
        _fits(rows, column, values, step)
        new = new.set_column(index, rows.schema.field(index), values)
    return new, at


def _behind_parents(kept: NDArray[np.int64], parent_at: NDArray[np.int64], n_rows: int) -> NDArray[np.int64]:
    """The order in which each added row, which stand from position `n_rows` on, comes right behind its first parent."""
    anchor = np.concatenate([kept, parent_at])
    copy = np.concatenate([np.full(len(kept), -1), np.arange(len(parent_at))])
    where = np.concatenate([kept, n_rows + np.arange(len(parent_at))])
    return np.asarray(where[np.lexsort((copy, anchor))])


def apply(batch: Batch, edits: Edits, *, step: str, private: bool = False) -> tuple[Batch, pa.Table]:
    """Apply edits to a batch: cells are set, rows weighed, added behind their first parent, and dropped.

    Args:
        batch: the rows.
        edits: the edits of rows in this batch, and of no others.
        step: the name of the step, for the lineage.
        private: keep no text in the lineage (the step removes what must not be kept).

    Returns:
        The new batch, and its lineage events (schema `LINEAGE`).

    Raises:
        AccountingError: an edit names a row that is not here, or edits contradict each other.

    Example:
        >>> from curate.data.roles import Roles
        >>> rows = pa.record_batch({"text": ["a", "b"]})
        >>> batch = Batch(rows, np.array([0, 1], dtype=np.uint64), Roles(text="text"))
        >>> kept, log = apply(batch, Edits.drop([1], "too_short"), step="filter.length")
        >>> kept.row_ids.tolist(), log.num_rows
        ([0], 1)
    """
    if not edits.n_edits:
        return batch, LINEAGE.empty_table()
    rows, log = batch.rows, []
    for column, table in sorted(edits.sets.items()):
        if table.num_rows:
            rows, happened = _set_cells(rows, batch, column, table, step)
            log.append(happened)
    if edits.weights.num_rows:
        rows, happened = _weigh(rows, batch, edits.weights, step)
        log.append(happened)
    ids = batch.row_ids
    keep = np.ones(len(batch), dtype=bool)
    if edits.drops.num_rows:
        dropped = edits.drops.column("row_id").to_numpy()
        _once("drop", dropped, step)
        at = batch.locate(dropped)
        keep[at] = False
        log.append(events(step, "drop", edits.drops, before=_shown(batch, at)))
    position = np.flatnonzero(keep)
    if edits.adds.num_rows:
        new, parent_at = _copies(batch.rows, batch, edits.adds, step)
        log.append(events(step, "add", edits.adds))
        rows = pa.concat_batches([rows, new])
        ids = np.concatenate([ids, edits.adds.column("row_id").to_numpy()])
        position = _behind_parents(position, parent_at, len(batch))
    if edits.drops.num_rows or edits.adds.num_rows:
        rows, ids = rows.take(pa.array(position)), ids[position]
    happened = pa.concat_tables(log)
    for name in ("before", "changes") if private else ():
        place = LINEAGE.get_field_index(name)
        happened = happened.set_column(place, LINEAGE.field(name), pa.nulls(len(happened), LINEAGE.field(name).type))
    return Batch(rows, ids, batch.roles), happened


def _shown(batch: Batch, at: NDArray[np.int64]) -> pa.Array:
    """The text of dropped rows, so that their life can be told."""
    if not batch.roles.text:
        return pa.nulls(len(at), pa.large_string())
    taken = Batch(batch.rows.take(pa.array(at)), batch.row_ids[at], batch.roles)
    return pa.array(taken.texts(), pa.large_string())

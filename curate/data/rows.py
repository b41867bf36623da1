"""Rows: batches of Arrow rows with their identities, from memory or from files, read as a stream.

A row id is a uint64: the ordinal in the pinned source, or for a derived row a hash with the top bit set. Row ids
travel in the column `__row_id__`, the last one, and are taken off on export unless asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.roles import Roles
from curate.errors import AccountingError, ColumnError

ROW_ID = "__row_id__"
TOP_BIT = np.uint64(1 << 63)
BATCH_ROWS = 1000

Ids = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a corpus, with their ids, the roles of their columns and the signals a transform asked for.

    `rows` holds the columns without the row ids; `row_ids` has shape (n_rows,); `signals` maps a name to an array of
    n_rows values.
    """

    rows: pa.RecordBatch
    row_ids: Ids
    roles: Roles
    signals: Mapping[str, pa.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row_ids)

    def column(self, name: str) -> pa.Array:
        """One column as an Arrow array."""
        return self.rows.column(name)

    def texts(self, column: str | None = None) -> list[str | None]:
        """The text of each row: that of `column`, else all text columns joined by a line break; None where all null."""
        if column is not None:
            return as_strings(self.rows.column(column))
        if len(self.roles.text) == 1:
            return as_strings(self.rows.column(self.roles.text[0]))
        columns = [as_strings(self.rows.column(name)) for name in self.roles.text]
        return [_join(cells) for cells in zip(*columns, strict=True)]

    def text_array(self) -> pa.Array:
        """The text of each row, as `texts` gives it, as an Arrow array of large strings."""
        if len(self.roles.text) != 1:
            return pa.array(self.texts(), pa.large_string())
        return self.rows.column(self.roles.text[0]).cast(pa.large_string())

    def labels(self) -> pa.Array:
        """The label column."""
        if self.roles.label is None:
            raise ColumnError("no column has the role label", hint="name it with --label or roles: {label: …}")
        return self.rows.column(self.roles.label)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self.row_ids, kind="stable")

    def locate(self, row_ids: Ids) -> NDArray[np.int64]:
        """The position of each of `row_ids` in this batch.

        Raises:
            AccountingError: one of them is not here.
        """
        in_order = self.row_ids[self._order]
        at = np.searchsorted(in_order, row_ids)
        known = at < len(in_order)
        known[known] = in_order[at[known]] == row_ids[known]
        if not known.all():
            raise AccountingError(f"row {int(row_ids[~known][0])} is edited but is not in the batch")
        return self._order[at]

    def with_ids(self) -> pa.RecordBatch:
        """The rows with their ids as the last column."""
        return self.rows.append_column(ROW_ID, pa.array(self.row_ids, pa.uint64()))

    def slice(self, start: int, length: int) -> Batch:
        """`length` rows from `start` on."""
        signals = {name: values.slice(start, length) for name, values in self.signals.items()}
        return Batch(self.rows.slice(start, length), self.row_ids[start : start + length], self.roles, signals)

    def with_signals(self, signals: Mapping[str, pa.Array]) -> Batch:
        return Batch(self.rows, self.row_ids, self.roles, signals)


def _join(cells: Sequence[str | None]) -> str | None:
    given = [cell for cell in cells if cell is not None]
    return "\n".join(given) if given else None


def as_strings(array: pa.Array) -> list[str | None]:
    """A text column as a list of str or None; other types are written as Arrow casts them to text."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        array = array.cast(pa.large_string())
    result: list[str | None] = array.to_numpy(zero_copy_only=False).tolist()
    return result


def split_ids(batch: pa.RecordBatch, roles: Roles) -> Batch:
    """A record batch whose last column holds the row ids, as a `Batch`."""
    ids = batch.column(batch.num_columns - 1).to_numpy(zero_copy_only=True)
    return Batch(batch.remove_column(batch.num_columns - 1), ids, roles)


class Rows(Protocol):
    """A source of rows that can be read again and again; the schema's last column is `__row_id__`."""

    @property
    def schema(self) -> pa.Schema: ...

    @property
    def n_rows(self) -> int: ...

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]: ...


@dataclass(frozen=True, eq=False)
class TableRows:
    """Rows in memory (or memory-mapped by whoever made the table)."""

    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        return self.table.schema

    @property
    def n_rows(self) -> int:
        return int(self.table.num_rows)

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        """Record batches of at most `n_rows` rows over the rows from `start` to `stop`."""
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        yield from self.table.slice(start, max(0, stop - start)).to_batches(max_chunksize=n_rows)


@dataclass(frozen=True, eq=False)
class FileRows:
    """Rows in Arrow IPC files, read batch by batch: memory does not grow with the rows."""

    files: tuple[Path, ...]
    counts: tuple[int, ...]
    schema: pa.Schema

    @property
    def n_rows(self) -> int:
        return sum(self.counts)

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        """Record batches of at most `n_rows` rows over the rows from `start` to `stop`; those before are not read."""
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        at = 0
        for number, (path, count) in enumerate(zip(self.files, self.counts, strict=True)):
            if at < stop and at + count > start:
                low, high = max(0, start - at), min(count, stop - at)
                yield from _read(path, n_rows, low, high, self._lengths[number] if low else None)
            at += count

    @cached_property
    def _lengths(self) -> list[list[int]]:
        """The rows of each record batch of each file; a mapped file is read only where its batches are described."""
        found = []
        for path in self.files:
            with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
                found.append([reader.get_batch(number).num_rows for number in range(reader.num_record_batches)])
        return found


def _read(path: Path, n_rows: int, start: int, stop: int, lengths: list[int] | None) -> Iterator[pa.RecordBatch]:
    at = 0
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_file(source) as reader:
        for number in range(reader.num_record_batches):
            if at >= stop:
                break
            if lengths is not None and at + lengths[number] <= start:
                at += lengths[number]
                continue
            batch = reader.get_batch(number)
            low, high = max(0, start - at), min(batch.num_rows, stop - at)
            for position in range(low, high, n_rows):
                yield batch.slice(position, min(n_rows, high - position))
            at += batch.num_rows


_VIEWS = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}


def without_views(schema: pa.Schema) -> pa.Schema:
    """A schema without `string_view` and `binary_view`: a way to lie in memory that neither `datasets` nor all of
    Arrow's kernels know; they become `large_string` and `large_binary`.
    """
    for at, field_ in enumerate(schema):
        if field_.type in _VIEWS:
            schema = schema.set(at, field_.with_type(_VIEWS[field_.type]))
    return schema


def append_ids(table: pa.Table, row_ids: Ids | None = None) -> pa.Table:
    """A table with row ids as its last column: those given, those it has already, else 0, 1, 2 and so on.

    Raises:
        ColumnError: the table's own `__row_id__` has a null or names a row twice.
    """
    if ROW_ID in table.column_names:
        row_ids = own_ids(table.column(ROW_ID))
        table = table.drop_columns([ROW_ID])
    elif row_ids is None:
        row_ids = np.arange(table.num_rows, dtype=np.uint64)
    return table.append_column(ROW_ID, pa.array(row_ids, pa.uint64()))


def own_ids(column: pa.ChunkedArray) -> Ids:
    """The row ids a source brings along in its own `__row_id__` column."""
    if column.null_count or not pa.types.is_integer(column.type):
        raise ColumnError(f"the column {ROW_ID!r} must hold whole numbers without nulls", hint="rename the column")
    if len(column) and pc.min(column).as_py() < 0:
        raise ColumnError(f"the column {ROW_ID!r} must hold no negative number", hint="rename the column")
    if pc.count_distinct(column).as_py() != len(column):
        raise ColumnError(f"the column {ROW_ID!r} names a row twice", hint="drop or rename the column")
    return np.asarray(column.cast(pa.uint64()).to_numpy())

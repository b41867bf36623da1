"""The spool: where readers put record batches and bad rows; small sources stay in memory, large ones go to the store.

Between the readers and a corpus. Types may widen while batches are read; `conform` brings them to the last schema.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.data.digest import RowDigest, batches_digest, digest
from curate.data.lineage import QUARANTINE, quarantine_row, quarantine_table
from curate.data.rows import ROW_ID, FileRows, Ids, Rows, TableRows, own_ids
from curate.data.store import Store
from curate.errors import InputError, QuarantineExceeded
from curate.io.files import writable
from curate.kernels.pii.mask import mask_text

MEMORY_BYTES = 8 << 20
BATCH_ROWS = 10_000
BATCH_BYTES = 64 << 20
_EARLY = 100_000


@dataclass(frozen=True)
class Loaded:
    """Rows as loaded, with ids; their content digest; and the rows that could not be read."""

    rows: Rows
    fingerprint: str
    quarantine: pa.Table


class Spool:
    """Takes batches and bad rows in reading order; use as a context manager.

    Args:
        store: where batches go once they pass `MEMORY_BYTES`.
        max_quarantine: reading stops early where far more rows than this share are bad.
        on_progress: told the number of rows read so far.
    """

    def __init__(
        self, store: Store, max_quarantine: float = 1.0, on_progress: Callable[[int], None] | None = None
    ) -> None:
        self.n_rows = 0
        self.bad_rows: list[dict[str, Any]] = []
        self._store, self._max_quarantine, self._on_progress = store, max_quarantine, on_progress
        self._held: list[pa.RecordBatch] = []
        self._bytes = 0
        self._segments: list[Path] = []
        self._stack = ExitStack()
        self._scratch: Path | None = None

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def spilled(self) -> bool:
        """Whether there is more than memory should hold."""
        return bool(self._segments)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in rows. Dictionary columns are kept as plain values until the end, as their dictionaries may differ."""
        batch = _plain(batch)
        self._held.append(batch)
        self._bytes += batch.nbytes
        self.n_rows += batch.num_rows
        if self._bytes > MEMORY_BYTES:
            self._spill()
        if self._on_progress is not None:
            self._on_progress(self.n_rows)

    def bad(self, cause: str, *, raw: str | None, file: str | None = None, line: int | None = None) -> None:
        """Put one row into quarantine."""
        self.bad_rows.append(quarantine_row(cause, raw=raw, file=file, line=line))
        if len(self.bad_rows) % _EARLY == 0:
            check_quarantine(self.n_rows, quarantine_table(self.bad_rows), self._max_quarantine)

    def _spill(self) -> None:
        with writable(self._store.root, hint="free space or set CURATE_CACHE"):
            if self._scratch is None:
                self._scratch = Path(self._stack.enter_context(self._store.scratch()))
            while self._held:
                schema = self._held[0].schema
                path = self._scratch / f"{len(self._segments)}.arrow"
                with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
                    while self._held and self._held[0].schema.equals(schema, check_metadata=True):
                        writer.write_batch(self._held.pop(0))
                self._segments.append(path)
        self._bytes = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches so far, in order, as they came."""
        for path in self._segments:
            with pa.OSFile(str(path), "rb") as source, pa.ipc.open_file(source) as reader:
                for number in range(reader.num_record_batches):
                    yield reader.get_batch(number)
        yield from self._held

    def finish(self, schema: pa.Schema, key: str | None = None) -> Loaded:
        """The rows in their last schema: in memory, or once spilled in the store, under `key` or else their content.

        Raises:
            InputError: a cell does not fit the schema, or the store cannot be written.
            QuarantineExceeded: too large a share of the rows is bad.
        """
        order = {file: at for at, file in enumerate(dict.fromkeys(row["file"] for row in self.bad_rows))}
        quarantine = quarantine_table(sorted(self.bad_rows, key=lambda row: (order[row["file"]], row["line"] or 0)))
        check_quarantine(self.n_rows, quarantine, self._max_quarantine)
        if not len(schema):
            raise InputError("the source has no columns, so no rows", hint="give rows with at least one named cell")
        schema = _with_row_id(schema)
        if not self.spilled:
            content, batches = RowDigest(schema), []
            for batch in self._final(schema):
                content.update(batch)
                batches.append(batch)
            return Loaded(TableRows(pa.Table.from_batches(batches, schema)), content.hexdigest(), quarantine)
        if key is None:
            key = digest("rows", batches_digest(schema, self._final(schema)), self.bad_rows)
        return open_entry(self._store.make(key, lambda folder: self._write(folder, schema, quarantine)))

    def _write(self, folder: Path, schema: pa.Schema, quarantine: pa.Table) -> None:
        content, n_rows = RowDigest(schema), 0
        with pa.OSFile(str(folder / "rows.arrow"), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            for batch in self._final(schema):
                writer.write_batch(batch)
                content.update(batch)
                n_rows += batch.num_rows
        with pa.OSFile(str(folder / "quarantine.arrow"), "wb") as sink, pa.ipc.new_file(sink, QUARANTINE) as writer:
            writer.write_table(quarantine)
        (folder / "entry.json").write_text(json.dumps({"n_rows": n_rows, "fingerprint": content.hexdigest()}))

    def _final(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows in `schema`, with row ids: the source's own, else 0, 1, 2, … in reading order."""
        plain = schema.remove(schema.get_field_index(ROW_ID))
        dictionaries = _dictionaries(plain, self.batches)
        ids = self._own_ids()
        start = 0
        for batch in self.batches():
            for part in _cut(conform(batch, plain, dictionaries)):
                stop = start + part.num_rows
                own = np.arange(start, stop, dtype=np.uint64) if ids is None else ids[start:stop]
                yield pa.RecordBatch.from_arrays([*part.columns, pa.array(own, pa.uint64())], schema=schema)
                start = stop

    def _own_ids(self) -> Ids | None:
        parts: list[pa.Array] = []
        for batch in self.batches():
            if ROW_ID not in batch.schema.names:
                if parts:
                    raise InputError(f"some rows have a {ROW_ID} and some have none", hint="drop or rename the column")
                return None
            parts.append(whole_numbers(batch.column(ROW_ID)))
        return own_ids(pa.chunked_array(parts)) if parts else None


def whole_numbers(ids: pa.Array) -> pa.Array:
    """A column of row ids that text formats gave as text, as numbers."""
    try:
        return ids.cast(pa.uint64()) if pa.types.is_string(ids.type) else ids
    except pa.ArrowInvalid as error:
        raise InputError(f"the column {ROW_ID!r} must hold whole numbers", hint="drop or rename the column") from error


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    for at, field in enumerate(batch.schema):
        if pa.types.is_dictionary(field.type):
            batch = batch.set_column(at, field.with_type(field.type.value_type), batch.column(at).dictionary_decode())
    return batch


def _with_row_id(schema: pa.Schema) -> pa.Schema:
    at = schema.get_field_index(ROW_ID)
    return (schema if at < 0 else schema.remove(at)).append(pa.field(ROW_ID, pa.uint64()))


def _cut(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    n_rows = batch.num_rows
    size = max(1, min(BATCH_ROWS, n_rows * BATCH_BYTES // max(batch.nbytes, 1)))
    for start in range(0, n_rows, size):
        yield batch.slice(start, size)


def conform(
    batch: pa.RecordBatch, schema: pa.Schema, dictionaries: dict[str, pa.Array] | None = None
) -> pa.RecordBatch:
    """A batch with the columns and types of `schema`; columns it lacks are null.

    Raises:
        InputError: a value cannot be held exactly by the type of its column.
    """
    arrays = []
    for field in schema:
        at = batch.schema.get_field_index(field.name)
        column = pa.nulls(batch.num_rows) if at < 0 else batch.column(at)
        if dictionaries and field.name in dictionaries:
            arrays.append(_encode(column, field.type, dictionaries[field.name]))
        elif column.type.equals(field.type):
            arrays.append(column)
        else:
            arrays.append(_cast(column, field))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(column: pa.Array, field: pa.Field) -> pa.Array:
    try:
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise InputError(
            f"the column {field.name!r} mixes {column.type} and {field.type}, and not every value fits: "
            + mask_text(str(error)),
            hint="make the column one type",
        ) from error


def _dictionaries(schema: pa.Schema, batches: Callable[[], Iterator[pa.RecordBatch]]) -> dict[str, pa.Array]:
    """One dictionary for all batches of each dictionary column, its values in the order they are first met."""
    found: dict[str, pa.Array] = {}
    for name in [field.name for field in schema if pa.types.is_dictionary(field.type)]:
        parts = [batch.column(name).unique() for batch in batches() if name in batch.schema.names]
        values = pa.chunked_array(parts, schema.field(name).type.value_type).unique()
        found[name] = values.drop_null()
    return found


def _encode(column: pa.Array, kind: pa.DictionaryType, dictionary: pa.Array) -> pa.Array:
    indices = pc.index_in(column.cast(kind.value_type), value_set=dictionary).cast(kind.index_type)
    return pa.DictionaryArray.from_arrays(indices, dictionary, ordered=kind.ordered)


def open_entry(place: Path) -> Loaded:
    """The rows of a store entry."""
    said = json.loads((place / "entry.json").read_text())
    rows = place / "rows.arrow"
    with pa.OSFile(str(rows), "rb") as source, pa.ipc.open_file(source) as reader:
        schema = reader.schema
    with pa.OSFile(str(place / "quarantine.arrow"), "rb") as source, pa.ipc.open_file(source) as reader:
        quarantine = reader.read_all()
    return Loaded(FileRows((rows,), (said["n_rows"],), schema), said["fingerprint"], quarantine)


def check_quarantine(n_rows: int, quarantine: pa.Table, max_quarantine: float) -> None:
    """Raise `QuarantineExceeded` where the bad rows are more than `max_quarantine` of all rows read."""
    bad, read = quarantine.num_rows, n_rows + quarantine.num_rows
    if not bad or bad <= max_quarantine * read:
        return
    rows = quarantine.select(["cause", "file", "line"]).to_pylist()
    causes = Counter(row["cause"] for row in rows).most_common(3)
    said = []
    for cause, count in causes:
        first = next(row for row in rows if row["cause"] == cause)
        said.append(f"{count:,} x {cause} (first: {_place(first['file'], first['line'])})")
    raise QuarantineExceeded(
        f"{bad:,} of {read:,} rows ({bad / read:.1%}) cannot be read, max_quarantine is {max_quarantine:.1%}: "
        + "; ".join(said),
        hint="mend the source or raise max_quarantine",
    )


def _place(file: str | None, line: int | None) -> str:
    return f"{file} line {line}" if file else f"row {line}"

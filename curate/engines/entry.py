"""What came of a chunk, at rest: Arrow files in an entry of the store, or tables in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.data.cut import Cutter, recut
from curate.data.lineage import LINEAGE, QUARANTINE, StepCount
from curate.data.rows import ROW_ID, FileRows, Rows, TableRows
from curate.data.store import Store
from curate.engines.chunk import Segment, run_chunk
from curate.engines.kept import keeper


@dataclass
class ChunkResult:
    """What came of a chunk: where its rows and events are, the count of each stage, and the rows that failed."""

    rows: Rows
    events: Rows
    counts: list[StepCount]
    quarantine: pa.Table


@dataclass
class MemorySink:
    """Rows and events as tables in memory."""

    schema: pa.Schema
    _rows: list[pa.RecordBatch] = field(default_factory=list)
    _events: list[pa.RecordBatch] = field(default_factory=list)

    def rows(self, batch: pa.RecordBatch) -> None:
        self._rows.append(batch)

    def events(self, happened: pa.Table) -> None:
        self._events += happened.to_batches()

    def tables(self) -> tuple[TableRows, TableRows]:
        return (
            TableRows(pa.Table.from_batches(recut(self._rows), schema=self.schema)),
            TableRows(pa.Table.from_batches(recut(self._events), schema=LINEAGE)),
        )


def memory_chunk(segment: Segment, chunk: int) -> ChunkResult:
    """A chunk in memory."""
    sink = MemorySink(segment.out_schema)
    counts, quarantine = run_chunk(segment, chunk, sink)
    rows, events = sink.tables()
    return ChunkResult(rows, events, counts, quarantine)


class FileSink:
    """Rows and events as Arrow files in a folder, in batches that do not tell how they came."""

    def __init__(self, folder: Path, schema: pa.Schema, stack: ExitStack) -> None:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._rows, self._events = Cutter(), Cutter()
        self._row_file = _writer(folder / "rows.arrow", schema, stack, None)
        self._event_file = _writer(folder / "events.arrow", LINEAGE, stack, options)

    def rows(self, batch: pa.RecordBatch) -> None:
        _write(self._row_file, self._rows.add(batch))

    def events(self, happened: pa.Table) -> None:
        for batch in happened.to_batches():
            _write(self._event_file, self._events.add(batch))

    def finish(self) -> None:
        """Write what is still held."""
        _write(self._row_file, self._rows.rest())
        _write(self._event_file, self._events.rest())


def _writer(path: Path, schema: pa.Schema, stack: ExitStack, options: pa.ipc.IpcWriteOptions | None) -> Any:
    sink = stack.enter_context(pa.OSFile(str(path), "wb"))
    return stack.enter_context(pa.ipc.new_file(sink, schema, options=options))


def _write(writer: Any, batches: Iterable[pa.RecordBatch]) -> None:
    for batch in batches:
        writer.write_batch(batch)


def write_chunk(segment: Segment, chunk: int, store: Store, folder: Path) -> None:
    """Make the store entry of a chunk; the row signals it needs are kept in the same store."""
    keep = keeper(store, segment.called, (segment.chunk_rows, chunk))
    stages = [stage.opened(keep) for stage in segment.stages]
    with ExitStack() as stack:
        sink = FileSink(folder, segment.out_schema, stack)
        counts, quarantine = run_chunk(segment, chunk, sink, stages)
        sink.finish()
    for stage in stages:
        stage.close()
    (folder / "counts.json").write_text(json.dumps([asdict(count) for count in counts]))
    with ExitStack() as stack:
        _writer(folder / "quarantine.arrow", QUARANTINE, stack, None).write_table(quarantine)


def read_chunk(folder: Path, schema: pa.Schema) -> ChunkResult:
    """The store entry of a chunk."""
    counts = [StepCount(**plain) for plain in json.loads((folder / "counts.json").read_text())]
    with pa.OSFile(str(folder / "quarantine.arrow"), "rb") as source:
        quarantine = pa.ipc.open_file(source).read_all()
    rows = FileRows((folder / "rows.arrow",), (_n_rows(folder / "rows.arrow"),), schema)
    events = FileRows((folder / "events.arrow",), (_n_rows(folder / "events.arrow"),), LINEAGE)
    return ChunkResult(rows, events, counts, quarantine)


def _n_rows(path: Path) -> int:
    with pa.OSFile(str(path), "rb") as source:
        return int(pa.ipc.open_file(source).count_rows())


def joined(parts: Sequence[Rows], schema: pa.Schema) -> Rows:
    """The rows of several chunks, in order."""
    if all(isinstance(part, FileRows) for part in parts):
        files = tuple(path for part in parts for path in part.files)  # type: ignore[attr-defined]
        counts = tuple(n for part in parts for n in part.counts)  # type: ignore[attr-defined]
        return FileRows(files, counts, schema)
    return TableRows(pa.concat_tables([schema.empty_table(), *(part.table for part in parts)]))  # type: ignore[attr-defined]


def row_schema(schema: pa.Schema) -> pa.Schema:
    """A schema with the row ids as its last column."""
    return schema.append(pa.field(ROW_ID, pa.uint64()))

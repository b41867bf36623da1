"""Chunks: a fixed range of rows, carried through all stages batch by batch, and the files or tables it ends in.

A chunk is the unit of work for a worker and of resume after a kill. Its rows, events, counts and quarantine are one
entry of the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.data.lineage import LINEAGE, QUARANTINE, StepCount, check_balance, quarantine_table
from curate.data.roles import Roles
from curate.data.rows import ROW_ID, Batch, FileRows, Ids, Rows, TableRows, split_ids
from curate.engines.stages import Stage

CHUNK_ROWS = 50_000
BATCH_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class Segment:
    """Rows and the stages they pass through together, reading and writing each row once."""

    rows: Rows
    roles: Roles
    stages: Sequence[Stage]
    out_schema: pa.Schema
    batch_rows: int

    def n_chunks(self) -> int:
        return max(1, -(-self.rows.n_rows // CHUNK_ROWS))

    def batches(self, chunk: int) -> Iterator[Batch]:
        """The rows of a chunk, in batches bounded in rows and in bytes."""
        start = chunk * CHUNK_ROWS
        for rows in self.rows.batches(self.batch_rows, start, start + CHUNK_ROWS):
            yield from _bounded(split_ids(rows, self.roles))


def _bounded(batch: Batch) -> Iterator[Batch]:
    if len(batch) > 1 and batch.rows.nbytes > BATCH_BYTES:
        half = len(batch) // 2
        yield from _bounded(batch.slice(0, half))
        yield from _bounded(batch.slice(half, len(batch) - half))
    else:
        yield batch


class Sink(Protocol):
    """Where the rows and events of a chunk go."""

    def rows(self, batch: pa.RecordBatch) -> None: ...

    def events(self, happened: pa.Table) -> None: ...


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
    _events: list[pa.Table] = field(default_factory=list)

    def rows(self, batch: pa.RecordBatch) -> None:
        self._rows.append(batch)

    def events(self, happened: pa.Table) -> None:
        self._events.append(happened)

    def tables(self) -> tuple[TableRows, TableRows]:
        return (
            TableRows(pa.Table.from_batches(self._rows, schema=self.schema)),
            TableRows(pa.concat_tables([LINEAGE.empty_table(), *self._events])),
        )


class FileSink:
    """Rows and events as Arrow files in a folder."""

    def __init__(self, folder: Path, schema: pa.Schema, stack: ExitStack) -> None:
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._rows = _writer(folder / "rows.arrow", schema, stack, None)
        self._events = _writer(folder / "events.arrow", LINEAGE, stack, options)

    def rows(self, batch: pa.RecordBatch) -> None:
        self._rows.write_batch(batch)

    def events(self, happened: pa.Table) -> None:
        self._events.write_table(happened.combine_chunks())


def _writer(path: Path, schema: pa.Schema, stack: ExitStack, options: pa.ipc.IpcWriteOptions | None) -> Any:
    sink = stack.enter_context(pa.OSFile(str(path), "wb"))
    return stack.enter_context(pa.ipc.new_file(sink, schema, options=options))


def run_chunk(segment: Segment, chunk: int, sink: Sink) -> tuple[list[StepCount], pa.Table]:
    """Carry a chunk through all stages into a sink, and check that every row is accounted for."""
    counts = [StepCount(stage.step) for stage in segment.stages]
    bad: list[dict[str, Any]] = []
    moved: list[pa.Table] = [LINEAGE.empty_table()]
    ids_in: list[Ids] = [np.empty(0, np.uint64)]
    ids_out: list[Ids] = [np.empty(0, np.uint64)]
    for batch in segment.batches(chunk):
        ids_in.append(batch.row_ids)
        for stage, count in zip(segment.stages, counts, strict=True):
            batch, happened, failed = stage.work(batch, count)
            bad += failed
            if happened.num_rows:
                sink.events(happened)
                moved.append(happened.select(["kind", "row_id"]).filter(pc.not_equal(happened["kind"], "set")))
        ids_out.append(batch.row_ids)
        if len(batch):
            sink.rows(batch.with_ids().cast(segment.out_schema))
    quarantine = quarantine_table(bad)
    for count in counts:
        count.check()
    happened = pa.concat_tables([table.select(["kind", "row_id"]) for table in moved])
    check_balance(np.concatenate(ids_in), np.concatenate(ids_out), happened, quarantine)
    return counts, quarantine


def write_chunk(segment: Segment, chunk: int, folder: Path) -> None:
    """Make the store entry of a chunk."""
    with ExitStack() as stack:
        counts, quarantine = run_chunk(segment, chunk, FileSink(folder, segment.out_schema, stack))
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


def memory_chunk(segment: Segment, chunk: int) -> ChunkResult:
    """A chunk in memory."""
    sink = MemorySink(segment.out_schema)
    counts, quarantine = run_chunk(segment, chunk, sink)
    rows, events = sink.tables()
    return ChunkResult(rows, events, counts, quarantine)


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

"""Chunks: a fixed range of rows, carried through all stages batch by batch.

A chunk is the unit of work for a worker and of resume after a kill. What comes of it (rows, events, counts, quarantine)
does not depend on the size of the batches; where it goes is told in `curate.engines.entry`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.data.lineage import LINEAGE, StepCount, check_balance, quarantine_table
from curate.data.roles import Roles
from curate.data.rows import Batch, Ids, Rows, split_ids
from curate.engines.guards import Allowance
from curate.engines.stages import Stage

CHUNK_ROWS = 50_000
BATCH_BYTES = 64 << 20


@dataclass(frozen=True, eq=False)
class Segment:
    """Rows and the stages they pass through together, reading and writing each row once.

    `called` is what the rows are called, so that their row signals can be found again.
    `allowance` says how many rows may fail before the run stops; None: any number.
    """

    rows: Rows
    roles: Roles
    stages: Sequence[Stage]
    out_schema: pa.Schema
    batch_rows: int
    chunk_rows: int = CHUNK_ROWS
    allowance: Allowance | None = None
    called: str = ""

    def prepare(self) -> None:
        """Load what the stages need, once per process."""
        for stage in self.stages:
            stage.prepare()

    def n_chunks(self) -> int:
        return max(1, -(-self.rows.n_rows // self.chunk_rows))

    def batches(self, chunk: int) -> Iterator[Batch]:
        """The rows of a chunk, in batches bounded in rows and in bytes."""
        start = chunk * self.chunk_rows
        for rows in self.rows.batches(self.batch_rows, start, start + self.chunk_rows):
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


def run_chunk(
    segment: Segment, chunk: int, sink: Sink, stages: Sequence[Stage] | None = None
) -> tuple[list[StepCount], pa.Table]:
    """Carry a chunk through all stages into a sink, and check that every row is accounted for.

    Args:
        segment: rows and stages.
        chunk: which rows.
        sink: where rows and events go.
        stages: the stages opened for this chunk; the segment's own unless given.

    Raises:
        QuarantineExceeded: more rows failed than the segment's allowance.
        AccountingError: a row was lost or made without a trace.
    """
    stages = segment.stages if stages is None else stages
    counts = [StepCount(stage.step) for stage in stages]
    bad: list[dict[str, Any]] = []
    moved: list[pa.Table] = [LINEAGE.empty_table().select(["kind", "row_id"])]
    ids_in: list[Ids] = [np.empty(0, np.uint64)]
    ids_out: list[Ids] = [np.empty(0, np.uint64)]
    for given in segment.batches(chunk):
        batch, log, failed = _through(stages, given, counts)
        ids_in.append(given.row_ids)
        ids_out.append(batch.row_ids)
        if log.num_rows:
            sink.events(log)
            moved.append(log.select(["kind", "row_id"]).filter(pc.not_equal(log["kind"], "set")))
        if len(batch):
            sink.rows(batch.with_ids().cast(segment.out_schema))
        if failed:
            bad += failed
            if segment.allowance is not None:
                segment.allowance.check([quarantine_table(bad)])
    quarantine = quarantine_table(bad)
    for count in counts:
        count.check()
    check_balance(np.concatenate(ids_in), np.concatenate(ids_out), pa.concat_tables(moved), quarantine)
    return counts, quarantine


def _through(
    stages: Sequence[Stage], given: Batch, counts: Sequence[StepCount]
) -> tuple[Batch, pa.Table, list[dict[str, Any]]]:
    """A batch after all stages, its events and its failed rows: both row by row, and for each row stage by stage."""
    batch, logs, failed = given, [LINEAGE.empty_table()], []
    for stage, count in zip(stages, counts, strict=True):
        batch, happened, bad = stage.work(batch, count)
        failed += bad
        if happened.num_rows:
            logs.append(happened)
    log = pa.concat_tables(logs)
    if not log.num_rows and not failed:
        return batch, log, failed
    place = _places(given, log)
    failed.sort(key=lambda row: place[row["row_id"]])
    order = np.argsort([place[row_id] for row_id in log.column("row_id").to_pylist()], kind="stable")
    return batch, log.take(pa.array(order, pa.int64())), failed


def _places(given: Batch, log: pa.Table) -> dict[int, int]:
    """For each row of a batch, and each row derived in it, the position of the row, or of its first ancestor."""
    place = {row_id: at for at, row_id in enumerate(given.row_ids.tolist())}
    adds = log.filter(pc.equal(log["kind"], "add"))
    for row_id, parents in zip(adds["row_id"].to_pylist(), adds["parents"].to_pylist(), strict=True):
        place[row_id] = place[parents[0]]
    return place

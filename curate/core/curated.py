"""What a run gives back, always: the new corpus, its lineage, what was quarantined, and the count of every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.lineage import LINEAGE, StepCount
from curate.data.rows import Rows, TableRows


@dataclass(frozen=True, eq=False, repr=False)
class Curated:
    """The result of a recipe on a corpus.

    Attributes:
        corpus: the rows that came out; its held-out splits are those that went in.
        source: the corpus that went in.
        recipe: what was run.
        events: the lineage, one event per applied edit, read as a stream.
        quarantine: rows that failed in a step (and in loading), each with its cause.
        counts: one `StepCount` per step, in order; each balances.
    """

    corpus: Corpus
    source: Corpus
    recipe: Recipe
    events: Rows
    quarantine: pa.Table
    counts: tuple[StepCount, ...]

    def __repr__(self) -> str:
        steps = ", ".join(f"{count.step} {count.n_in:,} to {count.n_out:,}" for count in self.counts)
        return f"Curated({len(self.source):,} rows in, {len(self.corpus):,} out; {steps})"

    def lineage(self) -> pa.Table:
        """The whole lineage in memory (schema `LINEAGE`)."""
        return pa.Table.from_batches(self.events.batches(1 << 16), schema=LINEAGE)

    def in_memory(self) -> Curated:
        """The same with rows and lineage read into memory."""
        corpus = replace(self.corpus, rows=TableRows(self.corpus.table(with_ids=True)))
        return replace(self, corpus=corpus, events=TableRows(self.lineage()))

    def explain(self, row_id: int) -> list[dict[str, Any]]:
        """The life of one row: its events in order; those of its parents too where it was derived."""
        return list(life(self.events, row_id))


def life(events: Rows, row_id: int) -> Iterator[dict[str, Any]]:
    """The events of a row, and before them those of the rows it was derived from."""
    wanted = pa.scalar(row_id, pa.uint64())
    mine: list[dict[str, Any]] = []
    for batch in events.batches(1 << 16):
        mine += batch.filter(pc.equal(batch.column("row_id"), wanted)).to_pylist()
    for event in mine:
        for parent in event["parents"] or ():
            yield from life(events, parent)
        yield event

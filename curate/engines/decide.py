"""Deciding: a dataset transform sums up all rows batch by batch and decides once; it holds the summaries alone.

With a store the summaries lie in a file while they are gathered. A row that cannot be summed up is set aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from curate.core.random import StepRandom
from curate.core.signals import Signal
from curate.core.transform import DatasetTransform, by_row_id
from curate.data.edits import Edits
from curate.data.lineage import quarantine_row, quarantine_table
from curate.data.rows import Batch
from curate.data.store import Store
from curate.engines.guards import Allowance
from curate.engines.stages import isolate


def decide(
    step: str,
    transform: DatasetTransform,
    batches: Iterable[Batch],
    seed: int,
    signals: Mapping[str, Signal],
    store: Store | None,
    allowance: Allowance | None = None,
) -> tuple[Edits, dict[int, str]]:
    """The edits of a dataset transform, and the cause for each row that failed.

    Raises:
        QuarantineExceeded: more rows failed than the allowance.
    """
    failed: dict[int, str] = {}

    def summaries() -> Iterator[pa.Table]:
        for batch in batches:
            given = batch.with_signals({name: signal.at(batch.row_ids) for name, signal in signals.items()})
            done, causes = isolate(transform.summarize, given)
            failed.update(causes)
            if causes and allowance is not None and allowance.exceeded(len(failed)):
                rows = [quarantine_row(cause, raw=None, row_id=at, step=step) for at, cause in failed.items()]
                allowance.check([quarantine_table(rows)])
            yield from done

    with ExitStack() as stack:
        summary = _gathered(summaries(), store, stack)
        if summary is None:
            return Edits(), failed
        return transform.decide(by_row_id(summary), StepRandom(seed, step)), failed


def _gathered(summaries: Iterator[pa.Table], store: Store | None, stack: ExitStack) -> pa.Table | None:
    """All summaries as one table; with a store they lie in a file, so that memory holds only what is read of them."""
    if store is None:
        tables = list(summaries)
        return pa.concat_tables(tables) if tables else None
    path = Path(stack.enter_context(store.scratch())) / "summary.arrow"
    first = next(summaries, None)
    if first is None:
        return None
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        writer.write_table(first)
        for table in summaries:
            writer.write_table(table)
    return pa.ipc.open_file(stack.enter_context(pa.memory_map(str(path)))).read_all()

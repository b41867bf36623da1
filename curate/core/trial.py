"""A transform on trial: planned and applied as an engine would, with everything it proposes looked at.

The half of `curate.core.contracts` that meets rows: it knows what edits must look like, not which corpora to try.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.core.function import FunctionStep
from curate.core.random import StepRandom
from curate.core.signals import Signal
from curate.core.transform import DatasetTransform, RowTransform, Transform, widened
from curate.data.apply import apply
from curate.data.corpus import Corpus
from curate.data.digest import batches_digest
from curate.data.edits import ADDS, Edits
from curate.data.lineage import QUARANTINE, StepCount, check_balance
from curate.data.rows import TOP_BIT, Batch, Ids


class ContractBroken(Exception):
    """A transform does not keep a promise; the message says which, and on what."""


def require(holds: object, transform: Transform, said: str) -> None:
    """Raise `ContractBroken` where a promise does not hold."""
    if not holds:
        raise ContractBroken(f"{transform.name} {said}")


@dataclass(frozen=True)
class Trial:
    """A transform with the seed and the signals it is tried with."""

    transform: Transform
    seed: int = 0
    signals: Mapping[str, Signal] = field(default_factory=dict)

    def edits(self, corpus: Corpus, n_rows: int = 1000) -> Edits:
        """The edits of a corpus, planned in batches of `n_rows`: planned purely, well formed, balanced when applied."""
        self._check_output(corpus)
        batches = [widened(self._given(batch), self.transform) for batch in corpus.batches(n_rows)]
        rows, drawn = _content(batches), _global_random()
        parts = self._plan(batches)
        require(_content(batches) == rows, self.transform, "changes the batch it was given")
        require(_global_random() == drawn, self.transform, "draws from a global random state")
        if isinstance(self.transform, RowTransform):
            for batch, part in zip(batches, parts, strict=True):
                check_edits(self.transform, part, batch)
        edits = Edits.concat(parts)
        if batches:
            whole = _joined(batches)
            check_edits(self.transform, edits, whole)
            self._apply(whole, edits)
        return edits

    def _check_output(self, corpus: Corpus) -> None:
        after = self.transform.output(corpus.schema, corpus.roles)[0]
        kept = all(field.name in after.names and after.field(field.name).equals(field) for field in corpus.schema)
        require(kept, self.transform, "takes a column away or changes its type in output()")

    def _given(self, batch: Batch) -> Batch:
        """The batch with its signals, and with ids that could be written to, as they can behind another step."""
        signals = {name: signal.at(batch.row_ids) for name, signal in self.signals.items()}
        return Batch(batch.rows, batch.row_ids.copy(), batch.roles, signals)

    def _plan(self, batches: Sequence[Batch]) -> list[Edits]:
        draws = StepRandom(self.seed, self.transform.name)
        if isinstance(self.transform, RowTransform):
            self.transform.setup()
            return [self.transform.plan(batch, draws) for batch in batches]
        assert isinstance(self.transform, DatasetTransform)
        summary = self._summary(self.transform, batches)
        if summary is None:
            return []
        edits = self.transform.decide(summary, draws)
        mixed = summary.take(pa.array(np.random.Generator(np.random.PCG64(2)).permutation(len(summary))))
        require(same(edits, self.transform.decide(mixed, draws)), self.transform, "decides by the order of the summary")
        return [edits]

    def _summary(self, transform: DatasetTransform, batches: Sequence[Batch]) -> pa.Table | None:
        tables = [transform.summarize(batch) for batch in batches]
        for batch, table in zip(batches, tables, strict=True):
            require(table.schema.names[:1] == ["row_id"], transform, "sums up without row_id as the first column")
            known = np.isin(table.column("row_id").to_numpy(), batch.row_ids).all()
            require(known, transform, "sums up a row that is not in the batch")
            equal = table.schema.equals(tables[0].schema)
            require(equal, transform, "sums up different batches with different columns or types")
        return pa.concat_tables(tables).sort_by("row_id") if tables else None

    def _apply(self, batch: Batch, edits: Edits) -> None:
        after, happened = apply(batch, edits, step=self.transform.name, private=self.transform.private)
        count = StepCount(self.transform.name)
        count.count(len(batch), len(after), happened, 0)
        count.check()
        check_balance(batch.row_ids, after.row_ids, happened, QUARANTINE.empty_table())
        if self.transform.private:
            require(happened.column("before").null_count == len(happened), self.transform, "is private and leaves text")


def check_edits(transform: Transform, edits: Edits, batch: Batch) -> None:
    """Every edit names a row of the batch, gives a declared reason and a score in [0, 1], and fits the columns."""
    if transform.keeps_cells:
        require(set(edits.tables()) <= {"drop"}, transform, "declares keeps_cells and does more than drop rows")
    for name, table in edits.tables().items():
        said = set(table.column("reason").to_pylist()) - set(transform.reasons)
        free = isinstance(transform, FunctionStep) and None not in said
        undeclared = ", ".join(sorted(map(str, said)))
        require(free or not said, transform, f"gives a reason that it does not declare: {undeclared}")
        score = table.column("score").to_numpy()  # a null reads as nan
        require(np.all((score >= 0) & (score <= 1)), transform, "gives a score outside [0, 1]")
        if name != "add":
            require(_known(table.column("row_id"), batch), transform, "edits a row that it was not given")
    for column, table in edits.sets.items():
        _check_cells(transform, batch, column, table.column("value"))
    _check_adds(transform, edits.adds, batch)
    weight = edits.weights.column("weight").to_numpy()
    require(not len(weight) or batch.roles.weight, transform, "weighs rows though no column has the role weight")
    require(np.all(np.isfinite(weight) & (weight >= 0)), transform, "gives a weight that is below 0 or not finite")


def _check_cells(transform: Transform, batch: Batch, column: str, values: pa.ChunkedArray) -> None:
    require(column in batch.rows.schema.names, transform, f"sets the column {column}, which the rows do not have")
    kind = batch.rows.schema.field(column).type
    require(values.type == kind, transform, f"sets {column}, a column of {kind}, to {values.type}")


def _check_adds(transform: Transform, adds: pa.Table, batch: Batch) -> None:
    if not len(adds):
        return
    ids, parents = adds.column("row_id").to_numpy(), adds.column("parents")
    require(np.all(ids & TOP_BIT), transform, "adds a row whose id was not derived (StepRandom.derive)")
    require(len(np.unique(ids)) == len(ids), transform, "adds two rows with one id")
    require(not np.isin(ids, batch.row_ids).any(), transform, "adds a row with the id of a row that is there")
    some = np.asarray(pc.fill_null(pc.list_value_length(parents), 0)) > 0
    require(some.all(), transform, "adds a row without a parent")
    require(_known(pc.list_flatten(parents), batch), transform, "adds a row whose parent it was not given")
    for column in adds.column_names[len(ADDS) :]:
        _check_cells(transform, batch, column, adds.column(column))


def _known(ids: pa.ChunkedArray, batch: Batch) -> bool:
    return not ids.null_count and bool(np.isin(ids.to_numpy(), batch.row_ids).all())


def same(one: Edits, other: Edits) -> bool:
    """Whether two edits are the same, whatever the order of their rows."""
    mine, theirs = _sorted(one), _sorted(other)
    return mine.keys() == theirs.keys() and all(table.equals(theirs[name]) for name, table in mine.items())


def _sorted(edits: Edits) -> dict[str, pa.Table]:
    return {name: table.sort_by("row_id").combine_chunks() for name, table in edits.tables().items()}


def _joined(batches: Sequence[Batch]) -> Batch:
    rows = pa.concat_batches([batch.rows for batch in batches])
    return Batch(rows, np.concatenate([batch.row_ids for batch in batches]), batches[0].roles)


def _content(batches: Sequence[Batch]) -> tuple[str, list[Ids]]:
    rows = batches_digest(batches[0].rows.schema, [batch.rows for batch in batches]) if batches else ""
    return rows, [batch.row_ids.tolist() for batch in batches]


def _global_random() -> tuple[Any, ...]:
    kind, keys, *rest = np.random.get_state()  # noqa: NPY002  # the very thing that nobody may touch
    return (random.getstate(), kind, np.asarray(keys).tobytes(), *rest)

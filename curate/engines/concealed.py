"""What a run with a private step tells of its rows: the texts in its lineage and quarantine pass through that step's
`conceal`, whichever step they come from, earlier ones too.

What the store keeps of earlier steps is read through here as well, so it does not matter which run wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.transform import Transform
from curate.data.lineage import LINEAGE, QUARANTINE
from curate.data.origin import Origin
from curate.data.rows import Rows
from curate.errors import QuarantineExceeded


@dataclass(frozen=True, eq=False)
class _Retold:
    """Rows that are told otherwise as they are read: as many, of the same form.

    Attributes:
        events: the rows as they were written.
    """

    events: Rows

    @property
    def schema(self) -> pa.Schema:
        return self.events.schema

    @property
    def n_rows(self) -> int:
        return self.events.n_rows


@dataclass(frozen=True, eq=False)
class ConcealedEvents(_Retold):
    """Lineage whose texts are concealed as they are read.

    Of a row that a private step has changed, no text is kept from before: what an earlier form of it holds (markup,
    entities) need not be what that step looks for. Of an added row the changes are not kept: a piece of a text tells
    less of what it is than the whole.

    Attributes:
        private: the private transforms of the run, and `steps` the names of their steps.
        earlier: the steps before the last of them.
    """

    private: Sequence[Transform]
    steps: frozenset[str]
    earlier: frozenset[str]

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        touched = self._touched()
        at, changes = LINEAGE.get_field_index("before"), LINEAGE.get_field_index("changes")
        for batch in self.events.batches(n_rows, start, stop):
            before = pc.is_in(batch.column("step"), value_set=pa.array(sorted(self.earlier), pa.string()))
            gone = pc.and_(before, pc.is_in(batch.column("row_id"), value_set=touched))
            texts = pc.if_else(gone, pa.scalar(None, pa.large_string()), batch.column("before"))
            batch = batch.set_column(at, LINEAGE.field(at), conceal(texts, self.private))
            yield batch.set_column(changes, LINEAGE.field(changes), pa.nulls(len(batch), LINEAGE.field(changes).type))

    def _touched(self) -> pa.Array:
        """The rows that the private steps changed."""
        found: list[pa.Array] = [pa.array([], pa.uint64())]
        for batch in self.events.batches(1 << 16):
            mask = pc.is_in(batch.column("step"), value_set=pa.array(sorted(self.steps), pa.string()))
            found.append(batch.column("row_id").filter(mask))
        return pa.array(np.unique(pa.concat_arrays(found).to_numpy()), pa.uint64())


def conceal(texts: pa.Array, private: Sequence[Transform]) -> pa.Array:
    """Texts as every private step leaves them."""
    for transform in private:
        texts = transform.conceal(texts)
    return texts


@dataclass(frozen=True, eq=False)
class WithoutTexts(_Retold):
    """Lineage of earlier runs, as a private step leaves it: what happened, and no text."""

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        for batch in self.events.batches(n_rows, start, stop):
            for name in ("before", "changes"):
                at = LINEAGE.get_field_index(name)
                batch = batch.set_column(at, LINEAGE.field(at), pa.nulls(len(batch), LINEAGE.field(at).type))
            yield batch


def told(curated: Curated, before: Origin | None) -> Curated:
    """What a run gave back, its rows beside the lineage of the runs since they were read.

    Args:
        curated: concealed already.
        before: what the rows were made from that went into the run.
    """
    earlier: tuple[Rows, ...] = () if before is None else before.told
    if _private(curated.recipe)[0]:
        earlier = tuple(WithoutTexts(events) for events in earlier)
    origin = Origin.of(curated.corpus).after(*earlier, curated.events)
    return replace(curated, corpus=replace(curated.corpus, origin=origin))


def concealed(curated: Curated) -> Curated:
    """What a run gave back, concealed where its recipe has a private step; the rows themselves are untouched."""
    private, names = _private(curated.recipe)
    if not private:
        return curated
    order = [step.name for step in curated.recipe.steps]
    last = max(at for at, name in enumerate(order) if name in names)
    events = ConcealedEvents(curated.events, private, names, frozenset(order[:last]))
    return replace(curated, events=events, quarantine=_quarantine(curated.quarantine, private, names))


def concealed_error(error: QuarantineExceeded, recipe: Recipe) -> QuarantineExceeded:
    """The error of a run that stopped, without what its causes quote of the rows."""
    private, _ = _private(recipe)
    if not private:
        return error
    said = conceal(pa.array([error.message], pa.large_string()), private)[0].as_py()
    return QuarantineExceeded(said or "more rows failed than max_quarantine allows", hint=error.hint)


def _private(recipe: Recipe) -> tuple[tuple[Transform, ...], frozenset[str]]:
    """The private transforms of a recipe, and the names of their steps."""
    steps = [step for step in recipe.steps if step.transform.private]
    return tuple(step.transform for step in steps), frozenset(step.name for step in steps)


def _quarantine(quarantine: pa.Table, private: Sequence[Transform], names: frozenset[str]) -> pa.Table:
    """Rows that failed, concealed; of one that failed in a private step no cell is kept."""
    if not len(quarantine):
        return quarantine
    (batch,) = quarantine.combine_chunks().to_batches()
    own = pc.is_in(batch.column("step"), value_set=pa.array(sorted(names), pa.string()))
    raw = pc.if_else(own, pa.scalar(None, pa.large_string()), batch.column("raw"))
    causes = conceal(batch.column("cause"), private).fill_null("not told")
    told = {"cause": causes, "raw": conceal(raw, private)}
    return pa.table({name: told.get(name, batch.column(name)) for name in QUARANTINE.names}, QUARANTINE)

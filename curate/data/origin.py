"""Origin: what the rows of a corpus were made from. A row's own text as it was read, and the rows it derives from.

Kept by the engine while steps change rows, so that a later step can ask where a row comes from: a copy of a row that
also stands in the test split is as leaked as the row itself (`dedup.leakage`). Files hold no origin; of what a run left
`curate.io.origin` makes it again from the lineage, once somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.rows import Ids, Rows

if TYPE_CHECKING:
    from curate.data.corpus import Corpus

ANCESTORS = pa.schema([("row_id", pa.uint64()), ("ancestor", pa.uint64())])
MADE = pa.schema(
    [("row_id", pa.uint64()), ("parents", pa.list_(pa.uint64())), ("step", pa.string()), ("reason", pa.string())]
)
"""Rows that were added: from which rows, which may have been added themselves, by which step and why."""


@dataclass(frozen=True, eq=False)
class Origin:
    """Where rows come from.

    Attributes:
        source: the rows as they were read, before any step.
        ancestors: `row_id, ancestor`: for each row added since, the rows of `source` it was made from.
        made: each row added since (`MADE`), those included that a step has dropped again.
        told: the lineage of each run since, as it may be kept (schema `LINEAGE`); what is saved goes by it.
    """

    source: Corpus
    ancestors: pa.Table
    made: pa.Table = field(default_factory=MADE.empty_table)
    told: tuple[Rows, ...] = ()

    @classmethod
    def of(cls, corpus: Corpus) -> Origin:
        """The origin of a corpus; one that no step has touched is its own."""
        return corpus.origin or cls(corpus, ANCESTORS.empty_table())

    def with_added(self, added: pa.Table) -> Origin:
        """The same after rows were added.

        Args:
            added: `MADE`; a parent may itself be an added row, of this table or an earlier one.
        """
        if not len(added):
            return self
        lengths = pc.list_value_length(added.column("parents")).to_numpy()
        child = np.repeat(added.column("row_id").to_numpy(), lengths)
        parent = pc.list_flatten(added.column("parents")).to_numpy()
        child = np.concatenate([self.ancestors.column("row_id").to_numpy(), child])
        parent = np.concatenate([self.ancestors.column("ancestor").to_numpy(), parent])
        while (derived := np.isin(parent, child)).any():
            deeper = _followed(child, parent, derived)
            child, parent = np.concatenate([child[~derived], deeper[0]]), np.concatenate([parent[~derived], deeper[1]])
        pairs = np.unique(np.stack([child, parent], axis=1), axis=0)
        made = pa.concat_tables([self.made, added.select(MADE.names)]).combine_chunks()
        return Origin(self.source, pa.table([pairs[:, 0], pairs[:, 1]], schema=ANCESTORS), made, self.told)

    def after(self, *told: Rows) -> Origin:
        """The same once the lineage of the runs since is `told`."""
        return replace(self, told=told)


class LaterOrigin(Origin):
    """An origin that is made once somebody asks for it.

    Args:
        make: what makes it.
        told: as of `Origin`, which is known without.
    """

    def __init__(self, make: Callable[[], Origin], told: tuple[Rows, ...]) -> None:
        object.__setattr__(self, "_make", make)
        object.__setattr__(self, "told", told)

    @cached_property
    def _made(self) -> Origin:
        made: Origin = self._make()  # type: ignore[attr-defined]
        return made

    @property
    def source(self) -> Corpus:
        return self._made.source

    @property
    def ancestors(self) -> pa.Table:
        return self._made.ancestors

    @property
    def made(self) -> pa.Table:
        return self._made.made

    def after(self, *told: Rows) -> Origin:
        return LaterOrigin(lambda: self._made, told)


def _followed(child: Ids, parent: Ids, derived: NDArray[np.bool_]) -> tuple[Ids, Ids]:
    """The pairs whose parent was added itself, with that parent's own parents in its place."""
    order = np.argsort(child, kind="stable")
    asked, place = matches(child[order], parent[derived])
    return child[derived][asked], parent[order][place]


def matches(ascending: Ids, asked: Ids) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of a position in `asked` and a place in `ascending` that hold the same id."""
    low, high = (np.searchsorted(ascending, asked, side) for side in ("left", "right"))
    n = high - low
    place = np.repeat(low - np.concatenate([[0], np.cumsum(n)[:-1]]), n) + np.arange(n.sum())
    return np.repeat(np.arange(len(asked)), n), place


def added_rows(events: Iterable[Rows]) -> pa.Table:
    """The rows that lineage events add (`MADE`)."""
    found = [
        pa.Table.from_batches([batch]).filter(pc.equal(batch.column("kind"), "add")).select(MADE.names)
        for part in events
        for batch in part.batches(1 << 16)
    ]
    return pa.concat_tables([MADE.empty_table(), *found]).combine_chunks()


def made_by(step: str, adds: pa.Table) -> pa.Table:
    """The rows that the edits of one step add (`MADE`)."""
    columns = [adds.column("row_id"), adds.column("parents"), pa.repeat(step, len(adds)), adds.column("reason")]
    return pa.Table.from_arrays(columns, schema=MADE)

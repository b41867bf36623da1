"""Edits: what a transform proposes. `curate.data.apply` is the one place that turns them into new rows and lineage.

Four kinds, all columnar and keyed by row id: drop rows, set cells, add rows derived from parents, weigh rows. Each
edit has a reason code, a score in [0, 1] and, where another row explains it, that row's id (`ref`), with the held-out
split it stands in (`ref_split`; null: it is a row of the corpus itself).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

from curate.data.rows import Ids

_WHY = [("reason", pa.string()), ("score", pa.float32()), ("ref", pa.uint64()), ("ref_split", pa.string())]
DROPS = pa.schema([("row_id", pa.uint64()), *_WHY])
WEIGHTS = pa.schema([("row_id", pa.uint64()), ("weight", pa.float64()), *_WHY])
CHANGE = pa.struct(
    [("column", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("old", pa.string()), ("new", pa.string())]
)
CHANGES = pa.list_(CHANGE)
"""What a text of an added row has in place of its parent's: characters `start` to `end` of the parent's text in
`column` said `old` and now say `new`; ascending, none overlap."""
PLACEBO = "placebo"
"""The reason of edits that stand for those of a step and do as much of nothing (`curate.measure.placebo`)."""
ADDS = pa.schema([("row_id", pa.uint64()), ("parents", pa.list_(pa.uint64())), *_WHY, ("changes", CHANGES)])


def _ids(row_ids: ArrayLike) -> pa.Array:
    return pa.array(np.asarray(row_ids, dtype=np.uint64), pa.uint64())


def _why(n: int, reason: str | Sequence[str], score: Any, ref: Any, ref_split: Any = None) -> list[pa.Array]:
    reasons = pa.repeat(reason, n) if isinstance(reason, str) else pa.array(reason, pa.string())
    scores = np.broadcast_to(np.asarray(score, dtype=np.float32), (n,))
    if ref is None:
        refs = pa.nulls(n, pa.uint64())
    else:
        refs = ref if isinstance(ref, pa.Array) else _ids(ref)
    if not isinstance(ref_split, pa.Array):
        ref_split = pa.nulls(n, pa.string()) if ref_split is None else pa.repeat(ref_split, n)
    return [reasons, pa.array(scores, pa.float32()), refs, ref_split]


@dataclass(frozen=True, eq=False)
class Edits:
    """Proposed changes to some rows. Never touches a row it does not name.

    Attributes:
        drops: `row_id, reason, score, ref, ref_split`.
        sets: per column `row_id, value, reason, score, ref, ref_split`.
        adds: `row_id` (of the new row), `parents`, `reason, score, ref, ref_split`, `changes` (`CHANGES`, or null), and
            one column per cell that differs from the first parent's.
        weights: `row_id, weight, reason, score, ref, ref_split`.
        notes: how a transform came to them, where it had a choice: one sentence each, for the people who read the run.
        refused: how many rows it could have added and did not, by the reason.

    Example:
        >>> Edits.drop([3, 5], "too_short").n_rows
        2
    """

    drops: pa.Table = field(default_factory=DROPS.empty_table)
    sets: Mapping[str, pa.Table] = field(default_factory=dict)
    adds: pa.Table = field(default_factory=ADDS.empty_table)
    weights: pa.Table = field(default_factory=WEIGHTS.empty_table)
    notes: tuple[str, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def drop(
        cls,
        row_ids: ArrayLike,
        reason: str | Sequence[str],
        *,
        score: Any = 1.0,
        ref: Any = None,
        ref_split: str | pa.Array | None = None,
    ) -> Edits:
        """Drop rows; `reason`, `score`, `ref` and `ref_split` are one for all or one a row."""
        ids = _ids(row_ids)
        return cls(drops=pa.Table.from_arrays([ids, *_why(len(ids), reason, score, ref, ref_split)], schema=DROPS))

    @classmethod
    def set(
        cls,
        column: str,
        row_ids: ArrayLike,
        values: pa.Array,
        reason: str | Sequence[str],
        *,
        score: Any = 1.0,
        ref: Any = None,
    ) -> Edits:
        """Set the cells of one column; `values` has the column's own type."""
        ids = _ids(row_ids)
        arrays = [ids, values, *_why(len(ids), reason, score, ref)]
        names = ["row_id", "value", *(name for name, _ in _WHY)]
        return cls(sets={column: pa.Table.from_arrays(arrays, names=names)})

    @classmethod
    def add(
        cls,
        row_ids: ArrayLike,
        parents: ArrayLike | pa.Array,
        reason: str | Sequence[str],
        *,
        score: Any = 1.0,
        ref: Any = None,
        cells: Mapping[str, pa.Array] | None = None,
        changes: pa.Array | None = None,
    ) -> Edits:
        """Add rows: copies of their first parent, with the cells of `cells` put in.

        `row_ids` come from `StepRandom.derive`; `parents` is one id a row, or a list array of ids; `changes`, of type
        `CHANGES`, says how each row's texts differ from its first parent's.
        """
        ids = _ids(row_ids)
        if not isinstance(parents, pa.ListArray):
            parents = pa.ListArray.from_arrays(np.arange(len(ids) + 1, dtype=np.int32), _ids(parents))
        changes = pa.nulls(len(ids), CHANGES) if changes is None else changes
        table = pa.Table.from_arrays([ids, parents, *_why(len(ids), reason, score, ref), changes], schema=ADDS)
        for column, values in (cells or {}).items():
            table = table.append_column(column, values)
        return cls(adds=table)

    @classmethod
    def weigh(
        cls, row_ids: ArrayLike, weights: ArrayLike, reason: str | Sequence[str], *, score: Any = 1.0, ref: Any = None
    ) -> Edits:
        """Give rows a weight in training (finite and not below 0)."""
        ids = _ids(row_ids)
        values = pa.array(np.asarray(weights, dtype=np.float64))
        return cls(weights=pa.Table.from_arrays([ids, values, *_why(len(ids), reason, score, ref)], schema=WEIGHTS))

    @classmethod
    def concat(cls, many: Iterable[Edits]) -> Edits:
        """All edits of several batches or columns in one."""
        many = list(many)
        told: dict[str, Any] = {
            "notes": tuple(dict.fromkeys(note for part in many for note in part.notes)),
            "refused": _summed(part.refused for part in many),
        }
        parts = [part for part in many if part.n_edits]
        if len(parts) <= 1:
            return replace(parts[0], **told) if parts else cls(**told)
        columns = dict.fromkeys(name for part in parts for name in part.sets)
        sets = {name: pa.concat_tables([p.sets[name] for p in parts if name in p.sets]) for name in columns}
        return cls(
            drops=pa.concat_tables([part.drops for part in parts]),
            sets=sets,
            adds=pa.concat_tables([part.adds for part in parts if part.adds.num_rows] or [ADDS.empty_table()]),
            weights=pa.concat_tables([part.weights for part in parts]),
            **told,
        )

    def tables(self) -> dict[str, pa.Table]:
        """The tables with their names: `drop`, `set:COLUMN`, `add`, `weigh`; those without an edit are left out."""
        named = {"drop": self.drops, "add": self.adds, "weigh": self.weights}
        named.update({f"set:{column}": table for column, table in self.sets.items()})
        return {name: table for name, table in sorted(named.items()) if table.num_rows}

    @classmethod
    def from_tables(cls, named: Mapping[str, pa.Table]) -> Edits:
        """The inverse of `tables`."""
        sets = {name.removeprefix("set:"): table for name, table in named.items() if name.startswith("set:")}
        return cls(
            drops=named.get("drop", DROPS.empty_table()),
            sets=sets,
            adds=named.get("add", ADDS.empty_table()),
            weights=named.get("weigh", WEIGHTS.empty_table()),
        )

    @property
    def n_edits(self) -> int:
        return int(sum(table.num_rows for table in self.tables().values()))

    @property
    def n_rows(self) -> int:
        """How many rows are dropped, changed, weighed or added."""
        named = [table.column("row_id").to_numpy() for table in self.tables().values()]
        return len(np.unique(np.concatenate(named))) if named else 0

    def reasons(self) -> dict[str, int]:
        """How many edits have each reason, most first, ties by name."""
        count: dict[str, int] = {}
        for table in self.tables().values():
            for row in table.column("reason").value_counts().to_pylist():
                count[row["values"]] = count.get(row["values"], 0) + row["counts"]
        return dict(sorted(count.items(), key=lambda item: (-item[1], item[0])))

    @cached_property
    def _sorted(self) -> dict[str, tuple[Ids, pa.Table]]:
        indexed = {}
        for name, table in self.tables().items():
            keys = _keys(name, table)
            order = np.argsort(keys, kind="stable")
            indexed[name] = (keys[order], table.take(pa.array(order)))
        return indexed

    def within(self, row_ids: Ids) -> Edits:
        """Only the edits of the given rows (an added row belongs to its first parent)."""
        named = {}
        wanted = np.unique(row_ids)
        for name, (keys, table) in self._sorted.items():
            low, high = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
            hits = _ranges(low, high)
            if len(hits):
                named[name] = table.take(pa.array(hits))
        return Edits.from_tables(named)


def _summed(many: Iterable[Mapping[str, int]]) -> dict[str, int]:
    count: dict[str, int] = {}
    for one in many:
        for reason, n in one.items():
            count[reason] = count.get(reason, 0) + n
    return count


def _keys(name: str, table: pa.Table) -> Ids:
    if name != "add":
        return np.asarray(table.column("row_id").to_numpy())
    return first_parents(table)


def first_parents(adds: pa.Table) -> Ids:
    """The id of each added row's first parent, whose copy it is."""
    return np.asarray(pc.list_element(adds.column("parents"), 0).to_numpy())


def _ranges(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """All integers of the ranges [low, high), one after the other."""
    length = high - low
    if not length.any():
        return np.empty(0, dtype=np.int64)
    shift = low - np.concatenate([[0], np.cumsum(length)[:-1]])
    return np.asarray(np.arange(length.sum()) + np.repeat(shift, length), dtype=np.int64)

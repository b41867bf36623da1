"""`augment.concat`: two rows of one class joined into a new one, whose label is theirs.

A row's partners come from a small circle of families of its class, drawn once: so that families, which never stand on
two sides of a split, stay small, and no row is joined with another of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import DatasetTransform
from curate.data.edits import CHANGES, Edits
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels.classes import class_codes
from curate.transforms.augment.spans import SpanLayout

I64 = NDArray[np.int64]


class AugmentConcat(DatasetTransform):
    """Adds rows that say what two rows of one class say, one after the other.

    Each row is the first half of `n` new ones and the second half of others; its partners are drawn, from rows that
    were not made from the same one. All other cells are those of the first row. Rows with a null label or text are left
    alone.

    Attributes:
        n: new rows for each row, from 1 to 100.
        fraction: the share of rows that begin new ones, in [0, 1]; which rows is drawn for each by itself.
        separator: what stands between the two texts.
        columns: the text columns that are joined; every column with the role text where none is named.
        spans: columns that mark spans of the first of them, lists of structs with `start` and `end`; a new row has
            those of both rows.

    Example:
        >>> AugmentConcat(n=2).separator
        ' '
    """

    name: ClassVar[str] = "augment.concat"
    version: ClassVar[str] = "2"
    needs: ClassVar[frozenset[str]] = frozenset({"text", "label", "made_from"})
    reasons: ClassVar[Mapping[str, str]] = {"concat": "two rows of one class in one"}
    refusals: ClassVar[Mapping[str, str]] = {
        "no_partner": "there are too few other rows of its class, or families of rows",
        "unchanged": "its text or label is null",
    }
    languages: ClassVar[str] = "any; in scripts without spaces with an empty separator"
    examples: ClassVar[Mapping[str, Example]] = {
        "concat": Example(({"text": "Cold food.", "label": "bad"}, {"text": "Slow service.", "label": "bad"}))
    }

    n: int = Field(1, ge=1, le=100)
    fraction: float = Field(1.0, ge=0, le=1)
    separator: str = " "
    columns: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()

    def signals(self) -> dict[str, dict[str, Any]]:
        return {"made_from": {}}

    def summarize(self, batch: Batch) -> pa.Table:
        for column in self.columns:
            if column not in batch.roles.text:
                said = ", ".join(batch.roles.text)
                raise ColumnError(f"{column!r} has not the role text", hint=f"text columns: {said}")
        for column in self.spans:
            if column not in batch.rows.schema.names:
                raise ColumnError(f"there is no column {column!r} that could mark spans")
            layout = SpanLayout.of(column, batch.rows.schema.field(column).type)
            if layout.columnar:
                raise ColumnError(f"{column!r} is a struct of lists, which two rows cannot share", hint="leave it out")
            texts = batch.column((self.columns or batch.roles.text)[0]).to_pylist()
            for cell, text in zip(batch.column(column).to_pylist(), texts, strict=True):
                layout.spans(cell, column, text)
        joined = {f"text:{name}": batch.column(name) for name in self.columns or batch.roles.text}
        marked = {f"span:{name}": batch.column(name) for name in self.spans}
        parent = pc.struct_field(batch.signals["made_from"], "parent")
        return pa.table({"row_id": batch.row_ids, "label": batch.labels(), "parent": parent, **joined, **marked})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        texts = [name for name in summary.column_names if name.startswith("text:")]
        told = np.ones(len(summary), bool)
        for name in texts:
            told &= summary.column(name).is_valid().to_numpy()
        codes, _ = class_codes(summary.column("label"))
        ids = summary.column("row_id").to_numpy()
        whole = (codes >= 0) & told
        rows = np.flatnonzero(whole)
        rows = rows[np.argsort(ids[rows])]
        begins = self._begins(ids, random)
        pairs, lonely = self._pairs(_families(summary, rows), codes, random, begins)
        counted = {"no_partner": lonely, "unchanged": self.n * int((begins & ~whole).sum())}
        refused = {reason: n for reason, n in counted.items() if n}
        if not pairs:
            return Edits(refused=refused)
        one, other, turns = (np.array(column, np.int64) for column in zip(*pairs, strict=True))
        kept = begins[one]
        made = self._edits(summary, texts, one[kept], other[kept], turns[kept], random)
        return Edits.concat([made, Edits(refused=refused)])

    def _pairs(
        self, families: Mapping[int, list[int]], codes: I64, random: StepRandom, begins: NDArray[np.bool_]
    ) -> tuple[list[tuple[int, int, int]], int]:
        """First half, second half and number of each pair of rows, and how many rows that begin one have no partner."""
        pairs: list[tuple[int, int, int]] = []
        lonely = 0
        classes: dict[int, list[int]] = {}
        for name, rows in families.items():
            classes.setdefault(int(codes[rows[0]]), []).append(name)
        for _, names in sorted(classes.items()):
            order = random.order(np.array(names, np.uint64))
            for circle in _circles(order, self.n + 1):
                groups: dict[int, list[list[int]]] = {}
                for at in circle.tolist():
                    for code, mine in _by_class(families[names[at]], codes):
                        groups.setdefault(code, []).append(mine)
                for _, group in sorted(groups.items()):
                    pairs += _turned(group, self.n)
                    lonely += max(0, self.n - len(group) + 1) * int(
                        begins[[row for mine in group for row in mine]].sum()
                    )
        return pairs, lonely

    def _begins(self, ids: NDArray[np.uint64], random: StepRandom) -> NDArray[np.bool_]:
        return random.uniform(ids, 1) < self.fraction

    def _edits(
        self, summary: pa.Table, texts: Sequence[str], one: I64, other: I64, copy: I64, random: StepRandom
    ) -> Edits:
        if not len(one):
            return Edits()
        ids = summary.column("row_id").to_numpy()
        cells: dict[str, pa.Array] = {}
        changes: list[list[dict[str, Any]]] = [[] for _ in range(len(one))]
        shifts: list[int] = []
        for name in texts:
            heads, tails = (summary.column(name).take(pa.array(at)).to_pylist() for at in (one, other))
            added = [self.separator + str(tail) for tail in tails]
            column = name.removeprefix("text:")
            for change, head, tail in zip(changes, heads, added, strict=True):
                if tail:
                    end = len(head)
                    change.append({"column": column, "start": end, "end": end, "old": "", "new": tail})
            said = [head + tail for head, tail in zip(heads, added, strict=True)]
            cells[column] = _typed(said, summary.schema.field(name).type)
            shifts = shifts or [len(head) + len(self.separator) for head in heads]
        for column in self.spans:
            cells[column] = _both(column, summary.column(f"span:{column}"), one, other, shifts)
        parents = pa.array(np.stack([ids[one], ids[other]], 1).tolist(), pa.list_(pa.uint64()))
        return Edits.add(
            random.derive(ids[one], copy), parents, "concat", cells=cells, changes=pa.array(changes, CHANGES)
        )


def _families(summary: pa.Table, rows: I64) -> dict[int, list[int]]:
    """For the first row behind them the rows of each family, by their positions, in the order given."""
    ids = summary.column("row_id").to_pylist()
    parent = {
        row: above for row, above in zip(ids, summary.column("parent").to_pylist(), strict=True) if above is not None
    }
    found: dict[int, list[int]] = {}
    for at in rows.tolist():
        first = ids[at]
        while first in parent:
            first = parent[first]
        found.setdefault(first, []).append(at)
    return found


def _by_class(rows: Sequence[int], codes: I64) -> list[tuple[int, list[int]]]:
    """The rows of a family by class: those that were negated are of another one."""
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(int(codes[row]), []).append(row)
    return sorted(found.items())


def _turned(group: Sequence[list[int]], n: int) -> Iterator[tuple[int, int, int]]:
    """Each row of each family with one of the family `turn` places on, for up to `n` turns."""
    for turn in range(1, min(n, len(group) - 1) + 1):
        for at, mine in enumerate(group):
            theirs = group[(at + turn) % len(group)]
            yield from ((row, theirs[number % len(theirs)], turn - 1) for number, row in enumerate(mine))


def _circles(members: I64, size: int) -> Iterator[I64]:
    """Members in their order by `size`; a rest of fewer joins those before."""
    n_circles = max(1, len(members) // size)
    for number in range(n_circles):
        yield members[number * size : (number + 1) * size if number + 1 < n_circles else None]


def _typed(said: Sequence[str], kind: pa.DataType) -> pa.Array:
    flat = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.array(said, flat).cast(kind)


def _both(column: str, cells: pa.ChunkedArray, one: I64, other: I64, shifts: Sequence[int]) -> pa.Array:
    """The spans of both rows, those of the second where its text now lies."""
    layout = SpanLayout.of(column, cells.type)
    heads, tails = (cells.take(pa.array(at)).to_pylist() for at in (one, other))
    made = [
        None if head is None and tail is None else [*(head or ()), *layout.shifted(tail, by, column)]
        for head, tail, by in zip(heads, tails, shifts, strict=True)
    ]
    return pa.array(made, cells.type)

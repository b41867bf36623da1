"""`augment.concat`: two rows of one class joined into a new one, whose label is theirs.

A row's partners come from a small circle of its class, drawn once: so that families, which never stand on two sides of
a split, stay small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
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

    Each row is the first half of `n` new ones and the second half of as many; its partners are drawn. All other cells
    are those of the first row. Rows with a null label or text are left alone.

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
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"text", "label"})
    reasons: ClassVar[Mapping[str, str]] = {"concat": "two rows of one class in one"}
    refusals: ClassVar[Mapping[str, str]] = {"no_partner": "there are too few other rows of its class"}
    languages: ClassVar[str] = "any; in scripts without spaces with an empty separator"
    examples: ClassVar[Mapping[str, Example]] = {
        "concat": Example(({"text": "Cold food.", "label": "bad"}, {"text": "Slow service.", "label": "bad"}))
    }

    n: int = Field(1, ge=1, le=100)
    fraction: float = Field(1.0, ge=0, le=1)
    separator: str = " "
    columns: tuple[str, ...] = ()
    spans: tuple[str, ...] = ()

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
        return pa.table({"row_id": batch.row_ids, "label": batch.labels(), **joined, **marked})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        texts = [name for name in summary.column_names if name.startswith("text:")]
        told = np.ones(len(summary), bool)
        for name in texts:
            told &= summary.column(name).is_valid().to_numpy()
        codes, names = class_codes(summary.column("label"))
        ids = summary.column("row_id").to_numpy()
        first, second, copy, lonely = [], [], [], 0
        for number in range(len(names)):
            members = np.flatnonzero((codes == number) & told)
            for one in _circles(members[random.order(ids[members])], self.n + 1):
                lonely += max(0, self.n - len(one) + 1) * int(self._begins(ids[one], random).sum())
                for turn in range(1, min(self.n, len(one) - 1) + 1):
                    first.append(one)
                    second.append(np.roll(one, -turn))
                    copy.append(np.full(len(one), turn - 1))
        refused = {"no_partner": lonely} if lonely else {}
        if not first:
            return Edits(refused=refused)
        one, other, turns = np.concatenate(first), np.concatenate(second), np.concatenate(copy)
        begins = self._begins(ids[one], random)
        made = self._edits(summary, texts, one[begins], other[begins], turns[begins], random)
        return Edits.concat([made, Edits(refused=refused)])

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

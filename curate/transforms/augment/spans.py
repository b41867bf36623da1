"""Spans that columns mark in a text (entities, answers, links), read and written as the data has them.

Three layouts: a list of structs with `start` and `end`; a list of structs with `answer_start` and `text`; and a struct
of lists `answer_start` and `text`, as SQuAD has it. Where a layout holds the marked text, it is written anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from curate.errors import ColumnError
from curate.kernels.replacing import Span


def _fields(kind: pa.DataType) -> set[str]:
    return {kind.field(at).name for at in range(kind.num_fields)} if pa.types.is_struct(kind) else set()


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


@dataclass(frozen=True)
class SpanLayout:
    """How a column writes spans.

    Attributes:
        start: the field with the first character.
        end: the field with the character behind the last; None: the text's length tells.
        text: the field with the marked text; None: there is none.
        columnar: one struct of lists and no list of structs.
    """

    start: str
    end: str | None
    text: str | None
    columnar: bool

    @classmethod
    def of(cls, column: str, kind: pa.DataType) -> SpanLayout:
        """The layout of a column.

        Raises:
            ColumnError: it is none of the three.
        """
        columnar = pa.types.is_struct(kind)
        fields = _fields(kind if columnar else kind.value_type if _is_list(kind) else kind)
        text = "text" if "text" in fields else None
        if {"start", "end"} <= fields:
            return cls("start", "end", text, columnar)
        if {"answer_start", "text"} <= fields:
            return cls("answer_start", None, "text", columnar)
        raise ColumnError(
            f"{column!r} holds {kind}, which marks no spans",
            hint="a list of structs with start and end, or with answer_start and text, or SQuAD's struct of such lists",
        )

    def spans(self, cell: Any, column: str) -> list[Span]:
        """The spans of one cell, in its order; none of a null.

        Raises:
            ColumnError: a span lacks its start or end, or ends before it starts.
        """
        found = []
        for one in self._rows(cell):
            start = one.get(self.start)
            length = len(one.get(self.text) or "") if self.text else 0
            end = one.get(self.end) if self.end else None if start is None else start + length
            if start is None or end is None or not 0 <= start <= end:
                raise ColumnError(f"{column!r} holds {one}, which is no span")
            found.append((int(start), int(end)))
        return found

    @staticmethod
    def fields(kind: pa.DataType) -> list[str]:
        """The fields that each span of a column of this type has."""
        return sorted(_fields(kind if pa.types.is_struct(kind) else kind.value_type))

    def values(self, cell: Any, field: str) -> list[Any]:
        """A field of each span of one cell, in its order."""
        return [one.get(field) for one in self._rows(cell)]

    def moved(self, cell: Any, spans: Sequence[Span], text: str) -> Any:
        """The cell with its spans where they lie in `text`."""
        rows = [
            {**one, **self._written(start, end, text)}
            for one, (start, end) in zip(self._rows(cell), spans, strict=True)
        ]
        return {name: [row[name] for row in rows] for name in cell} if self.columnar else rows

    def shifted(self, cell: Any, by: int, column: str) -> list[Any]:
        """The spans of a cell, `by` characters further on."""
        return [
            {**one, self.start: start + by, **({self.end: end + by} if self.end else {})}
            for one, (start, end) in zip(self._rows(cell), self.spans(cell, column), strict=True)
        ]

    def _written(self, start: int, end: int, text: str) -> dict[str, Any]:
        written: dict[str, Any] = {self.start: start}
        if self.end:
            written[self.end] = end
        if self.text:
            written[self.text] = text[start:end]
        return written

    def _rows(self, cell: Any) -> list[Mapping[str, Any]]:
        if cell is None:
            return []
        if not self.columnar:
            return [one for one in cell if one is not None]
        return [dict(zip(cell, values, strict=True)) for values in zip(*cell.values(), strict=True)]

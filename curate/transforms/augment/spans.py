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


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _values(kind: pa.DataType) -> dict[str, pa.DataType]:
    """The type of each field that a span of a column of this type has; empty where it holds no spans."""
    columnar = pa.types.is_struct(kind)
    each = kind if columnar else kind.value_type if _is_list(kind) else None
    if each is None or not pa.types.is_struct(each):
        return {}
    found = {each.field(at).name: each.field(at).type for at in range(each.num_fields)}
    if not columnar:
        return found
    return {name: its.value_type for name, its in found.items()} if all(map(_is_list, found.values())) else {}


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
        columnar = bool(pa.types.is_struct(kind))
        values = _values(kind)
        numbers = {name for name, its in values.items() if pa.types.is_integer(its)}
        text = "text" if "text" in values else None
        if {"start", "end"} <= numbers:
            return cls("start", "end", text, columnar)
        if text and "answer_start" in numbers:
            return cls("answer_start", None, text, columnar)
        raise ColumnError(
            f"{column!r} holds {kind}, which marks no spans",
            hint="a list of structs with start and end, or with answer_start and text, or SQuAD's struct of such lists",
        )

    def spans(self, cell: Any, column: str, text: str | None = None) -> list[Span]:
        """The spans of one cell, in its order; none of a null.

        Args:
            cell: what the column says of one row.
            column: its name.
            text: what is marked; None: it is not looked at.

        Raises:
            ValueError: a span lacks its start or end, ends before it starts or behind the text, or the cell says that
                it marks something else than stands there.
        """
        if self.columnar and cell is not None and len({len(many or ()) for many in cell.values()}) > 1:
            raise ValueError(f"{column!r} holds {cell}, whose lists differ in length")
        found = []
        for one in self._rows(cell):
            start = one.get(self.start)
            length = len(one.get(self.text) or "") if self.text else 0
            end = one.get(self.end) if self.end else None if start is None else start + length
            if start is None or end is None or not 0 <= start <= end:
                raise ValueError(f"{column!r} holds {one}, which is no span")
            if text is not None and end > len(text):
                raise ValueError(f"{column!r} holds {one}, which ends behind the text: it has {len(text)} characters")
            said = one.get(self.text) if self.text and text is not None else None
            if text is not None and said is not None and text[start:end] != said:
                raise ValueError(f"{column!r} holds {one}, but the text says {text[start:end]!r} there")
            found.append((int(start), int(end)))
        return found

    @staticmethod
    def fields(kind: pa.DataType) -> list[str]:
        """The fields that each span of a column of this type has."""
        return sorted(_values(kind))

    def values(self, cell: Any, field: str) -> list[Any]:
        """A field of each span of one cell, in its order."""
        return [one.get(field) for one in self._rows(cell)]

    def moved(self, cell: Any, spans: Sequence[Span], text: str) -> Any:
        """The cell with its spans where they lie in `text`."""
        there = iter(spans)
        if self.columnar:
            rows = [{**one, **self._written(*next(there), text)} for one in self._rows(cell)]
            return {name: [row[name] for row in rows] for name in cell}
        return [one if one is None else {**one, **self._written(*next(there), text)} for one in cell]

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
        return [
            dict(zip(cell, values, strict=True)) for values in zip(*(many or () for many in cell.values()), strict=True)
        ]

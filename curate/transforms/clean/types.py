"""`clean.types`: read numbers, truth values or dates out of columns of text, into new columns of that type.

A step may not change the type of a column (whoever reads the rows behind it relies on that), and what cannot be read
must not be lost: so the column stays as it is, and beside it comes `NAME_number`, `NAME_integer`, `NAME_boolean` or
`NAME_date`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import Roles, is_text
from curate.data.rows import Batch
from curate.errors import ColumnError, did_you_mean
from curate.kernels import parse
from curate.kernels.placeholders import is_placeholder
from curate.kernels.text import is_blank

Kind = Literal["number", "integer", "boolean", "date"]
_TYPES: dict[Kind, pa.DataType] = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}


class ReadTypes(RowTransform):
    """Reads the cells of text columns as numbers, whole numbers, truth values or dates, into new columns.

    The column itself stays as it is. A cell that cannot be read is null in the new column and gets the reason
    `not_read`; so is a blank cell or a placeholder (`N/A`, `none`, `?`), with the reason `no_value`.

    Attributes:
        columns: names of columns of text.
        to: what to read; numbers become 64-bit floats, whole numbers 64-bit integers.
        decimal: the decimal sign; the other one parts thousands (`1,234.5`; with a comma `1.234,5`).
        percent: `12 %` is 0.12 (`divide`) or 12 (`keep`).
        units: what may stand beside a number, such as `oz`: left out, nothing is converted. Currencies may anyhow.
        day_first: of dates such as 03/04/2021 the day comes first; null: such a date is read only where one of the
            numbers can be no month.
        true_words: further words for true.
        false_words: further words for false.
        words: further words for no value.

    Example:
        >>> ReadTypes(columns=["ounces"], to="number", units=["oz"]).decimal
        '.'
    """

    name: ClassVar[str] = "clean.types"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "read": "the cell of text was read; the new column holds its value",
        "not_read": "the cell of text is no value of that type; the new column holds null",
        "no_value": "the cell of text is blank or a placeholder; the new column holds null",
    }
    needs: ClassVar[frozenset[str]] = frozenset()
    languages: ClassVar[str] = "any; words for yes and no of a dozen languages, names of months in English"
    examples: ClassVar[Mapping[str, Example]] = {
        "read": Example(
            tuple({"text": "a", "price": price} for price in ("1,234", "12 %", "$3.50")),
            settings={"columns": ["price"], "to": "number"},
        ),
        "not_read": Example(
            tuple({"text": "a", "day": day} for day in ("2021-04-03", "03/04/2021", "next week")),
            settings={"columns": ["day"], "to": "date"},
        ),
        "no_value": Example(
            tuple({"text": "a", "vegan": vegan} for vegan in ("yes", "No", "n/a", "?")),
            settings={"columns": ["vegan"], "to": "boolean"},
        ),
    }

    columns: tuple[str, ...] = Field(min_length=1)
    to: Kind
    decimal: Literal[".", ","] = "."
    percent: Literal["divide", "keep"] = "divide"
    units: tuple[str, ...] = ()
    day_first: bool | None = None
    true_words: tuple[str, ...] = ()
    false_words: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        for name in dict.fromkeys(self.columns):
            if name not in schema.names:
                raise ColumnError(f"clean.types finds no column {name!r}", hint=did_you_mean(name, schema.names))
            if not is_text(schema.field(name).type):
                raise ColumnError(f"{name!r} holds {schema.field(name).type}, no text to read", hint="leave it out")
            if self._new(name) in schema.names:
                raise ColumnError(f"there is a column {self._new(name)!r} already", hint="rename or drop it")
            schema = schema.append(pa.field(self._new(name), _TYPES[self.to]))
        return schema, roles

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        return Edits.concat([self._column(batch, name) for name in dict.fromkeys(self.columns)])

    def _new(self, name: str) -> str:
        return f"{name}_{self.to}"

    def _column(self, batch: Batch, name: str) -> Edits:
        cells = batch.column(name).cast(pa.large_string())
        empty = is_blank(cells) | is_placeholder(cells, "all", self.words)
        given = np.flatnonzero(pc.is_valid(cells).to_numpy(zero_copy_only=False))
        if not len(given):
            return Edits()
        known = pc.dictionary_encode(cells.take(pa.array(given)))
        values = [self._read(cell) for cell in known.dictionary.to_pylist()]
        read = [values[at] for at in known.indices.to_pylist()]
        reasons = [
            "read" if value is not None else "no_value" if none else "not_read"
            for value, none in zip(read, empty[given].tolist(), strict=True)
        ]
        return Edits.set(self._new(name), batch.row_ids[given], pa.array(read, _TYPES[self.to]), reasons)

    def _read(self, cell: str) -> Any:
        return _READERS[self.to](self, cell)

    def _number(self, cell: str) -> float | None:
        units = tuple(unit.casefold() for unit in self.units)
        return parse.number(cell, decimal=self.decimal, units=units, percent=self.percent)

    def _integer(self, cell: str) -> int | None:
        value = self._number(cell)
        whole = value is not None and value == int(value) and abs(value) < 1 << 53
        return int(value) if value is not None and whole else None

    def _boolean(self, cell: str) -> bool | None:
        true, false = ([parse.plain(word) for word in words] for words in (self.true_words, self.false_words))
        return parse.truth(cell, true_words=true, false_words=false)

    def _date(self, cell: str) -> Any:
        return parse.day(cell, day_first=self.day_first)


_READERS: dict[Kind, Callable[[ReadTypes, str], Any]] = {
    "number": ReadTypes._number,
    "integer": ReadTypes._integer,
    "boolean": ReadTypes._boolean,
    "date": ReadTypes._date,
}

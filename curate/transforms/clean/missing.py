"""`clean.missing`: fill missing cells of any column, or make its placeholders null.

What is put in is learned from all rows (the most frequent value, the median), said by the user, or read from another
column; so nothing is guessed, and a model that could guess (imputation by regression and the like) is left to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import ROLE_NAMES, DatasetTransform
from curate.data.edits import Edits
from curate.data.roles import Roles, class_names, is_text
from curate.data.rows import Batch
from curate.errors import ColumnError, did_you_mean
from curate.kernels.buffers import as_bools
from curate.kernels.placeholders import is_placeholder
from curate.kernels.text import is_blank

Fill = Literal["constant", "most_frequent", "median", "column", "nothing"]
_REASON: dict[Fill, str] = {
    "constant": "filled_constant",
    "most_frequent": "filled_most_frequent",
    "median": "filled_median",
    "column": "filled_from_column",
    "nothing": "made_null",
}


class FillMissing(DatasetTransform):
    """Fills the missing cells of columns: null, NaN, blank, or a placeholder such as `N/A`.

    A cell keeps its type; a fill that does not fit the column is refused before the run. Cells for which nothing is
    known (the other column is missing too, the column has no value at all) stay as they are.

    Attributes:
        columns: names of columns, or of roles (`label`, `target`, `group`, …) where no column has that name.
        fill: `constant` (`value`), `most_frequent` (of equally frequent ones the smallest), `median` (numbers and
            dates; of whole numbers the lower of the two in the middle), `column` (`from_column`), or `nothing`
            (placeholders and blank cells become null, nulls stay).
        value: what `constant` puts in; the name of a class where the column holds class numbers.
        from_column: where `column` takes the cell from.
        placeholders: which words count as missing: `sure` (hardly ever meant), `all` (also none, ?, …), or `off`.
        words: further words that count, such as `-999`.

    Example:
        >>> FillMissing(columns=["abv"], fill="median").placeholders
        'sure'
    """

    name: ClassVar[str] = "clean.missing"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "filled_constant": "the cell was missing: the value given",
        "filled_most_frequent": "the cell was missing: the most frequent value; score is its share of the column",
        "filled_median": "the cell was missing: the median",
        "filled_from_column": "the cell was missing: that of another column",
        "made_null": "the cell held a placeholder or white space, and is null now",
    }
    needs: ClassVar[frozenset[str]] = frozenset()
    languages: ClassVar[str] = "any; placeholders of 19 languages, all others by `words`"
    examples: ClassVar[Mapping[str, Example]] = {
        "filled_constant": Example(
            ({"text": "a beer", "state": None}, {"text": "an ale", "state": "OR"}),
            settings={"columns": ["state"], "fill": "constant", "value": "unknown"},
        ),
        "filled_most_frequent": Example(
            tuple({"text": "a", "label": label} for label in ("ale", "N/A", "ale", "stout")),
            settings={"columns": ["label"], "fill": "most_frequent"},
        ),
        "filled_median": Example(
            tuple({"text": "a", "abv": abv} for abv in (0.04, None, 0.06, 0.05)),
            settings={"columns": ["abv"], "fill": "median"},
        ),
        "filled_from_column": Example(
            ({"text": "", "title": "Rise of the Phoenix"}, {"text": "A dark ale.", "title": "Ale"}),
            settings={"columns": ["text"], "fill": "column", "from_column": "title"},
        ),
        "made_null": Example(("N/A", "A dark ale."), settings={"columns": ["text"], "fill": "nothing"}),
    }

    columns: tuple[str, ...] = Field(min_length=1)
    fill: Fill
    value: bool | int | float | str | None = None
    from_column: str | None = None
    placeholders: Literal["sure", "all", "off"] = "sure"
    words: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fill_is_whole(self) -> Self:
        for fill, setting, given in (("constant", "value", self.value), ("column", "from_column", self.from_column)):
            if (self.fill == fill) != (given is not None):
                raise ValueError(f"fill: {fill} and {setting} belong together")
        return self

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        for name in self._named(schema, roles):
            self._check(schema, name)
        return schema, roles

    def summarize(self, batch: Batch) -> pa.Table:
        schema = batch.rows.schema
        columns: dict[str, Any] = {"row_id": batch.row_ids}
        wanted = np.zeros(len(batch), bool)
        for name in self._named(schema, batch.roles):
            self._check(schema, name)
            cells = _plain(batch.column(name))
            missing = self._missing(cells)
            wanted |= missing
            columns[f"cell:{name}"] = self._source(batch, name, cells)
            columns[f"missing:{name}"] = missing & ~_is_null(cells) if self.fill == "nothing" else missing
        table = pa.table(columns)
        return table if self.fill in ("most_frequent", "median") else table.filter(pa.array(wanted))

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        names = [name.removeprefix("cell:") for name in summary.column_names if name.startswith("cell:")]
        return Edits.concat([self._filled(name, summary) for name in names])

    def _filled(self, name: str, summary: pa.Table) -> Edits:
        missing = summary.column(f"missing:{name}").to_numpy()
        cells = _one(summary.column(f"cell:{name}"))
        values, score = cells.filter(pa.array(missing)), 1.0
        if self.fill in ("most_frequent", "median"):
            known = cells.filter(pa.array(~missing))
            if not len(known) or not missing.any():
                return Edits()
            value, score = _most_frequent(known) if self.fill == "most_frequent" else (_median(known), 1.0)
            values = pa.repeat(value, int(missing.sum()))
        ids = summary.column("row_id").to_numpy()[missing]
        if self.fill == "column":
            given = ~self._missing(values)
            ids, values = ids[given], values.filter(pa.array(given))
        return Edits.set(name, ids, values, _REASON[self.fill], score=score) if len(ids) else Edits()

    def _missing(self, cells: pa.Array) -> NDArray[np.bool_]:
        level = None if self.placeholders == "off" else self.placeholders
        missing = _is_null(cells) | is_placeholder(cells, level, self.words)
        return missing | is_blank(cells.cast(pa.large_string())) if is_text(cells.type) else missing

    def _source(self, batch: Batch, name: str, cells: pa.Array) -> pa.Array:
        """For each row what would be put into the column, of its type; for what is learned, the cell itself."""
        if self.fill == "column":
            return _plain(batch.column(str(self.from_column))).cast(cells.type)
        if self.fill == "constant":
            return pa.repeat(_constant(self.value, batch.rows.schema, name), len(batch))
        return pa.nulls(len(batch), cells.type) if self.fill == "nothing" else cells

    def _named(self, schema: pa.Schema, roles: Roles) -> list[str]:
        """The columns that are meant, each once."""
        found: dict[str, None] = {}
        for name in self.columns:
            of_role = [column for column, role in roles.columns().items() if role == name]
            if name not in schema.names and not of_role:
                hint = f"no column has the role {name}" if name in ROLE_NAMES else did_you_mean(name, schema.names)
                raise ColumnError(f"clean.missing finds no column {name!r}", hint=hint)
            found.update(dict.fromkeys([name] if name in schema.names else of_role))
        return list(found)

    def _check(self, schema: pa.Schema, name: str) -> None:
        """Raise `ColumnError` where what would be put into a column does not fit it."""
        kind = _value_type(schema.field(name).type)
        if self.fill == "constant":
            _constant(self.value, schema, name)
        elif self.fill == "median" and not _has_middle(kind):
            raise ColumnError(f"{name!r} holds {kind}, which has no median", hint="fill: most_frequent, or constant")
        elif self.fill == "most_frequent" and pa.types.is_nested(kind):
            raise ColumnError(f"{name!r} holds {kind}: clean.missing counts plain values", hint="leave it out")
        elif self.fill == "column":
            if self.from_column not in schema.names:
                hint = did_you_mean(str(self.from_column), schema.names)
                raise ColumnError(f"clean.missing finds no column {self.from_column!r} to take from", hint=hint)
            other = _value_type(schema.field(self.from_column).type)
            if other != kind and not (is_text(other) and is_text(kind)):
                raise ColumnError(f"{self.from_column!r} holds {other}, {name!r} holds {kind}", hint="they must agree")


def _constant(value: Any, schema: pa.Schema, name: str) -> pa.Scalar:
    kind, classes = _value_type(schema.field(name).type), class_names(schema, name)
    if classes is not None and value in classes:
        value = classes.index(value)
    written = isinstance(value, str) and pa.types.is_temporal(kind)
    try:
        made = pa.array([value]).cast(kind)[0] if written else pa.array([value], kind)[0]
        if not written and made.as_py() != value:
            raise pa.ArrowInvalid(f"{value!r} would become {made}")
        return made
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        hint = (
            f"give one of {', '.join(classes)}" if classes else "give a value of that type; a number as text in quotes"
        )
        raise ColumnError(f"clean.missing cannot put {value!r} into {name!r}, which holds {kind}", hint=hint) from error


def _most_frequent(known: pa.Array) -> tuple[pa.Scalar, float]:
    counts = known.value_counts()
    values, n = counts.field("values"), counts.field("counts").to_numpy()
    best = values.filter(pa.array(n == n.max()))
    return best.take(pc.sort_indices(best)[:1])[0], float(n.max() / n.sum())


def _median(known: pa.Array) -> pa.Scalar:
    order = pc.sort_indices(known)
    middle = known.take(order[(len(known) - 1) // 2 : len(known) // 2 + 1])
    if pa.types.is_floating(known.type) and len(middle) == 2:
        return pa.array([float(np.mean(middle.to_numpy()))], known.type)[0]
    return middle[0]


def _has_middle(kind: pa.DataType) -> bool:
    is_of = pa.types
    return bool(is_of.is_integer(kind) or is_of.is_floating(kind) or is_of.is_decimal(kind) or is_of.is_temporal(kind))


def _is_null(cells: pa.Array) -> NDArray[np.bool_]:
    return as_bools(pc.is_null(cells, nan_is_null=True)).astype(bool)


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _plain(cells: pa.Array) -> pa.Array:
    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells


def _one(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)

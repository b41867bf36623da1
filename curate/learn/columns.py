"""Feature columns of any type as numbers and categories, as one training set has them.

Between the features of `Examples` and the models of `tabular`. Numbers, dates and times become float64 with NaN for
what is missing; booleans and texts become categories, with a code of their own for null and one for the unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.roles import is_text
from curate.errors import ColumnError

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

UNSEEN, NULL, FIRST = 0, 1, 2
"""Codes of a category that training did not have, or too rarely, of a null, and of the first that it had."""

FARTHEST = 1e150
"""Numbers farther from 0 than this are taken for it: their squares are finite."""


@dataclass(frozen=True)
class Categories:
    """A column of categories: those with a code of their own, in the order of the codes."""

    name: str
    known: tuple[str, ...]

    @property
    def n_codes(self) -> int:
        """How many codes there are, those of the unseen and of null included."""
        return FIRST + len(self.known)


@dataclass(frozen=True)
class Columns:
    """The columns that a training set lets a model read: those with more than one value.

    Args:
        numbers: the names of those that hold numbers.
        categories: those that hold categories.

    Example:
        >>> table = pa.table({"age": [30, None, 50], "city": ["Rome", "Oslo", None]})
        >>> columns = Columns.of(table, max_categories=10)
        >>> columns.read_numbers(table).ravel().tolist(), columns.read_codes(table).ravel().tolist()
        ([30.0, nan, 50.0], [3, 2, 1])
    """

    numbers: tuple[str, ...]
    categories: tuple[Categories, ...]

    @classmethod
    def of(cls, table: pa.Table, *, max_categories: int) -> Columns:
        """The columns of training rows.

        Args:
            table: the features.
            max_categories: of a column the most frequent that get a code; of equally frequent ones the first by name.

        Raises:
            ColumnError: a column holds neither numbers, times, booleans nor text.
        """
        numbers, categories = [], []
        for name in table.column_names:
            column = table.column(name)
            if _is_category(name, column.type):
                counted = pc.value_counts(_words(name, column).drop_null()).to_pylist()
                ranked = sorted(counted, key=lambda each: (-each["counts"], each["values"]))[:max_categories]
                if len(ranked) > 1 or (ranked and column.null_count):
                    categories.append(Categories(name, tuple(sorted(each["values"] for each in ranked))))
            else:
                values = _floats(name, column)
                if len(np.unique(values)) > 1:  # NaN counts as one value
                    numbers.append(name)
        return cls(tuple(numbers), tuple(categories))

    def read_numbers(self, table: pa.Table) -> F64:
        """The numbers of rows, NaN for what is missing or not finite, shape (n, len(numbers)).

        Raises:
            ColumnError: a column is not there, or holds no numbers.
        """
        columns = [_floats(name, _column(table, name)) for name in self.numbers]
        return np.stack(columns, axis=1) if columns else np.zeros((table.num_rows, 0))

    def read_codes(self, table: pa.Table) -> I64:
        """The codes of the categories of rows, shape (n, len(categories)).

        Raises:
            ColumnError: a column is not there.
        """
        columns = [_codes(each, _column(table, each.name)) for each in self.categories]
        return np.stack(columns, axis=1) if columns else np.zeros((table.num_rows, 0), np.int64)


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise ColumnError(f"the rows have no column {name!r}, which training had", hint="name it with --features")
    return table.column(name)


def _is_category(name: str, kind: pa.DataType) -> bool:
    if is_text(kind) or pa.types.is_boolean(kind):
        return True
    if any(
        test(kind) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_temporal)
    ):
        return False
    raise ColumnError(
        f"the column {name!r} holds {kind}, neither numbers, times, booleans nor text",
        hint="leave it out of the role features (--features)",
    )


def _words(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.large_string())


def _codes(categories: Categories, column: pa.ChunkedArray) -> I64:
    words = _words(categories.name, column)
    at = pc.index_in(words, value_set=pa.array(categories.known, pa.large_string()))
    codes = pc.fill_null(pc.add(at, FIRST), UNSEEN).to_numpy()
    return np.where(words.is_null().to_numpy(), NULL, codes).astype(np.int64)


def _floats(name: str, column: pa.ChunkedArray) -> F64:
    """Numbers as they are; dates in days and times in their unit, since 1970 or midnight; NaN for all else."""
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.int32() if column.type.bit_width == 32 else pa.int64())
    try:
        values = np.asarray(column.cast(pa.float64(), safe=False).fill_null(np.nan).to_numpy(), dtype=np.float64)
    except pa.ArrowInvalid as error:
        raise ColumnError(
            f"the column {name!r} held numbers in training, and now {column.type}: {error}", hint="give both alike"
        ) from error
    return np.clip(np.where(np.isfinite(values), values, np.nan), -FARTHEST, FARTHEST)

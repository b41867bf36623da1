"""Dictionary columns (pandas categories): plain values while rows are worked on, one dictionary where they rest.

An Arrow file holds one dictionary a column, and an edit may set a value that no dictionary has yet. So an engine
decodes the rows of its source, and encodes what came out: the old dictionary first, then the new values in row order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.data.rows import Rows


@dataclass(frozen=True, eq=False)
class DecodedRows:
    """Rows whose dictionary columns are read as plain values."""

    encoded: Rows

    @property
    def schema(self) -> pa.Schema:
        return plain_schema(self.encoded.schema)

    @property
    def n_rows(self) -> int:
        return self.encoded.n_rows

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        schema = self.schema
        for batch in self.encoded.batches(n_rows, start, stop):
            columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Plain rows, some columns of which are read as dictionary columns, each with one dictionary for all rows."""

    plain: Rows
    schema: pa.Schema
    dictionaries: Mapping[str, pa.Array]

    @property
    def n_rows(self) -> int:
        return self.plain.n_rows

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        for batch in self.plain.batches(n_rows, start, stop):
            columns = list(batch.columns)
            for name, dictionary in self.dictionaries.items():
                at = self.schema.get_field_index(name)
                kind = self.schema.field(at).type
                indices = pc.index_in(columns[at], value_set=dictionary).cast(kind.index_type)
                columns[at] = pa.DictionaryArray.from_arrays(indices, dictionary, ordered=kind.ordered)
            yield pa.RecordBatch.from_arrays(columns, schema=self.schema)


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """A schema with the types of the values in place of dictionary types."""
    for at, field in enumerate(schema):
        if pa.types.is_dictionary(field.type):
            schema = schema.set(at, field.with_type(field.type.value_type))
    return schema


def decoded(rows: Rows) -> Rows:
    """The rows without dictionary columns; the same object where there are none."""
    return DecodedRows(rows) if any(pa.types.is_dictionary(field.type) for field in rows.schema) else rows


def encoded(rows: Rows, source: Rows) -> Rows:
    """The rows with those columns as dictionaries that are dictionaries in `source`; the same object where none are."""
    names = [field.name for field in source.schema if pa.types.is_dictionary(field.type)]
    if not names:
        return rows
    dictionaries = {name: _dictionary(name, source, rows) for name in names}
    schema = rows.schema
    for name, dictionary in dictionaries.items():
        field = source.schema.field(name)
        schema = schema.set(schema.get_field_index(name), field.with_type(_wide_enough(field.type, len(dictionary))))
    return EncodedRows(rows, schema, dictionaries)


def _wide_enough(kind: pa.DictionaryType, n_values: int) -> pa.DictionaryType:
    """The type as it is, or with int32 indices where edits brought more values than its own can number."""
    if n_values - 1 <= np.iinfo(kind.index_type.to_pandas_dtype()).max:
        return kind
    return pa.dictionary(pa.int32(), kind.value_type, kind.ordered)


def _dictionary(name: str, source: Rows, rows: Rows) -> pa.Array:
    kind = source.schema.field(name).type.value_type
    parts = [batch.column(name).dictionary for batch in source.batches(1 << 14)]
    parts = parts[:1] if all(part.equals(parts[0]) for part in parts) else parts
    parts += [batch.column(name).unique() for batch in rows.batches(1 << 14)]
    return pa.chunked_array(parts, kind).unique().drop_null()

"""Several corpora as one, in the order of their priority, with a column that says which each row is from.

Row ids are numbered through in that order, so that every step that keeps the first of equal rows (`dedup.exact`,
`dedup.near`, …) keeps the row of the corpus that came first. Rows are not copied: they are read from where they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.roles import Roles, class_names
from curate.data.rows import ROW_ID, Rows
from curate.errors import ColumnError, InputError

SOURCE = "source"


def merge(corpora: Mapping[str, Corpus], *, source: str = SOURCE, as_group: bool = False) -> Corpus:
    """Several corpora as one.

    Args:
        corpora: by name, the one of highest priority first. All have the same columns, in any order.
        source: the new column, which holds the name of the corpus that a row is from.
        as_group: give that column the role group, beside those that have it.

    Returns:
        The rows of all, numbered through; the roles of the first. Held-out splits of one name are merged likewise, as
        test rows stay test rows. What rows were made from before (`Corpus.origin`) is not kept.

    Raises:
        InputError: there is no corpus, or they have no names.
        ColumnError: the columns differ, or their types or class names, or one has the name `source` already.

    Example:
        >>> gold = Corpus.from_table(pa.table({"text": ["by hand"], "label": [1]}))
        >>> web = Corpus.from_table(pa.table({"label": [0, 1], "text": ["found", "By hand"]}))
        >>> merge({"gold": gold, "web": web}).table().column("source").to_pylist()
        ['gold', 'web', 'web']
    """
    if not isinstance(corpora, Mapping):
        raise InputError(f"corpora to merge stand in a dict by name, not in a {type(corpora).__name__}")
    if not corpora:
        raise InputError("there is no corpus to merge", hint="give at least one, by name")
    first = Corpus.expect(next(iter(corpora.values())))
    schema = _schema(corpora, source)
    parts = tuple((name, corpus.rows) for name, corpus in corpora.items())
    roles = first.roles
    if as_group:
        roles = Roles.model_validate({**dict(roles), "group": (*roles.group, source)})
    merged = Corpus(
        MergedRows(parts, schema),
        roles,
        digest("merge", [[name, corpus.fingerprint] for name, corpus in corpora.items()], source),
        " + ".join(corpora),
        quarantine=pa.concat_tables([corpus.quarantine for corpus in corpora.values()]),
    )
    splits = dict.fromkeys(split for corpus in corpora.values() for split in corpus.held_out)
    return merged.with_held_out(**{split: _split(corpora, split, source) for split in splits})


def _split(corpora: Mapping[str, Corpus], split: str, source: str) -> Corpus:
    there = {name: corpus.held_out[split] for name, corpus in corpora.items() if split in corpus.held_out}
    return next(iter(there.values())) if len(there) == 1 else merge(there, source=source)


def _schema(corpora: Mapping[str, Corpus], source: str) -> pa.Schema:
    """The columns of the first corpus, then that of the source, then the row ids."""
    names = list(corpora)
    first, ours = names[0], corpora[names[0]].schema
    if source in ours.names:
        raise ColumnError(f"{first} has a column {source!r} already", hint='name the new one: merge(…, source="…")')
    fields = {field.name: field for field in ours}
    for name in names[1:]:
        theirs = corpora[name].schema
        _same_columns(first, ours, name, theirs)
        for column, field in fields.items():
            kind = _common(field.type, theirs.field(column).type)
            if kind is None:
                said = f"the column {column!r} holds {field.type} in {first} and {theirs.field(column).type} in {name}"
                raise ColumnError(said, hint="give it one type")
            fields[column] = field.with_type(kind)
    return pa.schema([*fields.values(), pa.field(source, pa.string()), pa.field(ROW_ID, pa.uint64())], ours.metadata)


def _same_columns(one: str, ours: pa.Schema, other: str, theirs: pa.Schema) -> None:
    """Raise `ColumnError` where one of two corpora has a column that the other does not, or other class names in it."""
    for has, lacks, there, missing in ((one, other, ours, theirs), (other, one, theirs, ours)):
        for column in there.names:
            if column not in missing.names:
                hint = "give all corpora the same columns"
                raise ColumnError(f"{lacks} has no column {column!r}, which {has} has", hint=hint)
    for column in ours.names:
        if class_names(ours, column) != class_names(theirs, column):
            hint = "give both the same ClassLabel, or the names as text"
            raise ColumnError(f"the column {column!r} has other class names in {other} than in {one}", hint=hint)


def _common(one: pa.DataType, other: pa.DataType) -> pa.DataType | None:
    """The type that holds both without a change of values; None where there is none."""
    one, other = (kind.value_type if pa.types.is_dictionary(kind) else kind for kind in (one, other))
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if all(any(matches(kind) for matches in text) for kind in (one, other)):
        return pa.large_string()
    whole = pa.types.is_signed_integer(one) and pa.types.is_signed_integer(other)
    if whole or (pa.types.is_floating(one) and pa.types.is_floating(other)):
        return max(one, other, key=lambda kind: int(kind.bit_width))
    return None


@dataclass(frozen=True, eq=False)
class MergedRows:
    """The rows of several sources one after the other, numbered through."""

    parts: tuple[tuple[str, Rows], ...]
    schema: pa.Schema

    @property
    def n_rows(self) -> int:
        return sum(rows.n_rows for _, rows in self.parts)

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        """Record batches of at most `n_rows` rows over the rows from `start` to `stop`."""
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        before = 0
        for name, rows in self.parts:
            low, high = max(0, start - before), min(rows.n_rows, stop - before)
            if low < high:
                at = before + low
                for batch in rows.batches(n_rows, low, high):
                    yield self._conformed(name, batch, at)
                    at += batch.num_rows
            before += rows.n_rows

    def _conformed(self, name: str, batch: pa.RecordBatch, at: int) -> pa.RecordBatch:
        n, columns = batch.num_rows, []
        for field in self.schema.names[:-2]:
            column = batch.column(field)
            column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
            columns.append(column.cast(self.schema.field(field).type))
        ids = pa.array(np.arange(at, at + n, dtype=np.uint64))
        return pa.RecordBatch.from_arrays([*columns, pa.repeat(name, n), ids], schema=self.schema)

"""The corpus: rows, the roles of their columns, their ids and a fingerprint. Read-only; iterating twice gives the same.

Everything a verb works on is a corpus; `curate.io` makes one from files, frames and `datasets`, and writes one out
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from curate.data.digest import batches_digest
from curate.data.lineage import QUARANTINE
from curate.data.roles import Roles, class_names, guess_roles
from curate.data.rows import BATCH_ROWS, ROW_ID, Batch, Ids, Rows, TableRows, append_ids, split_ids, without_views
from curate.errors import InputError

if TYPE_CHECKING:
    import datasets
    import pandas as pd

    from curate.data.origin import Origin


@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """Rows with roles, ids and a fingerprint.

    Attributes:
        rows: the rows; the schema's last column is `__row_id__`.
        roles: what each column is for.
        fingerprint: names the content (or the way it was derived); equal content and derivation, equal fingerprint.
        name: where the rows come from, for messages and reports.
        held_out: the sealed splits (`test`, `validation`), which no transform ever receives.
        quarantine: rows that could not be read, with file, line and cause.
        origin: what the rows were made from; None where no step has touched them since they were read.

    Example:
        >>> corpus = Corpus.from_table(pa.table({"text": ["a", "b"], "label": [0, 1]}))
        >>> len(corpus), str(corpus.roles)
        (2, 'text=text, label=label')
    """

    rows: Rows
    roles: Roles
    fingerprint: str
    name: str = "rows"
    held_out: Mapping[str, Corpus] = field(default_factory=dict)
    quarantine: pa.Table = field(default_factory=QUARANTINE.empty_table)
    origin: Origin | None = None

    @classmethod
    def from_table(
        cls, table: pa.Table, roles: Roles | None = None, *, row_ids: Ids | None = None, name: str = "rows"
    ) -> Corpus:
        """A corpus of an Arrow table; roles are guessed where none are given. Views of strings become strings."""
        table = append_ids(table.cast(without_views(table.schema)), row_ids)
        return cls.from_rows(TableRows(table), roles, name=name)

    @classmethod
    def from_rows(
        cls, rows: Rows, roles: Roles | None = None, *, name: str = "rows", quarantine: pa.Table | None = None
    ) -> Corpus:
        """A corpus of rows that already have ids; reads them once for the fingerprint."""
        content = batches_digest(rows.schema, rows.batches(1 << 14))
        plain = rows.schema.remove(rows.schema.get_field_index(ROW_ID))
        roles = guess_roles(plain) if roles is None else roles
        roles.check(plain)
        return cls(
            rows, roles, content, name, quarantine=QUARANTINE.empty_table() if quarantine is None else quarantine
        )

    @staticmethod
    def expect(given: Any) -> Corpus:
        """`given`, where it is a corpus.

        Raises:
            InputError: it is something else, a frame for example.
        """
        if isinstance(given, Corpus):
            return given
        raise InputError(f"a Corpus is needed, not {type(given).__name__}", hint="curate.load(…) makes one of it")

    def __repr__(self) -> str:
        return f"Corpus({self.name!r}, {self.n_rows:,} rows, {self.roles}, {self.fingerprint[:12]})"

    def __len__(self) -> int:
        return self.rows.n_rows

    @property
    def n_rows(self) -> int:
        return self.rows.n_rows

    @property
    def schema(self) -> pa.Schema:
        """The columns without `__row_id__`, with the metadata of the source."""
        return self.rows.schema.remove(self.rows.schema.get_field_index(ROW_ID))

    @property
    def column_names(self) -> list[str]:
        return list(self.schema.names)

    def batches(self, n_rows: int = BATCH_ROWS, start: int = 0, stop: int | None = None) -> Iterator[Batch]:
        """The rows from `start` to `stop` as batches of at most `n_rows`."""
        for batch in self.rows.batches(n_rows, start, stop):
            yield split_ids(batch, self.roles)

    def row_ids(self) -> Ids:
        """The ids of all rows, in order; shape (n_rows,)."""
        parts = [batch.row_ids for batch in self.batches(1 << 16)]
        return np.concatenate(parts) if parts else np.empty(0, np.uint64)

    def table(self, *, with_ids: bool = False) -> pa.Table:
        """All rows in memory."""
        table = pa.Table.from_batches(self.rows.batches(1 << 16), schema=self.rows.schema)
        return table if with_ids else table.drop_columns([ROW_ID])

    def texts(self) -> list[str]:
        """The text of every row; a null reads as the empty text."""
        return [text or "" for batch in self.batches(1 << 14) for text in batch.texts()]

    def labels(self) -> pa.ChunkedArray:
        """The label of every row."""
        parts = [batch.labels() for batch in self.batches(1 << 14)]
        kind = self.schema.field(self.roles.label).type if self.roles.label else pa.null()
        return pa.chunked_array(parts, kind)

    def class_names(self) -> list[str] | None:
        """The class names a `datasets.ClassLabel` gives its numbers; None for any other label column."""
        return class_names(self.schema, self.roles.label) if self.roles.label else None

    def take(self, positions: Any) -> Corpus:
        """The rows at some positions, in that order, in memory; they keep their ids."""
        table = self.table(with_ids=True).take(pa.array(np.asarray(positions, dtype=np.int64)))
        taken = Corpus.from_rows(TableRows(table), self.roles, name=self.name)
        return replace(taken, held_out=self.held_out, origin=self.origin)

    def with_roles(self, roles: Roles) -> Corpus:
        """The same rows with other roles."""
        roles.check(self.schema)
        return replace(self, roles=roles)

    def with_held_out(self, **splits: Corpus) -> Corpus:
        """The same rows beside other sealed splits."""
        return replace(self, held_out={**self.held_out, **splits})

    def to_pandas(self, *, with_ids: bool = False) -> pd.DataFrame:
        """All rows as a pandas frame."""
        frame: pd.DataFrame = self.table(with_ids=with_ids).to_pandas()
        return frame

    def to_dataset(self, *, with_ids: bool = False) -> datasets.Dataset:
        """All rows as a `datasets.Dataset`, with the features of the source."""
        import datasets

        return datasets.Dataset(datasets.table.InMemoryTable(self.table(with_ids=with_ids)))

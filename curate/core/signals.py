"""Signals: per-row derived values that a transform declares it needs and the verb supplies, cached by fingerprint.

A signal is a column the user already has under the signal's name, else what the provider registered for it computes.
A `RowSignal` is computed in the stream; any other provider sees the whole corpus first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel

from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.rows import Batch, Ids
from curate.errors import ColumnError

Column = TypeVar("Column", pa.Array, pa.ChunkedArray)


class Provider(BaseModel, frozen=True, extra="forbid"):
    """Computes one signal for all rows of a corpus. Its fields are its settings."""

    name: ClassVar[str]
    version: ClassVar[str]

    def inputs(self, corpus: Corpus) -> list[str]:
        """Fingerprints of what it reads beside the corpus (the sealed test split, say)."""
        return []

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        """A table `row_id, value` with one row for each row of the corpus, in any order."""
        raise NotImplementedError


class SharedSignal(Provider):
    """What is learnt from the whole corpus and is the same for each of its rows: word counts, a pool of names.

    It is held once, whatever the number of rows: the values are dictionary-encoded, and the dictionary has one entry.
    `shared` reads it.
    """

    def learn(self, corpus: Corpus, seed: int) -> dict[str, pa.Array]:
        """Columns of what is learnt; one read of the corpus. The order of the rows must not matter."""
        raise NotImplementedError

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        columns = self.learn(corpus, seed)
        lists = [pa.ListArray.from_arrays(pa.array([0, len(one)], pa.int32()), one) for one in columns.values()]
        said = digest(self.name, *(one.to_pylist() for one in columns.values()))
        entry = pa.StructArray.from_arrays([pa.array([said]), *lists], ["digest", *columns])
        row_ids = corpus.row_ids()
        zeros = pa.array(np.zeros(len(row_ids), np.int32))
        return pa.table({"row_id": row_ids, "value": pa.DictionaryArray.from_arrays(zeros, entry)})


@dataclass(frozen=True)
class Learnt:
    """What a `SharedSignal` has learnt; two are equal whose digest is, so that what is made of one can be cached."""

    digest: str
    columns: Mapping[str, pa.Array] = field(compare=False)


def shared(name: str, values: pa.Array) -> Learnt:
    """What a `SharedSignal` has learnt, from the values that a batch was given.

    Raises:
        ColumnError: they are of a user's column that only has the name of the signal.
    """
    kind = values.type
    if (
        not pa.types.is_dictionary(kind)
        or not pa.types.is_struct(kind.value_type)
        or kind.value_type[0].name != "digest"
    ):
        raise ColumnError(
            f"the column {name!r} has the name of a signal that is learnt from the whole corpus",
            hint="rename the column",
        )
    entry = values.dictionary
    columns = [kind.value_type[at].name for at in range(1, kind.value_type.num_fields)]
    return Learnt(str(entry.field("digest")[0].as_py()), {name: entry.field(name)[0].values for name in columns})


class RowSignal(Provider):
    """A signal that each row's own cells decide: a length, a share of characters, a language.

    The engine computes it in the stream, batch by batch on every worker, where a step needs it; so a filter is a
    signal and a bound, and nothing waits for the whole corpus.

    Attributes:
        kind: the type of its values.
        unit: what a value counts and in what range, for the people who set a bound: `share of the characters, 0 to 1`.
        scale: on which scale values are far from each other: `log` for counts and sizes, `linear` for shares.
        room: two values nearer than this are never far from each other: a difference, on the log scale a factor.
        needs: the roles it reads.
    """

    kind: ClassVar[pa.DataType] = pa.float64()
    unit: ClassVar[str] = ""
    scale: ClassVar[Literal["linear", "log"]] = "linear"
    room: ClassVar[float] = 0.1
    needs: ClassVar[frozenset[str]] = frozenset({"text"})

    def setup(self) -> None:
        """Load once per worker what `values` needs: a model, an automaton. Nothing by default."""
        return

    def revision(self) -> str:
        """The revision of whatever it loads that no setting names (a model, a word list); empty where there is none."""
        return ""

    def inputs(self, corpus: Corpus) -> list[str]:
        return [self.revision()] if self.revision() else []

    def values(self, batch: Batch) -> pa.Array:
        """One value of type `kind` for each row of a batch, the same whatever stands beside it; null: it has none."""
        raise NotImplementedError

    def tables(self, corpus: Corpus) -> Iterator[pa.Table]:
        """The values of a corpus, batch by batch: tables `row_id, value`."""
        self.setup()
        for batch in corpus.batches():
            yield pa.table({"row_id": pa.array(batch.row_ids), "value": self.values(batch)})

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        empty = pa.schema([("row_id", pa.uint64()), ("value", self.kind)]).empty_table()
        return pa.concat_tables([empty, *self.tables(corpus)])


def own_values(name: str, kind: pa.DataType | None, column: Column) -> Column:
    """A user's column as the values of the signal of its name; `kind` is the type they must have, None: any.

    Raises:
        ColumnError: what it holds is no such signal.
    """
    try:
        return column if kind is None else column.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise ColumnError(
            f"the column {name!r} holds {column.type}, but the signal of that name is {kind}: "
            "not every value of the column is one",
            hint="rename the column: the signal is then computed",
        ) from error


@dataclass(frozen=True, eq=False)
class Signal:
    """The values of one signal, found by row id."""

    row_ids: Ids
    values: pa.Array

    @classmethod
    def of(cls, table: pa.Table) -> Signal:
        row_ids = table.column("row_id").to_numpy()
        if (row_ids[1:] < row_ids[:-1]).any():  # else nothing is copied: the values may be as large as embeddings
            table = table.take(pa.array(np.argsort(row_ids, kind="stable")))
        values = table.column("value")
        whole = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
        return cls(table.column("row_id").to_numpy(), whole)

    def at(self, row_ids: Ids) -> pa.Array:
        """The values for these rows; null for a row the signal does not know (one that was added later)."""
        place = np.searchsorted(self.row_ids, row_ids)
        place = np.minimum(place, max(0, len(self.row_ids) - 1))
        known = self.row_ids[place] == row_ids if len(self.row_ids) else np.zeros(len(row_ids), bool)
        return self.values.take(pa.array(place, mask=~known))

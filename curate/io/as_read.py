"""As read: the rows of a saved corpus that steps changed or copied, as they were before; from the lineage beside them.

For `curate.io.origin`. The cells that edits replaced lie on the store's disk while they are put in place, with their
ids in memory; what comes of it lies where large sources lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.corpus import Corpus
from curate.data.lineage import LINEAGE, as_text
from curate.data.origin import Origin, matches
from curate.data.roles import Roles
from curate.data.rows import ROW_ID, Ids, Rows
from curate.data.store import Store
from curate.io.spool import Spool

ROWS_AT_ONCE = 10_000
SETS = pa.schema([("row_id", pa.uint64()), ("column", pa.string()), ("before", pa.large_string())])


def as_read(corpus: Corpus, roles: Roles, events: Rows, origin: Origin, store: Store) -> Corpus:
    """The rows that steps changed, or made others from, as they were read; those that are gone by their text alone.

    Args:
        corpus: the rows that are there now.
        roles: of the columns as they were read.
        events: the lineage (schema `LINEAGE`), by the ids of `corpus`.
        origin: which rows were added, and their ancestors.
        store: its disk is used.

    Returns:
        Columns in which something was set are text, as lineage tells cells.
    """
    forebears = np.unique(origin.ancestors.column("ancestor").to_numpy())
    with store.scratch() as folder:
        before = _Before.of(events, forebears, Path(folder) / "sets.arrow")
        source = _source(corpus, roles, before, forebears, origin.made.column("row_id").to_numpy(), store)
        before.close()
    return source


class _Before:
    """The cells that edits replaced, by column and row, each the first time; on disk, with their ids in memory."""

    GONE = ""
    """Stands for a column: the whole text of a row, as it was when the row went."""

    def __init__(self, file: pa.MemoryMappedFile, ids: Ids, columns: pa.ChunkedArray, texts: pa.ChunkedArray) -> None:
        self._file, self._texts, self._at = file, texts, {}
        for name in pc.unique(columns).to_pylist():
            at = np.flatnonzero(pc.equal(columns, name).to_numpy())
            known, first = np.unique(ids[at], return_index=True)
            self._at[name] = (known, at[first])

    @classmethod
    def of(cls, events: Rows, forebears: Ids, place: Path) -> _Before:
        """Those that lineage tells: of every row that was set, and of forebears that are gone."""
        with pa.OSFile(str(place), "wb") as sink, pa.ipc.new_file(sink, SETS) as writer:
            for batch in events.batches(ROWS_AT_ONCE):
                gone = pc.and_(
                    pc.equal(batch.column("kind"), "drop"), pc.is_in(batch.column("row_id"), pa.array(forebears))
                )
                columns = pc.if_else(gone, cls.GONE, batch.column("column"))
                kept = batch.set_column(LINEAGE.get_field_index("column"), "column", columns).select(SETS.names)
                writer.write_batch(kept.filter(pc.or_(gone, pc.equal(batch.column("kind"), "set"))).cast(SETS))
        file = pa.memory_map(str(place))
        table = pa.ipc.open_file(file).read_all()
        return cls(file, table.column("row_id").to_numpy(), table.column("column"), table.column("before"))

    def close(self) -> None:
        """Let go of the file."""
        del self._texts
        self._file.close()

    @property
    def columns(self) -> frozenset[str]:
        """Those in which something was set."""
        return frozenset(self._at) - {self.GONE}

    @property
    def row_ids(self) -> Ids:
        """The rows of which something is known."""
        return np.unique(np.concatenate([np.empty(0, np.uint64), *(ids for ids, _ in self._at.values())]))

    def put(self, column: str, row_ids: Ids, cells: pa.Array) -> pa.Array:
        """Cells, as text, with those in their place that stood there at first."""
        known, first = self._at.get(column, (np.empty(0, np.uint64), np.empty(0, np.int64)))
        there, place = matches(known, row_ids)
        texts = self._texts.take(pa.array(first[place])).combine_chunks()
        return pc.replace_with_mask(cells, pa.array(_mask(there, len(row_ids))), texts)


def _mask(at: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    mask = np.zeros(n, bool)
    mask[at] = True
    return mask


def _source(corpus: Corpus, roles: Roles, before: _Before, forebears: Ids, made: Ids, store: Store) -> Corpus:
    names, plain = corpus.column_names, corpus.schema
    text = tuple(name for name in roles.text if name in names)
    told = before.columns.union(text).intersection(names)
    wanted = np.setdiff1d(np.union1d(before.row_ids, forebears), made)
    kinds = [(name, pa.large_string() if name in told else _plain(plain.field(name).type)) for name in names]
    schema = pa.schema([*kinds, (ROW_ID, pa.uint64())])
    with Spool(store) as spool:
        for batch in corpus.batches(ROWS_AT_ONCE):
            chosen = _mask(matches(wanted, batch.row_ids)[0], len(batch))
            spool.add(_as_read(batch.with_ids(), chosen, told, before, schema))
        gone = np.setdiff1d(np.intersect1d(wanted, forebears), corpus.row_ids())
        spool.add(_gone(gone, text, told, before, schema))
        loaded = spool.finish(schema)
    return Corpus(loaded.rows, Roles(text=text), loaded.fingerprint, f"{corpus.name}, as read")


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _as_read(
    batch: pa.RecordBatch, chosen: NDArray[np.bool_], told: frozenset[str], before: _Before, schema: pa.Schema
) -> pa.RecordBatch:
    """Some rows of a batch, as they were read."""
    batch = batch.filter(pa.array(chosen))
    ids = batch.column(ROW_ID).to_numpy()
    columns = []
    for name in schema.names:
        cells = batch.column(name)
        if name in told:
            cells = before.put(name, ids, as_text(cells))
        elif pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        columns.append(cells)
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _gone(
    row_ids: Ids, text: Sequence[str], told: frozenset[str], before: _Before, schema: pa.Schema
) -> pa.RecordBatch:
    """Rows that went after others were made from them: what was set in them, and their text."""
    cells: Mapping[str, Any] = {name: pa.nulls(len(row_ids), schema.field(name).type) for name in schema.names[:-1]}
    if text:
        cells = {**cells, text[0]: before.put(_Before.GONE, row_ids, cells[text[0]])}
    columns = [before.put(name, row_ids, cells[name]) if name in told else cells[name] for name in cells]
    return pa.RecordBatch.from_arrays([*columns, pa.array(row_ids, pa.uint64())], schema=schema)

"""Origin again: of rows that a run left on disk, what they were made from, by the lineage that lies beside them.

So a guard that looks behind a row (leaks, labels of test rows, families) sees through a file as through memory. Read
once somebody asks, as a stream: what is kept of each event is an id, and texts lie on the store's disk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.lineage import LINEAGE
from curate.data.origin import ANCESTORS, LaterOrigin, Origin, added_rows
from curate.data.roles import Roles
from curate.data.rows import ROW_ID, Ids
from curate.data.store import Store
from curate.errors import InputError
from curate.io.as_read import as_read
from curate.io.curated import EARLIER, IDS, LINEAGE_FILE, RUN, SCHEMA, is_curated, places
from curate.io.encryption import EncryptionKey, opened
from curate.io.files import file_of

ROWS_AT_ONCE = 10_000


def with_origin(corpus: Corpus, path: Path, store: Store, key: EncryptionKey | None = None) -> Corpus:
    """The rows of a file or folder, with what they were made from where a run left them there.

    Args:
        corpus: the training rows, as loaded from `path`.
        path: a folder that a run wrote, its data file, or a data file beside the folder of everything else.
        store: where texts lie that are too many for memory.
        key: opens what is encrypted.

    Example:
        >>> import tempfile
        >>> from curate.core.recipe import Recipe
        >>> from curate.io import load, save_curated
        >>> rows = Corpus.from_table(pa.table({"text": ["<p>a</p>", "b"]}))
        >>> again = load(save_curated(Recipe(["clean.html"]).run(rows), Path(tempfile.mkdtemp()) / "out"))
        >>> again.texts(), again.origin.source.texts()
        (['a', 'b'], ['<p>a</p>'])
    """
    folder = _folder_of(path)
    if folder is None:
        return corpus
    saved = _Saved(folder, corpus, store, key)
    return replace(corpus, origin=LaterOrigin(partial(_read, saved), (SavedEvents(saved),)))


def _folder_of(path: Path) -> Path | None:
    """The folder of the run that left the training rows at a path."""
    if path.is_dir():
        return path if _data_file(path) == (path / "train.parquet").resolve() else None
    for folder in (places(path)[1], path.parent):
        if _data_file(folder) == path.resolve():
            return folder
    return None


def _data_file(folder: Path) -> Path | None:
    """Where a run left its rows; None where the folder is no run's: many a tool writes a `run.json`."""
    if not is_curated(folder):
        return None
    try:
        said = json.loads((folder / RUN).read_text("utf-8"))
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("schema") != SCHEMA:
        return None
    return (folder / said["splits"]["train"]["file"]).resolve()


@dataclass(frozen=True, eq=False)
class _Saved:
    """A run's folder, and the ids that its rows have now.

    Loaded without ids, rows are numbered anew. A row that is gone then gets a number behind them all.
    """

    folder: Path
    corpus: Corpus
    store: Store
    key: EncryptionKey | None

    @property
    def files(self) -> list[Path]:
        return [place for name in (EARLIER, LINEAGE_FILE) if (place := self.folder / name).is_file()]

    def batches(self, place: Path, n_rows: int = ROWS_AT_ONCE) -> Iterator[pa.RecordBatch]:
        """A table of the folder as a stream."""
        with file_of(place).open() as source, opened(source, place, self.key) as file:
            yield from file.iter_batches(n_rows)

    def n_rows(self, place: Path) -> int:
        """The rows of a table of the folder."""
        with file_of(place).open() as source, opened(source, place, self.key) as file:
            return int(file.metadata.num_rows)

    @cached_property
    def _numbers(self) -> tuple[Ids, Ids] | None:
        """The ids that the run knew, ascending, and what each is now; None where they are the same."""
        found = [batch.column(ROW_ID).to_numpy() for batch in self.batches(self.folder / IDS)]
        before, now = np.concatenate([np.empty(0, np.uint64), *found]), self.corpus.row_ids()
        if len(before) != len(now):
            raise InputError(
                f"{self.corpus.name} has {len(now):,} rows, but the run in {self.folder} left {len(before):,}",
                hint="run it again, or save the changed rows elsewhere",
            )
        if np.array_equal(before, now):
            return None
        told = [before]
        for batch in (batch for place in self.files for batch in self.batches(place)):
            told += [np.unique(ids.to_numpy()) for ids in (batch.column("row_id"), batch.column("parents").flatten())]
        named = np.unique(np.concatenate(told))
        numbers = np.empty(len(named), np.uint64)
        here = np.searchsorted(named, before)
        gone = np.ones(len(named), bool)
        gone[here] = False
        numbers[here] = now
        numbers[gone] = (int(now.max()) + 1 if len(now) else 0) + np.arange(gone.sum(), dtype=np.uint64)
        return named, numbers

    def now(self, row_ids: pa.Array) -> pa.Array:
        """What some ids of the run are now."""
        if self._numbers is None:
            return row_ids
        named, numbers = self._numbers
        return pa.array(numbers[np.searchsorted(named, row_ids.to_numpy())], pa.uint64())


@dataclass(frozen=True, eq=False)
class SavedEvents:
    """The lineage of all runs up to what lies in a folder (schema `LINEAGE`), by the ids that its rows have now.

    Rows that explain an edit (`ref`) are not told: they may be of a split that is not here.
    """

    saved: _Saved

    @property
    def schema(self) -> pa.Schema:
        return LINEAGE

    @cached_property
    def n_rows(self) -> int:
        return sum(self.saved.n_rows(place) for place in self.saved.files)

    def batches(self, n_rows: int, start: int = 0, stop: int | None = None) -> Iterator[pa.RecordBatch]:
        at, stop = 0, self.n_rows if stop is None else stop
        for place in self.saved.files:
            for batch in self.saved.batches(place, n_rows):
                low, high = max(0, start - at), min(len(batch), stop - at)
                at += len(batch)
                if low < high:
                    yield self._told(batch.slice(low, high - low))

    def _told(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        parents = batch.column("parents")
        given = pa.ListArray.from_arrays(parents.offsets, self.saved.now(parents.values), mask=parents.is_null())
        cells = {"row_id": self.saved.now(batch.column("row_id")), "parents": given}
        cells |= {name: pa.nulls(len(batch), LINEAGE.field(name).type) for name in ("ref", "ref_split")}
        columns = [cells.get(name, batch.column(name)) for name in LINEAGE.names]
        return pa.RecordBatch.from_arrays(columns, schema=LINEAGE)


def _read(saved: _Saved) -> Origin:
    """What the rows were made from: of those that a step set or that an added row came from, the cells as read."""
    events = SavedEvents(saved)
    origin = Origin(saved.corpus, ANCESTORS.empty_table(), told=(events,)).with_added(added_rows([events]))
    roles = json.loads((saved.folder / RUN).read_text("utf-8"))["source"]["roles"]
    return replace(origin, source=as_read(saved.corpus, Roles.model_validate(roles), events, origin, saved.store))

"""Reading again what a run left on disk (`curate.io.curated`): the life of one row, with its texts before and after.

Used by `curate explain`. The texts of a row that is still there come from the data file, those of one that is gone
from the lineage; only the events that are asked for are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.core.curated import life
from curate.data.corpus import Corpus
from curate.data.lineage import as_text
from curate.data.roles import Roles
from curate.data.rows import ROW_ID, TOP_BIT, Ids, TableRows
from curate.data.store import Store
from curate.errors import CurateError, InputError
from curate.io.curated import IDS, LINEAGE_FILE, QUARANTINE_FILE, RUN, SCHEMA, is_curated, places
from curate.io.encryption import EncryptionKey, private_store, unlocking
from curate.io.loading import load
from curate.kernels.replacing import fits, undone

Fate = Literal["kept", "added", "dropped", "quarantined"]


@dataclass(frozen=True)
class Varied:
    """How a text of an added row differs from its parent's.

    Attributes:
        column: the column of the text.
        before: the parent's text, and `after` the row's; both None where a later step has changed it and no one knows.
        changes: `start`, `end`, `old` and `new` of each change, with the offsets of `before`.
    """

    column: str
    before: str | None
    after: str | None
    changes: tuple[tuple[int, int, str, str], ...]


@dataclass(frozen=True)
class Event:
    """One thing that happened to a row.

    Attributes:
        row_id: the row; a parent of the one asked for, where that was derived.
        step: the step that did it, `kind` what it did: set, weigh, drop, add.
        column: the column that was set.
        before: the cell before; for a dropped row its text.
        after: the cell after; None where the row went, or it is not known.
        reason: the reason code, with its `score`; `meaning` says it in words.
        ref: the row that explains it, `ref_split` the held-out split it stands in where it does, and `ref_text` its
            text.
        parents: the rows it was derived from.
        varied: how the texts of an added row differ from those of its first parent, where an augmenter wrote them.
    """

    row_id: int
    step: str
    kind: str
    column: str | None
    before: str | None
    after: str | None
    reason: str
    meaning: str
    score: float
    ref: int | None
    ref_split: str | None
    ref_text: str | None
    parents: tuple[int, ...]
    varied: tuple[Varied, ...] = ()


@dataclass(frozen=True)
class Life:
    """The life of one row.

    Attributes:
        row_id: the row.
        fate: what became of it.
        events: what happened, in order; first to the rows it was derived from.
        cells: its cells as they are now; empty where it is gone.
        cause: why it is in quarantine, and `raw` all of it that could be read.
    """

    row_id: int
    fate: Fate
    events: tuple[Event, ...]
    cells: dict[str, Any]
    cause: str | None = None
    raw: str | None = None


class Outcome:
    """What a run left in a folder, or beside a data file.

    Args:
        destination: what the run was told to write.
        store: where large data files are kept once read; the user's cache unless given, with a key a private folder.
        key: opens what is encrypted.

    Raises:
        InputError: there is nothing, or something else, or it is encrypted and the key does not open it.
    """

    def __init__(
        self, destination: str | Path, *, store: Store | None = None, key: EncryptionKey | None = None
    ) -> None:
        given = Path(destination).expanduser()
        _, self.folder = places(given)
        if not is_curated(self.folder):
            missing = "does not exist" if not given.exists() else f"holds no {RUN}, so no run left it"
            raise InputError(f"{given} {missing}", hint="name what `curate run … --out OUT` wrote")
        self.run: dict[str, Any] = json.loads((self.folder / RUN).read_text("utf-8"))
        if self.run.get("schema") != SCHEMA:
            raise InputError(f"{self.folder / RUN} is {self.run.get('schema')}, not {SCHEMA}", hint="run it again")
        self.data = self.folder / self.run["splits"]["train"]["file"]
        self._store, self._key = store, key
        if self.run.get("encrypted"):
            self._store = store or private_store()
            with unlocking(self.folder, key):
                pass

    def life(self, row_id: int) -> Life:
        """The life of a row.

        Raises:
            CurateError: the run never saw such a row.
        """
        if not 0 <= row_id < 2 * int(TOP_BIT):
            raise CurateError(f"{row_id} is no row id", hint=self._known(0))
        events, cells = self._events(row_id), self._cells(row_id)
        stuck = self._read(QUARANTINE_FILE, {row_id}).to_pylist()
        if not events and not cells and not stuck:
            raise CurateError(f"there is no row {row_id} in {self.folder}", hint=self._known(row_id))
        added = any(event["kind"] == "add" and event["row_id"] == row_id for event in events)
        fate: Fate = ("added" if added else "kept") if cells else "quarantined" if stuck else "dropped"
        made_in = self._made_in(events)
        told = tuple(
            self._told(event, events[at + 1 :])
            for at, event in enumerate(events)
            if event["row_id"] == row_id or self._order[event["step"]] <= made_in[event["row_id"]]
        )
        cause = stuck[0] if stuck else {"cause": None, "raw": None}
        return Life(row_id, fate, told, cells, cause["cause"], cause["raw"])

    def _made_in(self, events: Sequence[dict[str, Any]]) -> dict[int, int]:
        """Of each forebear the place of the last step that derived this row or another forebear from it.

        What became of it later is no part of the row's life.
        """
        last: dict[int, int] = {}
        for event in events:
            for parent in event["parents"] or ():
                last[parent] = max(last.get(parent, 0), self._order[event["step"]])
        return last

    @cached_property
    def _order(self) -> dict[str, int]:
        return {step["step"]: place for place, step in enumerate(self.run["steps"])}

    def _known(self, row_id: int) -> str:
        if row_id >= int(TOP_BIT):
            return f"{self.folder / LINEAGE_FILE} names the rows that were added"
        return f"the source had {self.run['source']['n_rows']:,} rows, numbered from 0"

    def _read(self, name: str, row_ids: set[int]) -> pa.Table:
        wanted = pa.array(sorted(row_ids), pa.uint64())
        return self._table(name, filters=pc.field("row_id").isin(wanted))

    def _table(self, name: str, **settings: Any) -> pa.Table:
        import pyarrow.parquet

        place = self.folder / name
        if not self.run.get("encrypted"):
            return pyarrow.parquet.read_table(place, **settings)
        with unlocking(place, self._key) as unlocked:
            return pyarrow.parquet.read_table(place, **settings, **unlocked)

    def _events(self, row_id: int) -> list[dict[str, Any]]:
        """The events of a row and of all its forebears, in the order of `life`."""
        wanted = {row_id}
        while True:
            found = self._read(LINEAGE_FILE, wanted)
            parents = {one for many in found.column("parents").to_pylist() for one in many or ()}
            if parents <= wanted:
                return list(life(TableRows(found), row_id))
            wanted |= parents

    def _told(self, event: dict[str, Any], later: list[dict[str, Any]]) -> Event:
        """An event with the texts that belong to it."""
        row_id, column, ref = event["row_id"], event["column"], event["ref"]
        after = self._after(row_id, column, later) if event["kind"] == "set" else None
        return Event(
            row_id=row_id,
            step=event["step"],
            kind=event["kind"],
            column=column,
            before=event["before"],
            after=after,
            reason=event["reason"],
            meaning=self._meanings.get((event["step"], event["reason"]), ""),
            score=event["score"],
            ref=ref,
            ref_split=event["ref_split"],
            ref_text=None if ref is None else self._ref_text(ref, event["ref_split"]),
            parents=tuple(event["parents"] or ()),
            varied=tuple(self._varied(row_id, event["changes"] or (), later)),
        )

    def _varied(self, row_id: int, changes: Sequence[dict[str, Any]], later: list[dict[str, Any]]) -> Iterator[Varied]:
        """Each text that an augmenter wrote, beside its parent's."""
        for column in dict.fromkeys(one["column"] for one in changes):
            mine = [one for one in changes if one["column"] == column]
            made = tuple((one["start"], one["end"], one["old"], one["new"]) for one in mine)
            after = self._after(row_id, column, later)
            if after is not None and fits(after, made):
                yield Varied(column, undone(after, made), after, made)
            else:
                yield Varied(column, None, None, made)

    def _after(self, row_id: int, column: str, later: list[dict[str, Any]]) -> str | None:
        """The cell after an event: what the next event found there, else what stands in the data."""
        for event in later:
            if event["row_id"] == row_id and event["column"] == column:
                before: str | None = event["before"]
                return before
            if event["row_id"] == row_id and event["kind"] == "drop":
                return event["before"] if self._texts == [column] else None
        value = self._cells(row_id).get(column)
        return None if value is None else str(as_text(pa.array([value]))[0].as_py())

    @cached_property
    def _meanings(self) -> dict[tuple[str, str], str]:
        steps = self.run["steps"]
        return {(step["step"], reason): said for step in steps for reason, said in step["meanings"].items()}

    @property
    def _texts(self) -> list[str]:
        return list(Roles.model_validate(self.run["roles"]).text)

    def text(self, row_id: int) -> str | None:
        """The text of a row: as it is now, or as it was when the row went."""
        cells = self._cells(row_id)
        if cells:
            given = [str(cells[name]) for name in self._texts if cells[name] is not None]
            return "\n".join(given) if given else None
        gone = [event["before"] for event in self._read(LINEAGE_FILE, {row_id}).to_pylist() if event["kind"] == "drop"]
        return gone[-1] if gone else None

    def _ref_text(self, row_id: int, split: str | None) -> str | None:
        """The text of a row that explains an edit; None where it stands in a split that was not saved here."""
        if split is None:
            return self.text(row_id)
        if split not in self.run["splits"]:
            return None
        found = load(self.folder / self.run["splits"][split]["file"], store=self._store, key=self._key)
        columns = [name for name in self._texts if name in found.column_names]
        for batch in found.with_roles(found.roles.changed({"text": columns})).batches(1 << 12):
            at = np.flatnonzero(batch.row_ids == np.uint64(row_id))
            if len(at):
                return batch.slice(int(at[0]), 1).texts()[0]
        return None

    def _cells(self, row_id: int) -> dict[str, Any]:
        """The cells of a row that is still there; empty where it is not."""
        at = np.flatnonzero(self._row_ids == np.uint64(row_id))
        if not len(at):
            return {}
        batch = next(self._corpus.batches(1, int(at[0]), int(at[0]) + 1))
        cells: dict[str, Any] = batch.rows.to_pylist()[0]
        return cells

    @cached_property
    def _row_ids(self) -> Ids:
        return np.asarray(self._table(IDS).column(ROW_ID).to_numpy())

    @cached_property
    def _corpus(self) -> Corpus:
        return load(self.data, store=self._store, max_quarantine=0.0, key=self._key)

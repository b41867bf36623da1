"""Kept: the row signals of a chunk, in the store, so that a moved bound computes nothing again.

An entry is named after the rows it was read from and the signal, never after a bound: steps that only drop rows do not
count. Where an earlier bound now lets more rows through, only those are computed, and the entry is made anew with them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.core.fingerprint import config
from curate.core.signals import RowSignal, Signal
from curate.data.digest import digest
from curate.data.rows import Batch
from curate.data.store import Store
from curate.kernels.buffers import as_mask


def identity(provider: RowSignal) -> list[Any]:
    """What a row signal is, beside the rows it reads."""
    return [provider.name, provider.version, config(provider), provider.revision()]


def keeper(store: Store, rows: str, chunk: tuple[int, int]) -> Callable[[RowSignal], KeptValues]:
    """What keeps the row signals of one chunk; stages that read the same signal share its values.

    Args:
        store: where they are kept.
        rows: names the rows: the fingerprint of what the segment reads and of the steps before that set cells.
        chunk: the size of a chunk, and its number.
    """
    shared: dict[str, KeptValues] = {}

    def keep(provider: RowSignal) -> KeptValues:
        key = digest("row signal", rows, chunk, identity(provider))
        if key not in shared:
            shared[key] = KeptValues(store, key, provider)
        return shared[key]

    return keep


class KeptValues:
    """The values of one row signal for the rows of one chunk: those the store has, and those computed now.

    Args:
        store: where they are kept.
        key: the name of the entry.
        provider: the signal.
    """

    def __init__(self, store: Store, key: str, provider: RowSignal) -> None:
        self._store, self._key, self._provider = store, key, provider
        self._known = _read(store.find(key))
        self._last: Signal | None = None
        self._new: list[pa.Table] = []

    def values(self, batch: Batch) -> pa.Array:
        """One value for each row of a batch."""
        if self._last is None or not np.isin(batch.row_ids, self._last.row_ids).all():  # else a stage before asked
            self._last = Signal.of(pa.table({"row_id": pa.array(batch.row_ids), "value": self._values(batch)}))
        return self._last.at(batch.row_ids)

    def _values(self, batch: Batch) -> pa.Array:
        if self._known is None:
            return self._computed(batch)
        held = np.isin(batch.row_ids, self._known.row_ids)
        if held.all():
            return self._known.at(batch.row_ids)
        missing = np.flatnonzero(~held)
        part = Batch(batch.rows.take(pa.array(missing)), batch.row_ids[missing], batch.roles)
        computed = self._computed(part)
        place = np.zeros(len(batch), np.int64)
        place[missing] = np.arange(len(missing))
        return pc.if_else(as_mask(held), self._known.at(batch.row_ids), computed.take(pa.array(place)))

    def _computed(self, batch: Batch) -> pa.Array:
        values = self._provider.values(batch)
        self._new.append(pa.table({"row_id": pa.array(batch.row_ids), "value": values}))
        return values

    def save(self) -> None:
        """Put what was computed into the store, with what it had."""
        if not self._new:
            return
        known = [pa.table({"row_id": self._known.row_ids, "value": self._known.values})] if self._known else []
        table = pa.concat_tables([*known, *self._new])
        ids = table.column("row_id").to_numpy()
        first = np.unique(ids, return_index=True)[1]  # a row that failed on the way was computed again by itself
        self._store.replace(self._key, lambda folder: _write(table.take(pa.array(first)), folder))
        self._new = []


def _read(folder: Path | None) -> Signal | None:
    """The values of an entry; None where there is none, or another process is replacing it this moment."""
    if folder is None:
        return None
    try:
        with pa.OSFile(str(folder / "signal.arrow"), "rb") as source:
            return Signal.of(pa.ipc.open_file(source).read_all())
    except FileNotFoundError:
        return None


def _write(table: pa.Table, folder: Path) -> None:
    with pa.OSFile(str(folder / "signal.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)

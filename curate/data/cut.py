"""Cutting a stream of rows into batches anew, so that what is written does not depend on how the rows came.

Between whatever makes rows in batches of its own size (a step, a reader) and whatever writes them (the store, `save`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

CUT_ROWS = 10_000
CUT_BYTES = 32 << 20


class Cutter:
    """Cuts a stream of record batches anew, by the rows themselves: the cuts do not depend on how the rows came.

    A batch ends at `CUT_ROWS` rows, or before the row that would take its texts beyond `CUT_BYTES`.
    """

    def __init__(self) -> None:
        self._held: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Take in rows; gives the batches that are complete."""
        size = _text_bytes(batch)
        start = 0
        while start < batch.num_rows:
            room = np.searchsorted(np.cumsum(size[start:]), CUT_BYTES - self._bytes, side="right")
            n = min(batch.num_rows - start, CUT_ROWS - self._rows, max(int(room), 0 if self._rows else 1))
            if n:
                self._held.append(batch.slice(start, n))
                self._rows, self._bytes, start = (
                    self._rows + n,
                    self._bytes + int(size[start : start + n].sum()),
                    start + n,
                )
            if start < batch.num_rows or self._rows == CUT_ROWS:
                yield from self.rest()

    def rest(self) -> Iterator[pa.RecordBatch]:
        """The batch of the rows still held, where there are any."""
        if self._held:
            yield self._held[0] if len(self._held) == 1 else pa.concat_batches(self._held)
        self._held, self._rows, self._bytes = [], 0, 0


def recut(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches that do not depend on how they were cut before.

    Example:
        >>> rows = pa.record_batch({"text": ["a", "b", "c"]})
        >>> [batch.num_rows for batch in recut([rows.slice(0, 1), rows.slice(1, 2)])]
        [3]
    """
    cutter = Cutter()
    for batch in batches:
        yield from cutter.add(batch)
    yield from cutter.rest()


def _text_bytes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Bytes of text and binary cells in each row; shape (n_rows,)."""
    size = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        kind = column.type
        if (
            pa.types.is_string(kind)
            or pa.types.is_binary(kind)
            or pa.types.is_large_string(kind)
            or pa.types.is_large_binary(kind)
        ):
            size += pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return size

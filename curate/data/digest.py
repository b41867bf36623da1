"""Digests of rows and of plain values: the same content gives the same digest, however it is chunked or sliced.

A digest is over the logical values (validity, lengths, bytes), never over Arrow's buffers as they happen to lie, and
never over pickled objects. BLAKE2b, 128 bits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BYTES = 16
_ROWS = 1 << 14
_TEXT = (
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_large_string,
)


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(*parts: Any) -> str:
    """A hexadecimal digest (32 characters) of plain JSON values.

    Example:
        >>> digest("a", 1) == digest("a", 1) != digest("a1")
        True
    """
    text = canonical(list(parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=BYTES).hexdigest()


def file_checksum(path: str) -> str:
    """XXH3-128 of a file's bytes: guards against damage, not against malice."""
    import xxhash

    state = xxhash.xxh3_128()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            state.update(block)
    return state.hexdigest()


class RowDigest:
    """A running digest over record batches; the result does not depend on how the rows were cut into batches."""

    def __init__(self, schema: pa.Schema) -> None:
        fields = [[field.name, str(field.type)] for field in schema]
        self._columns = [hashlib.blake2b(digest_size=BYTES) for _ in fields]
        self._fields = fields
        self._held: list[pa.RecordBatch] = []
        self._rows = 0
        self._held_rows = 0

    def update(self, batch: pa.RecordBatch) -> None:
        self._held.append(batch)
        self._held_rows += batch.num_rows
        if self._held_rows >= _ROWS:
            table = pa.Table.from_batches(self._held)
            whole = self._held_rows - self._held_rows % _ROWS
            for start in range(0, whole, _ROWS):
                self._take(table.slice(start, _ROWS))
            rest = table.slice(whole)
            self._held, self._held_rows = rest.to_batches(), rest.num_rows

    def _take(self, table: pa.Table) -> None:
        self._rows += table.num_rows
        for column, state in zip(table.columns, self._columns, strict=True):
            for part in _logical(column.combine_chunks()):
                state.update(part)

    def hexdigest(self) -> str:
        if self._held_rows:
            self._take(pa.Table.from_batches(self._held))
            self._held, self._held_rows = [], 0
        return digest(self._fields, self._rows, [state.hexdigest() for state in self._columns])


def batches_digest(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> str:
    """The digest of rows given as record batches."""
    running = RowDigest(schema)
    for batch in batches:
        running.update(batch)
    return running.hexdigest()


def _logical(array: pa.Array | pa.ChunkedArray) -> Iterable[bytes]:
    """The values of an array as canonical bytes: validity, then what its type needs."""
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string_view(array.type) or pa.types.is_binary_view(array.type):
        array = array.cast(pa.large_binary())
    valid = np.asarray(pc.is_valid(array).to_numpy(zero_copy_only=False), dtype=bool)
    yield np.packbits(valid).tobytes()
    kind = array.type
    if pa.types.is_null(kind):
        return
    array = array.drop_null() if array.null_count else array
    if pa.types.is_struct(kind):
        for child in array.flatten():
            yield from _logical(child)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield np.asarray(pc.list_value_length(array), dtype=np.int64).tobytes()
        yield from _logical(array.flatten())
    elif pa.types.is_map(kind):
        yield from _logical(array.cast(pa.list_(pa.struct([kind.key_field, kind.item_field]))))
    else:
        yield from _flat(array)


def _flat(array: pa.Array) -> Iterable[bytes]:
    kind = array.type
    if any(matches(kind) for matches in _TEXT):
        array = array.cast(pa.large_binary())
    elif pa.types.is_boolean(kind):
        array = array.cast(pa.uint8())
    if pa.types.is_large_binary(array.type):
        offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
        yield np.diff(offsets).tobytes()
        data = array.buffers()[2]
        if data is not None and len(array):
            yield memoryview(data)[offsets[0] : offsets[-1]].tobytes()
        return
    width = array.type.bit_width // 8
    data = array.buffers()[1]
    if data is not None:
        yield memoryview(data)[array.offset * width : (array.offset + len(array)) * width].tobytes()

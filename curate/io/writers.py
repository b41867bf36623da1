"""One writer per format: record batches in, bytes out, as a stream. What a format cannot hold is an error, not a loss.

Used by `saving`. CSV as in RFC 4180 with texts quoted and null as nothing: null, empty text and numbers stay apart.
"""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import InputError
from curate.io.encryption import EncryptionKey, writing

GROUP_ROWS = 10_000  # a row group is held until it is whole: larger ones would make memory grow with the rows
LINES = 1000
GROUP_BYTES = 64 << 20
Batches = Iterable[pa.RecordBatch]
_QUOTED = r'[",\r\n]'


def write_csv(schema: pa.Schema, batches: Batches, sink: IO[bytes], delimiter: str = ",") -> None:
    """Comma-separated values with a header.

    An unquoted header says that quotes tell text from numbers; in TSV a quoted header says that quotes quote at all.
    """
    for field in schema:
        if pa.types.is_nested(field.type) or _is_binary(field.type):
            raise InputError(
                f"csv and tsv cannot hold the column {field.name!r} of {field.type}", hint="save as parquet or jsonl"
            )
    names = pa.array(schema.names, pa.string())
    if delimiter == ",":
        special = pc.or_(pc.match_substring_regex(names, _QUOTED), pc.equal(names, ""))
        header = pc.if_else(special, _quote(names), names)
    else:
        header = _quote(names)
    sink.write((delimiter.join(header.to_pylist()) + "\n").encode())
    for batch in batches:
        cells = [_cells(column) for column in batch.columns]
        rows = pc.binary_join_element_wise(*cells, pa.scalar(delimiter, pa.large_string()))
        sink.write("".join(row + "\n" for row in rows.to_pylist()).encode())


def write_tsv(schema: pa.Schema, batches: Batches, sink: IO[bytes]) -> None:
    """Tab-separated values, quoted as in CSV."""
    write_csv(schema, batches, sink, "\t")


def _is_binary(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)


def _quote(texts: pa.Array) -> pa.Array:
    inner = pc.replace_substring(texts.cast(pa.large_string()), '"', '""')
    quote, nothing = pa.scalar('"', pa.large_string()), pa.scalar("", pa.large_string())
    return pc.binary_join_element_wise(quote, inner, quote, nothing)


def _cells(column: pa.Array) -> pa.Array:
    """A column as CSV cells: texts quoted, null as nothing, and a whole float with its `.0`."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):
        texts = column.cast(pa.float64()).cast(pa.large_string())
        texts = pc.replace_substring_regex(texts, r"^(-?[0-9]+)$", r"\1.0")
    elif pa.types.is_integer(column.type) or pa.types.is_boolean(column.type) or pa.types.is_null(column.type):
        texts = column.cast(pa.large_string())
    else:
        texts = _quote(column.cast(pa.large_string()))
    return pc.fill_null(texts, "").cast(pa.large_string())


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__}")


_ENCODE = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=_plain).encode


def _values(column: pa.Array) -> list[Any]:
    simple = pa.types.is_string(column.type) or (not column.null_count and pa.types.is_primitive(column.type))
    if simple and not pa.types.is_temporal(column.type):
        values: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
        return values
    return column.to_pylist(maps_as_pydicts="strict")  # type: ignore[no-any-return]  # pyarrow is not typed


def _lines(batches: Batches) -> Iterator[str]:
    for batch in batches:
        names = batch.schema.names
        for cells in zip(*map(_values, batch.columns), strict=True):
            try:
                yield _ENCODE(dict(zip(names, cells, strict=True)))
            except TypeError as error:
                raise InputError(f"json cannot hold a cell of {error}", hint="save as parquet") from error


def write_jsonl(schema: pa.Schema, batches: Batches, sink: IO[bytes]) -> None:
    """One JSON object a line; dates and decimals as text, nan as Python writes it (`NaN`)."""
    lines = _lines(batches)
    while part := list(islice(lines, LINES)):
        sink.write(("\n".join(part) + "\n").encode())


def write_json(schema: pa.Schema, batches: Batches, sink: IO[bytes]) -> None:
    """A JSON array of objects."""
    sink.write(b"[")
    for at, line in enumerate(_lines(batches)):
        sink.write((",\n" if at else "\n").encode() + line.encode())
    sink.write(b"\n]\n")


def write_parquet(schema: pa.Schema, batches: Batches, sink: IO[bytes], key: EncryptionKey | None = None) -> None:
    """Parquet, zstd-compressed, in row groups of at most `GROUP_ROWS` rows; encrypted where there is a key."""
    import pyarrow.parquet

    settings: dict[str, Any] = {"compression": "zstd", "use_compliant_nested_type": False}
    if key is not None:
        settings["encryption_properties"] = writing(key)
    try:
        with pyarrow.parquet.ParquetWriter(sink, schema, **settings) as writer:
            for group in _groups(batches):
                writer.write_table(pa.Table.from_batches(group, schema))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise InputError(f"parquet cannot hold the rows: {error}", hint="save as arrow or jsonl") from error


def _groups(batches: Batches) -> Iterator[list[pa.RecordBatch]]:
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        if held and (rows + batch.num_rows > GROUP_ROWS or size + batch.nbytes > GROUP_BYTES):
            yield held
            held, rows, size = [], 0, 0
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
    if held:
        yield held


def write_arrow(schema: pa.Schema, batches: Batches, sink: IO[bytes]) -> None:
    """An Arrow IPC file (Feather 2)."""
    with pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def write_txt(schema: pa.Schema, batches: Batches, sink: IO[bytes]) -> None:
    """One text a line; only for rows of one text column without nulls and line ends."""
    if len(schema) != 1 or not (
        pa.types.is_string(schema.field(0).type) or pa.types.is_large_string(schema.field(0).type)
    ):
        raise InputError(
            f"txt holds one text column; the rows have {', '.join(schema.names)}", hint="save as csv, jsonl or parquet"
        )
    first = True
    for batch in batches:
        texts = batch.column(0)
        if texts.null_count or pc.any(pc.match_substring_regex(texts, r"[\r\n]")).as_py():
            raise InputError("txt cannot hold a null or a text with a line end", hint="save as jsonl or parquet")
        lines = texts.to_pylist()
        if first and lines and lines[0].startswith("\ufeff"):
            sink.write("\ufeff".encode())
        first = first and not lines
        sink.write("".join(line + "\n" for line in lines).encode())


WRITERS: Mapping[str, Callable[[pa.Schema, Batches, IO[bytes]], None]] = {
    "csv": write_csv,
    "tsv": write_tsv,
    "jsonl": write_jsonl,
    "json": write_json,
    "parquet": write_parquet,
    "arrow": write_arrow,
    "txt": write_txt,
}

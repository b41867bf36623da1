"""JSON Lines and JSON files, row by row: a line that cannot be read goes to quarantine with its number.

A `.json` file is an array of objects, an object of columns, `{"data": [...]}`, or JSON Lines after all. RFC 8259; `NaN`
and `Infinity` are taken as Python writes them.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa

from curate.errors import InputError
from curate.io.bytestream import blocks, line_blocks, shown
from curate.io.files import File
from curate.io.objects import Objects, Row
from curate.io.spool import BATCH_ROWS, Spool

_SPACE = " \t\r\n"


def _pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(items)
    if len(found) != len(items):
        names = [name for name, _ in items]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs)


@dataclass(frozen=True)
class Place:
    """Where a row stands: its line (or position, from 1, in a list), and how it is written."""

    line: int
    raw: str | None = None


@dataclass
class JsonRows:
    """Reads JSON Lines (`lines=True`) or JSON files into a spool."""

    lines: bool = True
    objects: Objects = field(default_factory=Objects)

    def schema(self) -> pa.Schema:
        """The columns in the order they are first seen, with their types."""
        return self.objects.schema()

    def read(self, file: File, spool: Spool) -> None:
        """Read one file."""
        rows = read_lines(file, spool) if self.lines else read_json(file, spool)
        self.take(rows, spool, str(file))

    def take(self, rows: Iterable[tuple[Any, Place]], spool: Spool, file: str | None) -> None:
        """Take in rows given as Python values."""
        stream = iter(rows)
        while part := list(islice(stream, BATCH_ROWS)):
            good: list[tuple[Row, Place]] = []
            for value, place in part:
                if isinstance(value, Mapping) and all(type(name) is str for name in value):
                    good.append((value, place))
                else:
                    spool.bad("not an object of named cells", raw=_raw(value, place), file=file, line=place.line)

            def bad(at: int, cause: str, good: list[tuple[Row, Place]] = good) -> None:
                value, place = good[at]
                spool.bad(cause, raw=_raw(value, place), file=file, line=place.line)

            if not self.objects.types and not any(row for row, _ in good):
                for at in range(len(good)):
                    bad(at, "an object without cells, before any column is known")
                continue
            spool.add(self.objects.batch([row for row, _ in good], bad))


def _raw(value: Any, place: Place) -> str:
    text = place.raw if place.raw is not None else repr(value)
    return text.encode("utf-8", "backslashreplace").decode()


def read_lines(file: File, spool: Spool) -> Iterator[tuple[Any, Place]]:
    """Each line of a JSON Lines file as a Python value; blank lines are no rows."""
    with file.open() as stream:
        for first, lines in line_blocks(stream, file):
            for number, line in enumerate(lines, start=first):
                if not line or line.isspace():
                    continue
                try:
                    yield _decode(text := line.decode()), Place(number, text)
                except (ValueError, RecursionError) as error:
                    spool.bad(_cause(error), raw=shown(line), file=str(file), line=number)


def _decode(text: str) -> Any:
    return _DECODER.decode(text)


def _cause(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not valid UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return f"not valid JSON: {error.msg}"
    return "nested too deep" if isinstance(error, RecursionError) else f"not valid JSON: {error}"


def read_json(file: File, spool: Spool) -> Iterator[tuple[Any, Place]]:
    """Each row of a JSON file.

    Raises:
        InputError: the file is not JSON, or holds no rows.
    """
    with file.open() as stream:
        head = next(blocks(stream, file)).lstrip()
    if head.startswith(b"["):
        yield from _elements(file)
        return
    first = head.splitlines()[0]
    if head.startswith(b"{") and first.rstrip().endswith(b"}") and _is_object(first):
        yield from read_lines(file, spool)
        return
    with file.open() as stream:
        try:
            whole = _decode(b"".join(blocks(stream, file)).decode())
        except (ValueError, RecursionError) as error:
            raise _not_json(file, error, getattr(error, "lineno", None)) from error
    yield from ((row, Place(number)) for number, row in enumerate(_rows_of(whole, file), start=1))


def _is_object(line: bytes) -> bool:
    try:
        value = _decode(line.decode())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not any(isinstance(cell, (dict, list)) for cell in value.values())


def _rows_of(whole: Any, file: File) -> Iterable[Any]:
    """The rows of a JSON object: `{"data": [rows]}`, or columns as lists or as objects by row name (as in pandas)."""
    if isinstance(whole, dict) and whole:
        if isinstance(whole.get("data"), list) and any(isinstance(row, dict) for row in whole["data"]):
            return whole["data"]
        cells = list(whole.values())
        if all(isinstance(column, list) for column in cells) and len({len(column) for column in cells}) == 1:
            return (dict(zip(whole, row, strict=True)) for row in zip(*cells, strict=True))
        if all(isinstance(column, dict) for column in cells) and all(
            list(column) == list(cells[0]) for column in cells
        ):
            return ({name: column[key] for name, column in whole.items()} for key in cells[0])
    raise InputError(
        f"{file} holds neither an array of objects nor columns of equal length",
        hint="write one object per line (jsonl)",
    )


def _elements(file: File) -> Iterator[tuple[Any, Place]]:
    """The elements of a JSON array, decoded one at a time: no more than one block and one element stand in memory."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    text, opened = "", False
    line = start_line = 1
    try:
        with file.open() as stream:
            source = blocks(stream, file)
            more = True
            while more:
                more = (block := next(source, None)) is not None
                text += decode(block or b"", final=not more)
                at = 0
                while (step := _element(text, at, opened, last=not more)) is not None:
                    value, start, stop = step
                    if value is not _OPENING and value is not _CLOSING:
                        yield value, Place(line + text.count("\n", at, start))
                    opened = True
                    line += text.count("\n", at, stop)
                    at = stop
                    if value is _CLOSING:
                        if text[at:].strip(_SPACE) or any(rest.strip() for rest in source):
                            raise ValueError("more follows after the array")
                        return
                text, start_line = text[at:], line
            raise ValueError("the array does not close")
    except json.JSONDecodeError as error:
        raise _not_json(file, error, start_line + error.lineno - 1) from error
    except (ValueError, RecursionError) as error:
        raise _not_json(file, error, line) from error


_OPENING, _CLOSING = object(), object()


def _element(text: str, at: int, opened: bool, last: bool) -> tuple[Any, int, int] | None:
    """The next element from `at` with where it starts and stops, or None where more text is needed."""
    start = at
    while start < len(text) and text[start] in _SPACE:
        start += 1
    if start == len(text):
        return None
    if not opened:
        return _OPENING, start, start + 1
    if text[start] == "]":
        return _CLOSING, start, start + 1
    try:
        value, stop = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError:
        if last:
            raise
        return None
    while stop < len(text) and text[stop] in _SPACE:
        stop += 1
    if stop == len(text):
        return None
    if text[stop] not in ",]":
        raise json.JSONDecodeError("Expecting ',' delimiter", text, stop)
    return value, start, stop + (text[stop] == ",")


def _not_json(file: File, error: Exception, line: int | None) -> InputError:
    return InputError(
        f"{file} cannot be read{f' at line {line}' if line else ''}: {_cause(error)}",
        hint="mend the file; of jsonl files single bad lines are put aside",
    )

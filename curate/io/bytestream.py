"""Bytes in blocks: without a byte order mark, and cut where lines end, so that memory does not grow with the file.

Shared by the readers of text formats. Line ends may be LF, CR LF or CR, also mixed in one file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from curate.errors import InputError

BLOCK_BYTES = 1 << 20
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def blocks(stream: IO[bytes], name: object, n_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Blocks of bytes, none empty, none ending in CR unless it is the last; a UTF-8 byte order mark is taken off.

    Raises:
        InputError: the file is UTF-16, or empty.
    """
    block = read(stream, n_bytes)
    if block.startswith(_UTF16_MARKS):
        raise InputError(f"{name} is UTF-16, not UTF-8", hint="save it again as UTF-8")
    block = block.removeprefix(_UTF8_MARK)
    if not block.strip(b"\r\n"):
        block += read(stream, n_bytes)
        if not block.strip(b"\r\n"):
            raise InputError(f"{name} is empty", hint="give a file with rows")
    while block:
        while block.endswith(b"\r") and (more := stream.read(1)):
            block += more
        yield block
        block = read(stream, n_bytes)


def read(stream: IO[bytes], n_bytes: int) -> bytes:
    """`n_bytes` bytes, fewer only at the end: what compressed streams give in pieces is put together."""
    parts = []
    while n_bytes > 0 and (part := stream.read(n_bytes)):
        parts.append(part)
        n_bytes -= len(part)
    return b"".join(parts)


def count_lines(data: bytes) -> int:
    """How many line ends there are."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def line_blocks(stream: IO[bytes], name: object) -> Iterator[tuple[int, list[bytes]]]:
    """The number (from 1) of the first line of each block, and the block's lines without their ends."""
    number, parts = 1, []
    for block in blocks(stream, name):
        cut = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
        parts.append(block[:cut])
        if cut:
            lines = b"".join(parts).splitlines()
            yield number, lines
            number += len(lines)
            parts = []
        parts.append(block[cut:])
    if rest := b"".join(parts):
        yield number, rest.splitlines()


def shown(raw: bytes) -> str:
    r"""Bytes as text that can be looked at: what is not UTF-8 is written as `\\xff`."""
    return raw.rstrip(b"\r\n").decode("utf-8", "backslashreplace")

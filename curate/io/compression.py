"""gzip and Zstandard streams, read and written: one that stops early is an error; the same rows give the same bytes.

RFC 1952 and RFC 8878. Used by `files` and `saving`.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from typing_extensions import Buffer

COMPRESSIONS = ("gz", "zst")
_READ_BYTES = 1 << 14


class DamagedError(Exception):
    """A compressed stream that is damaged; whoever knows the file turns it into an `InputError`."""


class _ZstdFrames(io.RawIOBase):
    """The content of all frames of a stream; a frame cut off raises, which it does not in `zstandard`'s own reader."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame: Any = None
        self._compressed = self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._ready and (self._compressed or self._more()):
            self._ready = self._decompress()
        view = memoryview(buffer).cast("B")
        part, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(part)] = part
        return len(part)

    def _more(self) -> bool:
        self._compressed = self._raw.read(_READ_BYTES)
        if not self._compressed and self._frame is not None:
            raise EOFError("the last frame is cut off")
        return bool(self._compressed)

    def _decompress(self) -> bytes:
        import zstandard

        frame = self._frame or zstandard.ZstdDecompressor().decompressobj()
        found = frame.decompress(self._compressed)
        self._compressed = frame.unused_data if frame.eof else b""
        self._frame = None if frame.eof else frame
        return cast(bytes, found)


@contextmanager
def decompressed(raw: IO[bytes], compression: str) -> Iterator[IO[bytes]]:
    """The bytes of a stream, decompressed.

    Raises:
        EOFError: the stream stops early.
        DamagedError: it is not what it should be.
    """
    import zstandard

    try:
        if compression == "gz":
            yield cast(IO[bytes], gzip.GzipFile(fileobj=raw))
        elif compression == "zst":
            yield io.BufferedReader(_ZstdFrames(raw), 1 << 20)
        else:
            yield raw
    except (zlib.error, zstandard.ZstdError, gzip.BadGzipFile) as error:
        raise DamagedError(str(error)) from error


@contextmanager
def compressed(sink: IO[bytes], compression: str) -> Iterator[IO[bytes]]:
    """A stream that compresses into `sink`; neither a time nor a name gets into the header."""
    if compression == "gz":
        with gzip.GzipFile("", "wb", fileobj=sink, mtime=0) as stream:
            yield cast(IO[bytes], stream)
    elif compression == "zst":
        import zstandard

        with zstandard.ZstdCompressor().stream_writer(sink, closefd=False) as stream:
            yield stream
    else:
        yield sink

"""Reading splits: the options that hold for every source, and what reads the files of each split through the store.

Between `loading`, which tells what a source is, and the readers of the single formats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import pyarrow as pa

from curate.data.digest import digest, file_checksum
from curate.data.store import Store
from curate.errors import InputError
from curate.io.columnar import Columnar
from curate.io.delimited import Delimited
from curate.io.encryption import EncryptionKey, is_encrypted, opened
from curate.io.files import File, readable
from curate.io.jsonlines import JsonRows
from curate.io.spool import Loaded, Spool, check_quarantine, open_entry
from curate.io.textlines import TextLines

LOADER_VERSION = 1


@dataclass(frozen=True)
class Options:
    """How to read, the same for every kind of source; as the arguments of `load`."""

    store: Store = field(default_factory=Store)
    split: str | None = None
    config: str | None = None
    revision: str | None = None
    columns: tuple[str, ...] | None = None
    format: str | None = None
    max_quarantine: float = 0.01
    on_progress: Callable[[int], None] | None = None
    key: EncryptionKey | None = None

    def spool(self) -> Spool:
        """A spool for one split."""
        return Spool(self.store, self.max_quarantine, self.on_progress)


Splits = Mapping[str, Callable[[], Loaded]]


class Reader(Protocol):
    """Reads files of one format into a spool; knows the schema once all are read."""

    def read(self, file: File, spool: Spool) -> None: ...

    def schema(self) -> pa.Schema: ...


def reader_of(format: str, options: Options) -> Reader:
    """A reader for a format (a value of `FORMATS`)."""
    if format in ("csv", "tsv"):
        return Delimited(b"," if format == "csv" else b"\t", options.columns)
    if options.columns is not None:
        raise InputError(f"columns names the columns of csv and tsv files, not of {format}", hint="leave columns out")
    if format in ("jsonl", "json"):
        return JsonRows(lines=format == "jsonl")
    return TextLines() if format == "txt" else Columnar(options.store, options.key)


def of_files(splits: Mapping[str, Sequence[File]], options: Options) -> Splits:
    """What reads each split, given its files."""
    return {name: partial(read_files, files, options) for name, files in splits.items()}


def read_files(files: Sequence[File], options: Options) -> Loaded:
    """The rows of files of one format, in the order of the files.

    A source that was large when it was read before is opened from the store under the checksums of its files; an
    encrypted one only with its key.
    """
    reader = reader_of(files[0].format, options)
    for file in files:
        check_key(file, options.key)
    key = _key(files, options)
    place = options.store.find(key)
    if place is not None:
        loaded = open_entry(place)
        check_quarantine(loaded.rows.n_rows, loaded.quarantine, options.max_quarantine)
        return loaded
    with options.spool() as spool:
        for file in files:
            reader.read(file, spool)
        return spool.finish(reader.schema(), key)


def _key(files: Sequence[File], options: Options) -> str:
    seen = []
    for file in files:
        with readable(file.path):
            seen.append([str(file), file.format, file.compression, file_checksum(str(file.path))])
    return digest("load", LOADER_VERSION, seen, options.columns)


def check_key(file: File, key: EncryptionKey | None) -> None:
    """Raise `InputError` where a file is encrypted Parquet and the key does not open it."""
    if file.format != "parquet" or file.compression:
        return
    with file.open() as source:
        if is_encrypted(source):
            with opened(source, file, key):
                return

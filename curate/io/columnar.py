"""Files that know their types: Parquet and Arrow IPC (file or stream), batch by batch.

The schema is kept with its metadata (the features of `datasets` among it), except what pandas wrote about its index.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import pyarrow as pa

from curate.data.rows import without_views
from curate.data.store import Store
from curate.errors import InputError
from curate.io.encryption import EncryptionKey, opened
from curate.io.files import File
from curate.io.objects import join
from curate.io.spool import BATCH_ROWS, Spool

_FILE_MAGIC = b"ARROW1"


def plain(schema: pa.Schema) -> pa.Schema:
    """A schema without pandas' own metadata, which would turn columns into an index, and without views."""
    schema = without_views(schema)
    kept = {key: value for key, value in (schema.metadata or {}).items() if key != b"pandas"}
    return schema.with_metadata(kept or None)


def check_names(schema: pa.Schema, place: object) -> None:
    """Raise `InputError` where two columns have one name."""
    twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if twice:
        raise InputError(f"{place} has two columns called {', '.join(map(repr, twice))}", hint="rename one")


@dataclass
class Columnar:
    """Reads Parquet and Arrow files into a spool; all files have the same columns, and types that can be joined."""

    store: Store
    key: EncryptionKey | None = None
    found: pa.Schema | None = None

    def schema(self) -> pa.Schema:
        """The columns of the first file, with types that hold the values of all files."""
        assert self.found is not None, "schema() is asked for after the files are read"
        return self.found

    def read(self, file: File, spool: Spool) -> None:
        """Read one file.

        Raises:
            InputError: it is damaged, or encrypted and the key does not open it, or has other columns than the files
                before it.
        """
        try:
            with self._seekable(file) as source:
                items = _parquet(source, file, self.key) if file.format == "parquet" else _arrow(source)
                for item in items:
                    if isinstance(item, pa.Schema):
                        self._join(item, file)
                    else:
                        spool.add(item.replace_schema_metadata(None))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise InputError(
                f"{file} is not a whole {file.format} file: {str(error).splitlines()[0]}", hint="make or fetch it again"
            ) from error

    def _join(self, schema: pa.Schema, file: File) -> None:
        schema = plain(schema)
        check_names(schema, file)
        if self.found is None:
            self.found = schema
            return
        if sorted(schema.names) != sorted(self.found.names):
            raise InputError(
                f"{file} has the columns {', '.join(schema.names)}; the files before it have "
                f"{', '.join(self.found.names)}",
                hint="load files with the same columns together",
            )
        for at, field in enumerate(self.found):
            other = schema.field(field.name).type
            try:
                joined = join(field.type, other)
            except pa.ArrowTypeError as error:
                raise InputError(
                    f"the column {field.name!r} is {other} in {file} and {field.type} in the files before it",
                    hint="make the column one type",
                ) from error
            self.found = self.found.set(at, field.with_type(joined))

    @contextmanager
    def _seekable(self, file: File) -> Iterator[IO[bytes]]:
        with file.open() as stream:
            if not file.compression:
                yield stream
                return
            with self.store.scratch() as folder, open(f"{folder}/whole", "w+b") as whole:
                shutil.copyfileobj(stream, whole, 1 << 20)
                whole.seek(0)
                yield whole


def _parquet(source: IO[bytes], name: File, key: EncryptionKey | None) -> Iterator[pa.Schema | pa.RecordBatch]:
    with opened(source, name, key) as file:
        yield file.schema_arrow
        yield from file.iter_batches(batch_size=BATCH_ROWS, use_threads=False)


def _arrow(source: IO[bytes]) -> Iterator[pa.Schema | pa.RecordBatch]:
    magic = source.read(len(_FILE_MAGIC))
    source.seek(0)
    if magic != _FILE_MAGIC:
        with pa.ipc.open_stream(source) as reader:
            yield reader.schema
            yield from reader
        return
    with pa.ipc.open_file(source) as reader:
        yield reader.schema
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)

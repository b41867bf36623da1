"""CSV and TSV: rows are found strictly (a stray quote costs one line, not the rows after it), then parsed by pyarrow.

An unquoted empty cell is null, a quoted one is the empty text. Quoting as in RFC 4180; in TSV quotes are plain
characters unless every one of them closes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

import pyarrow as pa
import pyarrow.csv

from curate.errors import InputError
from curate.io.bytestream import BLOCK_BYTES, blocks, count_lines, read, shown
from curate.io.dialect import END, LINE, MAX_ROW_BYTES, Dialect, tsv_dialect
from curate.io.files import File
from curate.io.infer import ColumnKind
from curate.io.spool import Spool

_TOKEN = re.compile(rb'"(?:true|false|nan|-?inf|[-+0-9.eE]+)"')


@dataclass
class Delimited:
    """Reads CSV (`delimiter=b","`) or TSV files into a spool, and knows the types once all are read.

    Args:
        delimiter: what stands between cells.
        columns: names of the columns, for files without a header.
        block_bytes: how much is read at a time; the rows do not depend on it.
    """

    delimiter: bytes
    columns: Sequence[str] | None = None
    block_bytes: int = BLOCK_BYTES
    names: list[str] = field(default_factory=list)
    kinds: list[ColumnKind] = field(default_factory=list)
    all_quoted: bool = True
    as_text: set[int] = field(default_factory=set)

    def read(self, file: File, spool: Spool) -> None:
        """Read one file."""
        dialect = Dialect(self.delimiter) if self.delimiter == b"," else tsv_dialect(file)
        with file.open() as stream:
            part = _Part(self, dialect, file, spool)
            for block in blocks(stream, file, self.block_bytes):
                part.take(block, stream)
            part.end()

    def schema(self) -> pa.Schema:
        """The columns with types told from all values; quoted cells are text, unless all of a CSV file is quoted."""
        quoted = set() if self.all_quoted and self.delimiter == b"," else self.as_text
        kinds = [pa.string() if at in quoted else kind.type for at, kind in enumerate(self.kinds)]
        return pa.schema(list(zip(self.names, kinds, strict=True)))

    def named(self, names: list[str], file: File) -> None:
        """Take the column names of a file; all files have the same."""
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(
                f"{file} has two columns called {', '.join(map(repr, twice))}", hint="rename one, or give columns=[…]"
            )
        if self.names and names != self.names:
            raise InputError(
                f"{file} has the columns {', '.join(names)}; the files before it have {', '.join(self.names)}",
                hint="load files with the same header together",
            )
        if not self.names:
            self.names, self.kinds = names, [ColumnKind() for _ in names]


class _Part:
    """One file while it is read: the bytes not yet used, and the number of their first line."""

    def __init__(self, reader: Delimited, dialect: Dialect, file: File, spool: Spool) -> None:
        self.reader, self.dialect, self.file, self.spool = reader, dialect, file, spool
        self.rest, self.line = b"", 1
        self.any_row, self.open_row = re.compile(dialect.row()), dialect.open_row
        self.ready = False
        if reader.columns is not None:
            self._start(list(reader.columns))

    def _start(self, names: list[str]) -> None:
        self.reader.named(names, self.file)
        self.rows = self.dialect.rows(len(names))
        self.one_row = re.compile(self.dialect.row(len(names)))
        self.ready = True

    def take(self, block: bytes, stream: IO[bytes]) -> None:
        """Use one more block; read on where a row is longer than what is there."""
        self.rest += block
        while self._use(final=False) == 0 and len(self.rest) <= MAX_ROW_BYTES:
            more = read(stream, max(len(self.rest), self.reader.block_bytes))
            if not more:
                break
            self.rest += more

    def end(self) -> None:
        """Use what is left; a missing last line end is put there."""
        if self.rest and not self.rest.endswith((b"\n", b"\r")):
            self.rest += b"\n"
        while self.rest and self._use(final=True):
            pass

    def _use(self, final: bool) -> int:
        """Use whole rows from the front; return how many bytes were used."""
        data, at = self.rest, 0
        if data.endswith(b"\r") and not final:
            data = data[:-1]
        if not self.ready:
            at = self._header(data, final)
        good: list[bytes] = []
        while self.ready and at < len(data):
            stop = self.rows.match(data, at).end()  # type: ignore[union-attr]  # matches nothing at least
            good += self._utf8(data[at:stop])
            at = stop
            if at == len(data) or (stop := self._bad(data, at, final)) == at:
                break
            at = stop
        if good:
            self._parse(b"".join(good))
        self.rest = self.rest[at:]
        return at

    def _header(self, data: bytes, final: bool) -> int:
        blank = re.compile(END + rb"*+").match(data).end()  # type: ignore[union-attr]  # matches nothing at least
        found = self.any_row.match(data, blank)
        if found is None:
            if final or not self.open_row.match(data, blank):
                raise InputError(
                    f"the header of {self.file} has a quote that does not close", hint="mend its first line"
                )
            return 0
        cells = self.dialect.cells(found.group())
        try:
            names = [self.dialect.value(cell).decode() for cell in cells]
        except UnicodeDecodeError as error:
            raise InputError(f"the header of {self.file} is not valid UTF-8", hint="save the file as UTF-8") from error
        if not all(cell.startswith(b'"') for cell in cells):
            self.reader.all_quoted = False
        self._start(names)
        self.line += count_lines(data[: found.end()])
        return found.end()

    def _bad(self, data: bytes, at: int, final: bool) -> int:
        """Put the row at `at` aside; return where the next one starts, or `at` where more bytes may mend it."""
        found, cause = self.any_row.match(data, at), ""
        if found is not None:
            n, n_cells = len(self.dialect.cells(found.group())), len(self.reader.names)
            cause = f"{n} {'cell' if n == 1 else 'cells'} where {n_cells} are expected"
        elif not final and len(data) - at <= MAX_ROW_BYTES and self.open_row.match(data, at):
            return at
        else:
            found = LINE.match(data, at)
            cause = "a quote that does not close, or stands inside a quoted cell"
        if found is None and not final and len(data) - at <= MAX_ROW_BYTES:
            return at
        if found is None:
            raise InputError(
                f"{self.file} line {self.line} is longer than {MAX_ROW_BYTES >> 20} MB",
                hint="check that it is a csv file",
            )
        self.spool.bad(cause, raw=shown(found.group()), file=str(self.file), line=self.line)
        self.line += count_lines(found.group())
        return found.end()

    def _utf8(self, stretch: bytes) -> list[bytes]:
        """The rows of a stretch that are UTF-8; the others go to quarantine."""
        line, self.line = self.line, self.line + count_lines(stretch)
        try:
            stretch.decode()
        except UnicodeDecodeError:
            return list(self._each_utf8(stretch, line))
        return [stretch] if stretch else []

    def _each_utf8(self, stretch: bytes, line: int) -> Iterator[bytes]:
        at = 0
        while at < len(stretch):
            found = self.one_row.match(stretch, at) or LINE.match(stretch, at)
            row = found.group()  # type: ignore[union-attr]  # the stretch is made of rows and blank lines
            try:
                row.decode()
                yield row
            except UnicodeDecodeError:
                self.spool.bad("not valid UTF-8", raw=shown(row), file=str(self.file), line=line)
            line += count_lines(row)
            at += len(row)

    def _parse(self, data: bytes) -> None:
        names = self.reader.names
        if len(names) > 1 and not data.strip(b"\r\n"):
            return
        table = pa.csv.read_csv(
            pa.BufferReader(data),
            read_options=pa.csv.ReadOptions(
                column_names=[str(at) for at in range(len(names))], use_threads=False, block_size=len(data) + 1
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=self.dialect.delimiter.decode(),
                quote_char='"' if self.dialect.quoted else False,
                newlines_in_values=self.dialect.quoted,
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=pa.csv.ConvertOptions(
                check_utf8=False,
                column_types={str(at): pa.string() for at in range(len(names))},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        self._note_quotes(data)
        for batch in table.rename_columns(names).to_batches():
            self.spool.add(batch)
            for kind, column in zip(self.reader.kinds, batch.columns, strict=True):
                kind.update(column)

    def _note_quotes(self, data: bytes) -> None:
        """Note which columns hold quoted numbers or truth values, and whether anything at all is unquoted."""
        reader = self.reader
        if not self.dialect.quoted:
            return
        if reader.all_quoted and not self.dialect.only_quoted().fullmatch(data):
            reader.all_quoted = False
        if not _TOKEN.search(data):
            return
        watched = [at for at, kind in enumerate(reader.kinds) if kind.kind != "text" and at not in reader.as_text]
        if not watched:
            return
        groups = [
            rb"(?=(\"?))" + self.dialect.cell if at in watched else self.dialect.cell for at in range(len(reader.names))
        ]
        pattern = re.compile(self.dialect.delimiter.join(groups) + END)
        for found in pattern.finditer(data):
            reader.as_text.update(at for at, quote in zip(watched, found.groups(), strict=True) if quote)
            if len(reader.as_text.intersection(watched)) == len(watched):
                break

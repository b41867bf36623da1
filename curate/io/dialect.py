"""The dialect of a delimited file, as patterns of bytes: what a cell, a row and many rows look like.

For `delimited`. Quoting as in RFC 4180, read strictly: after a closing quote comes a delimiter or a line end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from curate.io.bytestream import blocks
from curate.io.files import File

MAX_ROW_BYTES = 64 << 20
END = rb"(?:\r\n|\n|\r)"
LINE = re.compile(rb"[^\r\n]*+" + END)


@dataclass(frozen=True)
class Dialect:
    """How a file separates and quotes its cells."""

    delimiter: bytes
    quoted: bool = True

    @property
    def cell(self) -> bytes:
        plain = rb"[^" + self.delimiter + rb"\r\n]*+"
        return rb'(?:"[^"]*+(?:""[^"]*+)*+"|(?!")' + plain + rb")" if self.quoted else plain

    def row(self, n_cells: int | None = None) -> bytes:
        """A pattern of one whole row, of any width where `n_cells` is None."""
        times = rb"*+" if n_cells is None else rb"{%d}" % (n_cells - 1)
        return self.cell + rb"(?:" + self.delimiter + self.cell + rb")" + times + END

    def rows(self, n_cells: int | None = None) -> re.Pattern[bytes]:
        """As many rows as there are in sequence; blank lines between rows of several cells do not count as rows."""
        blank = b"" if n_cells == 1 else rb"|" + END
        return re.compile(rb"(?:" + self.row(n_cells) + blank + rb")*+")

    @property
    def open_row(self) -> re.Pattern[bytes]:
        """A row that more bytes might complete."""
        start = rb'"[^"]*+(?:""[^"]*+)*+"?' if self.quoted else b""
        before = rb"(?:" + self.cell + self.delimiter + rb")*+"
        return re.compile(before + rb"(?:" + self.cell + (rb"|" + start if start else b"") + rb")\Z")

    def cells(self, row: bytes) -> list[bytes]:
        """The cells of one whole row, as they are written."""
        row = row.rstrip(b"\r\n")
        found = re.findall(rb"(" + self.cell + rb")(?:" + self.delimiter + rb"|\Z)", row)
        return found[:-1] if len(found) > 1 and not row.endswith(self.delimiter) and found[-1] == b"" else found

    def only_quoted(self) -> re.Pattern[bytes]:
        """Rows of which every cell is quoted or empty."""
        cell = rb'(?:"[^"]*+(?:""[^"]*+)*+")?+'
        return re.compile(rb"(?:" + cell + rb"(?:" + self.delimiter + cell + rb")*+" + END + rb")*+")

    def value(self, cell: bytes) -> bytes:
        """What a cell says."""
        return cell[1:-1].replace(b'""', b'"') if self.quoted and cell.startswith(b'"') else cell


def tsv_dialect(file: File) -> Dialect:
    """Whether quotes quote in a TSV file.

    They do where each cell that begins with one also ends with one, and either the header is quoted, or no quoted cell
    holds a line end, or the file makes no sense otherwise.
    """
    quoted, plain = Dialect(b"\t"), Dialect(b"\t", quoted=False)
    with file.open() as stream:
        head = next(blocks(stream, file))
        first = LINE.match(head)
        if head.startswith(b'"'):
            return quoted if _whole(file, quoted.rows()) else plain
        width = len(plain.cells(first.group() if first else head))
    lines_only = re.compile(quoted.rows().pattern.replace(rb'[^"]', rb'[^"\r\n]'))
    if _whole(file, lines_only):
        return quoted
    return quoted if not _whole(file, plain.rows(width)) and _whole(file, quoted.rows()) else plain


def _whole(file: File, rows: re.Pattern[bytes]) -> bool:
    """Whether a file is nothing but rows of a pattern."""
    rest = b""
    with file.open() as stream:
        for block in blocks(stream, file):
            rest += block
            rest = rest[rows.match(rest).end() :]  # type: ignore[union-attr]  # matches nothing at least
            if len(rest) > MAX_ROW_BYTES:
                return False
    return not rest or rows.fullmatch(rest if rest.endswith((b"\n", b"\r")) else rest + b"\n") is not None

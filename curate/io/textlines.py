"""Plain text files: one row per line, empty lines too, in the column `text`.

One of the readers that fill a spool.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from curate.io.bytestream import line_blocks, shown
from curate.io.files import File
from curate.io.spool import Spool


@dataclass
class TextLines:
    """Reads plain text into a spool: one row per line, also for empty lines, in the column `text`."""

    def schema(self) -> pa.Schema:
        """One column, `text`."""
        return pa.schema([("text", pa.string())])

    def read(self, file: File, spool: Spool) -> None:
        """Read one file; a line that is not UTF-8 goes to quarantine."""
        with file.open() as stream:
            for first, lines in line_blocks(stream, file):
                texts = []
                for number, line in enumerate(lines, start=first):
                    try:
                        texts.append(line.decode())
                    except UnicodeDecodeError:
                        spool.bad("not valid UTF-8", raw=shown(line), file=str(file), line=number)
                spool.add(pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], schema=self.schema()))

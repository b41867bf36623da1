"""Headers that are none: column names that look like the cells of a first row, as where a file has no header.

Asked by the command, which warns, and by the report of an audit. The names are all that is looked at, so rows that come
from the store are told of as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from curate.io.files import ending
from curate.kernels.pii.mask import mask_text
from curate.report.display import clean

MIN_WORDS = 7
"""From so many words on a name is rather a text; the questions of a survey, which are names too, are then warned of."""

SHOWN, SHOWN_CHARACTERS = 3, 40
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*(e[-+]?\d+)?", re.IGNORECASE)


def like_cells(names: Sequence[str]) -> list[str]:
    """The column names that look like cells: empty, a bare number, or a text of many words.

    Example:
        >>> like_cells(["text", "label", "year 2020"]), like_cells(["a film that is as long as its name", "0"])
        ([], ['a film that is as long as its name', '0'])
    """
    return [name for name in names if not name.strip() or _NUMBER.fullmatch(name) or len(name.split()) >= MIN_WORDS]


def header_warning(source: str, names: Sequence[str]) -> str | None:
    """What to say of a source that may have lost its first row to the names of its columns; None where all is well.

    Args:
        source: its name; a format that keeps names apart from rows is no cause to warn.
        names: its columns.

    Example:
        >>> str(header_warning("a.csv", ["0", "text"])).split(":")[0]
        "the column name '0' looks like a cell"
        >>> header_warning("a.parquet", ["0", "1"])
    """
    said = ending(Path(source))
    odd = like_cells(names)
    if not odd or (said is not None and said[0] not in ("csv", "tsv")):
        return None
    shown = [repr(_cut(mask_text(name))) for name in odd[:SHOWN]]
    more = [f"{len(odd) - SHOWN:,} more"] if len(odd) > SHOWN else []
    what = "the column name {} looks like a cell" if len(odd) == 1 else "the column names {} look like cells"
    return (
        f"{what.format(', '.join([*shown, *more]))}: where a file has no header, its first row is taken for one and "
        "lost; name the columns with --columns A,B"
    )


def _cut(name: str) -> str:
    return clean(name if len(name) <= SHOWN_CHARACTERS else f"{name[:SHOWN_CHARACTERS].rstrip()}…")

"""Rows that are in memory already: pandas and Polars frames, Arrow tables, lists of dicts.

A pandas index is not a column (`frame.reset_index()` makes it one), and pandas' NaN is a null.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import Any

import pyarrow as pa

from curate.data.digest import batches_digest
from curate.data.lineage import QUARANTINE
from curate.data.rows import TableRows, append_ids
from curate.errors import InputError
from curate.io.columnar import check_names, plain
from curate.io.jsonlines import JsonRows, Place
from curate.io.reading import Options
from curate.io.spool import Loaded
from curate.kernels.pii.mask import mask_text


def as_table(source: Any) -> pa.Table | None:
    """An Arrow table of a table, batch, pandas frame or Polars frame; None for anything else.

    Raises:
        InputError: a column holds what no Arrow type can.
    """
    package = type(source).__module__.split(".")[0]
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if package == "polars" and hasattr(source, "collect") and not hasattr(source, "to_arrow"):
        source = source.collect()
    if package == "polars" and hasattr(source, "get_columns"):
        return source.to_arrow()
    if package in ("pandas", "polars") and type(source).__name__ == "Series":
        raise InputError("a Series is one column without a name of its role", hint="give a frame: .to_frame('text')")
    return _of_pandas(source) if package == "pandas" and hasattr(source, "columns") else None


def _of_pandas(frame: Any) -> pa.Table:
    names = [str(name) for name in frame.columns]
    check_names(pa.schema([(name, pa.null()) for name in names]), "the frame")
    columns = [_series(frame.iloc[:, at], name) for at, name in enumerate(names)]
    return pa.Table.from_arrays(columns, names=names)


def _series(series: Any, name: str) -> pa.Array | pa.ChunkedArray:
    try:
        return pa.array(series, from_pandas=True)
    except (
        pa.ArrowInvalid,
        pa.ArrowTypeError,
        pa.ArrowNotImplementedError,
        OverflowError,
        UnicodeEncodeError,
    ) as error:
        raise InputError(
            f"the column {name!r} of the frame holds values of different or unknown types: {mask_text(str(error))}",
            hint=f"make it one type, such as frame[{name!r}].astype(str)",
        ) from error


def load_table(table: pa.Table) -> Loaded:
    """The rows of a table, which stays where it is."""
    check_names(table.schema, "the table")
    if not table.num_columns:
        raise InputError("the table has no columns", hint="give rows with at least one column")
    table = append_ids(table.cast(plain(table.schema)))
    rows = TableRows(table.unify_dictionaries())
    return Loaded(rows, batches_digest(rows.schema, rows.batches(1 << 14)), QUARANTINE.empty_table())


def load_rows(source: Iterable[Any], options: Options) -> Loaded:
    """The rows of an iterable of dicts, read once and as a stream; one that fits no column goes to quarantine."""
    rows = iter(source)
    first = list(islice(rows, 1))
    if not first:
        raise InputError("the list of rows is empty", hint="give at least one row")
    reader = JsonRows()
    with options.spool() as spool:
        numbered = enumerate(chain(first, rows), start=1)
        reader.take(((row, Place(number)) for number, row in numbered), spool, None)
        return spool.finish(reader.schema())

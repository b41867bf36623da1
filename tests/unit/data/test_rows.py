"""Rows read as a stream, whatever holds them; row ids; and cuts that do not tell how rows came."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.data import cut
from curate.data.cut import recut
from curate.data.roles import Roles
from curate.data.rows import ROW_ID, Batch, FileRows, Rows, TableRows, append_ids, own_ids
from curate.errors import AccountingError, ColumnError

TABLE = append_ids(pa.table({"text": [f"t{at}" for at in range(23)], "n": list(range(23))}))


def files(folder: Path, compression: str | None = None) -> FileRows:
    """The rows of `TABLE` in three files of several record batches each."""
    cuts, paths, counts = [(0, 10), (10, 10), (10, 23)], [], []
    for number, (start, stop) in enumerate(cuts):
        path = folder / f"{number}.arrow"
        options = pa.ipc.IpcWriteOptions(compression=compression)
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, TABLE.schema, options=options) as writer:
            writer.write_table(TABLE.slice(start, stop - start), max_chunksize=4)
        paths.append(path)
        counts.append(stop - start)
    return FileRows(tuple(paths), tuple(counts), TABLE.schema)


@pytest.fixture(params=["memory", "files", "compressed"])
def rows(request: pytest.FixtureRequest, tmp_path: Path) -> Rows:
    kind = request.param
    return TableRows(TABLE) if kind == "memory" else files(tmp_path, "lz4" if kind == "compressed" else None)


@pytest.mark.parametrize("size", [1, 3, 4, 100])
def test_any_range_in_batches_of_any_size(rows: Rows, size: int) -> None:
    for start in (0, 1, 9, 10, 11, 22, 23, 40):
        for stop in (None, 0, 5, 10, 12, 23, 99):
            parts = list(rows.batches(size, start, stop))
            assert all(0 < part.num_rows <= size for part in parts)
            got = [row for part in parts for row in part.to_pylist()]
            assert got == TABLE.slice(0, stop).slice(start).to_pylist()
    assert rows.n_rows == 23


def test_rows_before_the_range_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.arrow"
    table = append_ids(pa.table({"text": ["x" * 1000] * 4000}))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)
    rows = FileRows((path,), (4000,), table.schema)
    pool = pa.default_memory_pool()
    before = pool.total_bytes_allocated()
    (batch,) = rows.batches(100, 3900)
    assert batch.column(1).to_pylist() == list(range(3900, 4000))
    assert pool.total_bytes_allocated() - before < 500_000


def test_locate_finds_rows_by_id_and_refuses_strangers() -> None:
    batch = Batch(pa.record_batch({"text": ["a", "b", "c"]}), np.array([7, 2, 5], np.uint64), Roles(text="text"))
    assert batch.locate(np.array([5, 7], np.uint64)).tolist() == [2, 0]
    for stranger in (1, 6, 8):
        with pytest.raises(AccountingError, match=f"row {stranger} "):
            batch.locate(np.array([7, stranger], np.uint64))
    with pytest.raises(AccountingError):
        batch.slice(0, 0).locate(np.array([7], np.uint64))


def test_texts_of_several_columns_are_joined() -> None:
    columns = {"a": ["x", None, None], "b": pa.array(["y", "z", None]).dictionary_encode()}
    batch = Batch(pa.record_batch(columns), np.arange(3, dtype=np.uint64), Roles(text=["a", "b"]))
    assert batch.texts() == ["x\ny", "z", None]
    assert batch.texts("b") == ["y", "z", None]


def test_labels_without_the_role_is_an_error_that_says_what_to_type() -> None:
    batch = Batch(pa.record_batch({"text": ["a"]}), np.zeros(1, np.uint64), Roles(text="text"))
    with pytest.raises(ColumnError, match="--label"):
        batch.labels()


def test_ids_are_those_the_rows_bring_along_else_counted() -> None:
    assert append_ids(pa.table({"a": [1, 2]})).column(ROW_ID).to_pylist() == [0, 1]
    brought = append_ids(pa.table({ROW_ID: [7, 3], "a": [1, 2]}))
    assert brought.column_names == ["a", ROW_ID]
    assert brought.column(ROW_ID).to_pylist() == [7, 3]


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (pa.array([1, None]), "without nulls"),
        (pa.array(["a", "b"]), "whole numbers"),
        (pa.array([1, 1]), "names a row twice"),
        (pa.array([-1, 1]), "no negative number"),
    ],
)
def test_ids_that_are_none_are_refused(ids: pa.Array, said: str) -> None:
    with pytest.raises(ColumnError, match=said):
        own_ids(pa.chunked_array([ids]))


@given(
    sizes=st.lists(st.integers(0, 40), max_size=12),
    other=st.lists(st.integers(1, 40), min_size=1, max_size=12),
    seed=st.integers(0, 99),
)
def test_cuts_depend_on_the_rows_alone(sizes: list[int], other: list[int], seed: int) -> None:
    n = sum(sizes)
    lengths = np.random.Generator(np.random.PCG64(seed)).integers(0, 30, n)
    whole = pa.record_batch({"text": ["x" * int(length) for length in lengths], "n": pa.array(range(n), pa.int64())})
    starts = np.concatenate([[0], np.cumsum(sizes)])
    one = [whole.slice(int(start), size) for start, size in zip(starts, sizes, strict=False)]
    another, at = [], 0
    while at < n:
        another.append(whole.slice(at, other[len(another) % len(other)]))
        at += another[-1].num_rows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "CUT_ROWS", 17)
        patch.setattr(cut, "CUT_BYTES", 100)
        mine, theirs = list(recut(one)), list(recut(another))
    assert [part.num_rows for part in mine] == [part.num_rows for part in theirs]
    assert [row for part in mine for row in part.to_pylist()] == whole.to_pylist()
    assert all(0 < part.num_rows <= 17 for part in mine)
    sizes_in_bytes = [sum(map(len, part.column(0).to_pylist())) for part in mine]
    assert all(size <= 100 or part.num_rows == 1 for size, part in zip(sizes_in_bytes, mine, strict=True))

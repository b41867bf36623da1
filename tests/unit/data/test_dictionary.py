"""Categories: plain while worked on, one dictionary for all rows afterwards, the old values first."""

from __future__ import annotations

import pyarrow as pa

from curate.data.dictionary import decoded, encoded
from curate.data.rows import TableRows, append_ids


def rows(values: list[str | None], kind: pa.DataType | None = None) -> TableRows:
    array = pa.array(values, pa.string())
    return TableRows(append_ids(pa.table({"text": array.cast(kind) if kind else array})))


def ordered(values: list[str | None], dictionary: list[str]) -> TableRows:
    indices = pa.array([None if value is None else dictionary.index(value) for value in values], pa.int8())
    column = pa.DictionaryArray.from_arrays(indices, pa.array(dictionary), ordered=True)
    return TableRows(append_ids(pa.table({"text": column})))


def test_rows_without_categories_are_left_as_they_are() -> None:
    plain = rows(["a"])
    assert decoded(plain) is plain
    assert encoded(plain, plain) is plain


def test_what_goes_in_comes_out() -> None:
    source = ordered(["a", None, "c", "a"], ["c", "b", "a"])
    plain = decoded(source)
    assert plain.schema.field("text").type == pa.string()
    back = encoded(plain, source)
    assert back.schema == source.schema
    (batch,) = back.batches(10)
    assert batch.column(0).to_pylist() == ["a", None, "c", "a"]
    assert batch.column(0).dictionary.to_pylist() == ["c", "b", "a"]


def test_new_values_stand_behind_the_old_ones_in_the_order_of_the_rows() -> None:
    source = ordered(["a", "b", "a"], ["b", "a"])
    after = encoded(rows(["new", "a", "newer", None, "new"]), source)
    batches = list(after.batches(2))
    assert {tuple(batch.column(0).dictionary.to_pylist()) for batch in batches} == {("b", "a", "new", "newer")}
    assert [cell for batch in batches for cell in batch.column(0).to_pylist()] == ["new", "a", "newer", None, "new"]


def test_no_rows_keep_their_type() -> None:
    source = ordered([], ["b", "a"])
    assert list(encoded(decoded(source), source).batches(10)) == []
    assert encoded(decoded(source), source).schema == source.schema


def test_dictionaries_that_differ_from_batch_to_batch_become_one() -> None:
    parts = [ordered(["a"], ["a"]).table, ordered(["b", "a"], ["b", "a"]).table]
    source = TableRows(pa.concat_tables(parts))
    after = list(encoded(decoded(source), source).batches(1))
    assert [batch.column(0).to_pylist() for batch in after] == [["a"], ["b"], ["a"]]
    assert {tuple(batch.column(0).dictionary.to_pylist()) for batch in after} == {("a", "b")}


def test_more_values_than_the_indices_can_number_widen_them() -> None:
    source = ordered([f"{n}" for n in range(100)], [f"{n}" for n in range(100)])
    back = encoded(rows([f"new {n}" for n in range(100)]), source)
    assert back.schema.field("text").type == pa.dictionary(pa.int32(), pa.string(), ordered=True)
    (batch,) = back.batches(1000)
    assert batch.column(0).to_pylist() == [f"new {n}" for n in range(100)]

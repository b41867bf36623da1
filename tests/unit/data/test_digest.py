"""A digest names the content: not how it is chunked, sliced or encoded, but every value, null, type and name."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.data.digest import _ROWS, batches_digest, digest

COLUMNS = {
    "text": pa.array(["a", None, "", "é\x00", "long " * 50, "b"]),
    "large": pa.array(["a", None, "", "b", "c", "d"], pa.large_string()),
    "view": pa.array(["a", None, "", "longer than twelve bytes", "c", "d"], pa.string_view()),
    "int": pa.array([1, None, 3, 4, 5, 6]),
    "small": pa.array([1, None, 3, 4, 5, 6], pa.int8()),
    "float": pa.array([1.0, float("nan"), None, -0.0, 2.5, 1e300]),
    "bool": pa.array([True, None, False, True, True, False]),
    "null": pa.nulls(6),
    "list": pa.array([["a"], [], None, [None, "b"], ["c"], []]),
    "fixed": pa.array([[1, 2], None, [3, 4], [5, 6], [None, 1], [0, 0]], pa.list_(pa.int32(), 2)),
    "struct": pa.array([{"x": 1, "y": "a"}, None, {"x": None, "y": "b"}, {"x": 2, "y": None}, {}, {"x": 1, "y": "a"}]),
    "map": pa.array([[("k", 1)], [], None, [("k", 2), ("l", None)], [], []], pa.map_(pa.string(), pa.int64())),
    "day": pa.array([datetime.date(2020, 1, 1), None] * 3),
    "money": pa.array([decimal.Decimal("1.10"), None] * 3),
    "bytes": pa.array([b"\xff", None, b"", b"a", b"b", b"c"]),
    "category": pa.array(["a", None, "b", "a", "b", "c"]).dictionary_encode(),
}


def of(table: pa.Table, n_rows: int = 1000) -> str:
    return batches_digest(table.schema, table.to_batches(max_chunksize=n_rows))


@pytest.mark.parametrize("name", COLUMNS)
def test_chunks_and_slices_do_not_count(name: str) -> None:
    column = COLUMNS[name]
    table = pa.table({"c": column})
    padded = pa.table({"c": pa.concat_arrays([column.slice(3), column, column.slice(0, 2)])}).slice(3, 6)
    scattered = pa.table({"c": pa.chunked_array([column.slice(0, 1), column.slice(1, 3), column.slice(4)])})
    assert of(table) == of(table, 1) == of(table, 4) == of(padded) == of(padded, 2) == of(scattered)


@pytest.mark.parametrize("name", [name for name in COLUMNS if name != "null"])
def test_every_value_counts(name: str) -> None:
    column = COLUMNS[name]
    table = pa.table({"c": column})
    for at in range(len(column)):
        order = [0 if k == at else k for k in range(len(column))]
        other = pa.concat_arrays([column.slice(k, 1) for k in order])
        assert (of(pa.table({"c": other})) == of(table)) == other.equals(column) or name == "float"


def test_the_order_the_null_the_name_and_the_type_count() -> None:
    seen = [
        of(pa.table({"c": pa.array(values, kind)}))
        for values, kind in [
            (["a", "b"], pa.string()),
            (["b", "a"], pa.string()),
            (["ab", ""], pa.string()),
            ([None, "ab"], pa.string()),
            (["", "ab"], pa.string()),
            (["a", "b"], pa.large_string()),
            ([], pa.string()),
        ]
    ]
    seen += [of(pa.table({"d": ["a", "b"]})), of(pa.table({"c": ["a", "b"], "d": ["a", "b"]}))]
    assert len(set(seen)) == len(seen)


def test_how_a_dictionary_is_ordered_does_not_count() -> None:
    one = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array(["a", "b"]))
    other = pa.DictionaryArray.from_arrays(pa.array([1, 0, 1]), pa.array(["b", "a"]))
    assert of(pa.table({"c": one})) == of(pa.table({"c": other}))
    mixed = pa.chunked_array([one.slice(0, 1), other.slice(1)])
    assert of(pa.table({"c": mixed})) == of(pa.table({"c": one}))


def test_batches_beyond_the_block_size_do_not_count() -> None:
    n = 2 * _ROWS + 17
    table = pa.table({"c": np.arange(n), "t": [str(k) for k in range(n)]})
    assert len({of(table, size) for size in (1000, _ROWS, _ROWS + 1, n)}) == 1
    assert of(table.slice(1)) != of(table.slice(0, n - 1))


def test_it_is_the_same_on_every_machine() -> None:
    assert of(pa.table({"text": ["a", None], "label": [0, 1]})) == "2655aa079f0fa89e503adc2b50a6c7d5"
    assert digest("a", 1, [None, True], {"b": 1, "a": 2}) == "9ca9e1271c1e27b91bcccb38505a86e4"


@given(st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=20), st.integers(1, 7))
def test_any_texts_in_any_batches(texts: list[str | None], size: int) -> None:
    table = pa.table({"c": pa.array(texts, pa.string())})
    assert of(table) == of(table, size)


def test_plain_values_that_differ_only_by_type_differ() -> None:
    seen = [digest(value) for value in (1, "1", True, None, [1], {"a": 1}, "a", ["a"], 1.5)]
    assert len(set(seen)) == len(seen)
    assert digest("a", "b") != digest("ab")
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})

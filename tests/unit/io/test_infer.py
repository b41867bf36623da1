"""Types of text columns: numbers only where nothing is lost."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.io.infer import ColumnKind, kinds_of


def type_of(*values: str | None) -> str:
    return str(kinds_of([pa.array(values, pa.string())])[0].type)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "-2", None, "0"], "int64"),
        (["007"], "string"),
        (["1", "007"], "string"),
        (["+1"], "string"),
        (["-0"], "double"),
        ([" 1"], "string"),
        (["1_000"], "string"),
        (["9223372036854775807"], "int64"),
        (["9223372036854775808"], "string"),
        (["9007199254740993", "1.5"], "string"),
        (["1.5", "2"], "double"),
        (["1.50"], "double"),
        (["0.1234567890123456789"], "string"),
        (["1e5", "1"], "double"),
        (["1e999"], "string"),
        (["1e-999"], "string"),
        ([".5"], "string"),
        (["1,5"], "string"),
        (["nan", "1"], "double"),
        (["nan"], "string"),
        (["NaN", "1"], "string"),
        (["true", "false"], "bool"),
        (["True"], "string"),
        (["true", "1"], "string"),
        (["2024-01-02"], "string"),
        (["٣"], "string"),
        ([None], "string"),
        ([], "string"),
    ],
)
def test_a_value_is_a_number_only_where_nothing_is_lost(values, expected):
    assert type_of(*values) == expected


def test_the_last_value_of_many_counts():
    assert type_of(*["1"] * 5000, "x") == "string"
    assert type_of(*["1"] * 5000, "0.5") == "double"


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_are_whole_numbers(numbers):
    assert type_of(*map(str, numbers)) == "int64"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_floats_written_by_python_come_back(numbers):
    texts = pa.array([repr(number) for number in numbers])
    kind = kinds_of([texts])[0]
    assert str(kind.type) == "double"
    back = texts.cast(kind.type).to_pylist()
    assert back == numbers
    assert [math.copysign(1, x) for x in back] == [math.copysign(1, x) for x in numbers]


@given(
    st.lists(st.sampled_from(["1", "1.5", "true", "nan", "x", "9007199254740993", None]), max_size=8), st.integers(0, 8)
)
def test_it_does_not_matter_where_a_file_is_cut(values, cut):
    parts = ColumnKind()
    for part in (values[:cut], values[cut:]):
        parts.update(pa.array(part, pa.string()))
    assert str(parts.type) == type_of(*values)

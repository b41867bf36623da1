"""JSON Lines and JSON: one bad line costs one row; types are joined only where nothing is lost."""

from __future__ import annotations

import json
import math

import pytest

from curate.errors import InputError, QuarantineExceeded
from curate.io import load


def aside(corpus):
    return [(row["line"], row["cause"]) for row in corpus.quarantine.to_pylist()]


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b'{"a": ', "not valid JSON: Expecting value"),
        (b"[1]", "not an object of named cells"),
        (b"7", "not an object of named cells"),
        (b'{"a": 1, "a": 2}', "not valid JSON: the key 'a' stands twice"),
        (b'{"a": \xff}', "not valid UTF-8"),
        (b'{"a": "x"}', "column 'a' holds text where a number is expected"),
        (b'{"a": true}', "column 'a' holds a truth value where a number is expected"),
        (b'{"a": [1]}', "column 'a' holds a list where a number is expected"),
        (b'{"a": 18446744073709551616}', "column 'a' holds a whole number beyond 64 bits"),
        (b'{"b": "\\ud800"}', "column 'b' holds half of a surrogate pair, which is not a character"),
        (b'{"\\ud800": 1}', "column '\\ud800' holds half of a surrogate pair, which is not a character"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
    ],
)
def test_a_bad_line_costs_one_row(load_bytes, line, cause):
    corpus = load_bytes("x.jsonl", b'{"a": 1}\n{"a": 2}\n' + line + b'\n\n{"a": 3}', max_quarantine=1)
    assert corpus.table().column("a").to_pylist() == [1, 2, 3]
    assert aside(corpus) == [(3, cause)]
    assert corpus.column_names == ["a"]


def test_the_first_row_may_be_the_odd_one(load_bytes):
    corpus = load_bytes("x.jsonl", b'{"a": "x"}\n' + b'{"a": 1}\n' * 200)
    assert len(corpus) == 200
    assert aside(corpus) == [(1, "column 'a' holds text where a number is expected")]


def test_a_later_chunk_does_not_change_the_kind(load_bytes):
    corpus = load_bytes("x.jsonl", b'{"a": 1}\n' * 30_000 + b'{"a": "x"}\n' * 50 + b'{"a": 0.5}\n')
    assert len(corpus) == 30_001
    assert corpus.quarantine.num_rows == 50
    assert str(corpus.schema.field("a").type) == "double"


def test_columns_stand_as_first_seen_and_may_be_missing(load_bytes):
    corpus = load_bytes("x.jsonl", b'{"b": 1}\n{"a": "x", "b": null}\n{}\n{"c": {"x": [1]}, "b": 2}\n')
    assert corpus.column_names == ["b", "a", "c"]
    assert corpus.table().to_pylist()[3] == {"b": 2, "a": None, "c": {"x": [1]}}


def test_columns_that_come_late_are_null_before(load_bytes):
    corpus = load_bytes("x.jsonl", b'{"a": 1}\n' * 25_000 + b'{"b": [{"x": 1}]}\n' + b'{"b": [{"y": 0.5}], "a": 0.5}\n')
    rows = corpus.table().slice(24_999).to_pylist()
    assert rows[0] == {"a": 1.0, "b": None}
    assert rows[1:] == [{"a": None, "b": [{"x": 1, "y": None}]}, {"a": 0.5, "b": [{"x": None, "y": 0.5}]}]


def test_whole_numbers_of_64_bits_are_exact(load_bytes):
    corpus = load_bytes("x.jsonl", b'{"a": 18446744073709551615, "b": -9223372036854775808}\n{"a": 1, "b": 1}\n')
    assert corpus.table().to_pylist()[0] == {"a": 2**64 - 1, "b": -(2**63)}


def test_a_whole_number_that_no_float_holds_is_not_rounded(load_bytes):
    corpus = load_bytes("x.jsonl", b'{"a": 0.5}\n{"a": 9007199254740993}\n', max_quarantine=1)
    assert corpus.table().to_pydict() == {"a": [0.5]}
    with pytest.raises(InputError, match="column 'a' mixes int64 and double"):
        load_bytes("y.jsonl", b'{"a": 9007199254740993}\n' * 10_000 + b'{"a": 0.5}\n')


def test_nan_and_infinity_are_floats(load_bytes):
    values = load_bytes("x.jsonl", b'{"a": NaN}\n{"a": -Infinity}\n{"a": null}\n').table().column("a").to_pylist()
    assert math.isnan(values[0])
    assert values[1:] == [-math.inf, None]


def test_rows_without_any_cell_are_not_lost_quietly(load_bytes):
    with pytest.raises(QuarantineExceeded, match="an object without cells"):
        load_bytes("x.jsonl", b"{}\n{}\n")


ROWS = [{"text": "a\nü", "label": 1}, {"text": "b]}", "label": 2}]


@pytest.mark.parametrize(
    "document",
    [
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2, ensure_ascii=False) + "\n",
        "\ufeff" + json.dumps(ROWS),
        json.dumps({"version": 1, "data": ROWS}),
        json.dumps({"text": [row["text"] for row in ROWS], "label": [1, 2]}),
        json.dumps({"text": {"0": "a\nü", "1": "b]}"}, "label": {"0": 1, "1": 2}}),
        "\n".join(map(json.dumps, ROWS)),
    ],
)
def test_the_shapes_of_a_json_file(load_bytes, document):
    assert load_bytes("x.json", document.encode()).table().to_pylist() == ROWS


def test_a_long_json_array_is_read_in_pieces(load_bytes):
    rows = [{"text": f"row {n} " + "ü" * 100, "n": n} for n in range(20_000)]
    assert load_bytes("x.json", json.dumps(rows, ensure_ascii=False).encode()).table().to_pylist() == rows


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'[{"a": 1},\n{"a": 2}\n{"a": 3}]', "line 3.*Expecting ',' delimiter"),
        (b'[{"a": 1},\n{"a": 2}', "does not close"),
        (b'[{"a": 1}] [2]', "more follows"),
        (b"hello", "Expecting value"),
        (b'{"a": [1, 2], "b": [1]}', "neither an array of objects nor columns"),
        (b'[{"a": "\xff"}]', "not valid UTF-8"),
        (b"[]", "no columns"),
    ],
)
def test_a_json_file_that_cannot_be_read(load_bytes, data, said):
    with pytest.raises(InputError, match=said):
        load_bytes("x.json", data)


def test_an_element_that_is_no_object_goes_to_quarantine_with_its_line(load_bytes):
    corpus = load_bytes("x.json", b'[{"a": 1},\n\n7,\n{"a": 2}]', max_quarantine=1)
    assert corpus.table().to_pydict() == {"a": [1, 2]}
    assert aside(corpus) == [(3, "not an object of named cells")]


def test_a_list_of_dicts_is_read_as_json_is():
    corpus = load([{"text": "a", "n": 1}, {"text": None}, {"n": 0.5}])
    assert corpus.table().to_pydict() == {"text": ["a", None, None], "n": [1.0, None, 0.5]}
    assert len(load({"n": n} for n in range(25_000))) == 25_000
    with pytest.raises(QuarantineExceeded, match=r"not an object of named cells .first: row 2"):
        load([{"a": 1}, 7])
    with pytest.raises(InputError, match="empty"):
        load([])

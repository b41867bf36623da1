"""Rows that are in memory already come as they are."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from curate.errors import ColumnError, InputError
from curate.io import load, save


def test_a_pandas_frame():
    frame = pd.DataFrame(
        {
            "text": ["a", np.nan, "c"],
            "label": pd.Categorical(["x", "y", "x"]),
            "score": [0.5, np.nan, 1.0],
            "when": pd.to_datetime(["2024-01-01", "2024-01-02", None]),
        },
        index=[7, 8, 9],
    )
    corpus = load(frame)
    assert corpus.column_names == ["text", "label", "score", "when"]
    assert corpus.table().column("text").to_pylist() == ["a", None, "c"]
    assert corpus.table().column("score").to_pylist() == [0.5, None, 1.0]
    assert pa.types.is_dictionary(corpus.schema.field("label").type)
    assert corpus.row_ids().tolist() == [0, 1, 2]
    assert corpus.to_pandas()["when"].tolist()[:2] == frame["when"].tolist()[:2]


def test_a_pandas_frame_with_a_mixed_column():
    with pytest.raises(InputError, match="column 'b' of the frame"):
        load(pd.DataFrame({"a": ["x", "y"], "b": pd.Series(["x", 1], dtype=object)}))
    with pytest.raises(InputError, match="two columns called 'a'"):
        load(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_polars_frame():
    frame = pl.DataFrame({"text": ["a", None], "label": pl.Series(["x", "y"], dtype=pl.Categorical), "l": [[1], []]})
    for source in (frame, frame.lazy()):
        corpus = load(source)
        assert corpus.table().column("text").to_pylist() == ["a", None]
        assert corpus.table().column("l").to_pylist() == [[1], []]
        assert corpus.texts() == ["a", ""]


def test_an_arrow_table_keeps_its_types_and_its_row_ids():
    table = pa.table({"text": pa.array(["a", "b"], pa.large_string()), "n": pa.array([1, None], pa.int8())})
    assert load(table).table().schema == table.schema
    ids = pa.array([5, 3], pa.int64())
    corpus = load(table.add_column(0, "__row_id__", ids))
    assert corpus.row_ids().tolist() == [5, 3]
    assert corpus.column_names == ["text", "n"]
    with pytest.raises(ColumnError, match="names a row twice"):
        load(table.append_column("__row_id__", pa.array([1, 1])))


def test_a_table_with_two_columns_of_one_name():
    with pytest.raises(InputError, match="two columns called 'a'"):
        load(pa.table([[1], [2]], names=["a", "a"]))


def test_roles_are_guessed_overridden_and_checked():
    table = pa.table({"title": ["a"], "text": ["b"], "label": [1], "sex": ["f"]})
    assert str(load(table).roles) == "text=text, label=label"
    assert str(load(table, text=["title", "text"], group="sex").roles) == "text=title+text, label=label, group=sex"
    assert str(load(table, label="text", text="title").roles) == "text=title, label=text"
    assert load(table, label="text").roles.text == ()
    assert str(load(table, roles=load(table).roles, text="title").roles) == "text=title, label=label"
    with pytest.raises(ColumnError, match=r"no column 'lable'.*did you mean 'label'"):
        load(table, label="lable")


def test_a_held_out_split_may_lack_a_column(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\na,1\n")
    (tmp_path / "test.csv").write_text("text\nb\n")
    assert str(load(tmp_path).held_out["test"].roles) == "text=text"


def test_views_become_large_texts(tmp_path):
    corpus = load(
        pa.table({"text": pa.array(["a", None], pa.string_view()), "b": pa.array([b"x", b""], pa.binary_view())})
    )
    assert [str(kind) for kind in corpus.schema.types] == ["large_string", "large_binary"]
    assert load(save(corpus, tmp_path / "x.parquet")).fingerprint == corpus.fingerprint


def test_rows_of_numpy_values():
    rows = [{"x": np.float32(1.5), "l": np.zeros(2), "b": np.bool_(True)}, {"x": 2, "l": [1.0], "b": False}]
    assert load(rows).table().to_pylist() == [
        {"x": 1.5, "l": [0.0, 0.0], "b": True},
        {"x": 2.0, "l": [1.0], "b": False},
    ]


@pytest.mark.parametrize(
    ("ids", "said"),
    [([-1, 2], "no negative"), ([1, 1], "twice"), ([None, 1], "without nulls"), ([1.5, 2.0], "whole numbers")],
)
def test_row_ids_that_are_none(tmp_path, ids, said):
    table = pa.table({"text": ["a", "b"], "__row_id__": ids})
    with pytest.raises(ColumnError, match=said):
        load(table)
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    with pytest.raises(ColumnError, match=said):
        load(tmp_path / "x.jsonl")

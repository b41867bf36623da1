"""A corpus: read-only rows with roles, ids and a fingerprint that names its content."""

from __future__ import annotations

import datasets
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError

TABLE = pa.table({"text": ["a", None, "c"], "label": [1, 0, None]})


def corpus() -> Corpus:
    return Corpus.from_table(TABLE)


def test_reading_twice_gives_the_same() -> None:
    one = corpus()
    assert one.texts() == one.texts() == ["a", "", "c"]
    assert [len(batch) for batch in one.batches(2)] == [2, 1]
    assert one.table().equals(TABLE)
    assert one.row_ids().tolist() == [0, 1, 2]
    assert one.labels().to_pylist() == [1, 0, None]
    assert one.column_names == ["text", "label"]


def test_equal_content_has_an_equal_fingerprint() -> None:
    chunked = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)])
    assert Corpus.from_table(chunked).fingerprint == corpus().fingerprint
    assert corpus().take([0, 1, 2]).fingerprint == corpus().fingerprint
    others = [
        corpus().take([1, 0, 2]),
        Corpus.from_table(TABLE, row_ids=np.array([0, 1, 9], np.uint64)),
        Corpus.from_table(TABLE.rename_columns(["text", "y"])),
        Corpus.from_table(TABLE.slice(1)),
    ]
    assert len({other.fingerprint for other in others} | {corpus().fingerprint}) == 5


def test_rows_taken_keep_their_ids_and_the_held_out_splits() -> None:
    held = corpus().with_held_out(test=corpus())
    some = held.take([2, 0])
    assert some.row_ids().tolist() == [2, 0]
    assert some.texts() == ["c", "a"]
    assert list(some.held_out) == ["test"]
    assert len(held.take([])) == 0


def test_roles_must_name_columns_and_text_must_be_text() -> None:
    with pytest.raises(ColumnError, match=r"no column 'txt' .*did you mean 'text'"):
        Corpus.from_table(TABLE, Roles(text="txt"))
    with pytest.raises(ColumnError, match="'label' holds int64, not text"):
        corpus().with_roles(Roles(text="label"))


def test_an_empty_table_is_a_corpus() -> None:
    empty = Corpus.from_table(TABLE.slice(0, 0))
    assert len(empty) == 0
    assert empty.texts() == []
    assert empty.row_ids().tolist() == []
    assert empty.labels().to_pylist() == []


def test_class_names_and_features_survive() -> None:
    data = datasets.Dataset.from_dict(
        {"text": ["a"], "label": [1]},
        features=datasets.Features(
            {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["no", "yes"])}
        ),
    )
    one = Corpus.from_table(data.data.table)
    assert one.class_names() == ["no", "yes"]
    assert one.to_dataset().features == data.features
    assert corpus().class_names() is None


def test_as_pandas() -> None:
    frame = corpus().to_pandas(with_ids=True)
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["text", "label", "__row_id__"]


def test_views_of_strings_become_strings_as_they_do_when_read_from_a_file() -> None:
    rows = Corpus.from_table(pa.table({"text": pa.array(["a", None], pa.string_view()), "n": [1, 2]}))
    assert [field.type for field in rows.schema] == [pa.large_string(), pa.int64()]
    assert rows.take(np.array([1, 0])).texts() == ["", "a"]

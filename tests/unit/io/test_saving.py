"""What is saved is loaded again as it was, as far as the format can hold it; and is there whole or not at all."""

from __future__ import annotations

import datetime
import math
import os
import resource
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.data.corpus import Corpus
from curate.errors import InputError
from curate.io import load, save
from curate.io.atomic import check_apart

EXACT = ["csv", "tsv", "jsonl", "json", "parquet", "arrow", "csv.gz", "tsv.zst", "jsonl.gz", "parquet.gz", "arrow.zst"]
TABLE = pa.table(
    {
        "text": ["a", None, "", 'q", \n\t\r\n"', "007", "\x00 ü 🙂"],
        "digits": ["1", "2", None, "3", "true", "nan"],
        "f": [1.0, -0.0, 1e300, None, 0.1, 1 / 3],
        "i": [1, None, -5, 2**53 + 1, 0, -(2**63)],
        "b": [True, False, None, True, True, False],
    }
)


@pytest.mark.parametrize("ending", EXACT)
def test_a_file_holds_the_rows_as_they_were(tmp_path, ending):
    corpus = load(TABLE)
    path = save(corpus, tmp_path / f"x.{ending}")
    again = load(path)
    assert again.table().equals(TABLE)
    assert again.fingerprint == corpus.fingerprint
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("ending", [*EXACT, "folder"])
def test_row_ids_travel_where_asked(tmp_path, ending):
    ids = [2**64 - 1, 7, 3, 2**63, 0, 1]
    corpus = Corpus.from_table(TABLE, row_ids=pa.array(ids, pa.uint64()).to_numpy())
    path = tmp_path / (f"x.{ending}" if ending != "folder" else ending)
    assert load(save(corpus, path, with_ids=True)).row_ids().tolist() == ids
    assert load(save(corpus, path)).row_ids().tolist() == list(range(6))


@pytest.mark.parametrize("ending", EXACT)
def test_the_same_rows_give_the_same_bytes(tmp_path, ending):
    one, other = (save(load(TABLE), tmp_path / f"{name}.{ending}") for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


TYPED = pa.table(
    {
        "n": pa.array([1, None], pa.int8()),
        "u": pa.array([2**64 - 1, 0], pa.uint64()),
        "f": pa.array([0.5, math.nan], pa.float32()),
        "t": pa.array([datetime.datetime(2024, 1, 1), None], pa.timestamp("ms")),
        "d": pa.array(["a", "b"], pa.dictionary(pa.int16(), pa.string())),
        "l": pa.array(
            [[{"x": 1, "y": None}], None], pa.list_(pa.struct([("x", pa.int32()), ("y", pa.large_string())]))
        ),
        "raw": pa.array([b"\xff", b""]),
        "nothing": pa.nulls(2),
    },
).replace_schema_metadata({"made": "here"})


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_formats_with_types_hold_every_type(tmp_path, ending):
    again = load(save(load(TYPED), tmp_path / f"x.{ending}")).table()
    assert again.schema.equals(TYPED.schema, check_metadata=True)
    assert str(again.to_pylist()) == str(TYPED.to_pylist())


def test_a_large_file_holds_its_dictionaries_and_types(tmp_path):
    n = 300_000
    texts = pa.array([f"text {i} " + "x" * 40 for i in range(n)])
    words = pa.array([f"w{i // 1000}" for i in range(n)]).dictionary_encode()
    table = pa.table({"text": texts, "w": words})
    path = save(load(table), tmp_path / "x.parquet")
    corpus = load(path)
    assert type(corpus.rows).__name__ == "FileRows"
    assert corpus.schema == table.schema
    assert corpus.table().column("w").to_pylist() == words.to_pylist()
    assert corpus.fingerprint == load(table).fingerprint
    assert max(batch.num_rows for batch in corpus.rows.batches(1 << 20)) <= 10_000


def test_json_holds_nested_cells_nan_and_dates_as_text(tmp_path):
    table = pa.table(
        {"l": [[1], None], "s": [{"x": "a"}, None], "f": [math.nan, 0.5], "d": [datetime.date(2024, 1, 2), None]}
    )
    for ending in ("jsonl", "json"):
        again = load(save(load(table), tmp_path / f"x.{ending}")).table()
        assert again.drop_columns(["d", "f"]).equals(table.drop_columns(["d", "f"]))
        assert again.column("d").to_pylist() == ["2024-01-02", None]
        assert math.isnan(again.column("f")[0].as_py())


@pytest.mark.parametrize(
    ("table", "ending", "said"),
    [
        (pa.table({"l": [[1]]}), "csv", "cannot hold the column 'l'.*save as parquet or jsonl"),
        (pa.table({"l": [b"x"]}), "tsv", "cannot hold the column 'l'"),
        (pa.table({"l": [b"x"]}), "jsonl", "json cannot hold a cell of bytes"),
        (pa.table({"a": ["x"], "b": ["y"]}), "txt", "txt holds one text column"),
        (pa.table({"a": ["x\ny"]}), "txt", "line end"),
        (pa.table({"a": ["x", None]}), "txt", "null"),
        (pa.table({"a": [{}]}), "parquet", "parquet cannot hold"),
        (pa.table({"a": ["x"]}), "xlsx", "says no known format"),
    ],
)
def test_what_a_format_cannot_hold_is_an_error_and_leaves_nothing(tmp_path, table, ending, said):
    (tmp_path / f"x.{ending}").write_text("old")
    with pytest.raises(InputError, match=said):
        save(load(table), tmp_path / f"x.{ending}")
    assert (tmp_path / f"x.{ending}").read_text() == "old"
    assert len(os.listdir(tmp_path)) == 1


TEXTS = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.sampled_from(["1", "", '"', "\r"])
)
COLUMNS = {
    "text": TEXTS,
    "i": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "f": st.one_of(st.none(), st.floats(allow_nan=False)),
    "b": st.one_of(st.none(), st.booleans()),
}
SCHEMA = pa.schema([("text", pa.string()), ("i", pa.int64()), ("f", pa.float64()), ("b", pa.bool_())])


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json"])
@given(rows=st.lists(st.fixed_dictionaries(COLUMNS), max_size=10))
def test_any_rows_survive(tmp_path_factory, ending, rows):
    """A first row without nulls tells text formats the types."""
    table = pa.Table.from_pylist([{"text": "x", "i": 1, "f": 0.5, "b": True}, *rows], schema=SCHEMA)
    path = save(load(table), tmp_path_factory.mktemp("x") / f"x.{ending}")
    assert load(path).table().equals(table)


@given(st.lists(TEXTS, min_size=1, max_size=10), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_single_column_of_any_name_survives_as_csv(tmp_path_factory, texts, name):
    table = pa.table({name: pa.array(["x", *texts], pa.string())})
    if name == "__row_id__":
        return
    for ending in ("csv", "tsv"):
        assert load(save(load(table), tmp_path_factory.mktemp("x") / f"x.{ending}")).table().equals(table)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")), min_size=1))
def test_any_lines_survive_as_txt(tmp_path_factory, texts):
    table = pa.table({"text": ["x", *texts]})
    assert load(save(load(table), tmp_path_factory.mktemp("x") / "x.txt")).table().equals(table)


def test_a_full_disk_is_one_line_and_leaves_the_old_file(tmp_path):
    """A limit on the size of files stands in for a full disk: both are an OSError in the middle of writing."""
    path = tmp_path / "x.csv"
    path.write_text("old")
    big = load(pa.table({"text": ["x" * 1000] * 2000}))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        for name in ("x.csv", "x.jsonl", "x.parquet", "x.arrow", "x.csv.zst", "folder"):
            rows = load(pa.table({"text": [os.urandom(500).hex() for _ in range(2000)]})) if name != "x.csv" else big
            with pytest.raises(InputError, match=r"cannot write .*too large"):
                save(rows, tmp_path / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.csv"]


def test_the_file_is_readable_as_any_other(tmp_path):
    (tmp_path / "plain").write_text("")
    path = save(load(TABLE), tmp_path / "new" / "x.csv")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    place = tmp_path / "out"
    save(load(TABLE), place)
    save(load(TABLE.slice(1)), place)
    assert len(load(place)) == 5
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="exists and is not a saved dataset"):
        save(load(TABLE), other)
    assert os.listdir(other) == ["thesis.tex"]


def test_no_result_takes_the_place_of_what_is_read_or_of_another(tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    check_apart([source, None, "org/name"], [tmp_path / "a.html", None, tmp_path / "a.json"])
    with pytest.raises(InputError, match=r"would replace .*x\.csv, which is read"):
        check_apart([str(source)], [tmp_path / "sub" / ".." / "x.csv"])
    with pytest.raises(InputError, match=r"would replace .*x\.csv, which is read"):
        check_apart([source], [tmp_path])
    check_apart([source], [tmp_path / "x"])
    with pytest.raises(InputError, match="two results"):
        check_apart([source], [tmp_path / "a.html", tmp_path / "a.html"])

"""Which files a source names, and what is said where it names none."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
import zstandard

from curate.errors import InputError
from curate.io import load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "data"
    place.mkdir()
    return place


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("_dot_", ".")).write_text(text)


def test_the_files_of_a_folder_are_splits_by_their_names(folder):
    write(folder, train_dot_csv="text\na\n", test_dot_csv="text\nb\n", dev_dot_csv="text\nc\n", more_dot_csv="x\n1\n")
    corpus = load(folder)
    assert corpus.texts() == ["a"]
    assert {name: part.texts() for name, part in corpus.held_out.items()} == {"test": ["b"], "validation": ["c"]}
    assert load(folder, split="test").texts() == ["b"]
    with pytest.raises(InputError, match=r"no split 'tets'.*did you mean 'test'"):
        load(folder, split="tets")


def test_the_parts_of_a_split_are_put_together_in_order(folder):
    write(folder, **{"train-00001_dot_jsonl": '{"text": "b"}', "train-00000_dot_jsonl": '{"text": "a"}'})
    assert load(folder).texts() == ["a", "b"]


def test_other_files_are_put_together_and_notes_are_left_out(folder):
    write(folder, b_dot_csv="text\nb\n", a_dot_csv="text\na\n", readme_dot_txt="notes", _dot_hidden_dot_csv="x")
    assert load(folder).texts() == ["a", "b"]
    write(folder, c_dot_jsonl="{}")
    with pytest.raises(InputError, match="several formats: csv, jsonl"):
        load(folder)


def test_several_splits_and_none_called_train(folder):
    write(folder, test_dot_csv="text\nb\n", dev_dot_csv="text\nc\n")
    with pytest.raises(InputError, match="2 splits and none is called train: validation, test"):
        load(folder)


def test_a_folder_without_data(folder):
    write(folder, x_dot_md="hello")
    with pytest.raises(InputError, match="holds no data files"):
        load(folder)


def test_a_missing_file_names_the_nearest(folder):
    write(folder, reviews_dot_csv="text\na\n")
    with pytest.raises(InputError, match=r"no file or folder.*did you mean '.*reviews.csv'"):
        load(folder / "review.csv")
    with pytest.raises(InputError, match=r"holds reviews\.csv"):
        load(folder / "zzzzzzzz.parquet")
    with pytest.raises(InputError, match=r"folder .*nowhere does not exist; .*data does"):
        load(folder / "nowhere" / "x.csv")
    with pytest.raises(InputError, match="no file matches"):
        load(str(folder / "*.parquet"))


def test_an_ending_that_is_not_known_may_be_told(folder):
    write(folder, x_dot_label="a\nb\n")
    with pytest.raises(InputError, match=r"ending of .*x.label says no known format"):
        load(folder / "x.label")
    assert load(folder / "x.label", format="txt").texts() == ["a", "b"]
    with pytest.raises(InputError, match="no format is called 'text'"):
        load(folder / "x.label", format="text")


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("zst", zstandard.ZstdCompressor().compress)])
def test_compressed_files(folder, ending, pack):
    rows = "text,n\n" + "".join(f"row {n},{n}\n" for n in range(50_000))
    path = folder / f"x.csv.{ending}"
    path.write_bytes(pack(rows.encode()))
    assert load(path).table().column("n").to_pylist() == list(range(50_000))
    path.write_bytes(pack(b"text,n\na,1\n") + pack(b"b,2\n"))
    assert load(path).texts() == ["a", "b"]
    path.write_bytes(pack(rows.encode())[:-5])
    with pytest.raises(InputError, match=f"not a whole {ending} file"):
        load(path)
    path.write_bytes(b"text,n\na,1\n")
    with pytest.raises(InputError, match=f"not a whole {ending} file"):
        load(path)


def test_a_path_that_exists_wins_over_a_glob_and_a_hub_id(folder, monkeypatch):
    write(folder, **{"a[1]_dot_csv": "text\na\n"})
    assert load(folder / "a[1].csv").texts() == ["a"]
    monkeypatch.chdir(folder.parent)
    assert load(f"data/{os.listdir(folder)[0]}").texts() == ["a"]


def test_what_is_no_source():
    for source in (7, b"x.csv", None, {"a": [1]}, ""):
        with pytest.raises(InputError):
            load(source)


def test_text_files_keep_every_line(load_bytes):
    corpus = load_bytes("x.txt", b"\xef\xbb\xbfa\r\n\nb\rc\x00\n\xff\nd", max_quarantine=1)
    assert corpus.texts() == ["a", "", "b", "c\x00", "d"]
    assert corpus.quarantine.column("line").to_pylist() == [5]


def test_columns_are_for_delimited_files_only(load_bytes):
    with pytest.raises(InputError, match="not of jsonl"):
        load_bytes("x.jsonl", b'{"a": 1}', columns=["a"])

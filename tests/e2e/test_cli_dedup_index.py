"""`curate dedup-index` end to end: real questions against an index of others, exit codes, and bad input."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import curate as library

from .conftest import Curate, one_line

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def train(data_dir: Path) -> Path:
    return data_dir / "banking77" / "train.csv"


@pytest.fixture(scope="module")
def test(data_dir: Path) -> Path:
    return data_dir / "banking77" / "test.csv"


@pytest.fixture(scope="module")
def index(curate: Curate, train: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index") / "banking"
    done = curate("dedup-index", "build", train, "--out", folder)
    assert done.returncode == 0, done.stderr
    assert "of 10,003 rows are in" in done.stdout
    assert "of the twins it finds 99.9% at 0.8" in done.stdout
    return folder


def test_rows_that_have_a_twin_are_counted_written_and_fail_ci(
    curate: Curate, index: Path, train: Path, test: Path, tmp_path: Path
) -> None:
    out = tmp_path / "twins.csv"
    done = curate("dedup-index", "query", test, "--in", index, "--out", out, "--fail-on-twins")
    assert done.returncode == 1
    twins = list(csv.DictReader(out.open(newline="", encoding="utf-8")))
    assert f"{len(twins)} of 3,080 rows" in done.stdout
    assert "train.csv: " in done.stdout
    known, asked = (list(csv.DictReader(path.open(newline="", encoding="utf-8"))) for path in (train, test))
    same = [twin for twin in twins if float(twin["similarity"]) == 1]
    assert len(same) >= 20
    for twin in same:
        pair = (asked[int(twin["row_id"])]["text"], known[int(twin["twin"])]["text"])
        assert len({"".join(filter(str.isalnum, text.lower())) for text in pair}) == 1
    assert {twin["source"] for twin in twins} == {"train.csv"}
    assert min(float(twin["similarity"]) for twin in twins) >= 0.8


def test_rows_without_a_twin_pass_ci(curate: Curate, index: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("text\nnothing that any customer of a bank has ever asked before\n")
    done = curate("dedup-index", "query", tmp_path / "new.csv", "--in", index, "--fail-on-twins", "--json", "-")
    assert done.returncode == 0
    said = json.loads(done.stdout)
    assert (said["n_rows"], said["n_twins"], said["by_source"]) == (1, 0, {})
    assert said["index"]["settings"]["verify"] == "exact"


def test_what_is_added_is_found_and_added_once(curate: Curate, train: Path, test: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert curate("dedup-index", "build", train, "--out", folder, "--verify", "signature", "-q").returncode == 0
    first = json.loads(curate("dedup-index", "add", test, "--to", folder, "--json", "-").stdout)
    again = json.loads(curate("dedup-index", "add", test, "--to", folder, "--json", "-").stdout)
    assert first["n_new"] > 3000
    assert (again["n_new"], again["n_known"], again["n_rows"]) == (0, 3080, first["n_rows"])
    assert again["sources"] == ["train.csv", "test.csv"]
    out = tmp_path / "twins.parquet"
    done = curate("dedup-index", "query", test, "--in", folder, "--min-similarity", "1", "--out", out)
    assert "3,080 of 3,080 rows (100.0%) have a twin" in done.stdout
    assert "by estimated similarities" in done.stdout
    assert pq.read_table(out).num_rows == 3080


def test_a_build_is_repeated_only_when_told(curate: Curate, index: Path, sms: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert curate("dedup-index", "build", sms, "--out", folder, "-q").returncode == 0
    before = (folder / "index.json").read_bytes()
    said = one_line(curate("dedup-index", "build", sms, "--out", folder, "-q"))
    assert "is an index already (curate dedup-index add, or --overwrite to replace it)" in said
    assert curate("dedup-index", "build", sms, "--out", folder, "-q", "--overwrite").returncode == 0
    assert (folder / "index.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("query SMS --in nowhere", "nowhere does not exist (make one: curate dedup-index build SOURCE --out DIR)"),
        ("query SMS --in FOLDER", "holds no index.json, so it is no duplicate index"),
        ("query SMS", "missing option '--in'"),
        ("query SMS --in INDEX --min-similarity 0.5", "min_similarity is 0.5 (the index finds twins from 0.8 on"),
        ("query SMS --in INDEX --out x.docx", "the ending of x.docx says no known format"),
        ("query SMS --in INDEX --text body", "body"),
        ("query NOTHING --in INDEX", "there is no file or folder NOTHING"),
        ("add SMS --to INDEX --shingle-size 5", "the index was built with shingle_size 3, not 5"),
        ("add SMS --to INDEX --unit character", "the index was built with unit word, not character"),
        ("build SMS --out FOLDER", "is not a duplicate index"),
        ("build SMS --out new --min-similarity 2", "min_similarity is 2.0"),
        ("build SMS --out new --verify sometimes", "verify is 'sometimes'"),
        ("biuld SMS --out new", "no such command 'biuld' (did you mean build?)"),
    ],
)
def test_bad_input_is_one_line(
    curate: Curate, index: Path, sms: Path, tmp_path: Path, arguments: str, said: str
) -> None:
    (tmp_path / "thesis").write_text("years of work")
    places = {"SMS": sms, "INDEX": index, "FOLDER": tmp_path}
    given = [places.get(word, word) for word in arguments.split()]
    assert said in one_line(curate("dedup-index", *given, before=("env", "-C", str(tmp_path))))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_a_damaged_index_is_one_line(curate: Curate, sms: Path, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    assert curate("dedup-index", "build", sms, "--out", folder, "-q").returncode == 0
    keys = folder / "segment-000001" / "keys.npy"
    keys.write_bytes(keys.read_bytes()[:-1] + b"\x7f")
    assert "keys.npy is damaged: its checksum differs" in one_line(curate("dedup-index", "query", sms, "--in", folder))
    keys.unlink()
    assert "keys.npy is missing" in one_line(curate("dedup-index", "add", sms, "--to", folder))


def test_the_examples_of_the_guide_run(
    curate: Curate, train: Path, test: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (REPOSITORY / "docs" / "guides" / "duplicate-index.md").read_text("utf-8")
    command, python = re.findall(r"```(?:python)?\n(.*?)```", guide, re.DOTALL)[:2]
    monkeypatch.chdir(tmp_path)
    shutil.copy(train, "train.csv")
    shutil.copy(test, "new.csv")
    Path("more.jsonl").write_text('{"text": "one more question"}\n')
    codes = [curate(*shlex.split(line)[1:]).returncode for line in command.splitlines()]
    assert codes == [0, 0, 1]
    names: dict[str, Any] = {}
    shutil.rmtree("known")
    exec(python, names)
    assert names["twins"].num_rows == len(library.load("twins.csv"))

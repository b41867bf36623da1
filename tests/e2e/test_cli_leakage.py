"""Benchmarks held out beside the test rows, and several sources merged by priority, through the command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import curate as library

from .conftest import Curate, one_line

LONG = "the quick brown fox jumps over the lazy dog while nobody in the whole wide world is looking"


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def train(tmp_path: Path) -> Path:
    texts = ["one of the test", "mine alone", f"Once more: {LONG.upper()}, they said.", "also mine", "what is 2 + 2?"]
    return write(tmp_path / "train.csv", [{"text": text, "label": "a"} for text in texts])


@pytest.fixture
def recipe_all(tmp_path: Path) -> Path:
    path = tmp_path / "leaks.yaml"
    path.write_text("version: 1\nsteps:\n- use: dedup.leakage\n  split: all\n  match: ngram\n")
    return path


def test_rows_of_every_benchmark_go_and_explain_shows_which(
    curate: Curate, train: Path, recipe_all: Path, tmp_path: Path
) -> None:
    test = write(tmp_path / "test.csv", [{"text": "one of the TEST", "label": "a"}])
    fox = write(tmp_path / "fox.csv", [{"question": "who?", "answer": "fox"}, {"question": LONG, "answer": "fox"}])
    sums = write(tmp_path / "sums.csv", [{"text": "What is 2 + 2", "answer": "4"}])
    options = ("--test", test, "--held-out", f"fox={fox}", "--held-out", f"sums={sums}")
    done = curate("run", recipe_all, train, "--out", tmp_path / "out", *options)
    assert done.returncode == 0, done.stderr
    assert library.load(tmp_path / "out").texts() == ["mine alone", "also mine"]
    assert sorted(path.name for path in (tmp_path / "out").glob("*.parquet"))[:2] == ["fox.parquet", "lineage.parquet"]
    (event,) = json.loads(curate("explain", tmp_path / "out", 2, "--json", "-", "-q").stdout)["events"]
    assert (event["reason"], event["ref"], event["ref_split"], event["ref_text"]) == ("leaked_ngram", 1, "fox", LONG)
    assert "row 1 of fox" in curate("explain", tmp_path / "out", 2).stdout


def test_the_audit_looks_into_every_benchmark(curate: Curate, train: Path, tmp_path: Path) -> None:
    sums = write(tmp_path / "sums.csv", [{"text": "What is 2 + 2", "answer": "4"}])
    done = curate("audit", train, "--held-out", f"sums={sums}", "--checks", "leakage")
    assert "Rows of sums that also stand in training: 1 of 1 row (100 %)" in " ".join(done.stdout.split())


def test_of_several_sources_the_first_has_priority(curate: Curate, train: Path, tmp_path: Path) -> None:
    web = write(tmp_path / "web.csv", [{"label": "b", "text": text} for text in ("Mine  alone", "new")])
    recipe = tmp_path / "same.yaml"
    recipe.write_text("version: 1\nsteps:\n- use: dedup.exact\n")
    done = curate("run", recipe, train, "--merge", f"web={web}", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    rows = library.load(tmp_path / "out").table().select(["label", "source"]).to_pylist()
    assert rows == [{"label": "a", "source": "train"}] * 5 + [{"label": "b", "source": "web"}]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--held-out=bench.csv", "--held-out 'bench.csv' is not NAME=SOURCE (such as --held-out gsm8k=gsm8k.jsonl)"),
        ("--held-out=train=x.csv", "there is a 'train' already"),
        ("--merge=train=x.csv", "there is a 'train' already"),
        ("--merge=web=nowhere.csv", "there is no file or folder nowhere.csv"),
    ],
)
def test_what_is_wrong_with_a_further_source_is_said_in_one_line(
    curate: Curate, train: Path, recipe_all: Path, tmp_path: Path, option: str, said: str
) -> None:
    assert said in one_line(curate("run", recipe_all, train, "--out", tmp_path / "out", option))

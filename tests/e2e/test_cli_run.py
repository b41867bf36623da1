"""`curate run` and `curate explain` end to end: what is left on disk, that it balances, and the life of single rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

import curate as library

from .conftest import Curate, one_line

LEFT = ["README.md", "lineage.parquet", "quarantine.parquet", "recipe.yaml", "row_ids.parquet", "run.json"]


@pytest.fixture(scope="module")
def out(curate: Curate, sms: Path, recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    done = curate("run", recipe, sms, "--out", folder, "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "800 rows in" in done.stdout
    assert "exact_duplicate" in done.stdout
    assert max(map(len, done.stdout.splitlines()[:-2])) <= 80
    return folder


def events(out: Path, kind: str, step: str) -> list[dict]:
    table = pq.read_table(out / "lineage.parquet")
    chosen = pc.and_(pc.equal(table["kind"], kind), pc.equal(table["step"], step))
    return table.filter(chosen).to_pylist()


def test_a_run_leaves_the_rows_and_how_they_came_about(out: Path) -> None:
    assert sorted(path.name for path in out.iterdir()) == [*LEFT, "train.parquet"]
    said = json.loads((out / "run.json").read_text("utf-8"))
    for step in said["steps"]:
        assert step["n_in"] - step["n_dropped"] - step["n_quarantined"] + step["n_added"] == step["n_out"]
    n_rows = said["splits"]["train"]["n_rows"]
    assert pq.read_metadata(out / "train.parquet").num_rows == n_rows
    assert pq.read_metadata(out / "row_ids.parquet").num_rows == n_rows
    assert pq.read_schema(out / "train.parquet").names == ["text", "label"]
    card = (out / "README.md").read_text("utf-8")
    assert yaml.safe_load(card.split("---")[1])["tags"] == ["curate"]


def test_what_a_run_left_is_a_source(out: Path) -> None:
    rows = library.load(out)
    assert rows.table().equals(pq.read_table(out / "train.parquet"))


def test_equal_runs_leave_equal_bytes_whatever_the_workers(
    curate: Curate, sms: Path, recipe: Path, out: Path, tmp_path: Path
) -> None:
    done = curate("run", recipe, sms, "--out", tmp_path / "again", "--workers", "2", "--no-cache", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def bytes_of(folder: Path) -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}

    assert bytes_of(tmp_path / "again") == bytes_of(out)


def test_what_is_there_is_not_replaced_unless_told(curate: Curate, sms: Path, recipe: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    assert "exists (choose another name" in one_line(curate("run", recipe, sms, "--out", mine))
    assert "is not what a run has left" in one_line(curate("run", recipe, sms, "--out", mine, "--overwrite"))
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    first = curate("run", recipe, sms, "--out", tmp_path / "out", "-q")
    again = curate("run", recipe, sms, "--out", tmp_path / "out", "-q", "--overwrite", "--seed", "3")
    assert (first.returncode, again.returncode) == (0, 0)
    assert json.loads((tmp_path / "out" / "run.json").read_text())["recipe"]["seed"] == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out"]


def test_a_data_file_as_the_result_has_the_rest_beside_it(
    curate: Curate, sms: Path, recipe: Path, tmp_path: Path
) -> None:
    file = tmp_path / "out.jsonl.gz"
    assert curate("run", recipe, sms, "--out", file).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl.gz", "out.jsonl.gz.curate"]
    dropped = events(tmp_path / "out.jsonl.gz.curate", "drop", "dedup.exact")[0]
    done = curate("explain", file, dropped["row_id"])
    assert done.returncode == 0
    assert "dropped by dedup.exact" in done.stdout


def test_a_dry_run_counts_and_writes_nothing(curate: Curate, sms: Path, recipe: Path, tmp_path: Path) -> None:
    done = curate("run", recipe, sms, "--out", tmp_path / "out", "--dry-run", "--json", "-")
    assert json.loads(done.stdout)["steps"][3]["reasons"]["exact_duplicate"] > 0
    assert "nothing is written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_drops_more_than_it_may_stops_the_run(curate: Curate, sms: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text("version: 1\nsteps:\n- use: filter.length\n  min_words: 10\n  max_drop: 0.1\n")
    said = one_line(curate("run", recipe, sms, "--out", tmp_path / "out"))
    assert "step 'filter.length' drops" in said
    assert "max_drop of 10.0%" in said
    assert "too_few_words" in said
    assert not (tmp_path / "out").exists()


def test_held_out_splits_lie_beside_the_rows_untouched(curate: Curate, sms: Path, recipe: Path, tmp_path: Path) -> None:
    done = curate("run", recipe, sms, "--test", sms, "--out", tmp_path / "out", "-q")
    assert done.returncode == 0, done.stderr
    assert pq.read_table(tmp_path / "out" / "test.parquet").equals(library.load(sms).table())
    assert list(library.load(tmp_path / "out").held_out) == ["test"]


def test_a_near_duplicate_is_explained_by_both_texts_and_their_difference(
    curate: Curate, sms: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "near.yaml"
    recipe.write_text("version: 1\nsteps:\n- use: dedup.near\n  min_similarity: 0.6\n")
    done = curate("run", recipe, sms, "--out", tmp_path / "out")
    assert "exact join: every pair is found" in done.stdout
    assert json.loads((tmp_path / "out" / "run.json").read_text())["steps"][0]["notes"] == [
        "exact join: every pair is found"
    ]
    event = next(one for one in events(tmp_path / "out", "drop", "dedup.near") if one["score"] < 1)
    said = curate("explain", tmp_path / "out", event["row_id"]).stdout
    assert f"(similarity {event['score']:.2f})" in " ".join(said.split())
    assert f"- row {event['row_id']}   + row {event['ref']}" in said
    assert "\n- " in said
    assert "\n+ " in said


def test_the_life_of_a_row_that_was_changed(curate: Curate, out: Path) -> None:
    event = events(out, "set", "clean.html")[0]
    done = curate("explain", out, event["row_id"])
    assert "clean.html  set text: markup" in done.stdout
    assert "\n- " in done.stdout
    assert "\n+ " in done.stdout
    life = json.loads(curate("explain", out, event["row_id"], "--json", "-", "-q").stdout)
    assert life["fate"] == "kept"
    assert life["events"][0]["before"] == event["before"]
    assert life["events"][-1]["after"] == life["cells"]["text"]


def test_the_life_of_a_row_that_was_dropped_tells_which_row_says_the_same(curate: Curate, out: Path) -> None:
    event = events(out, "drop", "dedup.exact")[0]
    life = json.loads(curate("explain", out, event["row_id"], "--json", "-", "-q").stdout)
    assert life["fate"] == "dropped"
    last = life["events"][-1]
    assert (last["ref"], last["before"]) == (event["ref"], event["before"])
    assert last["ref_text"].casefold().split() == last["before"].casefold().split()


def test_the_life_of_a_row_that_was_added_begins_with_its_parent(curate: Curate, out: Path) -> None:
    event = events(out, "add", "rebalance.oversample")[0]
    life = json.loads(curate("explain", out, event["row_id"], "--json", "-", "-q").stdout)
    assert life["fate"] == "added"
    assert life["events"][-1]["parents"] == event["parents"]
    assert life["cells"]["label"] == "spam"


def test_a_row_that_no_step_touched_is_told_as_it_is(curate: Curate, out: Path) -> None:
    touched = set(pq.read_table(out / "lineage.parquet")["row_id"].to_pylist())
    row = next(row for row in range(800) if row not in touched)
    assert "kept as it was; no step touched it" in curate("explain", out, row).stdout


def test_explain_asked_for_what_is_not_there(curate: Curate, out: Path, tmp_path: Path) -> None:
    assert "the source had 800 rows, numbered from 0" in one_line(curate("explain", out, "800"))
    assert "does not exist" in one_line(curate("explain", tmp_path / "nowhere", "1"))
    assert "no run left it" in one_line(curate("explain", tmp_path, "1"))


def test_held_out_rows_that_a_private_step_does_not_touch_are_named(curate: Curate, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "write to jane@example.org", "label": "a"}\n{"text": "nothing", "label": "b"}\n')
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("version: 1\nsteps: [clean.pii]\n")
    done = curate("run", recipe, rows, "--test", rows, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "clean.pii does not touch held-out rows: test was written as it came" in done.stderr

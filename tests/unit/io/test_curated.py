"""What a run leaves on disk and what can be told from it; writing whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.errors import CurateError, InputError
from curate.io import load, save_curated
from curate.io.atomic import check_writable, replacing, write_text
from curate.io.outcome import Outcome

ROWS = {"text": ["a  b", "a b", "c  <b>x</b>", None, "seen once"], "label": ["x", "x", "y", "y", "x"]}


@pytest.fixture
def rows() -> Corpus:
    return Corpus.from_table(pa.table(ROWS))


def test_the_life_of_a_row_through_several_steps(rows: Corpus, tmp_path: Path) -> None:
    recipe = Recipe(["clean.whitespace", "clean.html", "filter.missing", "dedup.exact"])
    found = Outcome(save_curated(recipe.run(rows), tmp_path / "out"))
    changed = found.life(2)
    assert changed.fate == "kept"
    assert [(event.step, event.before, event.after) for event in changed.events] == [
        ("clean.whitespace", "c  <b>x</b>", "c <b>x</b>"),
        ("clean.html", "c <b>x</b>", "c x"),
    ]
    assert changed.events[-1].after == changed.cells["text"]
    dropped = found.life(1)
    assert (dropped.fate, dropped.events[-1].ref, dropped.events[-1].ref_text) == ("dropped", 0, "a b")
    assert dropped.events[-1].meaning == "another row that stays has the same text"
    assert found.life(3).events[-1].reason == "null_text"
    assert found.life(4).events == ()
    with pytest.raises(CurateError, match=r"there is no row 5 in .*\(the source had 5 rows, numbered from 0\)"):
        found.life(5)
    with pytest.raises(CurateError, match=r"-1 is no row id \(the source had 5 rows"):
        found.life(-1)


def test_a_row_whose_step_failed_is_told_with_its_cause(rows: Corpus, tmp_path: Path) -> None:
    def strict(row: dict) -> dict:
        return {"text": row["text"].upper()}

    recipe = Recipe([step(strict, name="strict", version="1")], max_quarantine=0.5)
    found = Outcome(save_curated(recipe.run(rows), tmp_path / "out"))
    stuck = found.life(3)
    assert stuck.fate == "quarantined"
    assert stuck.cause is not None
    assert stuck.cause.startswith("AttributeError")
    assert json.loads(stuck.raw or "")["label"] == "y"
    assert found.life(0).cells["text"] == "A  B"


def test_what_was_saved_is_loaded_again_with_its_held_out_splits(rows: Corpus, tmp_path: Path) -> None:
    curated = Recipe(["filter.missing"]).run(rows.with_held_out(test=rows))
    again = load(save_curated(curated, tmp_path / "out"))
    assert again.table().equals(curated.corpus.table())
    assert again.held_out["test"].table().equals(rows.table())
    with_ids = save_curated(curated, tmp_path / "ids", with_ids=True)
    assert load(with_ids).row_ids().tolist() == curated.corpus.row_ids().tolist()


def test_nothing_of_a_folder_that_is_not_a_run_is_touched(rows: Corpus, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    curated = Recipe(["filter.missing"]).run(rows)
    for overwrite in (False, True):
        with pytest.raises(InputError, match="exists"):
            save_curated(curated, tmp_path, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_ending_that_says_no_format_is_an_error(rows: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="says no known format"):
        save_curated(Recipe(["filter.missing"]).run(rows), tmp_path / "out.xls")


def test_a_file_takes_its_place_only_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(TypeError), replacing(path) as sink:
        sink.writelines([b"half", "not bytes"])  # type: ignore[list-item]
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"
    write_text(path, "lone \ud800 surrogate")
    assert path.read_text() == "lone \\ud800 surrogate"
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_cannot_be_written_is_known_before_any_work(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folder" / "a.html")
    (tmp_path / "file").write_text("")
    for path, said in ((tmp_path, "is a folder"), (tmp_path / "file" / "a.html", "is not a folder")):
        with pytest.raises(InputError, match=said):
            check_writable(path)


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_that_leaked_is_shown_with_the_held_out_row_it_was_held_against(turned: bool, tmp_path: Path) -> None:
    test = Corpus.from_table(pa.table({"text": ["something", "In the TEST", "in the test"]}))
    test = test.take([2, 0, 1]) if turned else test
    train = Corpus.from_table(pa.table({"text": ["in  the test", "mine", "other words"]}))
    out = save_curated(Recipe(["dedup.leakage"]).run(train.with_held_out(test=test)), tmp_path / "out")
    (event,) = Outcome(out).life(0).events
    assert (event.ref, event.ref_split, event.ref_text) == (1, "test", "In the TEST")
    file = save_curated(Recipe(["dedup.leakage"]).run(train.with_held_out(test=test)), tmp_path / "rows.csv")
    assert Outcome(file).life(0).events[0].ref_text is None, "beside a data file no split is saved"

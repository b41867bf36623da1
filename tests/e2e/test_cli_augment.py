"""Augmented rows on disk: what `curate explain` tells of them, that they can be undone, and that their spans fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import curate as library
from curate.io.outcome import Outcome

from .conftest import Curate

AUGMENTERS = {
    "augment.aeda": "",
    "augment.case": "",
    "augment.diacritics": "kinds: [drop, vary]",
    "augment.homoglyph": "",
    "augment.keyboard": "",
    "augment.misspell": 'lines: ["boorn->born", "wintter->winter", "citty->city"]',
    "augment.ocr": "",
    "augment.spacing": "",
    "augment.typo": "",
}
ROWS = [
    {
        "text": f"Émile Zola was born in Paris, a city in France, at the end of the winter {at}",
        "entities": [{"start": 0, "end": 10, "label": "person"}, {"start": 23, "end": 28, "label": "place"}],
        "answers": {"text": ["Paris"], "answer_start": [23]},
    }
    for at in range(12)
]


def written(rows: list[dict[str, Any]], path: Path) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def added(out: Path, step: str) -> list[dict[str, Any]]:
    events = pq.read_table(out / "lineage.parquet").to_pylist()
    return [event for event in events if event["kind"] == "add" and event["step"] == step]


def rows_of(out: Path) -> dict[int, dict[str, Any]]:
    ids = pq.read_table(out / "row_ids.parquet").column(0).to_pylist()
    return dict(zip(ids, pq.read_table(out / "train.parquet").to_pylist(), strict=True))


def life(curate: Curate, out: Path, row: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(curate("explain", out, row, "--json", "-", "-q").stdout)
    return found


def ran(curate: Curate, folder: Path, steps: str, *texts: str) -> tuple[Path, str]:
    """The output of a run of some steps on some texts, and what the command said."""
    recipe, out = folder / "recipe.yaml", folder / "out"
    recipe.write_text(f"version: 1\nsteps:\n{steps}\n", "utf-8")
    source = written([{"text": text} for text in texts], folder / "rows.jsonl")
    done = curate("run", recipe, source, "--text", "text", "--out", out)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


@pytest.fixture(scope="module")
def out(curate: Curate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every augmenter upon the one before, the first of them twice."""
    folder = tmp_path_factory.mktemp("augment")
    steps = [
        f"- use: {name}\n  fraction: 0.5\n  spans: [entities, answers]\n  {more}" for name, more in AUGMENTERS.items()
    ]
    steps.append("- use: augment.aeda\n  name: once more\n  fraction: 0.5\n  spans: [entities, answers]")
    recipe = folder / "recipe.yaml"
    recipe.write_text("version: 1\nsteps:\n" + "\n".join(steps) + "\n", "utf-8")
    done = curate("run", recipe, written(ROWS, folder / "rows.jsonl"), "--text", "text", "--out", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.mark.parametrize("name", [*AUGMENTERS, "once more"])
def test_an_added_row_is_told_beside_its_parent_and_undone_it_is_its_parent(out: Path, name: str) -> None:
    rows, outcome = rows_of(out), Outcome(out)
    made = added(out, name)
    assert len(made) > 2
    for event in made:
        row, (parent,) = rows[event["row_id"]], event["parents"]
        assert library.undo(row, event["changes"])["text"] == rows[parent]["text"] != row["text"]
        (varied,) = outcome.life(event["row_id"]).events[-1].varied
        assert (varied.before, varied.after) == (rows[parent]["text"], row["text"])
        assert varied.changes == tuple((one["start"], one["end"], one["old"], one["new"]) for one in event["changes"])


def test_the_command_shows_the_difference_of_an_added_row_from_its_parent(curate: Curate, out: Path) -> None:
    said = curate("explain", out, added(out, "augment.typo")[0]["row_id"]).stdout
    assert "- its parent   + the row" in said
    assert "\n- " in said
    assert "\n+ " in said


def test_every_span_on_disk_marks_what_it_marked(out: Path) -> None:
    for row in rows_of(out).values():
        assert [row["text"][one["start"] : one["end"]] for one in row["entities"]] == ["Émile Zola", "Paris"]
        (start,), (said,) = row["answers"]["answer_start"], row["answers"]["text"]
        assert row["text"][start : start + len(said)] == said == "Paris"


def test_a_row_that_a_later_step_has_changed_is_told_as_its_augmenter_left_it(curate: Curate, tmp_path: Path) -> None:
    out, _ = ran(curate, tmp_path, "- use: augment.typo\n- use: clean.case\n  to: upper", "the city at the end")
    (event,) = added(out, "augment.typo")
    told = life(curate, out, event["row_id"])
    add, case = [one for one in told["events"] if one["row_id"] == event["row_id"]]
    assert add["varied"][0]["before"] == "the city at the end"
    assert add["varied"][0]["after"] == case["before"]
    assert case["after"] == case["before"].upper() == told["cells"]["text"]
    with pytest.raises(library.CurateError, match="not what these changes led to"):
        library.undo(told["cells"], event["changes"])


def test_nothing_is_told_of_changes_in_a_run_that_takes_out_personal_data(curate: Curate, tmp_path: Path) -> None:
    steps = "- use: augment.keyboard\n  digits: true\n- use: clean.pii"
    out, _ = ran(curate, tmp_path, steps, "call Mary on 020 7946 0958 tonight, said jane")
    (event,) = added(out, "augment.keyboard")
    assert event["changes"] is None
    told = life(curate, out, event["row_id"])
    assert all(one["varied"] == [] for one in told["events"])
    assert "7946" not in curate("explain", out, event["row_id"]).stdout


def test_what_explain_masks_it_masks_in_the_pieces_too(curate: Curate, tmp_path: Path) -> None:
    steps = "- use: augment.case\n  whole: true\n  cases: [upper]"
    out, _ = ran(curate, tmp_path, steps, "write to jane.doe@example.com or phone mary")
    (event,) = added(out, "augment.case")
    (varied,) = life(curate, out, event["row_id"])["events"][-1]["varied"]
    assert "jane.doe" not in json.dumps(varied)
    assert varied["changes"] == []
    assert "WRITE TO" in varied["after"]


def test_refused_variants_are_counted_and_told(curate: Curate, tmp_path: Path) -> None:
    out, said = ran(curate, tmp_path, "- use: augment.keyboard\n  n: 3", "数据", "the city at the end")
    assert "refused: unchanged 3" in said
    (step,) = json.loads((out / "run.json").read_text("utf-8"))["steps"]
    assert (step["n_added"], step["refused"]) == (3, {"unchanged": 3})


def test_what_a_step_has_to_say_has_the_whole_width(curate: Curate, tmp_path: Path) -> None:
    rows = [{"text": f"the film number {at} is a good one", "label": "ab"[at % 2]} for at in range(40)]
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("version: 1\nsteps: [augment.typo, {use: augment.constrain, judge: null}]\n", encoding="utf-8")
    done = curate("run", recipe, written(rows, tmp_path / "rows.jsonl"), "--dry-run")
    assert "\naugment.constrain\n  augment.typo: of 40 added rows 40 stay" in done.stdout


def test_what_became_of_a_parent_later_is_no_part_of_a_row_s_life(curate: Curate, tmp_path: Path) -> None:
    recipe, out = tmp_path / "recipe.yaml", tmp_path / "out"
    steps = "[clean.whitespace, augment.typo, {use: clean.casefold, name: small}]"
    recipe.write_text(f"version: 1\nsteps: {steps}\n", encoding="utf-8")
    curate("run", recipe, written([{"text": "A  Fine Film", "label": "a"}], tmp_path / "rows.jsonl"), "--out", out)
    ((row,),) = ({event["row_id"] for event in added(out, "augment.typo")},)
    events = life(curate, out, row)["events"]
    assert [(event["row_id"], event["step"]) for event in events] == [
        (0, "clean.whitespace"),
        (row, "augment.typo"),
        (row, "small"),
    ]
    assert events[0]["after"] == "A Fine Film"

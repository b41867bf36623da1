"""Instruction data through the commands: columns guessed or named, the finding, the recipe, the run."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Curate

ROWS = [
    {"instruction": "Name a fruit.", "input": "", "output": "An apple."},
    {"instruction": "Describe your house.", "input": "", "output": "As an AI language model, I have no house."},
    {"instruction": "Sum up the article.", "input": "https://example.org/a", "output": "It is about fruit."},
]


def test_the_answers_of_instruction_data_are_looked_at_and_dropped(curate: Curate, tmp_path: Path) -> None:
    source, recipe, out = (tmp_path / name for name in ("rows.json", "recipe.yaml", "out.jsonl"))
    source.write_text(json.dumps(ROWS))
    seen = curate("audit", source, "--checks", "answers", "--recipe", recipe)
    assert seen.returncode == 0, seen.stderr
    assert "rows.json: 3 rows; text=instruction+input, target=output (guessed" in seen.stderr
    assert "Answers not worth learning: 2 of 3 rows (66.7 %)" in " ".join(seen.stdout.split())
    done = curate("run", recipe, source, "--out", out)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["output"] for line in out.read_text().splitlines()] == ["An apple."]


def test_columns_by_other_names_are_named(curate: Curate, tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    renamed = ({"q": row["instruction"], "ctx": row["input"], "a": row["output"]} for row in ROWS)
    source.write_text("".join(json.dumps(row) + "\n" for row in renamed))
    seen = curate("audit", source, "--checks", "answers", "--text", "q", "--text", "ctx", "--target", "a")
    assert seen.returncode == 0, seen.stderr
    assert "text=q+ctx, target=a" in seen.stderr
    assert "2 of 3 rows" in seen.stdout
    unnamed = curate("audit", source, "--checks", "answers", "--text", "q")
    assert unnamed.returncode == 2
    assert "no column has the role target; name it with --target" in unnamed.stderr

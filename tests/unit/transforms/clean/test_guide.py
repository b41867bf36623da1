"""The recipe of the guide runs, and does to its examples what the guide says."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.roles import Roles

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "guides" / "cleaning.md"
INVISIBLE = {"⏎": "\n", "␣": " ", "⟨U+200B⟩": "\u200b"}


def shown(cell: str) -> str:
    said = cell.strip().strip("`")
    for sign, character in INVISIBLE.items():
        said = said.replace(sign, character)
    return said


def test_the_recipe_of_the_guide_does_what_the_guide_shows() -> None:
    guide = GUIDE.read_text("utf-8")
    recipe = Recipe.from_yaml(re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)[1])
    table = guide.partition("| before | after | reasons |\n|---|---|---|\n")[2].partition("\n\n")[0]
    rows = [[shown(cell) for cell in line.strip("|").split("|")] for line in table.splitlines()]
    corpus = Corpus.from_table(pa.table({"text": [row[0] for row in rows]}), Roles(text="text"))
    curated = recipe.run(corpus)
    assert curated.corpus.table().column("text").to_pylist() == [row[1] for row in rows]
    reasons = {event["row_id"]: event["reason"] for event in curated.lineage().to_pylist()}
    assert [reasons[at] for at in range(len(rows))] == [row[2] for row in rows]

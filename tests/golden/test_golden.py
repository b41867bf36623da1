"""Whole runs written down: what goes in, the recipe, and what must come out with its lineage, readable by people.

After a change that is meant, `CURATE_GOLDEN=write pytest tests/golden` writes `expected.txt` anew; look at the
difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.data.rows import TOP_BIT
from curate.io import load

HERE = Path(__file__).parent


def row_name(row_id: int) -> str:
    """A row id as people read it; derived ones in hexadecimal."""
    return f"+{row_id & ~int(TOP_BIT):016x}" if row_id & int(TOP_BIT) else str(row_id)


def as_text(curated: Curated) -> str:
    """Rows, lineage and counts of a run."""
    lines = ["# rows"]
    ids = curated.corpus.row_ids().tolist()
    for row_id, row in zip(ids, curated.corpus.table().to_pylist(), strict=True):
        lines.append(f"{row_name(row_id)}: {json.dumps(row, ensure_ascii=False)}")
    lines.append("\n# lineage: step, kind, row, column, reason, score, ref, parents, before")
    for event in curated.lineage().to_pylist():
        cells = [event["step"], event["kind"], row_name(event["row_id"]), event["column"], event["reason"]]
        cells.append(f"{event['score']:g}")
        cells.append(None if event["ref"] is None else row_name(event["ref"]))
        cells.append(" ".join(map(row_name, event["parents"])) if event["parents"] else None)
        before = None if event["before"] is None else json.dumps(event["before"], ensure_ascii=False)
        lines.append(" | ".join("-" if cell is None else str(cell) for cell in [*cells, before]))
    lines.append("\n# counts: step, in, dropped, added, changed, quarantined, out")
    for c in curated.counts:
        figures = (c.step, c.n_in, c.n_dropped, c.n_added, c.n_changed, c.n_quarantined, c.n_out)
        lines.append(" | ".join(map(str, figures)))
    lines.append(f"\n# recipe {curated.recipe.fingerprint}")
    lines.append(f"# corpus {curated.source.fingerprint}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", sorted(path.parent.name for path in HERE.glob("*/recipe.yaml")))
def test_golden(name: str) -> None:
    folder = HERE / name
    curated = Recipe.load(folder / "recipe.yaml").run(load(folder / "input.jsonl"))
    written = as_text(curated)
    expected = folder / "expected.txt"
    if os.environ.get("CURATE_GOLDEN") == "write":
        expected.write_text(written, "utf-8")
    assert written == expected.read_text("utf-8")

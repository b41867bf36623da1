"""`curate demo` end to end: what a newcomer does first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate.audit.schema import AuditDocument
from curate.core.recipe import Recipe
from curate.measure.schema import MeasureJson

from .conftest import Curate


@pytest.mark.slow
def test_the_demo_audits_curates_measures_and_leaves_a_page(curate: Curate, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    done = curate("demo", "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for said in ("What the audit found", "What the recipe did", "What each step is worth", str(out / "index.html")):
        assert said in done.stdout
    names = ["audit.html", "audit.json", "corpus.parquet", "curated", "index.html", "measure.html", "measure.json"]
    assert sorted(path.name for path in out.iterdir()) == [*names, "recipe.yaml"]
    audit = AuditDocument.model_validate_json((out / "audit.json").read_text("utf-8"))
    assert {"missing", "duplicates", "balance"} <= {f.check for f in audit.findings if f.status == "finding"}
    measured = MeasureJson.model_validate_json((out / "measure.json").read_text("utf-8"))
    steps = [step.name for step in Recipe.load(out / "recipe.yaml").steps]
    assert [step.step for step in measured.steps] == steps
    assert 15 <= measured.facts["n_classes"] <= 25
    run = json.loads((out / "curated" / "run.json").read_text("utf-8"))
    assert [step["step"] for step in run["steps"]] == steps
    for page in ("index.html", "audit.html", "measure.html"):
        assert (out / page).stat().st_size < 2_000_000

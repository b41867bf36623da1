"""`curate measure --learner tabular` end to end: a table of credits without a text column."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from curate.measure.schema import MeasureJson

from .conftest import Curate, one_line

RECIPE = """\
version: 1
steps:
- use: dedup.exact
  columns: [month, credit_amount, age, purpose, employment]
- use: rebalance.oversample
"""


@pytest.fixture(scope="module")
def credits(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """German credit with its first 300 rows twice."""
    lines = (data_dir / "adult_german_ricci" / "german.csv").read_text("utf-8").splitlines()
    path = tmp_path_factory.mktemp("credits") / "credits.csv"
    path.write_text("\n".join([*lines, *lines[1:301]]) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def features(credits: Path) -> str:
    with credits.open(encoding="utf-8", newline="") as file:
        return ",".join(name for name in next(csv.reader(file)) if name != "credit")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE, "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mlp", "logistic"])
def test_a_table_is_measured(
    curate: Curate, credits: Path, features: str, recipe: Path, tmp_path: Path, kind: str
) -> None:
    html, found = tmp_path / "m.html", tmp_path / "m.json"
    asked = ("--learner", "tabular", "--learner-set", f"kind={kind}", "--features", features, "--label", "credit")
    quick = ("--learner-set", "training={max_steps: 60}") if kind == "mlp" else ()
    out = ("--replicates", "3", "--html", html, "--json", found, "--workers", "2")
    done = curate("measure", recipe, credits, *asked, *quick, *out)
    assert done.returncode == 0, done.stderr
    document = MeasureJson.model_validate_json(found.read_text("utf-8"))
    assert [step.step for step in document.steps] == ["dedup.exact", "rebalance.oversample"]
    assert document.steps[0].rows > 50, "most rows that stand twice"
    assert document.facts["task"] == "classification"
    assert document.base["accuracy"] > 0.65
    assert [part.rows for part in document.apart] == ["none"], "no row of the test stands in training"
    assert html.read_text("utf-8").startswith("<!doctype html>")


def test_a_learner_of_tables_asks_for_its_columns(curate: Curate, credits: Path, recipe: Path) -> None:
    said = one_line(curate("measure", recipe, credits, "--label", "credit", "--learner", "tabular"))
    assert "needs a column with the role features" in said
    assert "--features" in said
    said = one_line(
        curate("measure", recipe, credits, "--label", "credit", "--learner", "tabular", "--features", "age,mnth")
    )
    assert "'mnth'" in said
    assert "did you mean 'month'" in said

"""`curate measure` with a language model: what a recipe does to how well plain text is predicted, on real abstracts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from .conftest import Curate

pytest.importorskip("torch", reason="the learner 'causal' needs torch")

RECIPE = "version: 1\nsteps:\n- use: dedup.exact\n- use: filter.length\n  min_words: 5\n"
SETTINGS = {
    "n_tokens": 320,
    "context": 64,
    "dim": 32,
    "n_layers": 1,
    "n_heads": 2,
    "training": "{max_steps: 60, batch_rows: 4}",
}


@pytest.fixture(scope="module")
def sources(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """The first sentences of abstracts, some of them again and again and some that say nothing; others; a recipe."""
    with (data_dir / "medical_kg_and_text" / "medical_tc_test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["medical_abstract"][:200] for row in csv.DictReader(file)]
    folder = tmp_path_factory.mktemp("causal")
    train, test, recipe = folder / "train.csv", folder / "test.csv", folder / "recipe.yaml"
    for path, rows in [(train, [*texts[:100], *texts[:5] * 10, *["see above"] * 9]), (test, texts[1000:1030])]:
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["text"], *([text] for text in rows)])
    recipe.write_text(RECIPE)
    return train, test, recipe


@pytest.mark.slow
def test_the_effect_of_a_recipe_on_a_language_model(
    curate: Curate, sources: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    train, test, recipe = sources
    settings = [part for name, value in SETTINGS.items() for part in ("--learner-set", f"{name}={value}")]
    found = tmp_path / "measured.json"
    options = ("--test", test, "--learner", "causal", *settings, "--metric", "bits_per_byte", "--replicates", "3")
    done = curate("measure", recipe, train, *options, "--json", found, "--workers", "2")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "base bits_per_byte" in said
    document = json.loads(found.read_text("utf-8"))
    assert [step["step"] for step in document["steps"]] == ["dedup.exact", "filter.length"]
    assert 2 < document["base"]["bits_per_byte"] < 8, "better than telling letters, by no more than it can have learnt"
    assert document["steps"][0]["delta"] < 0, "without 50 copies of 5 texts in 159 rows it predicts others better"
    assert document["facts"]["task"] == "generation"
    assert document["facts"]["mean_steps"] == 60

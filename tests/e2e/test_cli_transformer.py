"""`curate measure --learner transformer` end to end, on a tiny model with random weights."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from curate.measure.schema import MeasureJson

from .conftest import Curate, one_line

TINY = Path(__file__).parents[1] / "unit" / "learn" / "tiny_models.py"
WORDS = "fine great lovely superb warm poor awful dull weak cold".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe, 200 training and 60 test rows, and a model."""
    pytest.importorskip("transformers", reason="the learner 'transformer' needs transformers")
    spec = importlib.util.spec_from_file_location("tiny_models", TINY)
    assert spec is not None
    assert spec.loader is not None
    tiny_models = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tiny_models)
    made = tmp_path_factory.mktemp("transformer")
    tiny_models.build("bert", made / "model")
    draw = np.random.default_rng(0)
    for name, n_rows in {"train": 200, "test": 60}.items():
        kinds = draw.integers(0, 2, n_rows).tolist()
        texts = [f"{' '.join(draw.choice(WORDS[5 * k : 5 * k + 5], 2))} item{draw.integers(1 << 30)}" for k in kinds]
        rows = [{"text": text, "label": ["good", "bad"][k]} for text, k in zip(texts, kinds, strict=True)]
        (made / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (made / "recipe.yaml").write_text("version: 1\nsteps:\n- use: rebalance.oversample\n", "utf-8")
    return made


@pytest.mark.slow
def test_a_fine_tune_is_measured(curate: Curate, folder: Path, tmp_path: Path) -> None:
    asked = ["--learner", "transformer", "--learner-set", f"model={folder / 'model'}"]
    asked += ["--learner-set", "strategy={name: lora, rank: 4}"]
    asked += ["--learner-set", "training={max_steps: 30, learning_rate: 0.01}"]
    out = ["--replicates", "3", "--test", folder / "test.jsonl", "--json", tmp_path / "m.json", "--workers", "2"]
    done = curate("measure", folder / "recipe.yaml", folder / "train.jsonl", *asked, *out)
    assert done.returncode == 0, done.stderr
    document = MeasureJson.model_validate_json((tmp_path / "m.json").read_text("utf-8"))
    assert document.base["accuracy"] > 0.6


def test_a_model_that_is_not_there_is_one_line(curate: Curate, folder: Path) -> None:
    asked = ["--learner", "transformer", "--learner-set", "model=nobody/nothing"]
    done = curate("measure", folder / "recipe.yaml", folder / "train.jsonl", *asked, "--test", folder / "test.jsonl")
    assert done.returncode != 0
    assert "not in the cache of the Hub" in one_line(done)

"""A measurement killed at any moment goes on where it stopped: the same table to the last bit, no cell twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Start = Callable[..., subprocess.Popen[bytes]]
pytestmark = pytest.mark.slow

RUN = """
import json
import os
import sys
from pathlib import Path
import numpy as np
import pyarrow as pa
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.learn.linear import Linear
from curate.measure import measure

folder, workers = Path(sys.argv[1]), int(sys.argv[2])
WORDS = {"sport": "goal match team league coach".split(), "money": "bank stock price market fund".split()}


class Counted(Linear):
    # The learner linear, which writes down each training it has done.

    deterministic = False

    def fit(self, train, *, validation, seed):
        fitted = super().fit(train, validation=validation, seed=seed)
        with (folder / "trained").open("a") as file:
            file.write(f"{len(train)}\\n")
        return fitted


def rows(n, seed):
    draw = np.random.default_rng(seed)
    labels = np.where(draw.random(n) < 0.5, "sport", "money")
    texts = [f"{' '.join(draw.choice(WORDS[label], 3))} n{seed}x{at}" for at, label in enumerate(labels)]
    wrong = draw.random(n) < (0.3 if seed == 0 else 0)
    given = np.where(wrong, np.where(labels == "sport", "money", "sport"), labels)
    return Corpus.from_table(pa.table({"text": texts, "label": given}), name="rows")


def main():
    recipe = Recipe(["labels.drop_issues", step("filter.length", min_words=4), "rebalance.oversample"])
    print("ready", flush=True)
    made = measure(
        recipe, rows(400, 0), test=rows(200, 1), learner=Counted(), replicates=6, workers=workers,
        attribution="leave-one-out", store=Store(folder / "store"),
    ).to_dict()
    for effect in (*made["steps"], made["full"], made["aa"]):
        del effect["seconds"], effect["per_second"]
    del made["closer"]["cost"]  # the times of this run
    (folder / "table.json").write_text(json.dumps(made, sort_keys=True))


if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "run.py"
    path.write_text(RUN)
    return path


def finish(run: subprocess.Popen[bytes]) -> None:
    run.communicate()
    assert run.returncode == 0


def cells(folder: Path) -> dict[str, int]:
    """Every finished cell of the store, and when it was written."""
    kept = (path for path in (folder / "store").glob("*/*/cell.npz") if not path.parent.name.startswith("."))
    return {path.parent.name: path.stat().st_mtime_ns for path in kept}


def n_trained(folder: Path) -> int:
    path = folder / "trained"
    return len(path.read_text().splitlines()) if path.exists() else 0


@pytest.mark.parametrize(("workers", "n_kills"), [(1, 7), (2, 3)])
def test_killed_at_ten_random_moments_in_all(
    script: Path, start: Start, tmp_path: Path, workers: int, n_kills: int
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    finish(start(script, whole, workers))
    table, n_all = json.loads((whole / "table.json").read_text()), len(cells(whole))
    assert n_trained(whole) == n_all
    draw = np.random.Generator(np.random.PCG64(workers))
    for number in range(n_kills):
        folder = tmp_path / str(number)
        folder.mkdir()
        run = start(script, folder, workers)
        wanted, moment = int(draw.integers(1, n_all)), float(draw.uniform(0, 0.1))
        while len(cells(folder)) < wanted and run.poll() is None:
            time.sleep(0.005)
        time.sleep(moment)
        run.kill()
        run.communicate()
        time.sleep(0.5)  # workers see that their parent is gone
        before, trained = cells(folder), n_trained(folder)
        assert len(before) >= wanted
        finish(start(script, folder, workers))
        assert json.loads((folder / "table.json").read_text()) == table
        after = cells(folder)
        assert {name: after[name] for name in before} == before
        assert len(after) == n_all
        assert n_trained(folder) - trained == n_all - len(before), "no finished cell is trained again"
        shutil.rmtree(folder)

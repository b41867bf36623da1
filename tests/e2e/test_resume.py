"""A run killed at any moment goes on where it stopped: the same bytes in the end, nothing finished is done again."""

from __future__ import annotations

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
import sys
from pathlib import Path
import pyarrow as pa
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.store import Store
from curate.io import save

folder, workers = Path(sys.argv[1]), int(sys.argv[2])

def main():
    texts = [f"<p>row  {at % 900} isn\\u00e2\\u20ac\\u2122t caf\\u00e9</p> " * (1 + at % 5) for at in range(2500)]
    table = pa.table({"text": texts, "label": ["a" if at % 7 else "b" for at in range(2500)]})
    recipe = Recipe(["clean.unicode", "clean.html", "dedup.exact", "clean.whitespace", "rebalance.oversample"])
    print("ready", flush=True)
    curated = recipe.run(
        Corpus.from_table(table), store=Store(folder / "store"), workers=workers, chunk_rows=100, batch_rows=10
    )
    save(Corpus.from_table(curated.lineage().drop_columns(["parents", "changes"]), Roles()), folder / "lineage.jsonl")
    save(curated.corpus, folder / "rows.jsonl", with_ids=True)

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


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.jsonl"))}


def entries(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file of every finished entry of the store: where it lies on the disk and when it was written."""
    finished = [
        entry
        for entry in (folder / "store").glob("*/*")
        if not entry.name.startswith(".") and not entry.parent.name.startswith(".")
    ]
    return {str(f): (f.stat().st_ino, f.stat().st_mtime_ns) for entry in finished for f in entry.iterdir()}


@pytest.mark.parametrize(("workers", "n_kills"), [(1, 7), (2, 3)])
def test_killed_at_ten_random_moments_in_all(
    script: Path, start: Start, tmp_path: Path, workers: int, n_kills: int
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    run = start(script, whole, workers)
    began = time.monotonic()
    finish(run)
    seconds, expected, n_all = time.monotonic() - began, outputs(whole), len(entries(whole))
    assert len(expected) == 2
    moments = np.random.Generator(np.random.PCG64(workers)).uniform(0, 0.95 * seconds, n_kills)
    n_partly = 0
    for number, moment in enumerate(moments.tolist()):
        folder = tmp_path / str(number)
        folder.mkdir()
        run = start(script, folder, workers)
        time.sleep(moment)
        run.kill()
        run.communicate()
        time.sleep(0.3)  # workers see that their parent is gone
        before = entries(folder)
        n_partly += 0 < len(before) < n_all
        assert all(data == expected[name] for name, data in outputs(folder).items())
        finish(start(script, folder, workers))
        assert outputs(folder) == expected
        after = entries(folder)
        assert {name: after[name] for name in before} == before
        assert len(after) == n_all
        shutil.rmtree(folder)
    assert n_partly >= n_kills // 3

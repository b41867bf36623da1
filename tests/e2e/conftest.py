"""The command as a user meets it: a process of its own, with a cache of its own."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Curate = Callable[..., subprocess.CompletedProcess[str]]
RECIPE = """\
version: 1
seed: 0
steps:
  - use: clean.html
  - use: clean.whitespace
  - use: filter.missing
  - use: dedup.exact
    max_drop: 0.5
  - use: rebalance.oversample
    to_fraction: 0.5
    max_copies: 2
"""


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the command sees: a cache for the session, 80 columns, no colour."""
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS", "NO_COLOR")}
    return {**kept, "CURATE_CACHE": str(tmp_path_factory.mktemp("cache")), "COLUMNS": "80", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="session")
def curate(environment: dict[str, str]) -> Curate:
    """Runs `curate` with some arguments, to its end."""

    def run(*arguments: object, before: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
        command = [*before, sys.executable, "-m", "curate", *map(str, arguments)]
        return subprocess.run(command, env={**environment, **more}, capture_output=True, text=True, timeout=300)

    return run


@pytest.fixture(scope="session")
def sms(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """800 real messages, `text,label`, with exact duplicates and entities among them."""
    path = tmp_path_factory.mktemp("sms") / "sms.csv"
    lines = (data_dir / "sms_spam" / "sms.tsv").read_text("utf-8").splitlines()[:800]
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"])
        rows.writerows([text, label] for label, text in (line.split("\t", 1) for line in lines))
    return path


@pytest.fixture(scope="session")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of an error of the user's: exit 2, no traceback, nothing on standard output."""
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert said == done.stderr.splitlines()[-1:], done.stderr
    assert "Traceback" not in done.stderr
    return said[0].removeprefix("error: ")


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """Starts a script that works on a folder with so many workers; gives it back once it has said that it is ready."""

    def begun(script: Path, folder: Path, workers: int) -> subprocess.Popen[bytes]:
        repository = Path(__file__).resolve().parents[2]
        command = [sys.executable, str(script), str(folder), str(workers)]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(repository)})
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        return run

    return begun

"""The wheel holds all that the package needs, and works from where it is unpacked."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_wheel_is_whole(environment: dict[str, str], tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, REPOSITORY]
    quiet = {**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONWARNINGS": ""}
    subprocess.run(list(map(str, build)), env=quiet, check=True)
    [wheel] = tmp_path.glob("curate_data-*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
        file.extractall(tmp_path / "unpacked")
    tracked = subprocess.run(["git", "ls-files", "curate"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert set(tracked.stdout.splitlines()) <= names
    assert {"curate/py.typed", "curate/report/templates/page.html.j2"} <= names
    page = tmp_path / "a.html"
    (tmp_path / "rows.csv").write_text("text,label\n" + "a text,x\nanother,y\n" * 9)
    command = [sys.executable, "-m", "curate", "audit", tmp_path / "rows.csv", "--html", page, "-q"]
    unpacked = {**environment, "PYTHONPATH": str(tmp_path / "unpacked")}
    subprocess.run(list(map(str, command)), env=unpacked, check=True, cwd=tmp_path)
    assert page.read_text("utf-8").startswith("<!doctype html>")
    where = subprocess.run(
        [sys.executable, "-c", "import curate; print(curate.__file__)"],
        env=unpacked,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(tmp_path / "unpacked"))

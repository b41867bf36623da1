"""The wheel holds all that the package needs, and works from where it is unpacked."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def quiet(environment: dict[str, str]) -> dict[str, str]:
    """What pip sees."""
    return {**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONWARNINGS": ""}


@pytest.fixture(scope="module")
def wheel(quiet: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, REPOSITORY]
    subprocess.run(list(map(str, build)), env=quiet, check=True)
    [made] = folder.glob("curate_data-*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_is_whole(environment: dict[str, str], wheel: Path, tmp_path: Path) -> None:
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


@pytest.mark.slow
def test_the_wheel_needs_no_compiler(quiet: dict[str, str], wheel: Path, tmp_path: Path) -> None:
    """It says for which platform it is and for any Python, and brings the compiled kernels along."""
    assert wheel.stem.split("-")[2:4] == ["py3", "none"]
    assert wheel.stem.split("-")[4] != "any"
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    bare = {**quiet, "PATH": str(nothing)}
    place = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], env=bare, check=True)
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(list(map(str, pip)), env=bare, check=True)
    program = (
        "import shutil, curate.kernels.native as native, curate.kernels.shingles as shingles;"
        "assert shutil.which('cc') is shutil.which('gcc') is None;"
        "print(shingles.shingle_sets(['a b c d']).sizes.tolist(), native.LIBRARY)"
    )
    outer = {**bare, "PYTHONPATH": sysconfig.get_path("purelib")}  # NumPy and Arrow; `curate` lies elsewhere
    run = subprocess.run([python, "-c", program], env=outer, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout.startswith(f"[2] {place}")

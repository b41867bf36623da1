"""The compiled kernels: what is said where they are missing or old, threads that do not show, no byte out of bounds.

The last compiles the sources with the address and undefined-behaviour sanitizers of gcc and runs the tests of every
kernel module that calls C with them.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from curate.errors import CurateError
from curate.kernels import native
from curate.kernels.native import function, in_threads, n_threads
from curate.kernels.source_digest import source_digest

REPOSITORY = Path(__file__).resolve().parents[3]
KERNELS = REPOSITORY / "curate" / "kernels"


@pytest.fixture
def afresh() -> Iterator[None]:
    """The library is loaded anew, before and after."""
    native._library.cache_clear()
    yield
    native._library.cache_clear()


@pytest.mark.usefixtures("afresh")
def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(native, "LIBRARY", tmp_path / "_native.so")
    with pytest.raises(CurateError, match="cannot be loaded") as error:
        function("curate_source_digest", None)
    assert "pip install" in str(error.value.hint)


@pytest.mark.usefixtures("afresh")
def test_a_library_of_other_sources_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(native.SOURCES, tmp_path / "csrc")
    (tmp_path / "csrc" / "more.c").write_text("int more;\n")
    monkeypatch.setattr(native, "SOURCES", tmp_path / "csrc")
    with pytest.raises(CurateError, match="not those of its sources") as error:
        function("curate_source_digest", None)
    assert "pip install" in str(error.value.hint)


def test_the_digest_tells_names_and_bytes_apart(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text("one")
    digests = [source_digest(tmp_path)]
    (tmp_path / "a.c").write_text("two")
    digests.append(source_digest(tmp_path))
    (tmp_path / "a.c").rename(tmp_path / "b.c")
    digests.append(source_digest(tmp_path))
    (tmp_path / "notes.txt").write_text("not compiled")
    assert digests[2] == source_digest(tmp_path)
    assert len(set(digests)) == 3


@pytest.mark.parametrize("threads", [1, 2, 5, None])
def test_results_come_in_order(threads: int | None) -> None:
    assert in_threads(lambda start, stop: list(range(start, stop)), np.arange(0, 11, 2), threads) == [
        [start, start + 1] for start in range(0, 10, 2)
    ]
    assert in_threads(lambda start, stop: start, [0], threads) == []
    assert n_threads(threads) >= 1


def test_an_error_in_a_thread_is_raised() -> None:
    def work(start: int, _: int) -> None:
        if start:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_threads(work, [0, 1, 2], 2)


SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g")


def sanitizer_runtime(scratch: Path) -> str:
    """The library that has to be loaded first; skips where the compiler cannot make what needs it."""
    compiler = shutil.which("gcc")
    if compiler is None:
        pytest.skip("no gcc")
    (scratch / "one.c").write_text("int main(void) { return 0; }\n")
    command = [compiler, *SANITIZERS, scratch / "one.c", "-o", scratch / "one"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this gcc has no sanitizers")
    found = subprocess.run([compiler, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    if not Path(found.stdout.strip()).is_absolute():
        pytest.skip("no libasan.so to load first")
    return found.stdout.strip()


def calling_c() -> list[Path]:
    """The tests of all kernel modules that call C functions."""
    modules = [path.stem for path in sorted(KERNELS.glob("*.py")) if "function(" in path.read_text("utf-8")]
    tests = [Path(__file__).with_name(f"test_{name}.py") for name in modules if name != "native"]
    return [path for path in tests if path.exists()]


@pytest.mark.slow
def test_no_kernel_leaves_its_arrays(tmp_path: Path) -> None:
    runtime = sanitizer_runtime(tmp_path)
    compile_kernels = runpy.run_path(str(REPOSITORY / "hatch_build.py"))["compile_kernels"]
    copy = tmp_path / "copy"
    shutil.copytree(REPOSITORY / "curate", copy / "curate", ignore=shutil.ignore_patterns("__pycache__", "_native.*"))
    compile_kernels(copy / "curate/kernels/csrc", copy / "curate/kernels" / native.LIBRARY.name, SANITIZERS)
    checked = {
        **os.environ,
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    asserted = f"import curate; assert curate.__file__.startswith({str(copy)!r})"
    subprocess.run([sys.executable, "-c", asserted], env=checked, cwd=tmp_path, check=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow"]
    run = subprocess.run(
        [*command, "-k", "not million", *map(str, calling_c())],
        env=checked,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, (run.stdout + run.stderr)[-5000:]

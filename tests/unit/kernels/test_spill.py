"""Arrays in mapped files: the same values as in memory, no file left behind, one line where the disk is full."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from curate.kernels.spill import joined

FULL = """
import resource, numpy as np
from curate.errors import CurateError
from curate.kernels.spill import joined
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    joined([np.arange(10_000)], np.int64, in_memory=0)
except CurateError as error:
    print(error)
"""


def test_a_mapped_array_holds_the_same_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    parts = [np.arange(1000, dtype=np.uint64)[::2], np.empty(0, np.uint64), np.arange(7, dtype=np.uint64)]
    mapped = joined(parts, np.uint64, in_memory=0)
    assert np.array_equal(mapped, joined(parts, np.uint64))
    mapped[0] = 5
    assert mapped[0] == 5
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_nothing() -> None:
    assert joined([], np.int64, in_memory=0).tolist() == []


@pytest.mark.skipif(os.name == "nt", reason="no limit of file sizes")
def test_a_full_disk_is_one_line_that_names_the_folder(tmp_path: Path) -> None:
    given = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", FULL], env=given, capture_output=True, text=True, check=True)
    assert f"cannot write temporary files to {tmp_path}: File too large (free space, or set TMPDIR" in done.stdout
    assert list(tmp_path.iterdir()) == []

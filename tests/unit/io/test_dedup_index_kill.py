"""A process that adds to an index is killed at any of its acts on the disk: the index is as it was, or has it all."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from curate.data.corpus import Corpus
from curate.io.dedup_index import DedupIndex

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

CHILD = """
import os, signal, sys
import pyarrow as pa
from curate.data.corpus import Corpus
from curate.io.dedup_index import DedupIndex

folder, last = sys.argv[1], int(sys.argv[2])
index = DedupIndex.open(folder)
rows = Corpus.from_table(pa.table({"text": [f"new {n} row {n + 1}" for n in range(200)]}))
acts = 0

def watch(event, arguments):
    global acts
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir") and folder in str(arguments[0]):
        acts += 1
        if acts == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
index.add(rows, name="new")
print(acts)
"""


def child(folder: Path, last: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CHILD, str(folder), str(last)], capture_output=True, text=True)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven segments: the eighth makes them one."""
    folder = tmp_path_factory.mktemp("kill") / "index"
    for number in range(7):
        rows = Corpus.from_table(pa.table({"text": [f"old {number} {n} words" for n in range(150)]}))
        if number:
            DedupIndex.open(folder).add(rows, name="old")
        else:
            DedupIndex.build(rows, folder, name="old")
    return folder


@pytest.mark.slow
def test_a_kill_at_any_act_leaves_the_old_index_or_the_new_one(index: Path, tmp_path: Path) -> None:
    asked = Corpus.from_table(pa.table({"text": ["old 3 7 words", "new 5 row 6"]}))
    whole = shutil.copytree(index, tmp_path / "whole")
    acts = int(child(whole, 0).stdout)
    done = DedupIndex.open(whole).query(asked)
    assert acts > 20
    assert (DedupIndex.open(whole).n_segments, done.num_rows) == (1, 2)
    outcomes = set()
    for last in sorted({2, acts // 2, *range(acts - 15, acts + 1, 3)}):
        folder = shutil.copytree(index, tmp_path / str(last))
        assert child(folder, last).returncode == -signal.SIGKILL
        left = DedupIndex.open(folder)
        assert left.n_rows in (1050, 1250)
        outcomes.add(left.n_rows)
        assert left.query(asked).num_rows == (1 if left.n_rows == 1050 else 2)
        left.add(Corpus.from_table(pa.table({"text": [f"new {n} row {n + 1}" for n in range(200)]})), name="new")
        assert left.query(asked).equals(done)
        left.add(Corpus.from_table(pa.table({"text": ["one more"]})), name="more")
        named = {"index.json", ".lock", *(f"segment-{number:06d}" for number in range(1, 20))}
        assert {path.name for path in folder.iterdir()} <= named
        assert len(list(folder.glob("segment-*"))) == left.n_segments
    assert outcomes == {1050, 1250}


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
import pyarrow as pa
from curate.cli.main import main
sys.exit(main(["dedup-index", "add", sys.argv[1], "--to", sys.argv[2], "--no-cache"]))
"""


def test_a_full_disk_leaves_the_index_as_it_was(index: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(index, tmp_path / "index")
    before = (folder / "index.json").read_bytes()
    rows = tmp_path / "rows.txt"
    rows.write_text("".join(f"new {n} row {n + 1}\n" for n in range(2000)))
    done = subprocess.run([sys.executable, "-c", FULL, str(rows), str(folder)], capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"error: cannot write {folder}: File too large")
    assert (folder / "index.json").read_bytes() == before
    assert DedupIndex.open(folder).n_rows == 1050
    assert len(list(folder.glob("segment-*"))) == 7
    assert list(folder.glob(".new-*")) == []


def test_others_read_while_one_adds(tmp_path: Path) -> None:
    def piece(number: int) -> Corpus:
        return Corpus.from_table(pa.table({"text": [f"piece {number} row {n}" for n in range(5)]}))

    DedupIndex.build(piece(0), tmp_path / "i", name="all")
    writer = threading.Thread(
        target=lambda: [DedupIndex.open(tmp_path / "i").add(piece(number), name="all") for number in range(1, 60)]
    )
    writer.start()
    seen = []
    while writer.is_alive():
        index = DedupIndex.open(tmp_path / "i")
        seen.append(index.n_rows)
        assert index.query(piece(0)).num_rows == 5
    writer.join()
    assert seen == sorted(seen)
    assert set(seen) <= {5 * number for number in range(1, 61)}
    assert DedupIndex.open(tmp_path / "i").n_rows == 300


def test_only_one_process_adds_at_a_time(index: Path) -> None:
    import fcntl

    from curate.errors import InputError

    with (index / ".lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InputError, match="another process is adding to"):
            DedupIndex.open(index).add(Corpus.from_table(pa.table({"text": ["a"]})))

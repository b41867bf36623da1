"""The store: an entry is there whole or not at all, damage is noticed, and several processes may race."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from curate.data.store import Store, default_root
from curate.errors import InputError

REPOSITORY = Path(__file__).resolve().parents[3]
KEY = "ab12"


def write(text: str) -> Callable[[Path], None]:
    def to(folder: Path) -> None:
        (folder / "a.txt").write_text(text)
        (folder / "b.txt").write_text(text * 1000)

    return to


def no_writing(folder: Path) -> None:
    pytest.fail("made again")


def left_over(root: Path) -> list[str]:
    return [str(path) for path in root.rglob(".*")]


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.find(KEY) is None
    place = store.make(KEY, write("one"))
    assert (place / "a.txt").read_text() == "one"
    assert store.make(KEY, no_writing) == place == store.find(KEY) == Store(tmp_path).find(KEY)
    assert left_over(tmp_path) == []


def test_a_fault_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def half(folder: Path) -> None:
        (folder / "a.txt").write_text("half")
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        Store(tmp_path).make(KEY, half)
    assert Store(tmp_path).find(KEY) is None
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("file", ["a.txt", "b.txt", "manifest.json"])
@pytest.mark.parametrize("how", ["flip", "cut", "remove"])
def test_a_damaged_entry_is_noticed_and_made_again(tmp_path: Path, file: str, how: str) -> None:
    store = Store(tmp_path)
    path = store.make(KEY, write("one")) / file
    if how == "remove":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data[:-1] if how == "cut" else data))
    assert store.find(KEY) is None
    assert (store.make(KEY, write("two")) / "a.txt").read_text() == "two"
    assert left_over(tmp_path) == []


def test_a_killed_process_leaves_no_entry(tmp_path: Path) -> None:
    code = f"""
import time
from curate.data.store import Store
def slow(folder):
    (folder / "a.txt").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
Store({str(tmp_path)!r}).make({KEY!r}, slow)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=REPOSITORY)
    assert child.stdout is not None
    child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    store = Store(tmp_path)
    assert store.find(KEY) is None
    assert (store.make(KEY, write("whole")) / "a.txt").read_text() == "whole"


def test_what_killed_processes_left_is_swept_after_a_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = store.path(KEY).parent
    for name, age_s in ((".new-old", 90_000), (".new-young", 60), (".bad-old", 90_000)):
        (folder / name).mkdir(parents=True)
        os.utime(folder / name, (time.time() - age_s,) * 2)
    store.make(KEY, write("one"))
    assert left_over(tmp_path) == [str(folder / ".new-young")]


def test_processes_that_race_agree_on_one_entry(tmp_path: Path) -> None:
    code = f"""
import os
from curate.data.store import Store
for number in range(40):
    store = Store({str(tmp_path)!r})
    place = store.make(f"{{number:04d}}", lambda f: (f / "who").write_text(str(os.getpid()) * 10) and None)
    print(number, (place / "who").read_text())
"""
    children = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
        for _ in range(3)
    ]
    said = [child.communicate()[0] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert said[0] == said[1] == said[2]
    assert left_over(tmp_path) == []


def test_an_entry_another_process_made_meanwhile_wins(tmp_path: Path) -> None:
    def late(folder: Path) -> None:
        Store(tmp_path).make(KEY, write("first"))
        (folder / "a.txt").write_text("late")

    assert (Store(tmp_path).make(KEY, late) / "a.txt").read_text() == "first"
    assert left_over(tmp_path) == []


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write to the cache .*CURATE_CACHE"):
        Store(tmp_path / "file").make(KEY, write("x"))
    with pytest.raises(InputError, match="cannot write to the cache"):
        Store(tmp_path / "file").scratch()


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        (folder / "a.txt").write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left on device"):
        Store(tmp_path).make(KEY, full)
    assert Store(tmp_path).find(KEY) is None
    assert left_over(tmp_path) == []


def test_scratch_is_gone_afterwards(tmp_path: Path) -> None:
    with Store(tmp_path).scratch() as folder:
        Path(folder, "x").write_text("1")
    assert not Path(folder).exists()


def test_where_the_store_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CURATE_CACHE", str(tmp_path / "own"))
    assert Store().root == tmp_path / "own"
    monkeypatch.delenv("CURATE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_root() == tmp_path / "curate"

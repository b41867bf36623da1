"""Bad input through the command: each time one clear line and exit 2, or a correct result; never a traceback, never a
lost row. Disks are really full and folders really closed.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Curate, one_line

STEPS = ("clean.whitespace", "filter.missing", "dedup.exact", "labels.drop_issues", "rebalance.oversample")
HEAD = b"text,label\n"


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text("version: 1\nsteps:\n" + "".join(f"- use: {step}\n" for step in STEPS))
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def lines(n: int, text: str = "text number {n}", label: str = "{odd}") -> bytes:
    rows = (f"{text},{label}\n".format(n=n, odd=n % 2, third=[0.5, 1.5, 2.0][n % 3]) for n in range(n))
    return HEAD + "".join(rows).encode()


def run_counts(curate: Curate, steps: Path, source: Path, tmp_path: Path) -> dict[str, dict]:
    """What each step did to a source that can be read; every row is accounted for."""
    done = curate("run", steps, source, "--out", tmp_path / "out", "--json", "-", "--workers", "1")
    assert done.returncode == 0, done.stderr
    found = {step["step"]: step for step in json.loads(done.stdout)["steps"]}
    for step in found.values():
        assert step["n_in"] - step["n_dropped"] - step["n_quarantined"] + step["n_added"] == step["n_out"]
    return found


def findings(curate: Curate, source: Path) -> dict[str, list[dict]]:
    """The findings of a source that can be read, by check; none of them crashed."""
    done = curate("audit", source, "--json", "-", "--workers", "1")
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict]] = {}
    for finding in json.loads(done.stdout)["findings"]:
        found.setdefault(finding["check"], []).append(finding)
    assert all(finding["status"] != "crashed" for some in found.values() for finding in some)
    return found


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty (give a file with rows)"),
        (b"text,text\na,b\n", "has two columns called 'text' (rename one, or give --columns)"),
        (b"PK\x03\x04\x00\xff\xfe" + bytes(range(256)) * 20, "rows.csv"),
    ],
    ids=["empty", "duplicate columns", "binary"],
)
def test_a_file_that_holds_no_rows_to_read(
    curate: Curate, steps: Path, source: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    source.write_bytes(content)
    assert said in one_line(curate("audit", source))
    assert said in one_line(curate("run", steps, source, "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--text", "txt"], "no column 'txt' for the role text (did you mean 'text'?)"),
        (["--label", "lable"], "no column 'lable' for the role label (did you mean 'label'?)"),
        (["--text", "label"], "the text column 'label' holds int64, not text"),
        (["--split", "tset"], "has no split 'tset'"),
        (["--format", "xls"], "no format is called 'xls'"),
    ],
)
def test_a_name_that_is_not_there(curate: Curate, steps: Path, source: Path, options: list[str], said: str) -> None:
    source.write_bytes(lines(60))
    assert said in one_line(curate("audit", source, *options))
    assert said in one_line(curate("run", steps, source, "--dry-run", *options))


def test_a_missing_file_and_a_folder_without_data(curate: Curate, steps: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(lines(9))
    (tmp_path / "folder").mkdir()
    for source, said in (
        (tmp_path / "row.csv", f"did you mean '{tmp_path / 'rows.csv'}'?"),
        (tmp_path / "folder", "holds no data files"),
        (tmp_path / "*.tsv", "no file matches"),
    ):
        assert said in one_line(curate("audit", source))
        assert said in one_line(curate("run", steps, source, "--dry-run"))


def test_a_header_without_rows_is_nothing_to_audit_and_a_run_of_nothing(
    curate: Curate, steps: Path, source: Path, tmp_path: Path
) -> None:
    source.write_bytes(HEAD)
    audited = curate("audit", source)
    assert one_line(audited) == f"no check could look at {source}: there are no rows (give rows under the header)"
    assert len(audited.stderr.splitlines()) == 2, "which columns it has, and what is wrong"
    assert one_line(curate("measure", steps, source)).startswith(f"there are no rows in {source.name}")
    assert {step["n_out"] for step in run_counts(curate, steps, source, tmp_path).values()} == {0}


@pytest.mark.parametrize(
    ("content", "n_rows"),
    [
        (b"\xef\xbb\xbftext,label\na b,x\nc d,y\n", 2),
        (b"text,label\na b,x\r\nc d,y\re f,x\n", 3),
        (HEAD + b"ab  " * 2_600_000 + b",x\nc d,y\n", 2),
        (b"text,label\na\x00b,x\nc d,y\n", 2),
        (lines(50, label="only"), 50),
        (lines(60, label="{third}"), 60),
    ],
    ids=["byte order mark", "mixed line ends", "10 MB cell", "null bytes", "one class", "labels as floats"],
)
def test_what_is_odd_but_can_be_read_loses_no_row(
    curate: Curate, steps: Path, source: Path, tmp_path: Path, content: bytes, n_rows: int
) -> None:
    source.write_bytes(content)
    found = findings(curate, source)
    assert found["missing"][0]["title"] == "Every row has a text and a label"
    counts = run_counts(curate, steps, source, tmp_path)
    assert counts["clean.whitespace"]["n_in"] == n_rows
    assert counts["labels.drop_issues"]["n_out"] == n_rows


def test_texts_that_are_all_null_are_found_and_dropped(
    curate: Curate, steps: Path, source: Path, tmp_path: Path
) -> None:
    source.write_bytes(HEAD + b",x\n" * 40 + b",y\n" * 40)
    assert findings(curate, source)["missing"][0]["n_rows"] == 80
    assert run_counts(curate, steps, source, tmp_path)["filter.missing"]["reasons"] == {"null_text": 80}


def test_one_null_in_3000_rows_affects_exactly_one_row(
    curate: Curate, steps: Path, source: Path, tmp_path: Path
) -> None:
    rows = lines(3000).splitlines(keepends=True)
    rows[1501] = b",1\n"
    source.write_bytes(b"".join(rows))
    steps = tmp_path / "few.yaml"
    steps.write_text("version: 1\nsteps:\n" + "".join(f"- use: {step}\n" for step in STEPS[:3]))
    assert findings(curate, source)["missing"][0]["n_rows"] == 1
    counts = run_counts(curate, steps, source, tmp_path)
    assert [step["n_out"] for step in counts.values()] == [3000, 2999, 2999]


def test_rows_that_cannot_be_read_are_told_of_and_too_many_stop_the_command(
    curate: Curate, steps: Path, source: Path, tmp_path: Path
) -> None:
    source.write_bytes(lines(300) + b"\xff\xfe bad,1\n")
    done = curate("run", steps, source, "--out", tmp_path / "out", "--json", "-")
    assert done.returncode == 0
    assert f"1 row cannot be read and stays out; {source} line 302" in done.stderr
    assert json.loads(done.stdout)["quarantine"]["n_rows"] == 1
    said = one_line(curate("run", steps, source, "--dry-run", "--max-quarantine", "0"))
    assert "1 of 301 rows (0.3%) cannot be read, max_quarantine is 0.0%" in said


def without_override() -> tuple[str, ...]:
    """What runs a command as somebody whom permissions bind; nothing where we are not root."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root without setpriv: permissions cannot bind")
    return ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


def test_no_permission_to_read_or_to_write(curate: Curate, steps: Path, source: Path, tmp_path: Path) -> None:
    before = without_override()
    source.write_bytes(lines(60))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    for options in (["--html", closed / "a.html"], ["--json", closed / "a.json"], ["--rows", closed / "rows.csv"]):
        assert "Permission denied" in one_line(curate("audit", source, *options, before=before))
    assert "Permission denied" in one_line(curate("run", steps, source, "--out", closed / "out", before=before))
    assert "Permission denied" in one_line(
        curate("run", steps, source, "--dry-run", "--cache", closed / "c", before=before)
    )
    source.chmod(0)
    assert f"cannot read {source}: Permission denied" in one_line(curate("audit", source, before=before))
    assert "is not readable" in one_line(curate("run", source, source, "--dry-run", before=before))
    assert list(closed.iterdir()) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def large(source: Path) -> Path:
    """Rows that do not fit into a megabyte, whatever the compression."""
    rows = ("".join(f"{os.urandom(600).hex()},{n % 2}\n") for n in range(3000))
    source.write_text("text,label\n" + "".join(rows))
    return source


@pytest.mark.parametrize("out", ["out", "out.csv", "out.parquet"])
def test_a_full_disk_at_the_destination(curate: Curate, recipe: Path, source: Path, small_disk: Path, out: str) -> None:
    said = one_line(curate("run", recipe, large(source), "--out", small_disk / out))
    assert "No space left on device" in said
    assert list(small_disk.iterdir()) == []


def test_a_full_disk_under_the_cache(
    curate: Curate, recipe: Path, source: Path, small_disk: Path, tmp_path: Path
) -> None:
    cache = small_disk / "cache"
    said = one_line(curate("run", recipe, large(source), "--out", tmp_path / "out", "--cache", cache))
    assert "cannot write to the cache" in said or "cannot write" in said
    assert "No space left on device" in said
    assert not (tmp_path / "out").exists()


def test_a_full_disk_at_the_report(curate: Curate, source: Path, small_disk: Path) -> None:
    source.write_bytes(lines(60))
    (small_disk / "filler").write_bytes(bytes(1000 * 1024))
    said = one_line(curate("audit", source, "--html", small_disk / "a.html"))
    assert "No space left on device" in said
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_files_that_may_not_grow(environment: dict[str, str], recipe: Path, source: Path, tmp_path: Path) -> None:
    """A limit on the size of files, where no disk can be mounted: the same as a full one."""
    command = [sys.executable, "-m", "curate", "run", recipe, large(source), "--out", tmp_path / "out", "--no-cache"]
    done = subprocess.run(
        list(map(str, command)),
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)),
    )
    assert "File too large" in one_line(done)
    assert not (tmp_path / "out").exists()

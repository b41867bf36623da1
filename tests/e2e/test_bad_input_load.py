"""Bad input at the door: a clear one-line error or a correct result; never another exception, never a lost row."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from curate.data.store import Store
from curate.errors import ColumnError, CurateError, InputError, QuarantineExceeded
from curate.io import load, save

TEXT_FORMATS = ["csv", "tsv", "jsonl", "json", "txt"]
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_CACHE", str(tmp_path_factory.mktemp("cache")))


def written(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@contextmanager
def one_line(kind: type[CurateError], said: str) -> Iterator[None]:
    with pytest.raises(kind, match=said) as caught:
        yield
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("ending", [*TEXT_FORMATS, "parquet", "arrow", "csv.gz", "jsonl.zst"])
def test_an_empty_file(tmp_path, ending):
    with one_line(InputError, "is empty|not a whole"):
        load(written(tmp_path / f"x.{ending}", b""))


@pytest.mark.parametrize("data", ["text,label", "text,label\n", "\ufefftext,label\r\n\r\n"])
def test_a_header_only(tmp_path, data):
    corpus = load(written(tmp_path / "x.csv", data))
    assert (len(corpus), corpus.column_names) == (0, ["text", "label"])
    for ending in ("csv", "parquet", "arrow", "tsv"):
        again = load(save(corpus, tmp_path / f"y.{ending}"))
        assert (len(again), again.column_names) == (0, ["text", "label"])


def test_a_byte_order_mark(tmp_path):
    assert load(written(tmp_path / "x.csv", "\ufefftext\na\n")).texts() == ["a"]
    assert load(written(tmp_path / "x.jsonl", '\ufeff{"text": "a"}\n')).texts() == ["a"]
    assert load(written(tmp_path / "x.json", '\ufeff[{"text": "a"}]')).texts() == ["a"]
    assert load(written(tmp_path / "x.txt", "\ufeffa\n")).texts() == ["a"]
    with one_line(InputError, "is UTF-16"):
        load(written(tmp_path / "x.csv", "text\na\n".encode("utf-16")))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", b'text,n\r\na,1\rb,2\n"c",3'),
        ("x.tsv", b"text\tn\r\na\t1\rb\t2\nc\t3"),
        ("x.jsonl", b'{"text":"a"}\r\n{"text":"b"}\r{"text":"c"}\n'),
        ("x.txt", b"a\r\nb\rc\n"),
    ],
)
def test_mixed_line_ends(tmp_path, name, data):
    assert load(written(tmp_path / name, data)).texts() == ["a", "b", "c"]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_a_cell_of_ten_megabytes(tmp_path, ending):
    table = pa.table({"text": ["a", 'x"\n' * 3_500_000, "b"], "label": [0, 1, 0]})
    assert load(save(load(table), tmp_path / f"x.{ending}")).table().equals(table)


@pytest.mark.parametrize("ending", [*TEXT_FORMATS, "parquet"])
def test_null_bytes(tmp_path, ending):
    table = pa.table({"text": ["a\x00b", "\x00", "c"]})
    assert load(save(load(table), tmp_path / f"x.{ending}")).table().equals(table)


def test_two_columns_of_one_name(tmp_path):
    with one_line(InputError, "two columns called 'a'"):
        load(written(tmp_path / "x.csv", "a,b,a\n1,2,3\n"))
    pyarrow.parquet.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "x.parquet")
    with one_line(InputError, "two columns called 'a'"):
        load(tmp_path / "x.parquet")
    with one_line(InputError, "two columns called 'a'"):
        load(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_an_unknown_column(tmp_path):
    with one_line(ColumnError, "no column 'txt' for the role text .did you mean 'text'"):
        load(written(tmp_path / "x.csv", "text,label\na,1\n"), text="txt")


def test_a_text_column_of_nothing_but_null(tmp_path):
    for name, data in {"x.csv": "text,label\n,1\n,2\n", "x.jsonl": '{"text": null, "label": 1}\n' * 2}.items():
        corpus = load(written(tmp_path / name, data), text="text")
        assert corpus.texts() == ["", ""]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_one_null_in_three_thousand_rows(tmp_path, ending):
    texts = [f"row {n}" for n in range(3000)]
    texts[1234] = None
    corpus = load(save(load(pa.table({"text": texts, "label": [0, 1] * 1500})), tmp_path / f"x.{ending}"))
    assert corpus.table().column("text").to_pylist() == texts
    assert corpus.quarantine.num_rows == 0


def test_labels_as_floats_stay_floats(tmp_path):
    table = pa.table({"text": ["a", "b", "c"], "label": [0.0, 1.0, None]})
    assert load(written(tmp_path / "x.csv", "text,label\na,0.0\nb,1.0\nc,\n")).table().equals(table)
    assert (
        load(written(tmp_path / "x.jsonl", "".join(json.dumps(row) + "\n" for row in table.to_pylist())))
        .table()
        .equals(table)
    )
    assert load(pd.DataFrame({"text": ["a"], "label": [1.0]})).schema.field("label").type == pa.float64()


def test_one_bad_row_costs_one_row(tmp_path):
    lines = [f'{{"text": "row {n}", "label": {n % 2}}}' for n in range(3000)]
    lines[1000], lines[2000] = '{"text": "cut of', '{"text": 5, "label": 1}'
    corpus = load(written(tmp_path / "x.jsonl", "\n".join(lines)))
    assert len(corpus) == 2998
    assert corpus.quarantine.column("line").to_pylist() == [1001, 2001]


def test_a_file_of_another_format(tmp_path):
    with one_line(QuarantineExceeded, "not valid JSON"):
        load(written(tmp_path / "x.jsonl", "text,label\na,1\n"))
    with one_line(InputError, "not a whole parquet file"):
        load(written(tmp_path / "x.parquet", "text,label\na,1\n"))
    with one_line(InputError, "cannot be read"):
        load(written(tmp_path / "x.json", "text,label\na,1\n"))


def test_a_folder_a_missing_file_and_what_is_no_file(tmp_path):
    with one_line(InputError, "holds no data files"):
        load(tmp_path)
    written(tmp_path / "reviews.csv", "text\na\n")
    with one_line(InputError, "did you mean"):
        load(tmp_path / "reviws.csv")
    with one_line(InputError, "neither a file nor a folder"):
        load("/dev/null")
    (tmp_path / "broken.csv").symlink_to(tmp_path / "nowhere.csv")
    with one_line(InputError, "no file or folder"):
        load(tmp_path / "broken.csv")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, which may read and write anything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that whoever runs the test may go through."""
    for place in (tmp_path, *tmp_path.parents):
        if place.stat().st_uid == os.getuid() and place.stat().st_mode & 5 != 5:
            place.chmod(0o755)
    return tmp_path


def test_no_permission_to_read(open_folder):
    path = written(open_folder / "x.csv", "text\na\n")
    load(path)
    path.chmod(0)
    with as_nobody(), one_line(InputError, "cannot read .*x.csv: Permission denied"):
        load(path)
    closed = open_folder / "closed"
    closed.mkdir()
    closed.chmod(0)
    with as_nobody(), one_line(InputError, "cannot read .*closed.*: Permission denied"):
        load(closed)
    with as_nobody(), one_line(InputError, "cannot read .*closed.*: Permission denied"):
        load(closed / "x.csv")
    closed.chmod(0o700)


def test_no_permission_to_write(open_folder):
    corpus = load(pa.table({"text": ["a"]}))
    save(corpus, open_folder / "warm")
    closed = open_folder / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    for name in ("x.csv", "x.parquet", "folder", "new/x.csv"):
        with as_nobody(), one_line(InputError, "cannot write .*: Permission denied"):
            save(corpus, closed / name)
    assert os.listdir(closed) == []


def test_a_full_disk(tmp_path):
    """A limit on the size of files stands in for a full disk: both are an OSError in the middle of writing."""
    rows = "text,n\n" + "".join(f"a row of text number {n} that is long enough,{n}\n" for n in range(250_000))
    path = written(tmp_path / "x.csv", rows)
    corpus = load(path)
    store = Store(tmp_path / "store")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
    try:
        with one_line(InputError, "cannot write .*store.*File too large"):
            load(path, store=store)
        with one_line(InputError, "cannot write .*y.csv: .*File too large"):
            save(corpus, tmp_path / "y.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(os.listdir(tmp_path)) == ["store", "x.csv"]
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    assert load(path, store=store).fingerprint == corpus.fingerprint


CHILD = """
import resource, sys
from curate.data.store import Store
from curate.io import load, save
corpus = load(sys.argv[1], store=Store(sys.argv[2]))
save(corpus, sys.argv[3])
assert "datasets" not in sys.modules
print(len(corpus), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_memory_does_not_grow_with_the_rows(tmp_path, ending):
    peaks = []
    for n_rows in (200_000, 1_000_000):
        path = tmp_path / f"{n_rows}.{ending}"
        with open(path, "w") as file:
            if ending == "csv":
                file.write("text,label\n")
            row = (
                '"a short, quoted text number {},",{}\n'
                if ending == "csv"
                else '{{"text": "a short text {}", "label": {}}}\n'
            )
            file.writelines(row.format(n, n % 7) for n in range(n_rows))
        arguments = [str(path), str(tmp_path / "store"), str(tmp_path / f"out.{ending}")]
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *arguments],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        found, peak = map(int, done.stdout.split())
        assert found == n_rows
        peaks.append(peak)
    assert peaks[1] <= 1.1 * peaks[0]

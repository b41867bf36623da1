"""Large sources are kept in the store, once; and bad rows are counted against their bound."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from curate.data.store import Store
from curate.errors import InputError, QuarantineExceeded
from curate.io import load

ROWS = 200_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "x.csv"
    path.write_text("text,n\n" + "".join(f"a row of text number {n} that is long enough,{n}\n" for n in range(ROWS)))
    return path


def entries(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_large_file_goes_to_the_store_and_is_opened_from_it(tmp_path, large):
    store = Store(tmp_path / "store")
    corpus = load(large, store=store)
    assert type(corpus.rows).__name__ == "FileRows"
    kept = entries(store.root)
    assert [Path(name).name for name in kept if name.endswith(".arrow")] == ["quarantine.arrow", "rows.arrow"]
    assert not [name for name in kept if ".scratch" in name or ".new" in name]
    again = load(large, store=store)
    assert again.fingerprint == corpus.fingerprint
    assert entries(store.root) == kept
    assert again.table().column("n").to_pylist() == list(range(ROWS))
    assert again.row_ids().tolist() == list(range(ROWS))
    assert all(batch.rows.num_rows == 7 for batch in again.batches(7, 0, 700))


def test_a_damaged_entry_is_made_again(tmp_path, large):
    store = Store(tmp_path / "store")
    corpus = load(large, store=store)
    rows = corpus.rows.files[0]
    rows.write_bytes(rows.read_bytes()[:-100])
    again = load(large, store=store)
    assert again.fingerprint == corpus.fingerprint
    assert len(again.texts()) == ROWS


def test_the_way_a_source_is_kept_does_not_change_its_fingerprint(tmp_path, large):
    small = tmp_path / "x.csv"
    small.write_text("".join(large.read_text().splitlines(keepends=True)[:1001]))
    kept = load(large)
    assert kept.take(range(1000)).fingerprint == load(small).fingerprint


def test_row_ids_of_a_large_file_are_its_own(tmp_path):
    path = tmp_path / "x.jsonl"
    rows = (f'{{"__row_id__": {2**63 + n if n % 2 else n}, "text": "{"x" * 60}"}}\n' for n in range(ROWS))
    path.write_text("".join(rows))
    corpus = load(path)
    assert type(corpus.rows).__name__ == "FileRows"
    assert corpus.row_ids()[:3].tolist() == [0, 2**63 + 1, 2]
    assert corpus.column_names == ["text"]


def test_a_store_that_cannot_be_written_is_one_line(tmp_path, large):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write to the cache .*set CURATE_CACHE"):
        load(large, store=Store(tmp_path / "file" / "store"))


def test_progress_is_told(large):
    seen: list[int] = []
    load(large, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == ROWS


def bad_csv(path: Path, n_good: int, n_bad: int) -> Path:
    path.write_text("text,n\n" + "a,1\n" * n_good + "b\n" * n_bad)
    return path


def test_the_bound_of_the_quarantine(tmp_path):
    corpus = load(bad_csv(tmp_path / "x.csv", 99, 1))
    assert (len(corpus), corpus.quarantine.num_rows) == (99, 1)
    row = corpus.quarantine.to_pylist()[0]
    assert row == {
        "row_id": None,
        "file": str(tmp_path / "x.csv"),
        "line": 101,
        "step": None,
        "cause": "1 cell where 2 are expected",
        "raw": "b",
    }
    with pytest.raises(QuarantineExceeded) as caught:
        load(bad_csv(tmp_path / "x.csv", 98, 2))
    assert str(caught.value) == (
        "2 of 100 rows (2.0%) cannot be read, max_quarantine is 1.0%: "
        f"2 x 1 cell where 2 are expected (first: {tmp_path / 'x.csv'} line 100) "
        "(mend the source or raise max_quarantine)"
    )
    assert len(load(tmp_path / "x.csv", max_quarantine=0.02)) == 98
    with pytest.raises(QuarantineExceeded):
        load(bad_csv(tmp_path / "x.csv", 999, 1), max_quarantine=0)


def test_the_bound_holds_for_what_the_store_keeps_too(tmp_path, large):
    path = tmp_path / "x.csv"
    shutil.copy(large, path)
    with open(path, "a") as file:
        file.write("b\n" * 100)
    assert load(path).quarantine.num_rows == 100
    with pytest.raises(QuarantineExceeded, match="100 of 200,100 rows"):
        load(path, max_quarantine=0.0001)


def test_nothing_but_bad_rows_stops_early(tmp_path):
    path = tmp_path / "x.jsonl"
    with open(path, "w") as file:
        file.writelines("{\n" for _ in range(300_000))
    with pytest.raises(QuarantineExceeded, match="100,000 of 100,000 rows"):
        load(path)


def test_a_source_that_cannot_be_read_leaves_no_entry(tmp_path, large):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(os.urandom(1000))
    store = Store(tmp_path / "store")
    with pytest.raises(InputError, match="not a whole gz file"):
        load(path, store=store)
    assert entries(store.root) == []

"""A saved index as an earlier version wrote it: it is still read, and the same rows still give the same bytes.

Where this fails, hashes or files have changed and indexes of users give wrong answers: raise the format in
`curate/io/dedup_manifest.py`, then `CURATE_GOLDEN=write pytest tests/golden` writes the index anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from curate.io import load
from curate.io.dedup_index import DedupIndex
from curate.io.dedup_manifest import read_manifest

HERE = Path(__file__).parent / "dedup_index"
SETTINGS = {"n_hashes": 32, "recall": 0.9}


@pytest.mark.parametrize("verify", ["exact", "signature"])
def test_an_index_of_an_earlier_version_is_what_it_was(tmp_path: Path, verify: str) -> None:
    rows = load(HERE / "input.txt")
    place = HERE / verify
    if os.environ.get("CURATE_GOLDEN") == "write":
        DedupIndex.build(rows, place, overwrite=True, verify=verify, **SETTINGS)
        (place / ".lock").unlink()
    again = DedupIndex.build(rows, tmp_path / "index", verify=verify, **SETTINGS)
    changed = {"curate": read_manifest(place).curate}
    assert read_manifest(again.folder).model_copy(update=changed) == read_manifest(place)
    twins = DedupIndex.open(place).query(rows)
    assert twins.column("row_id").to_pylist() == list(range(8))
    assert twins.column("twin").to_pylist() == [0, 0, 2, 3, 4, 5, 6, 7]
    assert set(twins.column("similarity").to_pylist()) == {1.0}

"""What the tests of loading and saving share: a store of their own, and a way to write a file and load it."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.data.store import Store
from curate.io import load


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The default store of each test is empty and its own."""
    monkeypatch.setenv("CURATE_CACHE", str(tmp_path / "cache"))
    return Store()


@pytest.fixture
def load_bytes(tmp_path: Path):
    def load_bytes(name: str, data: bytes, **options):
        path = tmp_path / name
        path.write_bytes(data)
        return load(path, **options)

    return load_bytes

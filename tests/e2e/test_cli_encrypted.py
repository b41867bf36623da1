"""Encrypted output through the command: nothing in the clear on any disk, everything back with the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from curate import EncryptionKey, load

from .conftest import Curate, one_line

KEY = "00112233445566778899aabbccddeeff" * 2
RECIPE = "version: 1\nsteps:\n- use: clean.whitespace\n- use: dedup.exact\n"
ROWS = [{"text": f"the secret  of number {number // 2}", "label": "private"} for number in range(60)]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A recipe, rows and a key."""
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (tmp_path / "key").write_text(KEY)
    for name in ("cache", "temporary"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_a_run_leaves_nothing_in_the_clear_and_is_read_again_with_its_key(curate: Curate, given: Path) -> None:
    places = {"CURATE_CACHE": str(given / "cache"), "TMPDIR": str(given / "temporary")}
    recipe, rows, out, key = (given / name for name in ("recipe.yaml", "rows.jsonl", "out", "key"))
    done = curate("run", recipe, rows, "--out", out, "--encrypt-key-file", key, "--json", "-", "--workers", 2, **places)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["encrypted"] is True
    assert not list((given / "temporary").iterdir())
    assert not list((given / "cache").iterdir())
    for path in [path for path in out.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        assert b"secret" not in content
        assert b"private" not in content
        assert KEY.encode() not in content
    assert KEY not in done.stdout + done.stderr
    assert len(load(out, key=EncryptionKey.of_file(key))) == 30

    told = curate("explain", out, 1, "--key-file", key, "--json", "-", **places)
    assert [event["kind"] for event in json.loads(told.stdout)["events"]] == ["set", "drop"]
    assert json.loads(told.stdout)["events"][0]["before"] == "the secret  of number 0"
    seen = curate("audit", out, "--checks", "duplicates", "--json", "-", CURATE_KEY_FILE=str(key), **places)
    assert json.loads(seen.stdout)["n_rows"] == 30
    assert not list((given / "cache").iterdir())

    again = given / "again.parquet"
    done = curate("run", recipe, out, "--out", again, "--key-file", key, CURATE_ENCRYPT_KEY_FILE=str(key), **places)
    assert done.returncode == 0, done.stderr
    assert again.read_bytes()[:4] == b"PARE"


def test_what_cannot_be_is_one_line(curate: Curate, given: Path) -> None:
    recipe, rows, out, key = (given / name for name in ("recipe.yaml", "rows.jsonl", "out", "key"))
    curate("run", recipe, rows, "--out", out, "--encrypt-key-file", key, "-q")
    other = given / "other"
    other.write_text(KEY[::-1])
    assert "is encrypted (give its key: --key-file FILE" in one_line(curate("audit", out))
    assert "is encrypted" in one_line(curate("explain", out, 0))
    assert "the key does not open it" in one_line(curate("audit", out, "--key-file", other))
    assert "the key does not open it" in one_line(curate("explain", out, 0, "--key-file", other))
    encrypted = ("--encrypt-key-file", key)
    said = one_line(curate("run", recipe, rows, "--out", given / "out.jsonl", *encrypted))
    assert "out.jsonl would not be encrypted: only Parquet is" in said
    said = one_line(curate("run", recipe, rows, "--out", given / "b", "--cache", given / "cache", *encrypted))
    assert "would keep rows that are not encrypted" in said
    said = one_line(curate("run", recipe, rows, "--out", given / "b", "--encrypt-key-file", rows))
    assert "rows.jsonl is neither hexadecimal digits nor base64" in said
    assert "would replace" in one_line(
        curate("run", recipe, rows, "--out", key, "--encrypt-key-file", key, "--overwrite")
    )
    assert key.read_text() == KEY
    assert not (given / "b").exists()

"""No secret and no personal data gets out: not into what a run with `clean.pii` leaves, not into any report or screen.

Every file is searched as it lies on the disk and as it reads: Parquet decoded, HTML and JSON unescaped.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest

Curate = Callable[..., object]
PLANTED = {
    "email": "jane.roe@mail.example.org",
    "card": "4111 1111 1111 1111",
    "iban": "GB82 WEST 1234 5698 7654 32",
    "ssn": "536-90-4399",
    "phone": "415-555-2671",
    "token": "AKIAIOSFODNN7EXAMPLE",
    "password": "hunter2-Tr0ub",
}
RECIPE = """\
version: 1
seed: 0
max_quarantine: 0.5
steps:
  - use: clean.html
  - use: clean.whitespace
  - use: filter.length
    min_words: 3
  - use: dedup.exact
{pii}
  - use: rebalance.oversample
"""


def rows() -> list[dict[str, str]]:
    """Each value in a text that stays, in one that is repeated, in markup, and in one that is dropped as too short."""
    made = [
        {"text": f"A line of text number {n} that is like no other line.", "label": "ab"[n % 3 == 0]} for n in range(60)
    ]
    for value in PLANTED.values():
        said = f"password: {value}" if value == PLANTED["password"] else f"Please call me on {value}"
        made += [{"text": f"{said} as soon as  you can.", "label": "a"}] * 2
        made.append({"text": f"<p>{said} &amp; <b>soon</b>.</p>", "label": "b"})
        made.append({"text": said.replace("Please call me on ", ""), "label": "b"})
    made.append({"text": f"Hidden {PLANTED['email'].replace('@', '&#64;')} in an entity, here.", "label": "a"})
    made.append({"text": f"{PLANTED['email'].replace('@', '&#64;')}", "label": "a"})
    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps(row) for row in rows()]
    path.write_text("\n".join([*lines, f'{{"text": "broken {PLANTED["email"]}", "label"']) + "\n")
    return path


def readings(path: Path) -> list[str]:
    """A file in every way it can be read."""
    raw = path.read_bytes()
    text = raw.decode("utf-8", "replace")
    read = [text, html.unescape(text), re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)]
    if path.suffix == ".parquet":
        read.append(html.unescape(str(pyarrow.parquet.read_table(path).to_pylist())))
    return read


def leaks(texts: list[str]) -> set[str]:
    return {name for name, value in PLANTED.items() for text in texts if value in text}


def test_the_search_finds_what_is_there(source: Path, tmp_path: Path, curate: Curate) -> None:
    recipe = tmp_path / "plain.yaml"
    recipe.write_text(RECIPE.format(pii=""))
    done = curate("run", recipe, source, "--out", tmp_path / "out", "--max-quarantine", "0.5")
    assert done.returncode == 0, done.stderr
    assert leaks(readings(tmp_path / "out" / "lineage.parquet")) == set(PLANTED)


@pytest.mark.parametrize(
    ("action", "workers"),
    [("redact", 2), ("mask", 1), ("pseudonymise\n    key_env: PII_KEY", 1)],
    ids=["redact", "mask", "pseudonymise"],
)
def test_a_run_leaves_nothing(source: Path, tmp_path: Path, curate: Curate, action: str, workers: int) -> None:
    key = "a-key-that-nobody-else-has-0123456789"
    recipe, out, cache = tmp_path / "pii.yaml", tmp_path / "out", tmp_path / "cache"
    recipe.write_text(RECIPE.format(pii=f"  - use: clean.pii\n    action: {action}\n    tag: found"))
    told = ["--json", tmp_path / "run.json", "--workers", workers, "--max-quarantine", "0.5", "--cache", cache]
    done = curate("run", recipe, source, "--out", out, *told, "--verbose", PII_KEY=key)
    assert done.returncode == 0, done.stderr
    said = [done.stdout, done.stderr]
    for row in (60, 63) if action == "redact" else ():
        shown = curate("explain", out, row, "--cache", cache, "--json", "-")
        assert shown.returncode == 0, shown.stderr
        said += [shown.stdout, shown.stderr]
    files = [path for path in out.rglob("*") if path.is_file()] + [tmp_path / "run.json"]
    assert {path.name for path in files} >= {"lineage.parquet", "quarantine.parquet", "README.md", "train.parquet"}
    said += [text for path in files for text in readings(path)]
    said += [str(path.relative_to(cache)) for path in cache.rglob("*")]
    assert leaks(said) == set()
    assert not any(key in text for text in said)
    assert not [path for path in cache.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


def test_what_an_earlier_run_kept_does_not_come_back(source: Path, tmp_path: Path, curate: Curate) -> None:
    """The outputs of earlier steps lie in the store as they were; a later run with `clean.pii` reads them concealed."""
    plain, private, cache = tmp_path / "plain.yaml", tmp_path / "pii.yaml", tmp_path / "cache"
    plain.write_text(RECIPE.format(pii=""))
    private.write_text(RECIPE.format(pii="  - use: clean.pii"))
    for recipe, out in ((plain, tmp_path / "first"), (private, tmp_path / "second")):
        done = curate("run", recipe, source, "--out", out, "--max-quarantine", "0.5", "--cache", cache)
        assert done.returncode == 0, done.stderr
    files = [path for path in (tmp_path / "second").rglob("*") if path.is_file()]
    assert leaks([text for path in files for text in readings(path)]) == set()


def test_an_audit_shows_nothing(source: Path, tmp_path: Path, curate: Curate) -> None:
    outputs = [tmp_path / name for name in ("a.html", "a.json", "rows.csv", "recipe.yaml")]
    options = [part for pair in zip(("--html", "--json", "--rows", "--recipe"), outputs, strict=True) for part in pair]
    done = curate("audit", source, *options, "--verbose", "--max-quarantine", "0.5", "--cache", tmp_path / "cache")
    assert done.returncode == 0, done.stderr
    assert "Personal data or secrets" in done.stdout
    assert leaks([done.stdout, done.stderr, *(text for path in outputs for text in readings(path))]) == set()
    names = [str(path) for path in (tmp_path / "cache").rglob("*")]
    assert not leaks(names)


def test_explain_masks_what_a_run_without_the_step_has_left(source: Path, tmp_path: Path, curate: Curate) -> None:
    recipe, out = tmp_path / "plain.yaml", tmp_path / "out"
    recipe.write_text(RECIPE.format(pii=""))
    curate("run", recipe, source, "--out", out, "--max-quarantine", "0.5")
    said = [curate("explain", out, row, "--json", "-").stdout for row in (60, 62, 63)]
    assert all(said)
    assert leaks(said) == set()

"""The ledger: how often a test set has been looked at. Every look makes the next verdict on it a little less worth.

Counted under the hash of the test rows, in the store's folder; asking the same measurement again is no new look. Where
nothing is kept (no store, or one that is gone at the end) nothing is counted, and that is what is said.
"""

from __future__ import annotations

import json
from pathlib import Path

from curate.data.store import Store
from curate.errors import InputError
from curate.report import model
from curate.report.display import number

MANY = 5
"""More looks than this make a page warn."""


def look(store: Store, test: str, measurement: str) -> int:
    """Write down a look at a test set, and say how many different looks there have been, this one included.

    Args:
        store: the ledger is the file `ledger.jsonl` in its folder.
        test: the fingerprint of the test rows.
        measurement: what was asked; the same question counts once.
    """
    path = store.root / "ledger.jsonl"
    seen = set(_looks(path, test))
    if measurement not in seen:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                file.write(json.dumps({"test": test, "measurement": measurement}) + "\n")
        except OSError as error:
            raise InputError(f"cannot write the ledger {path}: {error.strerror}", hint="set CURATE_CACHE") from error
    return len(seen | {measurement})


def looks_fact(looks: int | None) -> model.Fact:
    """The looks at a test set, as a page tells them.

    Example:
        >>> looks_fact(7).value, looks_fact(None).value
        ('7', 'not counted')
    """
    told = "not counted" if looks is None else number(looks)
    return model.Fact("looks at this test set", told, "warning" if looks is not None and looks > MANY else "neutral")


def _looks(path: Path, test: str) -> list[str]:
    if not path.exists():
        return []
    entries = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
    return [entry["measurement"] for entry in entries if entry["test"] == test]

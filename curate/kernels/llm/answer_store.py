"""The file that keeps every answer, what they cost and when the next may be asked: SQLite, shared by processes.

An answer stands there before anybody sees it, so a killed run asks nothing twice; of two processes that asked the same
the first one's answer counts for both. What has been spent stands beside it: no worker and no new start gets the budget
anew.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from curate.errors import InputError
from curate.kernels.llm.chat import Answer

_TABLES = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS purses (
    purse TEXT PRIMARY KEY, requests INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
    gaps INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS paces (purse TEXT PRIMARY KEY, free REAL NOT NULL) WITHOUT ROWID;
"""
_ASKED_AT_ONCE = 500
_WAIT_S = 60.0


class Spent(NamedTuple):
    """What has been spent under one name: answers had, tokens read, tokens written, and requests left unanswered."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    gaps: int = 0


class AnswerStore:
    """The file of answers.

    Args:
        path: the file; it is made where there is none.

    Raises:
        InputError: it cannot be opened or is no such file.

    Example:
        >>> import tempfile
        >>> store = AnswerStore(Path(tempfile.mkdtemp()) / "answers.sqlite")
        >>> store.keep("k", Answer("Hi", tokens_in=3, tokens_out=1), "p").text, store.find(["k", "l"])["k"].text
        ('Hi', 'Hi')
        >>> store.spent("p")
        Spent(requests=1, tokens_in=3, tokens_out=1, gaps=0)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_TABLES)

    def find(self, keys: Sequence[str]) -> dict[str, Answer]:
        """The answers that are there, by key."""
        found = {}
        with self._told(), self._lock:
            for start in range(0, len(keys), _ASKED_AT_ONCE):
                some = keys[start : start + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = self._db.execute(f"SELECT key, answer FROM answers WHERE key IN ({marks})", some)
                found.update({key: Answer(*json.loads(said)) for key, said in rows})
        return found

    def keep(self, key: str, answer: Answer, purse: str) -> Answer:
        """Keep an answer and what it cost; the one that counts, which another process may have kept before."""
        with self._told(), self._lock, self._alone():
            self._add(purse, Spent(1, answer.tokens_in, answer.tokens_out))
            self._db.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (key, json.dumps(answer)))
            (said,) = self._db.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return Answer(*json.loads(said))

    def pay(self, purse: str, more: Spent) -> None:
        """Count what was spent without an answer, and requests left without one."""
        with self._told(), self._lock, self._alone():
            self._add(purse, more)

    def spent(self, purse: str) -> Spent:
        """What has been spent under a name so far, by every process."""
        with self._told(), self._lock:
            found = self._db.execute(
                "SELECT requests, tokens_in, tokens_out, gaps FROM purses WHERE purse = ?", (purse,)
            )
            row = found.fetchone()
        return Spent(*row) if row else Spent()

    def wait_s(self, purse: str, seconds: float) -> float:
        """Take the next `seconds` of a rate that all processes share; how long to wait until they begin."""
        now = time.time()
        with self._told(), self._lock, self._alone():
            row = self._db.execute("SELECT free FROM paces WHERE purse = ?", (purse,)).fetchone()
            begins = max(now, row[0]) if row else now
            self._db.execute("INSERT OR REPLACE INTO paces VALUES (?, ?)", (purse, begins + seconds))
        return float(begins - now)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _add(self, purse: str, more: Spent) -> None:
        self._db.execute("INSERT OR IGNORE INTO purses VALUES (?, 0, 0, 0, 0)", (purse,))
        self._db.execute(
            "UPDATE purses SET requests = requests + ?, tokens_in = tokens_in + ?, tokens_out = tokens_out + ?, "
            "gaps = gaps + ? WHERE purse = ?",
            (*more, purse),
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise InputError(
                f"cannot use the file of answers {self.path}: {error}",
                hint="name another file with `answers`, or remove this one and every answer in it",
            ) from error


def gaps_in(path: Path, purse: str) -> int:
    """How many requests have been left unanswered under a name; 0 where there is no file yet, and none is made.

    Raises:
        InputError: it is no such file.
    """
    if not path.exists():
        return 0
    store = AnswerStore(path)
    try:
        return store.spent(purse).gaps
    finally:
        store.close()

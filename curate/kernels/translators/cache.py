"""Translations kept on disk: a file of SQLite, each entry under the digest of all that it depends on.

What is translated is kept lot by lot, so a killed run goes on where it stopped; SQLite lets several processes write.
An entry whose checksum does not fit is made again, and so is the whole file where SQLite cannot read it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import xxhash

from curate.errors import InputError
from curate.kernels.translators.translator import Pair, Translating, Translation, Translator

T = TypeVar("T")

_FILE = "translations.sqlite"
_WAIT_S = 60.0
_IN_QUERY = 500
_MOST_READY = 8
_DAMAGED = ("malformed", "not a database", "no such column", "has no column", "values were supplied")


@dataclass(frozen=True, eq=False)
class Kept:
    """A translator whose translations are kept; it is made ready only where something is missing.

    Attributes:
        translator: what translates.
        pair: from which language to which.
        folder: where the file lies; None: nothing is kept.
    """

    translator: Translator
    pair: Pair
    folder: Path | None

    def translate(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        """Of each text up to n translations (`Translating`)."""
        if self.folder is None or self.translator.keeps or not texts:
            return self._made(texts, n, seeds)
        keys = self._keys(texts, n, seeds)
        known = _on_file(self.folder, lambda file: _found(file, keys))
        missing = [at for at, key in enumerate(keys) if key not in known]
        for low in range(0, len(missing), self.translator.n_at_once):
            part = missing[low : low + self.translator.n_at_once]
            said = self._made([texts[at] for at in part], n, [seeds[at] for at in part])
            fresh = {keys[at]: one for at, one in zip(part, said, strict=True)}
            _on_file(self.folder, lambda file, fresh=fresh: _keep(file, fresh))  # type: ignore[misc]
            known |= fresh
        return [known[key] for key in keys]

    def _made(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        return _ready(self.translator, self.pair, self.folder).translate(texts, n, seeds) if texts else []

    def _keys(self, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[bytes]:
        """The digest of the text, the translator with all it loads, the pair, how many and the seed where it counts."""
        one = self.translator
        settings = one.model_dump_json(exclude=set(one.uncounted))
        told = json.dumps([one.name, one.version, settings, one.identity(self.pair), self.pair, n])
        head = xxhash.xxh3_128(told.encode())
        keys = []
        for text, seed in zip(texts, seeds, strict=True):
            state = head.copy()
            state.update(f"{seed if one.draws else 0} ".encode() + text.encode("utf-8", "surrogatepass"))
            keys.append(state.digest())
        return keys


_READY: dict[tuple[Translator, Pair, Path | None], tuple[str, Translating]] = {}


def _ready(translator: Translator, pair: Pair, folder: Path | None) -> Translating:
    """The translator made ready for the pair, once for a process, and anew where what it loads has changed."""
    key, identity = (translator, pair, folder), translator.identity(pair)
    known = _READY.pop(key, None)
    if known is None or known[0] != identity:
        while len(_READY) >= _MOST_READY:
            _READY.pop(next(iter(_READY)))
        known = (identity, translator.ready(pair, folder))
    _READY[key] = known
    return known[1]


def _on_file(folder: Path, act: Callable[[sqlite3.Connection], T]) -> T:
    """Do something with the file; one that SQLite cannot read is put aside and made anew.

    Raises:
        InputError: the folder cannot be written, or the disk is full.
    """
    place = folder / _FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with _opened(place) as file:
                return act(file)
        except sqlite3.DatabaseError as error:
            if not any(said in str(error) for said in _DAMAGED):
                raise
            with suppress(FileNotFoundError):
                place.replace(place.with_suffix(".damaged"))
            place.with_name(f"{place.name}-journal").unlink(missing_ok=True)  # SQLite would play it back into the new
            with _opened(place) as file:
                return act(file)
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"cannot use the cache {place}: {error}", hint="free space or set CURATE_CACHE") from error


@contextmanager
def _opened(place: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(place, timeout=_WAIT_S)) as file, file:
        file.text_factory = bytes  # whatever a damaged entry holds
        file.execute("CREATE TABLE IF NOT EXISTS translations (key BLOB PRIMARY KEY, said BLOB) WITHOUT ROWID")
        yield file


def _found(file: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, list[Translation]]:
    found: dict[bytes, list[Translation]] = {}
    for low in range(0, len(keys), _IN_QUERY):
        part = keys[low : low + _IN_QUERY]
        marks = ",".join("?" * len(part))
        for key, said in file.execute(f"SELECT key, said FROM translations WHERE key IN ({marks})", part):
            read = _read(key, said)
            if read is not None:
                found[key] = read
    return found


def _keep(file: sqlite3.Connection, fresh: dict[bytes, list[Translation]]) -> None:
    rows = [(key, _written(key, said)) for key, said in fresh.items()]
    file.executemany("INSERT OR REPLACE INTO translations VALUES (?, ?)", rows)


def _written(key: bytes, said: Sequence[Translation]) -> bytes:
    plain = json.dumps([[one.text, *one.unknown] for one in said]).encode()
    return _checksum(key, plain) + plain


def _read(key: bytes, kept: object) -> list[Translation] | None:
    """An entry; None where it is damaged."""
    if not isinstance(kept, bytes) or kept[:8] != _checksum(key, kept[8:]):
        return None
    return [Translation(text, tuple(unknown)) for text, *unknown in json.loads(kept[8:])]


def _checksum(key: bytes, plain: bytes) -> bytes:
    return xxhash.xxh3_64_digest(key + plain)

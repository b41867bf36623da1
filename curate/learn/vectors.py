"""Vectors of rows for learners on frozen encoders: each distinct text encoded once, kept in the process and on disk.

Between `kernels.encoders` and the `head` learner. What is kept on disk lies in the cache folder (`CURATE_CACHE`) under
the identity of the encoder, so that workers and later runs share it; a vector that is kept and one that is made are the
same.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xxhash
from numpy.typing import NDArray

from curate.core.fingerprint import config
from curate.data.digest import digest
from curate.data.store import Store, default_root
from curate.errors import ColumnError, CurateError, did_you_mean
from curate.kernels.encoders.encoder import Encoder, Encoding, Matrix
from curate.kernels.hashing import hash_texts, hash_texts_128
from curate.kernels.vectors import matrix_of
from curate.learn.examples import Examples

CACHE_BYTES = 512 * 2**20
"""How much the process keeps of vectors; the oldest go first."""

_cache: dict[tuple[str, str], NDArray[np.float32]] = {}
_cached_bytes = 0
_lock = threading.Lock()


class Vectors(Protocol):
    """Where the vectors of rows come from. Equal identities give equal vectors for equal keys."""

    @property
    def identity(self) -> str: ...

    def keys(self, rows: Examples) -> Sequence[Any]:
        """The key of each row: rows of one key have one vector."""
        ...

    def hashes(self, keys: Sequence[Any]) -> NDArray[np.uint64]:
        """64-bit hash of each key, shape (n,)."""
        ...

    def vectors(self, keys: Sequence[Any]) -> Matrix:
        """The vector of each key, scaled, float32, shape (n, d)."""
        ...


@dataclass(frozen=True)
class ColumnVectors:
    """Vectors that a column of the features holds; the key of a row is its vector's bytes.

    Example:
        >>> import pyarrow as pa
        >>> rows = Examples.unlabelled(["", ""], pa.table({"v": [[2.0, 2.0], [2.0, 2.0]]}))
        >>> source = ColumnVectors("v")
        >>> source.vectors(source.keys(rows)).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """

    column: str

    @property
    def identity(self) -> str:
        return f"column {self.column}"

    def keys(self, rows: Examples) -> list[bytes]:
        """The key of each row: rows of one key have one vector.

        Raises:
            ColumnError: the features have no such column, or it holds no vectors.
        """
        names = [] if rows.features is None else rows.features.column_names
        if rows.features is None or self.column not in names:
            raise ColumnError(
                f"the learner 'head' reads vectors from the column {self.column!r}, which is none of the features",
                hint=did_you_mean(self.column, names) or f"--features {self.column}",
            )
        matrix = matrix_of(rows.features.column(self.column), np.arange(len(rows), dtype=np.uint64))
        return [row.tobytes() for row in matrix]

    def hashes(self, keys: Sequence[bytes]) -> NDArray[np.uint64]:
        return np.fromiter(map(xxhash.xxh3_64_intdigest, keys), dtype=np.uint64, count=len(keys))

    def vectors(self, keys: Sequence[bytes]) -> Matrix:
        width = max((len(key) for key in keys), default=4)
        if any(len(key) != width for key in keys):
            raise ColumnError(
                f"the vectors of {self.column!r} are of several lengths", hint="take them from one encoder"
            )
        return scaled(np.frombuffer(b"".join(keys), np.float32).reshape(len(keys), width // 4))


@dataclass(frozen=True, eq=False)
class TextVectors:
    """Vectors of texts by an encoder that is ready; the key of a row is its text.

    Attributes:
        identity: of the encoder and of what it has learnt: equal identities give equal vectors.
        encoding: the encoder, loaded or fitted.
        on_disk: whether encoding costs so much that vectors outlive the process.
    """

    identity: str
    encoding: Encoding
    on_disk: bool = False

    def keys(self, rows: Examples) -> list[str]:
        return list(rows.texts)

    def hashes(self, keys: Sequence[str]) -> NDArray[np.uint64]:
        return hash_texts(keys)

    def vectors(self, keys: Sequence[str]) -> Matrix:
        with _lock:
            found = {text: kept for text in set(keys) if (kept := _cache.get((self.identity, text))) is not None}
        missing = sorted(set(keys) - found.keys())
        if missing:
            made = dict(zip(missing, self._made(missing), strict=True))
            self._keep(made)
            found |= made
        return np.stack([found[text] for text in keys]) if keys else self.encoding.encode([])

    def _made(self, texts: list[str]) -> Matrix:
        shelf = _Shelf(self.identity)
        return scaled(shelf.vectors(texts, self.encoding) if self.on_disk else self.encoding.encode(texts))

    def _keep(self, made: dict[str, NDArray[np.float32]]) -> None:
        global _cached_bytes
        with _lock:
            for text, vector in made.items():
                if (self.identity, text) not in _cache:
                    _cache[self.identity, text] = vector.copy()
                    _cached_bytes += _size(text, vector)
            while _cached_bytes > CACHE_BYTES:
                oldest = next(iter(_cache))
                _cached_bytes -= _size(oldest[1], _cache.pop(oldest))


def forget() -> None:
    """Let go of all vectors that the process keeps."""
    global _cached_bytes
    with _lock:
        _cache.clear()
        _cached_bytes = 0


def _size(text: str, vector: NDArray[np.float32]) -> int:
    return 4 * len(text) + vector.nbytes + 400  # 400: the objects around them


class _Shelf:
    """The vectors of one encoder on disk: entries of hashes, uint64 (n, 2), and vectors, float32 (n, d)."""

    def __init__(self, identity: str) -> None:
        self.store = Store(default_root() / "vectors" / identity)

    def vectors(self, texts: list[str], encoding: Encoding) -> Matrix:
        """Of texts that are all different; what is not there yet is encoded and put there."""
        keys = hash_texts_128(texts)
        named = [pair.tobytes() for pair in keys]
        at = {name: number for number, name in enumerate(named)}
        found: dict[int, NDArray[np.float32]] = {}
        for place in sorted(self.store.root.glob("??/*")):
            if len(found) < len(at) and self.store.find(place.name) is not None:
                hashes, values = (np.load(place / f"{part}.npy", mmap_mode="r") for part in ("hashes", "vectors"))
                known = [at.get(pair.tobytes(), -1) for pair in np.asarray(hashes)]
                found |= {number: values[line] for line, number in enumerate(known) if number >= 0}
        missing = [number for number in range(len(texts)) if number not in found]
        if missing:
            made = encoding.encode([texts[number] for number in missing])
            self._put(keys[missing], made)
            found |= dict(zip(missing, made, strict=True))
        return np.stack([found[number] for number in range(len(texts))])

    def _put(self, hashes: NDArray[np.uint64], vectors: Matrix) -> None:
        def write(folder: Path) -> None:
            np.save(folder / "hashes.npy", hashes)
            np.save(folder / "vectors.npy", vectors)

        self.store.make(digest("vectors", hashes.tobytes().hex()), write)


def scaled(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors at the length sqrt(d), so that their numbers are about 1; a zero vector stays.

    Example:
        >>> scaled(np.array([[2, 2], [0, 0]], np.float32)).tolist()
        [[1.0, 1.0], [0.0, 0.0]]
    """
    squares = np.square(vectors, dtype=np.float64).sum(axis=1, keepdims=True)
    factor = np.sqrt(vectors.shape[1] / np.where(squares > 0, squares, 1))
    return np.asarray(vectors * factor, dtype=np.float32)


def learnt(encoder: Encoder, texts: Sequence[str]) -> str:
    """Fit an encoder that learns from texts and keep what it learnt on disk; the name it is kept under."""
    key = digest("encoder", identity_of(encoder), hash_texts_128(sorted(set(texts))).tobytes().hex())
    Store(default_root()).make(key, lambda folder: encoder.write(encoder.fit(texts), folder))
    return key


def identity_of(encoder: Encoder) -> str:
    """The identity of an encoder by itself."""
    return digest(encoder.name, encoder.version, config(encoder), encoder.identity())


@lru_cache(maxsize=2)
def loaded(encoder: Encoder, learnt: str) -> TextVectors:
    """An encoder that is ready, once per process: as `learnt` names it, else one that learns nothing.

    Raises:
        CurateError: what it had learnt is no longer on disk.
    """
    identity = identity_of(encoder)
    if not learnt:
        return TextVectors(identity, encoder.fit([]), encoder.slow)
    place = Store(default_root()).find(learnt)
    if place is None:
        raise CurateError(
            f"what the encoder {encoder.name!r} had learnt is no longer in {default_root()}", hint="measure again"
        )
    return TextVectors(digest(identity, learnt), encoder.read(place), encoder.slow)


def fitted(encoder: Encoder, texts: Sequence[str]) -> TextVectors:
    """An encoder that learns, fitted to these texts and kept nowhere."""
    named = digest(identity_of(encoder), hash_texts_128(sorted(set(texts))).tobytes().hex())
    return TextVectors(named, encoder.fit(texts), encoder.slow)

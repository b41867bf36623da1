"""Texts to sparse rows for the `bag` learner: hashed n-grams once per text, then the vocabulary of one training set.

Between `kernels.ngrams` and `learn.embedding`. The cells of an experiment share most of their texts, so hashed n-grams
stay in a bounded cache of the process; a cache hit and a miss give the same arrays.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.kernels.embedding_bag import SparseRows, bucket_counts, encode
from curate.kernels.ngrams import Grams, hash_ngrams

CACHE_BYTES = 256 * 2**20
"""How much the process keeps of hashed n-grams; the oldest go first."""

_Key = tuple[tuple[int, int], tuple[int, int] | None, int, str]
_Entry = tuple[NDArray[np.uint32], NDArray[np.float32], np.uint64]
_cache: dict[_Key, _Entry] = {}
_cached_bytes = 0
_lock = threading.Lock()


@dataclass(frozen=True)
class NgramSettings:
    """Which n-grams are features: see `hash_ngrams`."""

    words: tuple[int, int]
    characters: tuple[int, int] | None
    n_buckets: int

    def hash(self, texts: Sequence[str]) -> Grams:
        """`hash_ngrams` of the texts, each distinct one hashed once per process while it stays in the cache.

        Example:
            >>> settings = NgramSettings((1, 2), None, 2**20)
            >>> settings.hash(["a b", "", "a b"]).offsets.tolist()
            [0, 5, 6, 11]
        """
        keys: list[_Key] = [(self.words, self.characters, self.n_buckets, text) for text in texts]
        with _lock:
            found = {key: entry for key in set(keys) if (entry := _cache.get(key)) is not None}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        grams = hash_ngrams(
            [key[-1] for key in missing], words=self.words, characters=self.characters, n_buckets=self.n_buckets
        )
        found |= dict(zip(missing, _entries(grams), strict=True))
        _keep({key: found[key] for key in missing})
        return _join([found[key] for key in keys])


def _entries(grams: Grams) -> list[_Entry]:
    bounds = grams.offsets.tolist()
    spans = zip(bounds[:-1], bounds[1:], grams.keys, strict=True)
    return [(grams.ids[low:high].copy(), grams.counts[low:high].copy(), key) for low, high, key in spans]


def _keep(entries: dict[_Key, _Entry]) -> None:
    global _cached_bytes
    with _lock:
        for key, entry in entries.items():
            if key not in _cache:
                _cache[key] = entry
                _cached_bytes += _size(key, entry)
        while _cached_bytes > CACHE_BYTES:
            oldest = next(iter(_cache))
            _cached_bytes -= _size(oldest, _cache.pop(oldest))


def _size(key: _Key, entry: _Entry) -> int:
    return 4 * len(key[-1]) + 8 * len(entry[0]) + 500  # 500: the objects around the arrays


def _join(entries: list[_Entry]) -> Grams:
    sizes = [len(ids) for ids, _, _ in entries]
    return Grams(
        np.cumsum([0, *sizes], dtype=np.int64),
        np.concatenate([np.zeros(0, np.uint32), *(ids for ids, _, _ in entries)]),
        np.concatenate([np.zeros(0, np.float32), *(counts for _, counts, _ in entries)]),
        np.array([key for _, _, key in entries], dtype=np.uint64),
    )


@dataclass(frozen=True)
class Vocabulary:
    """The features of one training set: ascending hashed n-grams, uint32, shape (v,).

    A row's values are 1 + log(count), character n-grams times `character_weight`, scaled to Euclidean length 1;
    n-grams outside the vocabulary are left out.
    """

    ids: NDArray[np.uint32]
    n_buckets: int
    character_weight: float

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, grams: Grams, *, n_buckets: int, character_weight: float, max_features: int) -> Vocabulary:
        """The `max_features` n-grams that the most rows have; of equally frequent ones, those with the lower hash."""
        n_rows = bucket_counts(grams, n_buckets)
        ids = np.flatnonzero(n_rows)
        if len(ids) > max_features:
            at_least = len(ids) - np.cumsum(np.bincount(n_rows[ids]))  # how many are in more than 0, 1, 2 … rows
            cut = int(np.argmax(at_least <= max_features))
            common, rest = ids[n_rows[ids] > cut], ids[n_rows[ids] == cut]
            ids = np.sort(np.concatenate([common, rest[: max_features - len(common)]]))
        return cls(ids.astype(np.uint32), n_buckets, character_weight)

    def encode(self, grams: Grams) -> SparseRows:
        """The rows of `grams` over this vocabulary."""
        place = np.full(self.n_buckets, -1, dtype=np.int32)
        place[self.ids] = np.arange(len(self.ids), dtype=np.int32)
        return encode(grams, place, half=self.n_buckets // 2, weight=self.character_weight)

"""Texts as words, each different chunk split only once: a bounded table of chunks, and counts over their words.

A text is a row of chunks (runs without white space). What a tokenizer of rules makes of a chunk holds wherever it
stands, so the tokenizer sees each chunk once and everything else is counting, in csrc/wordtable.c. Used by
`kernels.rule_statistics`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from threading import Lock
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from curate.kernels.native import array, function
from curate.kernels.word_kinds import PlainWords, Splitter

U8 = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
Words = Literal["spacy", "plain"]

N_WORD_COUNTS = 5
N_WORD_RUNS = 9

_MOST_CHUNKS = 1 << 18
_MOST_TOKENS = 1 << 20


@dataclass(frozen=True, eq=False)
class Tokens:
    """What is known of chunks: arrays that grow at the end, by chunk (`first` has one more) and by token."""

    first: I64
    tails: U64
    heads: U64
    n_bytes: I32
    kinds: U8
    ends: I32
    n_points: I32
    hashes: U64
    powers: U64


@dataclass(frozen=True, eq=False)
class Found:
    """Some texts as chunks.

    Attributes:
        data: bytes that hold the texts.
        starts: where each text starts there, shape (n,).
        stops: where it ends.
        items: the chunks of all texts as numbers, -1 for a wide white space.
        counts: items of each text, shape (n,).
        tokens: what the chunks are made of.
    """

    data: U8
    starts: I64
    stops: I64
    items: I32
    counts: I64
    tokens: Tokens

    def word_counts(self, stop_words: U64) -> I64:
        """Counts of each text, shape (n, 5).

        Words, those that are more than symbols, the characters of these, words with a letter, and how many different
        ones of the stop words (sorted hashes) occur.
        """
        out = np.empty((len(self.counts), N_WORD_COUNTS), np.int64)
        seen = np.full(len(stop_words), -1, np.int64)
        known = self.tokens
        _word_counts(
            *(self.items, self.counts, len(self.counts), known.first, known.kinds, known.n_points, known.hashes),
            *(stop_words, len(stop_words), seen, out),
        )
        return out

    def n_words(self) -> I64:
        """Words of each text."""
        return self.word_counts(np.empty(0, np.uint64))[:, 0]

    def word_runs(self) -> I64:
        """What runs of neighbouring words come to in each text, shape (n, 9).

        For 2, 3 and 4 words the characters of the most frequent run times its count (-1: too few words), for 5 to 10
        the characters of runs that came before.
        """
        most = int(self.n_words().max(initial=0)) + 1
        slots = 1 << max(4, (2 * most - 1).bit_length())
        out = np.empty((len(self.counts), N_WORD_RUNS), np.int64)
        known = self.tokens
        _word_runs(
            *(self.items, self.counts, len(self.counts), known.first, known.hashes, known.powers, known.n_points),
            *(np.empty(most, np.uint64), np.empty(most, np.uint64), np.empty(most, np.uint64)),
            *(np.empty(most + 1, np.int64), np.empty(slots, np.uint64), np.empty(2 * slots, np.int64), out),
        )
        return out

    def n_sentences(self) -> I64:
        """Sentences of each text."""
        return self._sentences(None)[0]

    def sentences(self) -> tuple[I64, I64, I64]:
        """How many sentences each text has, and the bytes where each starts and ends; they cover the text."""
        counts = self.n_sentences()
        cuts = np.empty(int(np.maximum(counts - 1, 0).sum()), np.int64)
        self._sentences(cuts)
        opens = np.cumsum(counts) - counts
        inner = np.ones(int(counts.sum()), bool)
        inner[opens[counts > 0]] = False
        starts, stops = np.empty(len(inner), np.int64), np.empty(len(inner), np.int64)
        starts[inner], starts[~inner] = cuts, self.starts[counts > 0]
        last = np.roll(~inner, -1)
        stops[~last], stops[last] = cuts, self.stops[counts > 0]
        return counts, starts, stops

    def _sentences(self, cuts: I64 | None) -> tuple[I64, int]:
        out = np.empty(len(self.counts), np.int64)
        known = self.tokens
        made = _sentences(
            *(self.data, self.starts, self.stops, len(self.counts), self.items, self.counts),
            *(known.first, known.kinds, known.ends, known.n_bytes, out),
            cuts.ctypes.data if cuts is not None else None,
        )
        return out, made


class ChunkTable:
    """Remembers how chunks split. It forgets everything where it has grown too large, so its memory is bounded.

    Args:
        splitter: splits the chunks that it does not know.
    """

    def __init__(self, splitter: Splitter) -> None:
        self._splitter = splitter
        self._lock = Lock()
        self._keys: U64
        self._entries: I32
        self._tokens: Tokens
        self._forget()

    def find(self, data: U8, starts: I64, stops: I64) -> Found:
        """The texts between these bytes as chunks.

        Example:
            >>> text = np.frombuffer(b"one two  one", np.uint8)
            >>> found = table("plain").find(text, np.array([0]), np.array([12]))
            >>> (found.items == found.items[0]).tolist(), found.n_words().tolist()
            ([True, False, False, True], [3])
        """
        with self._lock:
            if self._n_chunks > _MOST_CHUNKS or self._n_tokens > _MOST_TOKENS:
                self._forget()
            room = int((stops - starts).sum()) + len(starts)
            items, counts = np.empty(room, np.int32), np.empty(len(starts), np.int64)
            while not self._pass(data, starts, stops, items, counts):
                pass
            return Found(data, starts, stops, items[: int(counts.sum())].copy(), counts, self._tokens)

    def _pass(self, data: U8, starts: I64, stops: I64, items: I32, counts: I64) -> bool:
        """Look up every chunk; learn those that are new. Returns whether there were none."""
        room = len(self._keys) // 2 - self._n_chunks
        wanted, complete = np.empty((room, 2), np.int64), np.empty(1, np.uint8)
        missing = _chunks(
            *(data, starts, stops, len(starts), self._keys, self._entries, len(self._keys) - 1, self._n_chunks, room),
            *(self._tokens.tails, self._tokens.heads, wanted, items, counts, complete),
        )
        if missing:
            whole = memoryview(data.data)
            self._learn([str(whole[start:stop], "utf-8", "replace") for start, stop in wanted[:missing].tolist()])
        if not complete[0]:
            self._widen()
        return not missing and bool(complete[0])

    def _learn(self, chunks: list[str]) -> None:
        split = list(self._splitter.split(chunks))
        words = [word for some in split for word in some]
        sizes = [len(word.encode()) for word in words]
        offsets = np.fromiter(accumulate(sizes, initial=0), np.int64, len(words) + 1)
        hashes, powers = np.empty(len(words), np.uint64), np.empty(len(words), np.uint64)
        n_points = np.empty(len(words), np.int32)
        text = np.frombuffer("".join(words).encode() or b" ", np.uint8)
        _token_hashes(text, offsets, len(words), hashes, powers, n_points)
        masks = np.array([self._splitter.masks(chunk) for chunk in chunks], np.uint64)
        counts = np.fromiter(map(len, split), np.int64, len(split))
        known, n, m = self._tokens, self._n_chunks, self._n_tokens
        self._tokens = Tokens(
            first=_put(known.first, n + 1, m + np.cumsum(counts)),
            tails=_put(known.tails, n, masks[:, 0]),
            heads=_put(known.heads, n, masks[:, 1]),
            n_bytes=_put(known.n_bytes, n, np.array([len(chunk.encode()) for chunk in chunks], np.int32)),
            kinds=_put(known.kinds, m, np.fromiter(map(self._splitter.kind, words), np.uint8, len(words))),
            ends=_put(known.ends, m, np.array(list(_ends(chunks, split)), np.int32)),
            n_points=_put(known.n_points, m, n_points),
            hashes=_put(known.hashes, m, hashes),
            powers=_put(known.powers, m, powers),
        )
        self._n_chunks += len(chunks)
        self._n_tokens += len(words)

    def _widen(self) -> None:
        keys, entries = np.zeros(2 * len(self._keys), np.uint64), np.empty(2 * len(self._keys), np.int32)
        _grow(self._keys, self._entries, len(self._keys), keys, entries, len(keys) - 1)
        self._keys, self._entries = keys, entries

    def _forget(self) -> None:
        self._n_chunks = self._n_tokens = 0
        self._keys, self._entries = np.zeros(1 << 13, np.uint64), np.empty(1 << 13, np.int32)
        self._tokens = _no_tokens()


@lru_cache(maxsize=4)
def table(words: Words, language: str = "en") -> ChunkTable:
    """The table of this process for a way of splitting.

    Raises:
        MissingExtra: spaCy is not installed.
        CurateError: spaCy does not split the language by rules.
    """
    if words == "plain":
        return ChunkTable(PlainWords())
    from curate.kernels.spacy_rules import SpacyRules

    return ChunkTable(SpacyRules(language))


def hashes_of(words: tuple[str, ...]) -> U64:
    """The hashes of words, sorted, as `Found.word_counts` takes them."""
    parts = [word.encode() for word in dict.fromkeys(words)]
    offsets = np.fromiter(accumulate(map(len, parts), initial=0), np.int64, len(parts) + 1)
    hashes, powers = np.empty(len(parts), np.uint64), np.empty(len(parts), np.uint64)
    data = np.frombuffer(b"".join(parts) or b" ", np.uint8)
    _token_hashes(data, offsets, len(parts), hashes, powers, np.empty(len(parts), np.int32))
    return np.sort(hashes)


def _no_tokens(room: int = 1 << 12) -> Tokens:
    def longs() -> U64:
        return np.zeros(room, np.uint64)

    def ints() -> I32:
        return np.zeros(room, np.int32)

    kinds = np.zeros(room, np.uint8)
    return Tokens(np.zeros(room, np.int64), longs(), longs(), ints(), kinds, ints(), ints(), longs(), longs())


def _ends(chunks: list[str], split: list[list[str]]) -> Iterator[int]:
    """The byte of its chunk where each word ends."""
    for chunk, words in zip(chunks, split, strict=True):
        at = n_bytes = 0
        for word in words:
            before, at = at, chunk.index(word, at) + len(word)
            n_bytes += at - before if chunk.isascii() else len(chunk[before:at].encode())
            yield n_bytes


def _put(into: npt.NDArray[Any], at: int, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Write values at a place at the end of an array, of a copy twice as long where it has no room."""
    if at + len(values) > len(into):
        into = np.concatenate([into[:at], np.zeros(2 * (at + len(values)) - at, into.dtype)])
    into[at : at + len(values)] = values
    return into


_I32, _I64, _U64, _U8 = array(np.int32), array(np.int64), array(np.uint64), array(np.uint8)
_LONG = ctypes.c_int64
_chunks = function(
    "curate_chunks",
    _LONG,
    *(_U8, _I64, _I64, _LONG, _U64, _I32, ctypes.c_uint64, _LONG, _LONG),
    *(_U64, _U64, _I64, _I32, _I64, _U8),
)
_grow = function("curate_chunks_grow", None, _U64, _I32, _LONG, _U64, _I32, ctypes.c_uint64)
_token_hashes = function("curate_token_hashes", None, _U8, _I64, _LONG, _U64, _U64, _I32)
_word_counts = function("curate_word_counts", None, _I32, _I64, _LONG, _I64, _U8, _I32, _U64, _U64, _LONG, _I64, _I64)
_sentences = function(
    "curate_sentences", _LONG, _U8, _I64, _I64, _LONG, _I32, _I64, _I64, _U8, _I32, _I32, _I64, ctypes.c_void_p
)
_word_runs = function(
    "curate_word_runs",
    None,
    *(_I32, _I64, _LONG, _I64, _U64, _U64, _I32),
    *(_U64, _U64, _U64, _I64, _U64, _I64, _I64),
)

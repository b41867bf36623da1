"""Hashed word and character n-grams of many texts at once, numpy only: texts in, a sparse count matrix out.

The features of the `bag` learner. Every substring hash comes from one prefix sum (Karp & Rabin 1987, modulo 2**64), so
no Python runs per word; hashes depend on nothing but the code points: not on the process, the platform or the batch.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.errors import CurateError

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15 | 1
_INVERSE = pow(_BASE, -1, 2**64)
_BLOCK = 2**19  # characters hashed at once: bounds the memory, changes no result
_SPACE, _WORD, _SINGLE, _UNKNOWN = 0, 1, 2, 3
_KINDS = np.full(0x110000, _UNKNOWN, dtype=np.uint8)  # kind of each code point, filled as they are met
_EDGES = np.array([0xA0761D6478BD642F, 0xE7037ED1A0B428DB], dtype=np.uint64)  # stand for the begin and end of a text
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "MYANMAR", "KHMER", "TIBETAN")


@dataclass(frozen=True)
class Grams:
    """A sparse matrix of counts, row by row (CSR), of n texts with m entries.

    Args:
        offsets: where each row begins in `ids`, int64, shape (n + 1,).
        ids: hashed n-grams in [0, n_buckets), ascending and unique within a row, uint32, shape (m,). The lower half
            of the buckets is for words, the upper half for characters.
        counts: how often each occurs in its row, float32, shape (m,).
        keys: a hash of each text, uint64, shape (n,): equal for texts that differ only in case or white space.
    """

    offsets: I64
    ids: NDArray[np.uint32]
    counts: NDArray[np.float32]
    keys: U64

    def __len__(self) -> int:
        return len(self.keys)


def mix(values: U64) -> U64:
    """A bijection of 64-bit integers that spreads every bit over all (splitmix64, Steele et al. 2014).

    Example:
        >>> mix(np.array([1], dtype=np.uint64)).tolist()
        [6238072747940578789]
    """
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def hash_ngrams(
    texts: Sequence[str],
    *,
    words: tuple[int, int] = (1, 2),
    characters: tuple[int, int] | None = (3, 5),
    n_buckets: int = 2**21,
) -> Grams:
    """Count the hashed n-grams of each text, case folded.

    A word is a run of letters, marks, digits and apostrophes; a punctuation mark or symbol is a word, and so is each
    character of a script without spaces. N-grams of several words also see the
    edges of the text. Character n-grams lie within a word and the spaces around it.

    Args:
        texts: any strings, also empty, of any length and script.
        words: the shortest and longest n-gram of words.
        characters: the shortest and longest n-gram of characters; None for none.
        n_buckets: a power of two, at most 2**32.

    Raises:
        CurateError: n_buckets is not a power of two in [2, 2**32], or a range is empty.

    Example:
        >>> grams = hash_ngrams(["so so", ""], characters=None)  # so (twice), so so, the edges with their neighbours
        >>> grams.offsets.tolist(), sorted(grams.counts[:4].tolist())
        ([0, 4, 5], [1.0, 1.0, 1.0, 2.0])
    """
    if not (2 <= n_buckets <= 2**32 and n_buckets & (n_buckets - 1) == 0):
        raise CurateError(f"n_buckets is {n_buckets}", hint="a power of two from 2 to 2**32")
    for low, high in filter(None, (words, characters)):
        if not 1 <= low <= high:
            raise CurateError(f"n-grams from {low} to {high}", hint="give (shortest, longest), at least 1")
    parts = [_block(block, words, characters, n_buckets) for block in _blocks(texts)]
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.offsets) for part in parts)])
    return Grams(
        np.cumsum(sizes),
        np.concatenate([np.zeros(0, np.uint32), *(part.ids for part in parts)]),
        np.concatenate([np.zeros(0, np.float32), *(part.counts for part in parts)]),
        np.concatenate([np.zeros(0, np.uint64), *(part.keys for part in parts)]),
    )


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text) + 1
        if size >= _BLOCK:
            yield block
            block, size = [], 0
    if block:
        yield block


def _block(texts: list[str], words: tuple[int, int], characters: tuple[int, int] | None, n_buckets: int) -> Grams:
    codes, kinds, starts = _stream(texts)
    rows = np.repeat(np.arange(len(texts)), np.diff(starts))
    prefix, unshift = _prefix_hashes(codes)
    begins, ends = _word_spans(kinds)
    hashes = mix((prefix[ends] - prefix[begins]) * unshift[begins])
    half = n_buckets // 2
    low = np.uint64(half - 1)
    found = [(row, gram & low) for row, gram in _word_ngrams(hashes, rows[begins], len(texts), words)]
    if characters is not None:
        grams = _character_ngrams(prefix, unshift, kinds, rows, characters)
        found += [(row, (gram & low) + np.uint64(half)) for row, gram in grams]
    keys = mix((prefix[starts[1:]] - prefix[starts[:-1]]) * unshift[starts[:-1]])
    return _count(found, keys, n_buckets)


def _stream(texts: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint8], I64]:
    """Code points and kinds of all texts in a row, each text as " words and words "; and where each begins."""
    lowered = [text.lower() for text in texts]
    joined = " " + "  ".join(lowered) + " "
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = np.cumsum([0, *(len(text) + 2 for text in lowered)])
    kinds = _kinds(codes)
    kept = kinds != _SPACE
    kept[1:] |= kinds[:-1] != _SPACE  # the first space of a run; spaces that begin a text follow below
    kept[starts[:-1]] = True
    kept_before = np.concatenate([[0], np.cumsum(kept)])
    kinds = kinds[kept]
    return np.where(kinds == _SPACE, np.uint32(32), codes[kept]), kinds, kept_before[starts]


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    kinds = _KINDS[codes]
    unknown = codes[kinds == _UNKNOWN]
    if unknown.size == 0:
        return kinds
    for code in np.unique(unknown).tolist():
        _KINDS[code] = _kind(chr(code))
    return _KINDS[codes]


def _kind(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "Z" or category == "Cc":
        return _SPACE
    if character in "'’" or category == "Cf":
        return _WORD
    if category[0] in "PS" or unicodedata.name(character, "").startswith(_UNSPACED):
        return _SINGLE
    return _WORD


def _prefix_hashes(codes: NDArray[np.uint32]) -> tuple[U64, U64]:
    """Prefix sums of v_i * BASE**i, shape (n + 1,), and BASE**-i, both modulo 2**64."""
    values = mix(codes.astype(np.uint64) + np.uint64(1))
    powers = np.full((2, len(codes) + 1), 1, dtype=np.uint64)
    powers[0, 1:], powers[1, 1:] = _BASE, _INVERSE
    powers = np.cumprod(powers, axis=1, dtype=np.uint64)
    prefix = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(values * powers[0, :-1], out=prefix[1:])
    return prefix, powers[1]


def _word_spans(kinds: NDArray[np.uint8]) -> tuple[I64, I64]:
    letter = np.concatenate([[False], kinds == _WORD, [False]])
    single = kinds == _SINGLE
    begins = single | (letter[1:-1] & ~letter[:-2])
    ends = single | (letter[1:-1] & ~letter[2:])
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


def _word_ngrams(hashes: U64, rows: I64, n_rows: int, sizes: tuple[int, int]) -> Iterator[tuple[I64, U64]]:
    """Rows and hashes of the n-grams of words; those of two and more words also see where a text begins and ends."""
    ends = np.cumsum(np.bincount(rows, minlength=n_rows))
    edges = np.stack([np.concatenate([[0], ends[:-1]]), ends])
    hashes = np.insert(hashes, edges.T.ravel(), np.tile(_EDGES, n_rows))
    rows = np.insert(rows, edges.T.ravel(), np.repeat(np.arange(n_rows), 2))
    combined = hashes
    for size in range(1, sizes[1] + 1):
        if size > 1:
            combined = mix(combined[:-1] * np.uint64(_BASE) + hashes[size - 1 :])
        if size >= sizes[0]:
            within = rows[: len(combined)] == rows[size - 1 :]
            if size == 1:
                within = ~np.isin(hashes, _EDGES)
            yield rows[: len(combined)][within], combined[within]


def _character_ngrams(
    prefix: U64, unshift: U64, kinds: NDArray[np.uint8], rows: I64, sizes: tuple[int, int]
) -> Iterator[tuple[I64, U64]]:
    """Rows and hashes of the n-grams of characters that hold a space at most at their ends."""
    spaces = np.concatenate([[0], np.cumsum(kinds == _SPACE)])
    for size in range(sizes[0], sizes[1] + 1):
        at = np.arange(max(len(kinds) - size + 1, 0))
        inner = spaces[at + size - 1] - spaces[at + 1] if size > 1 else spaces[at + 1] - spaces[at]
        at = at[(inner <= 0) & (rows[at] == rows[at + size - 1])]
        yield rows[at], mix((prefix[at + size] - prefix[at]) * unshift[at] + np.uint64(size))


def _count(found: list[tuple[I64, U64]], keys: U64, n_buckets: int) -> Grams:
    """Sort (row, bucket) pairs and count equal ones."""
    shift = np.uint64(n_buckets.bit_length() - 1)
    pairs = np.sort(np.concatenate([(row.astype(np.uint64) << shift) | bucket for row, bucket in found]))
    first = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]])) if pairs.size else np.zeros(0, np.int64)
    counts = np.diff(np.concatenate([first, [len(pairs)]])).astype(np.float32)
    pairs = pairs[first]
    sizes = np.bincount((pairs >> shift).astype(np.int64), minlength=len(keys))
    ids = (pairs & np.uint64(n_buckets - 1)).astype(np.uint32)
    return Grams(np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]), ids, counts, keys)

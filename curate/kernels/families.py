"""Near-duplicate families of texts: candidates by MinHash, every one of them checked by the true similarity.

Used for families in folds, clusters of test rows and near-duplicate steps. Similarity is Jaccard's, between sets of
word shingles; candidates share a band of minima (Broder 1997; banding: Leskovec, Rajaraman & Ullman 2020, chapter 3).
Everything goes by content, nothing by position, so the families do not depend on the order of the rows. NumPy only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.kernels.hashing import hash_texts
from curate.kernels.ngrams import mix
from curate.kernels.text import UNSPACED
from curate.kernels.unionfind import link, smallest_members

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

MISSED = 1e-3  # chance that a pair exactly at `min_similarity` shares no band
MOST_HASHES = 128
MOST_IN_BAND = 16
NEIGHBOURS = 8  # rows of a bucket compared with those next to them; beyond that families grow through one another
ROUNDING = 1e-9

_HASH_BITS = np.uint64(44)  # of a shingle, below 20 bits for the text or pair it belongs to
_LOW = np.uint64(2**44 - 1)
_TEXTS = 2**16  # texts read at once
_SHINGLES = 2**22  # shingles hashed or compared at once
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class ShingleSets:
    """Sets of hashed shingles of n texts, text by text.

    Args:
        offsets: where each set begins, shape (n + 1,); no set is empty.
        shingles: 44-bit hashes, rising and unique within a set, shape (m,).
    """

    offsets: I64
    shingles: U64

    @property
    def sizes(self) -> I64:
        """Shingles in each set, shape (n,), at least 1."""
        return np.diff(self.offsets)

    def take(self, texts: I64) -> ShingleSets:
        """The sets of some texts, in the order given."""
        sizes = self.sizes[texts]
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        places = np.repeat(self.offsets[texts] - offsets[:-1], sizes) + np.arange(offsets[-1])
        return ShingleSets(offsets, self.shingles[places])


def near_duplicate_families(
    texts: Sequence[str], *, min_similarity: float = 0.8, shingle_size: int = 3
) -> npt.NDArray[np.int64]:
    """Group texts that are nearly the same; a family is closed under "nearly the same as one of its members".

    Args:
        texts: any strings. Case and white space do not count.
        min_similarity: Jaccard similarity of the shingle sets from which two texts are of one family, in (0, 1].
        shingle_size: words per shingle, at least 1; a character of a script without spaces counts as a word. A text
            with fewer words is one shingle.

    Returns:
        Family of each text, named after the smallest position in it, shape (n,). Equal texts are always of one family;
        a pair at `min_similarity` is missed with probability 0.1 %, unless others join it.

    Raises:
        CurateError: an option is outside its range.

    Example:
        >>> texts = ["a b c d e f g h", "other words here", "a b c d e f g", "A b  c d e f g h"]
        >>> near_duplicate_families(texts).tolist()
        [0, 1, 0, 0]
    """
    if not 0 < min_similarity <= 1:
        raise CurateError(f"min_similarity is {min_similarity}", hint="above 0, at most 1")
    if shingle_size < 1:
        raise CurateError(f"shingle_size is {shingle_size}", hint="at least 1")
    _, first, of_text = np.unique(hash_texts(texts), return_index=True, return_inverse=True)
    if first.size == 0:
        return np.zeros(0, dtype=np.int64)
    sets = shingle_sets([texts[place] for place in first.tolist()], shingle_size)
    content = np.add.reduceat(mix(sets.shingles + _GOLDEN), sets.offsets[:-1])
    content, first_set, of_set = np.unique(content, return_index=True, return_inverse=True)
    families = _families(sets.take(first_set), content, min_similarity)
    return smallest_members(families[of_set][of_text])


def jaccard(sets: ShingleSets, left: I64, right: I64) -> npt.NDArray[np.float64]:
    """Similarity of pairs of sets, in [0, 1], shape (m,).

    Args:
        sets: the sets of n texts.
        left: one text of each pair, in [0, n), shape (m,).
        right: the other, shape (m,), nowhere the same as `left`.

    Example:
        >>> jaccard(shingle_sets(["a b c", "b c d"], 1), np.array([0]), np.array([1])).tolist()
        [0.5]
    """
    both = sets.sizes[left] + sets.sizes[right]
    common = np.zeros(left.size, dtype=np.int64)
    for start, stop in _spans(both, most=2**20):
        pairs = np.arange(stop - start, dtype=np.uint64) << _HASH_BITS
        members = [sets.take(ends[start:stop]) for ends in (left, right)]
        keys = np.sort(np.concatenate([np.repeat(pairs, part.sizes) | part.shingles for part in members]))
        twice = keys[1:][keys[1:] == keys[:-1]] >> _HASH_BITS
        common[start:stop] = np.bincount(twice.astype(np.int64), minlength=stop - start)
    return np.asarray(common / (both - common), dtype=np.float64)


def shingle_sets(texts: Sequence[str], shingle_size: int) -> ShingleSets:
    """The set of shingles of each text; see `near_duplicate_families` for what a word is."""
    parts = [_shingle_block(texts[start : start + _TEXTS], shingle_size) for start in range(0, len(texts), _TEXTS)]
    sizes = np.concatenate([np.zeros(1, np.int64), *(part.sizes for part in parts)])
    return ShingleSets(np.cumsum(sizes), np.concatenate([np.zeros(0, np.uint64), *(part.shingles for part in parts)]))


def _shingle_block(texts: Sequence[str], shingle_size: int) -> ShingleSets:
    words = [text.split() for text in _spaced(texts)]
    words = [found if len(found) >= shingle_size else found + [""] * (shingle_size - len(found)) for found in words]
    rows = np.repeat(np.arange(len(words), dtype=np.uint64), np.fromiter(map(len, words), dtype=np.int64))
    hashes = hash_texts(chain.from_iterable(words))
    shingles = hashes[: hashes.size - shingle_size + 1]
    for place in range(1, shingle_size):
        shingles = mix(shingles * _GOLDEN + hashes[place : place + shingles.size])
    within = rows[: shingles.size] == rows[shingle_size - 1 :]
    keys = np.sort(rows[: shingles.size][within] << _HASH_BITS | shingles[within] & _LOW)
    keys = keys[np.concatenate([np.ones(1, bool), keys[1:] != keys[:-1]])]
    sizes = np.bincount((keys >> _HASH_BITS).astype(np.int64), minlength=len(words))
    return ShingleSets(np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]), keys & _LOW)


def _spaced(texts: Sequence[str]) -> list[str]:
    """Texts with case folded and with spaces around each character of a script that writes none."""
    folded = [text.casefold() for text in texts]
    special = [place for place, text in enumerate(folded) if not text.isascii()]
    known = pa.array([folded[place].encode("utf-8", "replace") for place in special], pa.large_binary())
    spaced = pc.replace_substring_regex(known.cast(pa.large_string()), rf"([{UNSPACED}])", r" \1 ").to_pylist()
    for place, text in zip(special, spaced, strict=True):
        folded[place] = text
    return folded


def _families(sets: ShingleSets, content: U64, min_similarity: float) -> I64:
    """Families of distinct sets: go through the bands, check what shares one and is not yet of one family."""
    families = np.arange(content.size, dtype=np.int64)
    sizes = sets.sizes
    n_bands, n_hashes = bands(min_similarity)
    for band in range(n_bands):
        keys = _band_keys(sets, range(band * n_hashes, (band + 1) * n_hashes))
        for left, right in _candidates(keys, mix(content + np.uint64(band))):
            small, large = np.minimum(sizes[left], sizes[right]), np.maximum(sizes[left], sizes[right])
            asked = (families[left] != families[right]) & (small >= min_similarity * large - ROUNDING)
            pairs = left[asked], right[asked]
            alike = jaccard(sets, *pairs) >= min_similarity - ROUNDING
            families = link(families, pairs[0][alike], pairs[1][alike])
    return families


def bands(min_similarity: float) -> tuple[int, int]:
    """How many bands of how many minima: as selective as 128 hashes allow without missing more than 0.1 %.

    Example:
        >>> bands(0.8), bands(1.0)
        ((18, 5), (1, 16))
    """
    best = (MOST_HASHES, 1)
    for n_hashes in range(1, MOST_IN_BAND + 1):
        shared = min_similarity**n_hashes
        n_bands = 1 if shared == 1 else math.ceil(math.log(MISSED) / math.log1p(-shared))
        if n_bands * n_hashes > MOST_HASHES:
            break
        best = (n_bands, n_hashes)
    return best


def _band_keys(sets: ShingleSets, hashes: range) -> U64:
    """One number per text for the minima of its set under some hash functions, shape (n,)."""
    keys = np.zeros(sets.sizes.size, dtype=np.uint64)
    for start, stop in _spans(sets.sizes, most=keys.size):
        offsets = sets.offsets[start : stop + 1]
        shingles = sets.shingles[offsets[0] : offsets[-1]]
        for number in hashes:
            factor, shift = mix(np.array([2 * number + 1, 2 * number + 2], dtype=np.uint64) * _GOLDEN)
            minima = np.minimum.reduceat(shingles * (factor | np.uint64(1)) + shift, offsets[:-1] - offsets[0])
            keys[start:stop] = mix(keys[start:stop] * _GOLDEN + minima)
    return keys


def _candidates(keys: U64, content: U64) -> Iterator[tuple[I64, I64]]:
    """Pairs of texts with one key: each with the first of its bucket, then with those up to 8 places further.

    Places in a bucket go by `content`, which differs from band to band: a bucket costs a multiple of its size, never
    its square, and a pair that stands far apart in one band may meet in the next.
    """
    order = np.argsort(keys)
    same = keys[order][1:] == keys[order][:-1]
    rows = order[np.concatenate([[False], same]) | np.concatenate([same, [False]])]
    rows = rows[np.lexsort((content[rows], keys[rows]))]
    bucket = keys[rows]
    starts = np.flatnonzero(np.concatenate([np.ones(min(1, rows.size), bool), bucket[1:] != bucket[:-1]]))
    yield np.repeat(rows[starts], np.diff(np.append(starts, rows.size))), rows
    for step in range(1, NEIGHBOURS + 1):
        near = bucket[step:] == bucket[:-step]
        yield rows[:-step][near], rows[step:][near]


def _spans(sizes: I64, most: int) -> Iterator[tuple[int, int]]:
    """Cut 0 … n into spans of at most `most` items and about `_SHINGLES` of total size, at least one item each."""
    ends = np.cumsum(sizes)
    start = 0
    while start < sizes.size:
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, min(start + most, int(np.searchsorted(ends, before + _SHINGLES, side="right"))))
        yield start, stop
        start = stop

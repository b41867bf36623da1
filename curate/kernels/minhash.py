"""MinHash: short signatures of shingle sets, and near twins found as rows that share a band of them.

The minima of two sets under a random hash function are equal with the probability of their Jaccard similarity (Broder
1997); rows that agree in a whole band of minima are candidates (Leskovec, Rajaraman & Ullman 2020, chapter 3), and each
is verified by the true similarity: precision is 1, recall what was asked for. For saved indexes and low bounds; on one
machine `kernels.join` finds every pair. `csrc/minhash.c` does the work.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.errors import CurateError
from curate.kernels.native import array, function, in_threads
from curate.kernels.ngrams import mix
from curate.kernels.shingles import ShingleSets

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

MOST_HASHES = 2**16

_ROWS = 2**12  # at once in one thread
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

_signatures = function(
    "curate_signatures",
    None,
    *(array(np.int64), array(np.uint64), ctypes.c_int64, ctypes.c_int64),
    *(array(np.uint32), array(np.uint32), ctypes.c_int64, array(np.uint32)),
)
_band_keys = function(
    "curate_band_keys",
    None,
    *(array(np.int64), array(np.uint64), array(np.int64), ctypes.c_int64),
    *(array(np.uint32), array(np.uint32), ctypes.c_int64, array(np.uint32), array(np.uint64)),
)


@dataclass(frozen=True, slots=True)
class Bands:
    """How a signature is cut: rows are candidates if they agree in all minima of one of the bands.

    Args:
        n_bands: bands, at least 1.
        n_rows: minima in each, at least 1.
    """

    n_bands: int
    n_rows: int

    @property
    def n_hashes(self) -> int:
        """Minima in use: those of all bands."""
        return self.n_bands * self.n_rows

    def probability(self, similarity: float) -> float:
        """The chance that two rows of a similarity in [0, 1] become candidates.

        Example:
            >>> round(Bands(20, 5).probability(0.8), 4)
            0.9996
        """
        return 1 - (1 - similarity**self.n_rows) ** self.n_bands

    def s_curve(self, step: float = 0.05) -> list[tuple[float, float]]:
        """(similarity, probability) from 0 to 1: the S-curve of these bands."""
        return [(round(at * step, 10), self.probability(at * step)) for at in range(round(1 / step) + 1)]


def bands_for(min_similarity: float, recall: float, n_hashes: int) -> Bands:
    """The bands that find a pair at `min_similarity` with probability `recall` and compare as little else as they can.

    The longest bands, and then the fewest, that do; pairs above the bound are found more often.

    Args:
        min_similarity: the bound, in (0, 1].
        recall: the least chance to find a pair exactly at the bound, in (0, 1).
        n_hashes: minima in a signature, at most 65,536.

    Raises:
        CurateError: one of them is outside its range, or so many minima cannot do it; the hint says how many can.

    Example:
        >>> bands_for(0.8, 0.95, 128)
        Bands(n_bands=13, n_rows=7)
    """
    if not 0 < min_similarity <= 1:
        raise CurateError(f"min_similarity is {min_similarity}", hint="above 0, at most 1")
    if not 0 < recall < 1:
        raise CurateError(f"recall is {recall}", hint="above 0, below 1; dedup.near finds every pair")
    if not 1 <= n_hashes <= MOST_HASHES:
        raise CurateError(f"n_hashes is {n_hashes}", hint=f"from 1 to {MOST_HASHES}")
    for n_rows in range(n_hashes, 0, -1):
        shared = min_similarity**n_rows
        needed = math.log1p(-recall) / math.log1p(-shared) if 0 < shared < 1 else 1.0 if shared else math.inf
        n_bands = math.ceil(min(needed - 1e-9, 2.0 * MOST_HASHES))
        if n_bands * n_rows <= n_hashes:
            return Bands(max(n_bands, 1), n_rows)
    raise CurateError(
        f"{n_hashes} minima find pairs at {min_similarity} with a recall below {recall}",
        hint=f"n_hashes of at least {n_bands}, a higher min_similarity, or dedup.near",
    )


def hash_functions(n_hashes: int, seed: int) -> tuple[U32, U32]:
    """Multipliers (odd) and shifts of hash functions, each shape (n_hashes,); the first are the same however many."""
    numbers = np.arange(1, n_hashes + 1, dtype=np.uint64) * _GOLDEN
    drawn = mix(numbers + mix(np.array([seed], dtype=np.uint64) + _GOLDEN))
    return (drawn >> np.uint64(32)).astype(np.uint32) | np.uint32(1), drawn.astype(np.uint32)


def signatures(sets: ShingleSets, n_hashes: int, seed: int = 0, threads: int | None = None) -> U32:
    """The least hash of each set under `n_hashes` hash functions, shape (n, n_hashes); of an empty set 2**32 - 1.

    Two sets agree in a share of their minima that estimates their Jaccard similarity, with a standard error of at most
    `0.5 / sqrt(n_hashes)`.

    Args:
        sets: the sets.
        n_hashes: minima of each; four bytes.
        seed: of the hash functions, in [0, 2**64).
        threads: how many at most; None for one per core.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> minima = signatures(shingle_sets(["a b c d e", "e d c b a", "a b c d x"], size=1), 1000)
        >>> [round(float((minima[0] == other).mean()), 1) for other in minima]
        [1.0, 1.0, 0.7]
    """
    multipliers, shifts = hash_functions(n_hashes, seed)
    minima = np.empty((len(sets), n_hashes), np.uint32)

    def find(start: int, stop: int) -> None:
        functions = (multipliers, shifts, n_hashes)
        _signatures(sets.offsets, sets.shingles, start, stop, *functions, minima[start:stop])

    in_threads(find, np.append(np.arange(0, len(sets), _ROWS), len(sets)), threads)
    return minima


@dataclass(frozen=True, slots=True, eq=False)
class Buckets:
    """Ranks that share a band, and the buckets of each rank; a bucket of one is none.

    Args:
        starts: where each bucket begins in `members`, shape (n_buckets + 1,).
        members: ranks, ascending within a bucket, shape (m,).
        own_offsets: where the buckets of each rank begin in `own`, shape (n + 1,).
        own: numbers of buckets, ascending within a rank, shape (m,).
    """

    starts: I64
    members: U32
    own_offsets: I64
    own: U32


def band_keys(sets: ShingleSets, rows: I64, bands: Bands, seed: int, band: int) -> U64:
    """One band of some rows, shape (n,): a hash of its minima in the upper 32 bits, below it the place in `rows`."""
    own = slice(band * bands.n_rows, (band + 1) * bands.n_rows)
    multipliers, shifts = (each[own] for each in hash_functions(bands.n_hashes, seed))
    keys, minima = np.empty(len(rows), np.uint64), np.empty(bands.n_rows, np.uint32)
    _band_keys(sets.offsets, sets.shingles, rows, len(rows), multipliers, shifts, bands.n_rows, minima, keys)
    return keys


def buckets_of(sets: ShingleSets, rows: I64, bands: Bands, seed: int, threads: int | None = None) -> Buckets:
    """The buckets of some rows, each called by its rank: its place in `rows`.

    One band is hashed and sorted at a time in each thread, eight bytes for each row; what is kept is sixteen bytes for
    each row and band that is in a bucket with another.

    Raises:
        CurateError: more than 2**32 - 2 rows or places in buckets.
    """

    def band(number: int, _: int) -> tuple[U32, I64]:
        keys = band_keys(sets, rows, bands, seed, number)
        keys.sort()
        as_before, as_after = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
        as_before[1:] = (keys[1:] ^ keys[:-1]) >> np.uint64(32) == 0
        as_after[:-1] = as_before[1:]
        inside = as_before | as_after
        return keys[inside].astype(np.uint32), np.flatnonzero(~as_before[inside])

    check_countable(len(rows))
    found = in_threads(band, np.arange(bands.n_bands + 1), threads)
    sizes = np.cumsum([0, *(len(members) for members, _ in found)])
    members = np.concatenate([np.zeros(0, np.uint32), *(part for part, _ in found)])
    starts = np.concatenate([*(firsts + at for (_, firsts), at in zip(found, sizes, strict=False)), sizes[-1:]])
    check_countable(len(members))
    own = members.astype(np.uint64) << np.uint64(32)
    own |= np.repeat(np.arange(len(starts) - 1, dtype=np.uint64), np.diff(starts))
    own.sort()
    own_offsets = np.searchsorted(own, np.arange(len(rows) + 1, dtype=np.uint64) << np.uint64(32))
    return Buckets(starts, members, own_offsets, own.astype(np.uint32))


def check_countable(n: int) -> None:
    """Raise `CurateError` where 32 bits cannot number so many rows, or places in buckets."""
    if n > 2**32 - 2:
        raise CurateError(f"{n:,} rows in buckets are more than one run can hold", hint="a saved index: dedup-index")

"""Shingle hashes as tokens that sort by rarity: the form in which `kernels.join` compares sets.

A token is the class of its count above the high bits of its hash, so the rarest tokens of a set come first, in the same
order in every set (Chaudhuri, Ganti & Kaushik, 2006). Counting, the sort (by counting, as the hashes come in order) and
the search for equal sets are compiled (`csrc/rarity.c`).
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from curate.kernels.native import array, function, in_threads, n_threads
from curate.kernels.shingles import ShingleSets

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Apart = tuple[U64, U64]

RECORD = np.dtype([("bits", np.uint64, 4), ("start", np.int64), ("size", np.int32), ("unique", np.int32)])
CLASS_BITS = 6

_BLOCK = 2**20  # shingles between two looks at which thread is free

_count = function(
    "curate_count", None, array(np.uint64), ctypes.c_int64, array(np.uint16), ctypes.c_int, *[ctypes.c_uint64] * 2
)
_tokens = function(
    "curate_tokens",
    None,
    *(array(np.uint64), array(np.int64), ctypes.c_int64, ctypes.c_int64),
    *(array(np.uint16), ctypes.c_int, ctypes.c_int, array(np.uint8)),
    *(array(np.uint64), array(RECORD), array(np.uint64)),
)
_fold = function(
    "curate_fold",
    None,
    *(array(np.int64), ctypes.c_int64, array(np.uint64), array(RECORD), array(np.uint64)),
    *(ctypes.c_void_p, ctypes.c_void_p, array(np.int64), ctypes.c_uint64, array(np.int64)),
)


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The sets of n rows as tokens, rarest first.

    Args:
        tokens: shape (m,), rising within a set.
        records: of `RECORD`, shape (n,): where the tokens of each set are, how many there are, how many occur nowhere
            else, and 256 bits for a bound of the difference of two sets (32 of the 48 bytes).
        contents: a hash of each set, shape (n,).
    """

    tokens: U64
    records: npt.NDArray[np.void]
    contents: U64


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """In how many sets each shingle is, by bucket of its hash: never too few, and seldom too many.

    Args:
        buckets: at most 65535 each, shape (2**bits + 1,); the last is none.
        bits: of the number of a bucket; there are 2 to 4 buckets per shingle.
        shift: low bits of a hash that are not part of its token: 6, or fewer where hashes are that small.
    """

    buckets: npt.NDArray[np.uint16]
    bits: int
    shift: int


def count(*parts: ShingleSets, threads: int | None = None) -> Counts:
    """Counts of the shingles of one or more collections of sets together. Each thread counts a range of buckets."""
    n_shingles = sum(part.shingles.size for part in parts)
    bits = max(12, n_shingles.bit_length() + 1)
    largest = max((int(part.shingles.max(initial=0)) for part in parts), default=0)
    made = Counts(np.zeros(2**bits + 1, np.uint16), bits, max(0, largest.bit_length() - (64 - CLASS_BITS)))
    bounds = np.linspace(0, 2**bits, n_threads(threads) + 1).astype(np.int64)
    for part in parts:
        in_threads(partial(_count, part.shingles, part.shingles.size, made.buckets, bits), bounds, threads)
    return made


def rare_first(sets: ShingleSets, counts: Counts, *, threads: int | None = None) -> Tokens:
    """The tokens of sets whose shingles were counted."""
    sizes = sets.sizes
    made = Tokens(np.empty_like(sets.shingles), np.empty(sizes.size, RECORD), np.empty(sizes.size, np.uint64))
    out = made.tokens, made.records, made.contents

    def work(start: int, stop: int) -> None:
        classes = np.empty(int(sizes[start:stop].max(initial=0)), np.uint8)
        _tokens(sets.shingles, sets.offsets, start, stop, counts.buckets, counts.bits, counts.shift, classes, *out)

    in_threads(work, spans(sets.offsets, _BLOCK), threads)
    return made


def spans(offsets: I64, size: int) -> I64:
    """Bounds that cut rows into spans of about `size` shingles each, at least one row."""
    cuts = np.searchsorted(offsets, np.arange(0, int(offsets[-1]) + size, size))
    return np.unique(np.append(np.minimum(cuts, offsets.size - 1), [0, offsets.size - 1]))


def first_of_same(made: Tokens, order: I64, apart: Apart | None = None) -> I64:
    """For each row the first, in `order`, with the same set (and the same forms in `apart`), shape (n,).

    -1 for a row whose set is empty, and for one that is not in `order`.
    """
    first = np.full(made.records.size, -1, np.int64)
    slots = np.zeros(2 ** (2 * order.size).bit_length(), np.int64)
    forms = (None, None) if apart is None else (apart[0].ctypes.data, apart[1].ctypes.data)
    _fold(order, order.size, made.tokens, made.records, made.contents, *forms, slots, slots.size - 1, first)
    return first

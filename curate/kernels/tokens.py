"""Shingle hashes as tokens that sort by rarity: the form in which `kernels.join` compares sets.

A token is the class of its count above the high bits of its hash, so the rarest tokens of a set come first, in every set
in the same order. Counts go into a hashed table (two bytes per bucket, 2 to 4 buckets per shingle, freed at once), the
sort is a counting sort by class; both are compiled (`csrc/rarity.c`). Frequency order: Chaudhuri, Ganti & Kaushik, 2006.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.kernels.shingles import ShingleSets
from curate.kernels.native import array, function, in_threads, n_threads

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Apart = tuple[U64, U64]

RECORD = np.dtype([("bits", np.uint64, 4), ("start", np.int64), ("size", np.int32), ("unique", np.int32)])
CLASS_BITS = 6

_BLOCK = 2**20  # shingles between two looks at which thread is free


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


def rare_first(*parts: ShingleSets, threads: int | None = None) -> list[Tokens]:
    """The tokens of one or more collections of sets, by the count of each shingle in all of them together."""
    n_shingles = sum(part.shingles.size for part in parts)
    bits = max(12, n_shingles.bit_length() + 1)
    counts = np.zeros(2**bits + 1, np.uint16)
    bounds = np.linspace(0, 2**bits, n_threads(threads) + 1).astype(np.int64)
    count = function(
        "curate_count", None, array(np.uint64), ctypes.c_int64, array(np.uint16), ctypes.c_int, *[ctypes.c_uint64] * 2
    )
    for part in parts:
        in_threads(
            lambda low, high, p=part: count(p.shingles, p.shingles.size, counts, bits, low, high), bounds, threads
        )
    largest = max((int(part.shingles.max(initial=0)) for part in parts), default=0)
    shift = max(0, largest.bit_length() - (64 - CLASS_BITS))
    return [_tokens(part, counts, bits, shift, threads) for part in parts]


def _tokens(sets: ShingleSets, counts: npt.NDArray[np.uint16], bits: int, shift: int, threads: int | None) -> Tokens:
    sizes = sets.sizes
    made = Tokens(np.empty_like(sets.shingles), np.empty(sizes.size, RECORD), np.empty(sizes.size, np.uint64))
    arguments = [array(np.uint64), array(np.int64), *[ctypes.c_int64] * 2, array(np.uint16), *[ctypes.c_int] * 2]
    arguments += [array(np.uint8), array(np.uint64), array(RECORD), array(np.uint64)]
    tokens = function("curate_tokens", None, *arguments)

    def work(start: int, stop: int) -> None:
        classes = np.empty(int(sizes[start:stop].max(initial=0)), np.uint8)
        tokens(
            sets.shingles,
            sets.offsets,
            start,
            stop,
            counts,
            bits,
            shift,
            classes,
            made.tokens,
            made.records,
            made.contents,
        )

    in_threads(work, spans(sets.offsets, _BLOCK), threads)
    return made


def spans(offsets: I64, size: int) -> I64:
    """Bounds that cut rows into spans of about `size` shingles each, at least one row."""
    cuts = np.searchsorted(offsets, np.arange(0, int(offsets[-1]) + size, size))
    return np.unique(np.append(np.minimum(cuts, offsets.size - 1), [0, offsets.size - 1]))


def first_of_same(made: Tokens, order: I64, apart: Apart | None = None) -> I64:
    """The first row, in `order`, that has the same set (and the same forms in `apart`); -1 for an empty set, shape (n,)."""
    first = np.full(made.records.size, -1, np.int64)
    slots = np.zeros(2 ** (2 * order.size).bit_length(), np.int64)
    forms = [None, None] if apart is None else [form.ctypes.data for form in apart]
    arguments = [array(np.int64), ctypes.c_int64, array(np.uint64), array(RECORD), array(np.uint64)]
    arguments += [*[ctypes.c_void_p] * 2, array(np.int64), ctypes.c_uint64, array(np.int64)]
    fold = function("curate_fold", None, *arguments)
    fold(order, order.size, made.tokens, made.records, made.contents, *forms, slots, slots.size - 1, first)
    return first

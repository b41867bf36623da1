"""Windows of words: where the words of texts stand, rolling hashes of all their windows, and which windows come again.

A word is what `kernels.text.n_words` counts: a run between white space, or one character of a script that writes
without spaces (with the marks on it). Used by `dedup.substring`; the work is done in csrc/windows.c.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curate.kernels.buffers import text_bytes
from curate.kernels.native import array, function, in_threads
from curate.kernels.text import UNSPACED

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

_N_POINTS = 0x110000
_LAST_CLASSED = 0xE01F0  # no white space, unspaced script or mark lies above: variation selectors are the last
_THREAD_BYTES = 1 << 18


@dataclass(frozen=True, eq=False)
class Words:
    """The words of some texts, one after the other.

    Attributes:
        counts: words of each text, shape (n_texts,).
        starts: the first character of each word, in code points from the start of its text, shape (n_words,).
        ends: the character after its last.
        hashes: two independent hashes below 2**61 of each word, shape (2, n_words).
    """

    counts: I64
    starts: I64
    ends: I64
    hashes: U64


def words(texts: pa.Array) -> Words:
    """The words of each text; a null has none.

    Example:
        >>> found = words(pa.array(["two words", "数据", None]))
        >>> found.counts.tolist(), found.starts.tolist(), found.ends.tolist()
        ([2, 2, 0], [0, 4, 0, 1], [3, 9, 1, 2])
    """
    data, offsets = text_bytes(texts)
    return _words(data, offsets, 0, len(offsets) - 1)


def _words(data: npt.NDArray[np.uint8], offsets: I64, start: int, stop: int) -> Words:
    offsets = np.ascontiguousarray(offsets[start : stop + 1])
    n, room = stop - start, int(((np.diff(offsets) + 1) // 2).sum())
    counts, starts, ends = np.empty(n, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    hashes = np.empty((2, room), np.uint64)
    ascii_only = bool((data[offsets[0] : offsets[-1]] < 0x80).all())
    size = _find_words(data, offsets, n, _classes(ascii_only), counts, starts, ends, hashes[0], hashes[1])
    return Words(counts, starts[:size], ends[:size], hashes[:, :size])


def window_keys(texts: pa.Array, size: int, threads: int | None = None) -> tuple[I64, U64]:
    """Two independent hashes of every window of `size` neighbouring words; equal windows, equal hashes.

    Args:
        texts: any Arrow type that casts to text.
        size: words in a window, from 1 on.
        threads: how many; one for each core unless given. Changes no result.

    Returns:
        The words of each text, shape (n_texts,), and the hashes, shape (2, n_windows): a text of w words has
        max(0, w - size + 1) windows, in order.

    Example:
        >>> counts, keys = window_keys(pa.array(["a b a b", "b"]), 2)
        >>> counts.tolist(), (keys[0] == keys[0, 0]).tolist()
        ([4, 1], [True, False, True])
    """
    data, offsets = text_bytes(texts)
    n_bytes = int(offsets[-1] - offsets[0])
    parts = max(1, n_bytes // _THREAD_BYTES)
    bounds = np.searchsorted(offsets, offsets[0] + np.linspace(0, n_bytes, parts + 1)[1:-1])
    bounds = np.unique(np.concatenate([[0], bounds, [len(offsets) - 1]])).astype(np.int64)

    def work(start: int, stop: int) -> tuple[I64, U64]:
        found = _words(data, offsets, start, stop)
        keys = np.empty((2, int(np.maximum(found.counts - size + 1, 0).sum())), np.uint64)
        one, two = (np.ascontiguousarray(row) for row in found.hashes)
        _roll(found.counts, stop - start, one, two, size, keys[0], keys[1])
        return found.counts, keys

    made = in_threads(work, bounds, threads)
    if not made:
        return np.empty(0, np.int64), np.empty((2, 0), np.uint64)
    return np.concatenate([counts for counts, _ in made]), np.concatenate([keys for _, keys in made], axis=1)


class Sightings:
    """A table of which keys were seen more than once: no key that was is missed, a few others are named too.

    Two bits a slot; with `n_slots` slots and n different keys, a share of about n / n_slots of those seen once is
    named by accident.

    Args:
        n_slots: rounded up to a power of two.

    Example:
        >>> table = Sightings(1 << 12)
        >>> table.see(np.array([1, 2, 1], np.uint64)), table.again(np.array([1, 2, 3], np.uint64)).tolist()
        (1, [True, False, False])
    """

    def __init__(self, n_slots: int) -> None:
        slots = 1 << max(6, (n_slots - 1).bit_length())
        self._mask = slots - 1
        self._table = np.zeros(slots // 4, np.uint8)

    def see(self, keys: U64) -> int:
        """Note keys; returns how many of them found their slot taken."""
        keys = np.ascontiguousarray(keys)
        return int(_see(self._table, self._mask, keys, len(keys)))

    def again(self, keys: U64) -> npt.NDArray[np.bool_]:
        """Whether each key was seen more than once, or seems so."""
        keys = np.ascontiguousarray(keys)
        found = np.empty(len(keys), np.uint8)
        _seen_again(self._table, self._mask, keys, len(keys), found)
        return found.view(np.bool_)


def first_places(keys: U64, places: I64) -> I64:
    """For each key the lowest place of the keys that equal it in both hashes; shapes (2, n), (n,) to (n,).

    Example:
        >>> first_places(np.array([[7, 8, 7], [1, 1, 1]], np.uint64), np.array([30, 20, 10])).tolist()
        [10, 20, 10]
    """
    if not len(places):
        return places
    order = np.argsort(keys[0])
    one, two = keys[0][order], keys[1][order]
    same = one[1:] == one[:-1]
    if (same & (two[1:] != two[:-1])).any():  # the first hashes of two different windows agree
        order = np.lexsort((keys[1], keys[0]))
        one, two = keys[0][order], keys[1][order]
        same = (one[1:] == one[:-1]) & (two[1:] == two[:-1])
    new = np.concatenate([[True], ~same])
    lowest = np.minimum.reduceat(places[order], np.flatnonzero(new))
    first = np.empty_like(places)
    first[order] = lowest[np.cumsum(new) - 1]
    return first


@cache
def _classes(ascii_only: bool) -> npt.NDArray[np.uint8]:
    """What each code point is to a word: 0 part of one, 1 white space, 2 a word by itself, 3 a mark on what it follows.

    White space is that of `str.split`, the scripts are `kernels.text.UNSPACED`, marks the category M of Unicode.
    """
    points = np.arange(0x80 if ascii_only else _LAST_CLASSED, dtype=np.uint32)
    points[0xD800:0xE000] = ord("a")
    data = points.astype("<u4").tobytes().decode("utf-32-le").encode()
    lengths = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    each = pa.LargeStringArray.from_buffers(len(points), pa.py_buffer(offsets), pa.py_buffer(data))
    classes = np.zeros(_N_POINTS, np.uint8)
    kinds = (
        (pc.utf8_is_space(each), 1),
        (pc.match_substring_regex(each, f"[{UNSPACED}]"), 2),
        (pc.match_substring_regex(each, r"\p{M}"), 3),
    )
    for mask, kind in kinds:
        classes[: len(points)][mask.to_numpy(zero_copy_only=False)] = kind
    return classes


_I64, _U64, _U8 = array(np.int64), array(np.uint64), array(np.uint8)
_find_words = function("curate_words", ctypes.c_int64, _U8, _I64, ctypes.c_int64, _U8, _I64, _I64, _I64, _U64, _U64)
_roll = function("curate_windows", ctypes.c_int64, _I64, ctypes.c_int64, _U64, _U64, ctypes.c_int64, _U64, _U64)
_see = function("curate_see", ctypes.c_int64, _U8, ctypes.c_uint64, _U64, ctypes.c_int64)
_seen_again = function("curate_seen_again", None, _U8, ctypes.c_uint64, _U64, ctypes.c_int64, _U8)

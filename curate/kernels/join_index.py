"""The index of the set-similarity join: from tokens to the sets that hold them among their rarest.

`kernels.join` says which sets go in, in which order, and why nothing is missed; the walks are compiled (`csrc/join.c`).
An index belongs to one sequence of sets. The entries of a token are chained, the newest first, so that sets can be
asked about and added in turns.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from curate.errors import CurateError
from curate.kernels.native import array, function, in_threads, n_threads
from curate.kernels.tokens import Tokens

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Measure = Literal["jaccard", "containment"]

ROUNDING = 1e-9
PAIR = np.dtype([("left", np.uint32), ("right", np.uint32), ("similarity", np.float64)])
ENTRY = np.dtype([("next", np.uint32), ("set", np.uint32), ("size", np.int32), ("place", np.int32)])
SLOT = np.dtype([("tag", np.uint32), ("head", np.uint32)])

MOST_PAIRS = 2**28  # in one list; 24 bytes each, and twice that while it is put in order
TOO_MANY = "a higher min_similarity; keep: central lists all pairs, as do components by MinHash"

_MOST = 2**32 - 2  # entries, and sets
_SETTLED = (1024, 65536)  # sets settled at once: a quarter of those before them, within these limits
_RANGES = 4  # per thread and round
_FINEST = {"jaccard": 4, "containment": 0}  # binary digits of a size by which the lists of frequent tokens are cut


class _Sets(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in ("tokens", "records", "forms")]


class _Index(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("slots", "entries", "skips", "sets", "gone")),
        ("mask", ctypes.c_uint64),
        ("bound", ctypes.c_double),
        ("used", ctypes.c_uint32),
        *((name, ctypes.c_int32) for name in ("containment", "ascending", "largest", "finest")),
    ]


_SPAN = (ctypes.POINTER(_Index), ctypes.c_int64, ctypes.c_int64)
_insert = function("curate_join_insert", None, *_SPAN)
_find = function("curate_join_find", None, *_SPAN, array(np.uint8))
_settle = function("curate_join_settle", None, *_SPAN, ctypes.c_uint32, array(np.uint8))
_pairs = function(
    "curate_join_pairs",
    ctypes.c_int64,
    *(*_SPAN, ctypes.c_uint32, ctypes.c_int, array(PAIR), ctypes.c_int64, ctypes.POINTER(ctypes.c_int64)),
)
_nearest = function(
    "curate_join_nearest",
    None,
    *(*_SPAN, ctypes.POINTER(_Sets), array(np.int64), array(np.int64), array(np.float64)),
)
_components = function("curate_join_components", None, *_SPAN[:2], array(np.int64), array(np.int64))


@dataclass(eq=False)
class OrderedSets:
    """Sets in the order in which a join goes through them.

    Args:
        made: the tokens of all rows.
        rows: the rows that take part, in order, shape (n,).
        forms: of every row; two sets of one form are never a match. None where every pair counts.
    """

    made: Tokens
    rows: I64
    forms: U64 | None = None

    def __post_init__(self) -> None:
        self.records = self.made.records[self.rows]
        self.own_forms = np.empty(0, np.uint64) if self.forms is None else self.forms[self.rows]
        self.c = _Sets(*(_address(held) for held in (self.made.tokens, self.records, self.own_forms)))

    def __len__(self) -> int:
        return int(self.rows.size)


class Index:
    """An index, empty at first, for sets of one sequence.

    Args:
        sets: the sequence.
        min_similarity: the bound, in (0, 1].
        measure: of similarity.
        ascending: sets are added by rising size, and asked about after all smaller ones were added: less is indexed.

    Raises:
        CurateError: the bound is outside its range, or there are more entries than 32 bits can number.
    """

    def __init__(self, sets: OrderedSets, min_similarity: float, measure: Measure, *, ascending: bool = False) -> None:
        if not 0 < min_similarity <= 1:
            raise CurateError(f"min_similarity is {min_similarity}", hint="above 0, at most 1")
        if measure not in _FINEST:
            raise CurateError(f"measure is {measure!r}", hint=" or ".join(_FINEST))
        self.sets, bound = sets, max(min_similarity - ROUNDING, min_similarity / 2)
        n_entries = int(n_indexed(sets.records, bound, measure, ascending).sum())
        if max(n_entries, len(sets)) > _MOST:
            raise CurateError(
                f"a join of {len(sets)} sets would index {n_entries} shingles, more than {_MOST}",
                hint="a higher min_similarity, or MinHash",
            )
        self.slots = np.zeros(2 ** (n_entries + n_entries // 8 + 1).bit_length(), SLOT)
        self.entries = np.empty(n_entries + 1, ENTRY)
        self.skips = np.empty(n_entries + 1 if sets.own_forms.size else 0, np.uint32)
        self.gone = np.zeros(len(sets), np.uint8)
        self.c = _Index(*(_address(made) for made in (self.slots, self.entries, self.skips)), ctypes.addressof(sets.c))
        self.c.mask, self.c.bound, self.c.finest = self.slots.size - 1, bound, _FINEST[measure]
        self.c.containment, self.c.ascending = measure == "containment", ascending
        self.c.largest = int(sets.records["size"].max(initial=0))

    def insert(self) -> None:
        """Add all sets."""
        _insert(self.c, 0, len(self.sets))

    def settle(self, threads: int | None) -> npt.NDArray[np.bool_]:
        """Add each set that has no match among those added before it; which ones have, shape (n,)."""
        found = np.zeros(len(self.sets), np.uint8)
        for start, stop in _rounds(found.size):
            in_threads(lambda low, high: _find(self.c, low, high, found), _ranges(start, stop, threads), threads)
            _settle(self.c, start, stop, self.c.used, found)
        return found.astype(np.bool_)

    def pairs(self, threads: int | None) -> npt.NDArray[np.void]:
        """Add all sets; the pairs among them, of `PAIR`, each once, in no particular order, `left` after `right`."""
        found: list[npt.NDArray[np.void]] = []
        for start, stop in _rounds(len(self.sets)):
            parts = in_threads(
                lambda low, high: self._pairs(low, high, 0, False), _ranges(start, stop, threads), threads
            )
            found += [pile for part in parts for pile in part]
            found += self._pairs(start, stop, self.c.used, True)
            check_room(sum(map(len, found)))
        return np.concatenate(found) if found else np.empty(0, PAIR)

    def _pairs(self, start: int, stop: int, floor: int, growing: bool) -> list[npt.NDArray[np.void]]:
        """Pairs of some sets with those added after entry `floor`; with `growing` each is then added itself."""
        found, n_pairs, room = [], ctypes.c_int64(), 1024 + stop - start
        while start < stop:
            pile = np.empty(room, PAIR)
            start = _pairs(self.c, start, stop, floor, growing, pile, room, n_pairs)
            found.append(pile[: n_pairs.value].copy())
            check_room(sum(map(len, found)))
            room *= 2
        return found

    def nearest(self, asking: OrderedSets, sets: I64, threads: int | None) -> tuple[I64, F64]:
        """The most similar set of those added, of equal ones the first, and its similarity; -1 and 0 for none.

        Args:
            asking: the sequence of the sets that are asked about.
            sets: their places in it, shape (m,).
            threads: how many; None for one per core.
        """
        match, similarity = np.empty(sets.size, np.int64), np.empty(sets.size)
        in_threads(
            lambda low, high: _nearest(self.c, low, high, asking.c, sets, match, similarity),
            _ranges(0, sets.size, threads),
            threads,
        )
        return match, similarity

    def components(self) -> I64:
        """Of the sets, all added: the first set each is connected with; takes the sets out of the index."""
        queue, labels = np.empty(len(self.sets), np.int64), np.empty(len(self.sets), np.int64)
        self.c.gone = _address(self.gone)
        _components(self.c, len(self.sets), queue, labels)
        return labels


def n_indexed(records: npt.NDArray[np.void], bound: float, measure: Measure, ascending: bool) -> I64:
    """How many tokens of each set are indexed, shape (n,)."""
    sizes = records["size"].astype(np.int64)
    least = 2 * bound / (1 + bound) if ascending and measure == "jaccard" else bound
    last = sizes if measure == "containment" and not ascending else sizes - np.ceil(least * sizes).astype(np.int64) + 1
    return np.asarray(np.maximum(last - records["unique"], 0), dtype=np.int64)


def check_room(n_pairs: int) -> None:
    """Raise `CurateError` where there are too many pairs to list."""
    if n_pairs > MOST_PAIRS:
        raise CurateError(f"more than {MOST_PAIRS:,} pairs are similar", hint=TOO_MANY)


def _address(made: npt.NDArray[Any]) -> int | None:
    return made.ctypes.data if made.size else None


def _rounds(n: int) -> Iterator[tuple[int, int]]:
    """Cut a sequence into rounds that grow with what came before them; no result depends on the cuts."""
    start = 0
    while start < n:
        stop = min(n, start + min(max(start // 4, _SETTLED[0]), _SETTLED[1]))
        yield start, stop
        start = stop


def _ranges(start: int, stop: int, threads: int | None) -> I64:
    return np.linspace(start, stop, _RANGES * n_threads(threads) + 1).astype(np.int64)

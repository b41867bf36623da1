"""Texts to sets of hashed shingles: what every join, signature and index of near duplicates compares.

A shingle is a run of some words or characters (Broder 1997). The texts are read where Arrow keeps them, by the C of
`csrc/shingle.c`, block by block on several threads. The sets depend on nothing but the texts: not on how they are cut
into chunks, on the number of threads or on the machine.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curate.errors import CurateError
from curate.kernels.buffers import as_bools, as_mask, as_texts, text_bytes
from curate.kernels.native import array, each_in_threads, function
from curate.kernels.text import SPACES, UNSPACED

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]
Texts: TypeAlias = pa.Array | pa.ChunkedArray | Sequence[str | None]
Unit = Literal["word", "character"]

MOST_ITEMS = 16

_BLOCK_BYTES = 2**22  # of text, read by one thread at once
_BLOCK_ROWS = 2**16
_IN_WORD, _ALONE, _SPACE, _MARK = 1, 2, 3, 4  # as in shingle.c
_UNKNOWN = 255  # of a code point that no text has held yet
_NORMAL_FORM = 1

_mark_beyond_ascii = function(
    "curate_mark_beyond_ascii", None, array(np.uint8), array(np.int64), ctypes.c_int64, array(np.uint8)
)
_shingles = function(
    "curate_shingles",
    ctypes.c_int64,
    *(array(np.uint8), array(np.int64), array(np.uint8), array(np.int64), array(np.uint8), ctypes.c_int64),
    *(array(np.uint8), ctypes.c_int64, ctypes.c_int32, ctypes.c_int32),
    *(array(np.uint64), array(np.int64), array(np.uint64)),
)


@dataclass(frozen=True, slots=True, eq=False)
class ShingleSets:
    """Sets of hashed shingles of n texts, one after the other.

    Args:
        offsets: where each set begins in `shingles`, and where the last one ends, shape (n + 1,).
        shingles: 64-bit hashes, ascending and distinct within a set, shape (m,).
    """

    offsets: I64
    shingles: U64

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> I64:
        """Shingles in each set, shape (n,); 0 for a text that is null or blank."""
        return np.diff(self.offsets)

    def take(self, rows: npt.NDArray[np.int64]) -> ShingleSets:
        """The sets of some rows, in the order given."""
        sizes = self.sizes[rows]
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        places = np.repeat(self.offsets[rows] - offsets[:-1], sizes) + np.arange(offsets[-1])
        return ShingleSets(offsets, self.shingles[places])


def shingle_sets(texts: Texts, *, size: int = 3, unit: Unit = "word", threads: int | None = None) -> ShingleSets:
    """The set of shingles of each text.

    A word is a run of letters, digits, marks and underscores, in compatibility form (NFKC) and lower case; in scripts
    without spaces each character is a word. Punctuation and white space only separate. Characters are those of the
    words, with one space where something separates two of them. A text of fewer words (or characters) than `size` is
    one shingle; so is a text without any word, as a whole. A null or blank text has the empty set.

    Args:
        texts: an Arrow array of any string type, or strings; lone surrogates count as separators.
        size: words (or characters) per shingle, from 1 to 16.
        unit: what a shingle is made of.
        threads: how many at most; None for one per core.

    Raises:
        CurateError: `size` or `unit` is none of those, or a text is not valid UTF-8.

    Example:
        >>> sets = shingle_sets(["A b c d", "a, b C", "!?", " ", None])
        >>> sets.sizes.tolist(), bool(np.isin(sets.take([1]).shingles, sets.take([0]).shingles))
        ([2, 1, 1, 0, 0], True)
    """
    if not 1 <= size <= MOST_ITEMS:
        raise CurateError(f"a shingle of {size} {unit}s", hint=f"from 1 to {MOST_ITEMS}")
    if unit not in ("word", "character"):
        raise CurateError(f"shingles of unit {unit!r}", hint="word or character")
    offsets, shingles, used = np.zeros(len(texts) + 1, np.int64), np.empty(0, np.uint64), 0
    row = 1
    for sizes, found in each_in_threads(lambda block: _of_block(block, size, unit), list(_blocks(texts)), threads):
        offsets[row : row + len(sizes)] = sizes
        row += len(sizes)
        # Grown in place: half the memory of joining parts at the end.
        shingles.resize(used + len(found), refcheck=False)
        shingles[used:] = found
        used += len(found)
    return ShingleSets(np.cumsum(offsets, out=offsets), shingles)


def _blocks(texts: Texts) -> Iterator[pa.Array | Sequence[str | None]]:
    """Slices of a few megabytes of text, or of many rows."""
    chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    for chunk in chunks:
        start = 0
        while start < len(chunk):
            stop = min(start + _BLOCK_ROWS, len(chunk))
            if isinstance(chunk, pa.Array):
                stop = start + max(1, int(np.searchsorted(_ends(chunk, start, stop), _BLOCK_BYTES, side="right")))
            yield chunk[start:stop]
            start = stop


def _ends(chunk: pa.Array, start: int, stop: int) -> I64:
    """Bytes up to the end of each text from `start` on, where the array tells without being read."""
    if not (pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type)):
        return np.zeros(stop - start, np.int64)
    width = np.int32 if pa.types.is_string(chunk.type) else np.int64
    offsets = np.frombuffer(chunk.buffers()[1], width)[chunk.offset + start : chunk.offset + stop + 1]
    return offsets[1:].astype(np.int64) - int(offsets[0])


def _of_block(block: pa.Array | Sequence[str | None], size: int, unit: Unit) -> tuple[I64, U64]:
    """The sizes of the sets of some texts, and the sets."""
    texts = _valid(lambda: block.cast(pa.large_string())) if isinstance(block, pa.Array) else _as_array(block)
    n = len(texts)
    data, offsets = text_bytes(texts)
    sources = np.zeros(n, np.uint8)
    _mark_beyond_ascii(data, offsets, n, sources)
    special = sources == _NORMAL_FORM
    forms, form_offsets, kinds = np.zeros(0, np.uint8), np.zeros(1, np.int64), _ascii_kinds()
    if special.any():
        forms, form_offsets = text_bytes(_valid(lambda: _normal_form(texts.filter(as_mask(special)))))
        kinds = _kinds(forms[form_offsets[0] : form_offsets[-1]])
    characters = unit == "character"
    n_bytes = int(offsets[-1] - offsets[0] + form_offsets[-1] - form_offsets[0])
    longest = int(max(np.diff(offsets).max(), np.diff(form_offsets).max(initial=0)))
    room = (n_bytes if characters else n_bytes // 2) + n
    out, sizes, scratch = np.empty(room, np.uint64), np.empty(n, np.int64), np.empty(2 * longest + 16, np.uint64)
    used = _shingles(
        *(data, offsets, forms, form_offsets, sources, n, kinds, len(kinds)),
        *(size, int(characters), out, sizes, scratch),
    )
    return sizes, out[:used]


def _as_array(texts: Sequence[str | None]) -> pa.Array:
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:  # a lone surrogate, which no Arrow text can hold
        whole = (None if t is None else t.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for t in texts)
        return pa.array(whole, pa.large_string())


def _valid(make: Callable[[], pa.Array]) -> pa.Array:
    try:
        return make()
    except pa.ArrowInvalid as error:
        raise CurateError(f"a text is not valid UTF-8 ({error})", hint="store the text as UTF-8") from error


def _normal_form(texts: pa.Array) -> pa.Array:
    return pc.utf8_lower(pc.utf8_normalize(texts, "NFKC"))


@cache
def _ascii_kinds() -> U8:
    return np.array([_kind(chr(code)) for code in range(128)], np.uint8)


def _kind(character: str) -> int:
    if character in " \t\n\v\f\r":
        return _SPACE
    return _IN_WORD if character.isalnum() or character == "_" else 0


@cache
def _table() -> U8:
    """The kind of every code point, as far as any text was met that holds it."""
    table = np.full(0x110000, _UNKNOWN, np.uint8)
    table[:128] = _ascii_kinds()
    return table


def _kinds(data: U8) -> U8:
    """The kind of every code point of UTF-8 bytes, at its place in a table of all of them."""
    table, met = _table(), np.zeros(0x110000, np.bool_)
    met[np.frombuffer(data.tobytes().decode().encode("utf-32-le"), "<u4")] = True
    new = np.flatnonzero(met & (table == _UNKNOWN))
    if new.size:
        table[new] = _classify(new)  # another thread may write the same at the same time
    return table


def _classify(codes: I64) -> U8:
    characters = as_texts([chr(code).encode() for code in codes.tolist()])
    kinds = np.zeros(codes.size, np.uint8)
    for kind, of in [(_IN_WORD, r"\pL\pN_"), (_MARK, r"\pM"), (_ALONE, UNSPACED), (_SPACE, SPACES)]:
        kinds[as_bools(pc.match_substring_regex(characters, f"[{of}]"))] = kind
    return kinds

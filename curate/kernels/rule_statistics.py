"""The statistics of named rule sets, one struct a text: Gopher's quality and repetition, FineWeb's lines.

Lines, white space and characters are Python's, as in the reference implementations; words come from
`kernels.word_table`, the rest is counted in csrc/rulesets.c. Used by the signals of `filter.gopher_quality` and its
kin; what C4 looks at is in `kernels.c4_lines`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.buffers import as_mask, text_bytes
from curate.kernels.native import array, function
from curate.kernels.word_kinds import UNSPACED_RANGES
from curate.kernels.word_table import ChunkTable, hashes_of

U8 = npt.NDArray[np.uint8]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

_SLAB_BYTES = 1 << 20


def struct_of(fields: tuple[str, ...]) -> pa.DataType:
    """The type of a struct of statistics."""
    return pa.struct([(name, pa.float64()) for name in fields])


QUALITY = (
    *("n_words", "mean_word_length", "hash_fraction", "ellipsis_fraction", "bullet_line_fraction"),
    *("ellipsis_line_fraction", "alphabetic_word_fraction", "n_stop_words", "unspaced_fraction"),
)
REPETITION = (
    *("n_characters", "duplicate_paragraph_fraction", "duplicate_paragraph_character_fraction"),
    *("duplicate_line_fraction", "duplicate_line_character_fraction"),
    *(f"top_{n}gram_fraction" for n in (2, 3, 4)),
    *(f"duplicate_{n}gram_fraction" for n in (5, 6, 7, 8, 9, 10)),
    "unspaced_fraction",
)
SHAPES = (
    *("n_lines", "terminal_line_fraction", "short_line_fraction", "duplicate_character_fraction"),
    *("line_break_fraction", "unspaced_fraction"),
)


def gopher_quality(texts: pa.Array, table: ChunkTable, stop_words: tuple[str, ...]) -> pa.StructArray:
    """What Gopher's rules of quality are held against (Rae et al., 2021, appendix A1.1); fields `QUALITY`.

    Example:
        >>> from curate.kernels.word_table import table
        >>> gopher_quality(pa.array(["to be or not"]), table("plain"), ("to", "be"))[0].as_py()["n_stop_words"]
        2.0
    """
    stops = hashes_of(stop_words)

    def measure(data: U8, offsets: I64) -> tuple[F64, ...]:
        n = len(offsets) - 1
        words = table.find(data, *bounds(offsets)).word_counts(stops).T
        marks = np.empty((n, 5), np.int64)
        _line_marks(data, offsets, n, marks)
        hashes, ellipses, lines, bullets, ends = marks.T
        return (
            *(words[1].astype(np.float64), share(words[2], words[1]), share(hashes, words[0])),
            *(share(ellipses, words[0]), share(bullets, lines), share(ends, lines), share(words[3], words[0])),
            *(words[4].astype(np.float64), unspaced(data, offsets)),
        )

    return structs(texts, QUALITY, measure)


def gopher_repetition(texts: pa.Array, table: ChunkTable) -> pa.StructArray:
    """What Gopher's rules against repetition are held against (Rae et al., 2021, table A1); fields `REPETITION`.

    Example:
        >>> from curate.kernels.word_table import table
        >>> gopher_repetition(pa.array(["a b a b"]), table("plain"))[0].as_py()["top_2gram_fraction"]
        0.8571428571428571
    """

    def measure(data: U8, offsets: I64) -> tuple[F64, ...]:
        parts = np.empty((len(offsets) - 1, 7), np.int64)
        _repeated_parts(data, offsets, len(parts), _line_set(data, offsets), parts)
        runs = table.find(data, *bounds(offsets)).word_runs()
        length, paragraphs, lines = parts[:, 0], parts[:, 1:4].T, parts[:, 4:7].T
        run_shares = [share(np.maximum(run, 0), np.where(run < 0, 0, length)) for run in runs.T]
        return (
            *(length.astype(np.float64), share(paragraphs[1], paragraphs[0]), share(paragraphs[2], length)),
            *(share(lines[1], lines[0]), share(lines[2], length), *run_shares, unspaced(data, offsets)),
        )

    return structs(texts, REPETITION, measure)


def fineweb_quality(texts: pa.Array, table: ChunkTable, marks: str, short_line: int) -> pa.StructArray:
    r"""What FineWeb's rules are held against (Penedo et al., 2024); fields `SHAPES`.

    Args:
        texts: the texts.
        table: splits words.
        marks: the characters that end a line as a sentence ends.
        short_line: the most characters of a short line.

    Example:
        >>> from curate.kernels.word_table import table
        >>> fineweb_quality(pa.array(["One.\nTwo"]), table("plain"), ".", 30)[0].as_py()["terminal_line_fraction"]
        0.5
    """
    ends = np.array(sorted(map(ord, marks)), np.uint32)

    def measure(data: U8, offsets: I64) -> tuple[F64, ...]:
        shapes = np.empty((len(offsets) - 1, 6), np.int64)
        _line_shapes(data, offsets, len(shapes), ends, len(ends), short_line, _line_set(data, offsets), shapes)
        lines, terminal, short, repeated, length, feeds = shapes.T
        n_words = np.where(lines > 0, table.find(data, *bounds(offsets)).n_words(), 0)
        return (
            *(lines.astype(np.float64), share(terminal, lines), share(short, lines)),
            *(share(repeated, np.where(lines > 0, length, 0)), share(feeds, n_words), unspaced(data, offsets)),
        )

    return structs(texts, SHAPES, measure)


def structs(texts: pa.Array, fields: tuple[str, ...], measure: Callable[[U8, I64], tuple[F64, ...]]) -> pa.StructArray:
    """One struct a text, null where the text is; NaN stands for a statistic that a text does not have."""
    data, offsets = text_bytes(texts)
    parts = [np.array(measure(data, part)) for part in _slabs(offsets)]
    columns = np.concatenate([np.empty((len(fields), 0)), *parts], axis=1)
    arrays = [_floats(column) for column in columns]
    valid = np.asarray(texts.is_valid().to_numpy(zero_copy_only=False), bool)
    return pa.StructArray.from_arrays(arrays, fields=list(struct_of(fields)), mask=as_mask(~valid))


def _slabs(offsets: I64) -> Iterator[I64]:
    """The offsets in parts of about a megabyte of text, or of one text that is longer."""
    first, n = 0, len(offsets) - 1
    while first < n:
        stop = int(np.searchsorted(offsets, offsets[first] + _SLAB_BYTES, side="right")) - 1
        stop = min(n, max(first + 1, stop))
        yield np.ascontiguousarray(offsets[first : stop + 1])
        first = stop


def _floats(column: F64) -> pa.Array:
    column = np.ascontiguousarray(column)
    held = ~np.isnan(column)
    valid = as_mask(held).buffers()[1] if not held.all() else None
    return pa.Array.from_buffers(pa.float64(), len(column), [valid, pa.py_buffer(column)])


def share(part: I64, whole: I64) -> F64:
    """A share, NaN where there is nothing to have a share of."""
    shares: F64 = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return shares


def bounds(offsets: I64) -> tuple[I64, I64]:
    """Where each text starts and ends."""
    return np.ascontiguousarray(offsets[:-1]), np.ascontiguousarray(offsets[1:])


def _line_set(data: U8, offsets: I64) -> npt.NDArray[np.uint64]:
    """Room for a set of the lines of any of these texts."""
    most = int(np.count_nonzero(data[offsets[0] : offsets[-1]] == ord("\n"))) + 1
    return np.empty(1 << max(4, (2 * most - 1).bit_length()), np.uint64)


def unspaced(data: U8, offsets: I64) -> F64:
    """The share of characters, white space aside, that are of a script without spaces."""
    counts = np.empty((len(offsets) - 1, 2), np.int64)
    ranges = np.array(UNSPACED_RANGES, np.uint32)
    _in_ranges(data, offsets, len(counts), ranges, len(ranges), counts)
    return share(counts[:, 1], counts[:, 0])


_U8, _I64, _U64, _U32 = array(np.uint8), array(np.int64), array(np.uint64), array(np.uint32)
_LONG = ctypes.c_int64
_line_marks = function("curate_line_marks", None, _U8, _I64, _LONG, _I64)
_repeated_parts = function("curate_repeated_parts", None, _U8, _I64, _LONG, _U64, _I64)
_line_shapes = function("curate_line_shapes", None, _U8, _I64, _LONG, _U32, _LONG, _LONG, _U64, _I64)
_in_ranges = function("curate_in_ranges", None, _U8, _I64, _LONG, _U32, _LONG, _I64)

"""What every code point is to the statistics of a text: letter, digit, space, a word by itself, the end of a line.

The tables are made once in a process, in a few hundredths of a second, from the general categories of Unicode
(Unicode Standard Annex 44) as Python knows them and from RE2's scripts; csrc/textstats.h reads them.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curate.kernels.buffers import as_bools
from curate.kernels.text import SPACES, UNSPACED

N_POINTS = 0x110000
SPECIAL, LETTER, LOWER, UPPER, MARK, DIGIT, SPACE = range(7)  # kinds, as in textstats.h
ALONE, BREAKS = 8, 16  # added to a kind

_KINDS = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lm": LETTER, "Lo": LETTER} | dict.fromkeys(("Mn", "Mc", "Me"), MARK)
_KINDS |= dict.fromkeys(("Nd", "Nl", "No"), DIGIT)
_IDEOGRAPHS, _LAST_IDEOGRAPH = 0x20000, 0x40000  # two planes that hold letters of Han and nothing else
_SELECTORS = slice(0xE0100, 0xE01F0)  # variation selectors, the only marks above
_JOINERS = [0x200C, 0x200D]  # they shape the word they stand in: Persian and Indic text is full of them
_LINE_ENDS = [*range(0x0A, 0x0E), *range(0x1C, 0x1F), 0x85, 0x2028, 0x2029]  # those of str.splitlines


@cache
def classes() -> npt.NDArray[np.uint8]:
    """The class of each code point: a kind, with `ALONE` and `BREAKS` added where they hold; shape (0x110000,).

    Example:
        >>> table = classes()
        >>> [int(table[ord(character)]) for character in "aB7 é,"] == [LOWER, UPPER, DIGIT, SPACE, LOWER, SPECIAL]
        True
        >>> bool(table[ord("数")] == LETTER | ALONE), bool(table[ord("ß")] == LOWER)
        (True, True)
    """
    table = np.zeros(N_POINTS, np.uint8)
    points = np.arange(_LAST_IDEOGRAPH, dtype="<u4")
    points[0xD800:0xE000] = 0xE000  # surrogates, which no text holds
    text = points.tobytes().decode("utf-32-le")
    kind_of = np.zeros(1 << 16, np.uint8)
    for category, kind in _KINDS.items():
        kind_of[int.from_bytes(category.encode(), "little")] = kind
    categories = "".join(map(unicodedata.category, text[:_IDEOGRAPHS])).encode()
    table[:_IDEOGRAPHS] = kind_of[np.frombuffer(categories, "<u2")]
    table[_SELECTORS] = table[_JOINERS] = MARK
    unspaced, spaces = _holds(points, text, UNSPACED), _holds(points[:0x3001], text[:0x3001], SPACES)
    table[_IDEOGRAPHS:_LAST_IDEOGRAPH][unspaced[_IDEOGRAPHS:]] = LETTER
    table[:_LAST_IDEOGRAPH][unspaced] |= ALONE
    table[: len(spaces)][spaces] = SPACE
    table[_LINE_ENDS] |= BREAKS
    return table


def _holds(points: npt.NDArray[np.uint32], text: str, inside: str) -> npt.NDArray[np.bool_]:
    """For each code point whether it is in an RE2 character class."""
    lengths = 1 + (points >= 0x80) + (points >= 0x800) + (points >= 0x10000).astype(np.int64)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    each = pa.Array.from_buffers(
        pa.large_string(), len(points), [None, pa.py_buffer(offsets), pa.py_buffer(text.encode())]
    )
    return as_bools(pc.match_substring_regex(each, f"[{inside}]"))


@cache
def lower_case() -> npt.NDArray[np.uint32]:
    """The lower case of each code point up to the last that has one, the first code point of it where it has several.

    Example:
        >>> chr(lower_case()[ord("Ж")]), chr(lower_case()[ord("ж")])
        ('ж', 'ж')
    """
    upper = np.flatnonzero(classes() == UPPER)
    table = np.arange(int(upper[-1]) + 1, dtype=np.uint32)
    table[upper] = [ord(chr(code).lower()[0]) for code in upper.tolist()]
    return table

"""Terms: the words of a text in lower case, without the signs around them; as hashes, to count and to look up.

A term is a run between white space from its first letter, mark or digit to its last ("don't," is don't), or one such
character of a script without spaces. What is only signs is none. Found by csrc/terms.c.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.buffers import text_bytes
from curate.kernels.characters import classes, lower_case
from curate.kernels.native import array, function

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms of n texts, one after the other.

    Attributes:
        counts: terms of each text, shape (n,).
        hashes: a hash of each term, shape (n_terms,).
    """

    counts: I64
    hashes: U64


def terms(texts: pa.Array) -> Terms:
    """The terms of each text; a null has none.

    Example:
        >>> found = terms(pa.array(["Well, well: don't!", "数据", "-- ?", None]))
        >>> found.counts.tolist(), bool(found.hashes[0] == found.hashes[1])
        ([3, 2, 0, 0], True)
    """
    data, offsets = text_bytes(texts)
    n, lower = len(offsets) - 1, lower_case()
    counts, hashes = np.empty(n, np.int64), np.empty(int(((np.diff(offsets) + 1) // 2).sum()), np.uint64)
    made = _find(data, offsets, n, classes(), lower, len(lower), counts, hashes)
    return Terms(counts, hashes[:made])


@dataclass(frozen=True, eq=False)
class Reading:
    """What makes n texts hard to read, each of shape (n,).

    Attributes:
        words: terms between spaces (none of a script without spaces).
        long_words: those of seven characters or more.
        syllables: their syllables, by the spelling of English.
        plain_letters: their letters from A to Z.
        unspaced: terms of a script without spaces.
    """

    words: I64
    long_words: I64
    syllables: I64
    plain_letters: I64
    unspaced: I64


def reading(texts: pa.Array) -> Reading:
    """How many long words and syllables each text has.

    A syllable is a run of the vowels a, e, i, o, u and y; an e at the end of a word (not in -le behind a consonant)
    and that of -ed (not behind t or d) are mute.

    Example:
        >>> found = reading(pa.array(["A table walked, uncomfortably."]))
        >>> found.words.tolist(), found.long_words.tolist(), found.syllables.tolist()
        ([4], [1], [9])
    """
    data, offsets = text_bytes(texts)
    n, lower = len(offsets) - 1, lower_case()
    counts = np.zeros((n, len(Reading.__dataclass_fields__)), np.int64)
    _read(data, offsets, n, classes(), lower, len(lower), counts)
    return Reading(*np.ascontiguousarray(counts.T))


_TEXTS = (array(np.uint8), array(np.int64), ctypes.c_int64, array(np.uint8), array(np.uint32), ctypes.c_int64)
_find = function("curate_terms", ctypes.c_int64, *_TEXTS, array(np.int64), array(np.uint64))
_read = function("curate_reading", None, *_TEXTS, array(np.int64))

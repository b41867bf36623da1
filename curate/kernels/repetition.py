"""How much of a text comes again within it: runs of characters, runs of words, and how many words are different.

Two definitions stand in Laurençon et al., "The BigScience ROOTS Corpus" (2022), one in Covington and McFall, "Cutting
the Gordian knot: the moving-average type-token ratio" (2010). Counted by csrc/repetition.c in linear time.
"""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.buffers import text_bytes
from curate.kernels.native import array, function
from curate.kernels.share import Share
from curate.kernels.terms import Terms

I64 = npt.NDArray[np.int64]

LONGEST_RUN = 64
"""The most characters a run may have."""


def repeated_characters(texts: pa.Array, size: int) -> Share:
    """Of the runs of `size` characters of each text, those that come again.

    They are the occurrences of the most frequent runs: as many runs as the root of the number of different ones, and
    none that stands once. So what any language says often ("of the ") weighs little.

    Example:
        >>> share = repeated_characters(pa.array(["ha" * 10, "hello there"]), 4)
        >>> share.part.tolist(), share.whole.tolist()
        ([9, 0], [17, 8])
    """
    data, offsets = text_bytes(texts)
    n, longest = len(offsets) - 1, int(np.diff(offsets).max(initial=0))
    counts, hashes, bitmap = np.zeros((n, 2), np.int64), np.empty(longest, np.uint64), np.empty(longest + 2, np.uint64)
    _characters(data, offsets, n, size, hashes, bitmap, places(longest), np.empty(longest + 2, np.int64), counts)
    return Share(counts[:, 1], counts[:, 0])


def repeated_terms(found: Terms, size: int) -> Share:
    """Of the runs of `size` terms of each text, those that stand more than once.

    Example:
        >>> from curate.kernels.terms import terms
        >>> share = repeated_terms(terms(pa.array(["buy it now! Buy it now, or cry", "short"])), 2)
        >>> share.part.tolist(), share.whole.tolist()
        ([4, 0], [7, 0])
    """
    n = len(found.counts)
    counts = np.zeros((n, 2), np.int64)
    _terms(found.hashes, found.counts, n, size, places(int(found.counts.max(initial=0))), counts)
    return Share(counts[:, 1], counts[:, 0])


def different_terms(found: Terms) -> Share:
    """The different terms of each text, of all its terms.

    Example:
        >>> from curate.kernels.terms import terms
        >>> share = different_terms(terms(pa.array(["To be or not to be"])))
        >>> share.part.tolist(), share.whole.tolist()
        ([4], [6])
    """
    return Share(_different(found, 1)[:, 0], found.counts)


def different_terms_by_window(found: Terms, size: int) -> Share:
    """The different terms of every window of `size` terms of each text, of all terms of these windows.

    Example:
        >>> from curate.kernels.terms import terms
        >>> share = different_terms_by_window(terms(pa.array(["a b a a", "a b"])), 3)
        >>> share.part.tolist(), share.whole.tolist()
        ([4, 0], [6, 0])
    """
    return Share(_different(found, size)[:, 1], np.maximum(found.counts - size + 1, 0) * size)


def _different(found: Terms, size: int) -> I64:
    n, longest = len(found.counts), int(found.counts.max(initial=0))
    counts = np.zeros((n, 2), np.int64)
    _windows(found.hashes, found.counts, n, size, places(longest), np.empty(longest, np.int64), counts)
    return counts


def places(n: int) -> npt.NDArray[np.uint64]:
    """An empty hash table for n keys, as `places_for` in csrc/textstats.h lays it out."""
    size = 16
    while size < n + n // 3 + 1:
        size *= 2
    return np.zeros((size, 2), np.uint64)


_I64, _TABLE = array(np.int64), array(np.uint64)
_characters = function(
    "curate_repeated_characters",
    None,
    *(array(np.uint8), _I64, ctypes.c_int64, ctypes.c_int64),
    *(array(np.uint64), array(np.uint64), _TABLE, _I64, _I64),
)
_terms = function("curate_repeated_terms", None, array(np.uint64), _I64, ctypes.c_int64, ctypes.c_int64, _TABLE, _I64)
_windows = function(
    "curate_different_terms", None, array(np.uint64), _I64, ctypes.c_int64, ctypes.c_int64, _TABLE, _I64, _I64
)

"""Which share of a text stands in a list of words and phrases: stop words, flagged words.

A phrase is a row of terms (kernels/terms.py), found whole: "ass" is not in "class", and 的 is in 我的. Each text is
read once, whatever the length of the list, by csrc/repetition.c.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.native import array, function
from curate.kernels.repetition import places
from curate.kernels.share import Share
from curate.kernels.terms import Terms, terms


@dataclass(frozen=True, eq=False)
class Phrases:
    """A list of phrases, ready to be looked up.

    Attributes:
        table: the hash table, shape (places, 2).
        n: how many phrases it holds.
        left_out: those that begin or end with a sign ("a$$", an emoji), or hold nothing else: terms have none there.
    """

    table: npt.NDArray[np.uint64]
    n: int
    left_out: tuple[str, ...]

    @classmethod
    def of(cls, listed: Sequence[str]) -> Phrases:
        """The phrases of a list; case does not count."""
        kept = [phrase for phrase in listed if _is_whole(phrase)]
        found = terms(pa.array(kept, pa.large_string()))
        table = places(len(found.hashes))
        _put(found.hashes, found.counts, len(kept), table, len(table))
        return cls(table, len(kept), tuple(phrase for phrase in listed if not _is_whole(phrase)))

    def share(self, texts: pa.Array) -> Share:
        """The terms of each text that belong to a phrase, of all its terms.

        Where two phrases overlap the one that begins first counts, of two that begin together the longer.

        Example:
            >>> share = Phrases.of(["the", "as well as"]).share(pa.array(["The cat as well as the dog", "数据"]))
            >>> share.part.tolist(), share.whole.tolist()
            ([5, 0], [7, 2])
        """
        found: Terms = terms(texts)
        counts = np.zeros(len(found.counts), np.int64)
        _look_up(found.hashes, found.counts, len(counts), self.table, len(self.table), counts)
        return Share(counts, found.counts)


def _is_whole(phrase: str) -> bool:
    """Whether a phrase begins and ends as a term does."""
    bare = phrase.strip()
    return bool(bare) and all(unicodedata.category(edge)[0] in "LMN" for edge in (bare[0], bare[-1]))


_ARGUMENTS = (array(np.uint64), array(np.int64), ctypes.c_int64, array(np.uint64), ctypes.c_int64)
_put = function("curate_phrases", None, *_ARGUMENTS)
_look_up = function("curate_in_phrases", None, *_ARGUMENTS, array(np.int64))

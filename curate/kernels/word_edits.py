"""How far one text is from another in words: what bounds on edits, lengths and overlaps stand on.

The word distance is Levenshtein's by Myers' bit vectors (Myers, JACM 46, 1999, in Hyyrö's form of 2003), one bit for
each word of one text, so that texts of thousands of words cost milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from curate.kernels.text import UNSPACED

_NOT_WORD = r"[^\pL\pN\pM_]+"


class Distance(NamedTuple):
    """How far a text is from the one it was made from.

    Attributes:
        change: words put in, taken out or replaced, by the words of the longer text, in [0, 1].
        length: its words by those of the other; infinite where only the other has none.
        overlap: different words in both by different words in either, in [0, 1]; 1 where neither has words.
    """

    change: float
    length: float
    overlap: float


def words_of(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text in order, as `kernels.shingles` reads them: NFKC, lower case, no punctuation.

    Example:
        >>> words_of(["Don't, STOP!", "数据 a", ""])
        [['don', 't', 'stop'], ['数', '据', 'a'], []]
    """
    given = pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.large_string())
    folded = pc.utf8_lower(pc.utf8_normalize(given, "NFKC"))
    apart = pc.replace_substring_regex(folded, rf"([{UNSPACED}]\pM*)", r" \1 ")
    return [text.split() for text in pc.replace_substring_regex(apart, _NOT_WORD, " ").to_pylist()]


def word_distance(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words must be put in, taken out or replaced to make one of the other.

    Example:
        >>> word_distance(["a", "good", "film"], ["a", "very", "bad", "film"])
        2
    """
    if not one or not other:
        return max(len(one), len(other))
    places: dict[str, int] = {}
    for at, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << at
    every, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = every, 0, len(one)
    for word in other:
        equal = places.get(word, 0)
        still = equal | down
        equal |= ((equal & up) + up) ^ up
        more, less = down | (every & ~(equal | up)), up & equal
        distance += bool(more & last) - bool(less & last)
        more, less = more << 1 | 1, less << 1
        up, down = (less | ~(still | more)) & every, more & still & every
    return distance


def distances(texts: Sequence[str], parents: Sequence[str]) -> list[Distance]:
    """How far each text is from its parent.

    Example:
        >>> distances(["a good old film"], ["A good film!"])
        [Distance(change=0.25, length=1.3333333333333333, overlap=0.75)]
    """
    return [_distance(*both) for both in zip(words_of(texts), words_of(parents), strict=True)]


def _distance(mine: list[str], theirs: list[str]) -> Distance:
    longer = max(len(mine), len(theirs))
    if not longer:
        return Distance(0.0, 1.0, 1.0)
    ones, others = set(mine), set(theirs)
    length = len(mine) / len(theirs) if theirs else float("inf")
    return Distance(word_distance(mine, theirs) / longer, length, len(ones & others) / len(ones | others))

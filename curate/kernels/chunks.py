"""Chunks of a long text: where to cut it so that each piece is small enough and ends where a reader would pause.

Sizes are counted in any unit (characters, words, sentences, tokens), told by where its units begin. Greedy from the
front; white space belongs to the piece before it, so that the pieces put together are the text. Used by `split.text`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from curate.kernels.units import Span

I64 = NDArray[np.int64]
_JOINER = "\u200d"


def chunks(
    text: str,
    starts: I64,
    max_size: int,
    *,
    overlap: int = 0,
    cuts: Sequence[I64] = (),
    size: Callable[[str], int] | None = None,
) -> list[Span]:
    """Where the chunks of a text begin and end, in characters.

    Every character is in a chunk; each chunk begins where the one before it ends, or `overlap` units and less before
    that. A cut is sought in the second half of what a chunk has new, by the first of `cuts` that offers one, then in
    all of it; where there is none, the text is cut at a unit.

    Args:
        text: any text.
        starts: where each unit begins, ascending, shape (n,).
        max_size: the most units of a chunk, from 1 on. A chunk of one character may have more, where a unit is less
            than a character.
        overlap: the most units that a chunk shares with the one before it, at most half of `max_size`.
        cuts: good places to cut, ascending, the best kind first: starts of paragraphs, sentences, words.
        size: the units of a piece taken by itself, where that can be more than those that begin in it (tokens).

    Returns:
        Start and end of each chunk; one for a text that is small enough, none for an empty text.

    Example:
        >>> text = "One two. Three four five."
        >>> words, sentences = np.array([0, 4, 9, 15, 20]), np.array([0, 9])
        >>> [text[start:end] for start, end in chunks(text, words, 3, cuts=[sentences, words])]
        ['One two. ', 'Three four five.']
    """
    found: list[Span] = []
    start = done = 0
    while done < len(text):
        limit = _limit(text, starts, start, max_size, size)
        if limit <= done:  # what is shared leaves no room for anything new
            start = done
            limit = _limit(text, starts, start, max_size, size)
        end = limit if limit == len(text) else _cut(text, starts, done, limit, cuts)
        found.append((start, end))
        done = end
        start = _shared(starts, start, end, overlap, cuts[-2:]) if overlap else end
    return found


def _limit(text: str, starts: I64, start: int, max_size: int, size: Callable[[str], int] | None) -> int:
    """The farthest place where a chunk from `start` may end."""
    first = int(np.searchsorted(starts, start))
    at = first + max_size
    while True:
        limit = int(starts[at]) if at < len(starts) else len(text)
        if limit <= start:  # one character of many units
            above = int(np.searchsorted(starts, start, "right"))
            return int(starts[above]) if above < len(starts) else len(text)
        excess = 0 if size is None else size(text[start:limit]) - max_size
        if excess <= 0:
            return limit
        at = min(at, len(starts)) - excess


def _cut(text: str, starts: I64, done: int, limit: int, cuts: Sequence[I64]) -> int:
    """The best place to cut behind `done`, up to `limit`."""
    low, high = np.searchsorted(starts, [done, limit])
    middle = int(starts[(low + high) // 2]) if low < high else done
    for least in (middle, done):
        for kind in cuts:
            at = int(np.searchsorted(kind, limit, "right")) - 1
            if at >= 0 and kind[at] > least:
                return int(kind[at])
    return _whole(text, done, limit)


def _whole(text: str, done: int, limit: int) -> int:
    """`limit`, or a little less, so that no mark is parted from its character."""
    at = limit
    while at > done + 1 and (
        unicodedata.category(text[at])[0] == "M" or text[at] == _JOINER or text[at - 1] == _JOINER
    ):
        at -= 1
        if limit - at > 32:
            return limit
    return at


def _shared(starts: I64, start: int, end: int, overlap: int, cuts: Sequence[I64]) -> int:
    """Where the next chunk begins, so that it shares at most `overlap` units with the one from `start` to `end`."""
    least = max(int(np.searchsorted(starts, end)) - overlap, int(np.searchsorted(starts, start, "right")))
    place = int(starts[least]) if least < len(starts) else end
    for kind in cuts:
        at = int(np.searchsorted(kind, place))
        if at < len(kind) and kind[at] < end:
            return int(kind[at])
    return min(place, end)

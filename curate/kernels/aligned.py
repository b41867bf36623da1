"""Where two sequences of pieces differ: by Ratcliff and Obershelp where they are short, else between anchors.

`difflib.SequenceMatcher` takes cubic time on a word said four hundred times. Long sequences are first cut at pieces
that stand once in each, in the same order (Bram Cohen's patience diff), so the work grows with their length.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

Change = tuple[int, int, int, int]
"""Pieces `a[start:end]` give way to `b[start:end]`: both starts and ends, in the order of `SequenceMatcher`."""

_SMALL = 10_000  # pieces of the one times pieces of the other
_MOST_CUTS = 12


def changed(a: Sequence[str], b: Sequence[str]) -> list[Change]:
    """The stretches of two sequences that differ, ascending.

    Example:
        >>> changed("a good old film".split(), "a nice film".split())
        [(1, 3, 1, 2)]
        >>> changed(["word"] * 100_000, ["other"] * 100_000)
        [(0, 100000, 0, 100000)]
    """
    blocks: list[tuple[int, int, int]] = []
    open_: list[tuple[int, int, int, int, int]] = [(0, len(a), 0, len(b), _MOST_CUTS)]
    while open_:
        low, high, down, up, cuts = open_.pop()
        if (high - low) * (up - down) <= _SMALL:
            found = SequenceMatcher(None, a[low:high], b[down:up], autojunk=False).get_matching_blocks()
            blocks += [(low + i, down + j, size) for i, j, size in found if size]
            continue
        head, tail = _ends(a, b, low, high, down, up)
        blocks += [(low, down, head), (high - tail, up - tail, tail)]
        low, high, down, up = low + head, high - tail, down + head, up - tail
        anchors = _anchors(a, b, low, high, down, up) if cuts else []
        for i, j in anchors:
            blocks.append((i, j, 1))
            open_.append((low, i, down, j, cuts - 1))
            low, down = i + 1, j + 1
        if anchors or (high - low) * (up - down) <= _SMALL:
            open_.append((low, high, down, up, cuts - 1))
    return _between(sorted(blocks), len(a), len(b))


def _ends(a: Sequence[str], b: Sequence[str], low: int, high: int, down: int, up: int) -> tuple[int, int]:
    """How many pieces are the same at the beginning, and of the rest at the end."""
    most = min(high - low, up - down)
    head = 0
    while head < most and a[low + head] == b[down + head]:
        head += 1
    tail = 0
    while tail < most - head and a[high - tail - 1] == b[up - tail - 1]:
        tail += 1
    return head, tail


def _anchors(a: Sequence[str], b: Sequence[str], low: int, high: int, down: int, up: int) -> list[tuple[int, int]]:
    """Places of the pieces that stand once in each stretch: the most of them that are in the same order."""
    mine, theirs = Counter(a[low:high]), Counter(b[down:up])
    where = {b[j]: j for j in range(down, up) if theirs[b[j]] == 1}
    pairs = [(i, where[a[i]]) for i in range(low, high) if mine[a[i]] == 1 and a[i] in where]
    ends: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for at, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(tops[place - 1] if place else -1)
        ends[place : place + 1] = [j]
        tops[place : place + 1] = [at]
    chain: list[tuple[int, int]] = []
    at = tops[-1] if tops else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _between(blocks: Sequence[tuple[int, int, int]], n: int, m: int) -> list[Change]:
    changes: list[Change] = []
    at = to = 0
    for i, j, size in [*blocks, (n, m, 0)]:
        if size == 0 and (i, j) != (n, m):
            continue
        if (at, to) != (i, j):
            changes.append((at, i, to, j))
        at, to = i + size, j + size
    return changes

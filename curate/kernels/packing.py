"""Packing: how many sequences of a context rows of given lengths fill, and what is padding, whichever way they go in.

Best fit decreasing needs at most 11/9 of the fewest sequences possible (Johnson, 1973, "Near-optimal bin packing
algorithms"). Counts rows of one length together: a million rows take a moment. Used by the check `packing`.
"""

from __future__ import annotations

from bisect import bisect_left, insort

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]


def best_fit_decreasing(lengths: I64, capacity: int) -> int:
    """Into how many sequences rows are packed whole: the longest first, each where it leaves the least room.

    Args:
        lengths: of the rows, each from 0 to `capacity`; those of 0 need no room; shape (n,).
        capacity: of a sequence.

    Raises:
        ValueError: a row is longer than a sequence.

    Example:
        >>> best_fit_decreasing(np.array([6, 5, 4, 3, 2]), 10)
        2
    """
    lengths = lengths[lengths > 0]
    if not len(lengths):
        return 0
    sizes, counts = np.unique(lengths, return_counts=True)
    if sizes[-1] > capacity:
        raise ValueError(f"a row of {sizes[-1]} does not fit into {capacity}")
    room = _Room()
    n_sequences = 0
    for size, count in zip(sizes[::-1].tolist(), counts[::-1].tolist(), strict=True):
        left = room.fill(size, count)
        each = capacity // size
        whole, rest = divmod(left, each)
        room.add(capacity - each * size, whole)
        room.add(capacity - rest * size, 1 if rest else 0)
        n_sequences += whole + (1 if rest else 0)
    return n_sequences


class _Room:
    """How many open sequences have how much room."""

    def __init__(self) -> None:
        self._sizes: list[int] = []
        self._counts: dict[int, int] = {}

    def add(self, room: int, n: int) -> None:
        if room and n:
            if room not in self._counts:
                insort(self._sizes, room)
            self._counts[room] = self._counts.get(room, 0) + n

    def fill(self, size: int, count: int) -> int:
        """Put `count` rows of one size into open sequences, the fullest first; returns how many are left over.

        A sequence that takes one row is then the fullest that can take another, so it is filled before the next.
        """
        at = bisect_left(self._sizes, size)
        while count and at < len(self._sizes):
            room = self._sizes[at]
            n, each = self._counts[room], room // size
            whole = min(n, count // each)
            rest = count - whole * each if whole < n else 0
            used = whole + (1 if rest else 0)
            if used == n:
                del self._sizes[at], self._counts[room]
            else:
                self._counts[room] = n - used
            self.add(room - each * size, whole)
            self.add(room - rest * size, 1 if rest else 0)
            count -= whole * each + rest
            at = bisect_left(self._sizes, size)
        return count


def padded_in_random_batches(lengths: I64, batch_rows: int) -> float:
    """Tokens with every row padded to the longest of its batch, on average over batches drawn at random.

    Example:
        >>> padded_in_random_batches(np.array([1, 3]), 1), padded_in_random_batches(np.array([2, 2]), 5)
        (4.0, 4.0)
    """
    n = len(lengths)
    share = (np.arange(n + 1) / n) ** batch_rows
    return float(n * (np.sort(lengths) * np.diff(share)).sum())


def padded_in_sorted_batches(lengths: I64, batch_rows: int) -> int:
    """Tokens with every row padded to the longest of its batch, and batches of rows of like length.

    Example:
        >>> padded_in_sorted_batches(np.array([9, 1, 10, 2]), 2)
        24
    """
    ordered = np.sort(lengths)
    starts = np.arange(0, len(ordered), batch_rows)
    sizes = np.minimum(starts + batch_rows, len(ordered)) - starts
    return int((ordered[starts + sizes - 1] * sizes).sum())


def end_to_end(lengths: I64, capacity: int) -> tuple[int, int]:
    """Sequences where rows are put end to end and cut wherever a sequence is full; and how many rows that cuts.

    In the order given.

    Example:
        >>> end_to_end(np.array([6, 5, 4]), 10)
        (2, 1)
    """
    ends = np.cumsum(lengths)
    if not len(ends) or not ends[-1]:
        return 0, 0
    first, last = (ends - lengths) // capacity, (ends - 1) // capacity
    return int(-(-ends[-1] // capacity)), int(((last > first) & (lengths > 0)).sum())


def share_of_padding(used: float, held: float) -> float:
    """The share of what is held that no token of a row uses, 0 to 1."""
    return 1.0 - used / held if held else 0.0

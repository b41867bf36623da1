"""A stream of random draws from one key, for kernels that edit one text (`StepRandom.draws` makes one for each row).

The mixer is SplitMix64 (Steele, Lea & Flood, OOPSLA 2014); a sample is Floyd's (Bentley & Floyd, CACM 30, 1987).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

GOLDEN, _MIX_1, _MIX_2 = map(np.uint64, (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_MASK = (1 << 64) - 1
_STEP, _FIRST, _SECOND = int(GOLDEN), int(_MIX_1), int(_MIX_2)
_READY = 8
"""Draws of a stream that are made together with those of other streams."""
Item = TypeVar("Item")


def mix(values: ArrayLike) -> NDArray[np.uint64]:
    """SplitMix64's finaliser: a bijection of uint64 whose output bits look independent of the input's."""
    with np.errstate(over="ignore"):
        z = np.asarray(values, dtype=np.uint64) + GOLDEN
        z = (z ^ (z >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
        return np.asarray(z ^ (z >> np.uint64(31)))


class Draws:
    """A stream of draws from one key, one at a time: SplitMix64 in plain integers.

    A generator of numpy takes ten times as long to make as a few draws take; this one takes nothing.

    Args:
        bits: the key, an integer in [0, 2**64).

    Example:
        >>> draws = Draws(7)
        >>> draws.below(10), draws.choice("abc"), draws.sample(5, 2)
        (3, 'a', [2, 3])
    """

    __slots__ = ("_ready", "_state")

    def __init__(self, bits: int, ready: list[int] | None = None) -> None:
        self._state = bits
        self._ready = ready or []

    @classmethod
    def streams(cls, keys: NDArray[np.uint64]) -> list[Draws]:
        """A stream from each key, the same as one at a time; their first draws are made together, which is faster.

        Example:
            >>> [draws.below(10) for draws in Draws.streams(np.array([7, 8], np.uint64))] == [3, Draws(8).below(10)]
            True
        """
        with np.errstate(over="ignore"):
            states = keys[:, None] + np.arange(_READY - 1, -1, -1, dtype=np.uint64) * GOLDEN  # popped from behind
            last = keys + np.uint64(_READY) * GOLDEN
        return list(map(cls, last.tolist(), mix(states).tolist()))

    def bits(self) -> int:
        """64 random bits."""
        if self._ready:
            return self._ready.pop()
        self._state = z = (self._state + _STEP) & _MASK
        z = ((z ^ (z >> 30)) * _FIRST) & _MASK
        z = ((z ^ (z >> 27)) * _SECOND) & _MASK
        return z ^ (z >> 31)

    def uniform(self) -> float:
        """A float in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def below(self, high: int) -> int:
        """An integer in [0, high); `high` is at least 1 and far below 2**64 (no bias that could be seen)."""
        return ((self._ready.pop() if self._ready else self.bits()) * high) >> 64

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items, each alike; there is at least one."""
        return items[((self._ready.pop() if self._ready else self.bits()) * len(items)) >> 64]

    def sample(self, n: int, size: int) -> list[int]:
        """`size` different integers of [0, n), ascending; all of them where `n` is not larger (Floyd's algorithm)."""
        if size >= n:
            return list(range(n))
        if size == 1:
            return [((self._ready.pop() if self._ready else self.bits()) * n) >> 64]
        chosen: set[int] = set()
        for top in range(n - size, n):
            one = self.below(top + 1)
            chosen.add(top if one in chosen else one)
        return sorted(chosen)

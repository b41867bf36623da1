"""A stream of random draws from one key, for kernels that edit one text (`StepRandom.draws` makes one for each row).

The mixer is SplitMix64 (Steele, Lea & Flood, OOPSLA 2014); a sample is Floyd's (Bentley & Floyd, CACM 30, 1987).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
Item = TypeVar("Item")


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

    __slots__ = ("_state",)

    def __init__(self, bits: int) -> None:
        self._state = bits

    def bits(self) -> int:
        """64 random bits."""
        self._state = z = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def uniform(self) -> float:
        """A float in [0, 1)."""
        return (self.bits() >> 11) * 2.0**-53

    def below(self, high: int) -> int:
        """An integer in [0, high); `high` is at least 1 and far below 2**64 (no bias that could be seen)."""
        self._state = z = (self._state + 0x9E3779B97F4A7C15) & _MASK  # `bits`, written out: most draws are these
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) * high) >> 64

    def choice(self, items: Sequence[Item]) -> Item:
        """One of the items, each alike; there is at least one."""
        return items[self.below(len(items))]

    def sample(self, n: int, size: int) -> list[int]:
        """`size` different integers of [0, n), ascending; all of them where `n` is not larger (Floyd's algorithm)."""
        if size >= n:
            return list(range(n))
        if size == 1:
            return [self.below(n)]
        chosen: set[int] = set()
        for top in range(n - size, n):
            one = self.below(top + 1)
            chosen.add(top if one in chosen else one)
        return sorted(chosen)

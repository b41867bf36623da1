"""Randomness keyed by what it is for, never by when it is drawn.

A draw is a hash of (recipe seed, step name, row id, draw number). So the output does not depend on batch size,
workers, row order or engine, and inserting a step does not change its neighbours' draws. The mixer is SplitMix64
(Steele, Lea & Flood, OOPSLA 2014).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from curate.data.rows import TOP_BIT, Ids
from curate.kernels.draws import GOLDEN, Draws, mix


def key(*parts: object) -> int:
    """A 64-bit key of plain values; stable across processes and machines."""
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


@dataclass(frozen=True)
class StepRandom:
    """The random draws of one step.

    Example:
        >>> random = StepRandom(0, "augment.typo")
        >>> both = random.uniform([7, 8])
        >>> bool(random.uniform([8])[0] == both[1])
        True
    """

    seed: int
    step: str

    @cached_property
    def _key(self) -> np.uint64:
        return np.uint64(key(self.seed, self.step))

    def bits(self, row_ids: ArrayLike, draw: int = 0) -> Ids:
        """64 random bits for each row; shape of `row_ids`."""
        with np.errstate(over="ignore"):
            salted = mix(self._key + np.uint64(draw & (2**64 - 1)) * GOLDEN)
            return mix(np.asarray(row_ids, dtype=np.uint64) ^ salted)

    def uniform(self, row_ids: ArrayLike, draw: int = 0) -> NDArray[np.float64]:
        """A float in [0, 1) for each row."""
        return np.asarray((self.bits(row_ids, draw) >> np.uint64(11)) * 2.0**-53)

    def integers(self, row_ids: ArrayLike, high: int, draw: int = 0) -> NDArray[np.int64]:
        """An integer in [0, high) for each row; `high` is below 2**32 (bias below 2**-21)."""
        return np.asarray((self.uniform(row_ids, draw) * high).astype(np.int64))

    def generator(self, row_id: int, draw: int = 0) -> np.random.Generator:
        """A generator for one row, where one number is not enough."""
        return np.random.Generator(np.random.Philox(key=int(self.bits([row_id], draw)[0])))

    def draws(self, row_ids: ArrayLike, draw: int = 0) -> list[Draws]:
        """A stream of draws for each row, where one number is not enough and a generator for each would be slow."""
        return Draws.streams(self.bits(row_ids, draw))

    def order(self, row_ids: Ids, draw: int = 0) -> NDArray[np.int64]:
        """Positions that put the rows in a random order, which depends on their ids and not on the order given."""
        return np.lexsort((row_ids, self.bits(row_ids, draw)))

    def derive(self, parents: ArrayLike, copy: ArrayLike = 0) -> Ids:
        """Ids of rows derived from `parents` by this step: top bit set, then a hash of (parent, step name, copy
        number).
        """
        name = np.uint64(key(self.step))
        with np.errstate(over="ignore"):
            mixed = mix(np.asarray(parents, dtype=np.uint64) ^ name)
            return np.asarray(mix(mixed + mix(np.asarray(copy, dtype=np.uint64))) | TOP_BIT)

"""A language model of byte n-grams: how surprising a text is to who has read a reference. NumPy only.

Bytes of UTF-8, so any script, no words; counts are exact. Interpolated Witten-Bell smoothing (Witten and Bell 1991;
Chen and Goodman 1999, section 2.3): with c occurrences of a context h, T different bytes after it and h' the context
less its first byte, P(w|h) = (c(hw) + T(h) P(w|h')) / (c(h) + T(h)), down to 1/256 for each byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.kernels.buffers import text_bytes
from curate.kernels.ngrams import mix

U8 = NDArray[np.uint8]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]

MOST_NGRAMS = 2**21
LONGEST = 7  # bytes of an n-gram: with its length they fill 64 bits
_UNIT = 2.0**-24  # nats: logarithms are whole numbers of it, so that their sums depend on no order
_START = 0x0A  # a text begins as a line does
_BLOCK = 2**18  # bytes scored at once: bounds the memory, changes no result


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A hash table of n-grams by open addressing.

    Args:
        keys: the bytes of an n-gram below its length, 0 for an empty slot; shape (a power of two,).
        values: for each slot a logarithm in units of 2**-24 nats.
    """

    keys: U64
    values: I32

    @classmethod
    def of(cls, keys: U64, values: I32) -> Table:
        """A table of distinct keys, at most half full."""
        n_slots = 1 << max(4, (2 * keys.size - 1).bit_length())
        made = cls(np.zeros(n_slots, np.uint64), np.zeros(n_slots, np.int32))
        left, slot = np.arange(keys.size), made._slots(keys)
        while left.size:
            free = made.keys[slot] == 0
            made.keys[slot[free]] = keys[left[free]]
            placed = made.keys[slot] == keys[left]
            made.values[slot[placed]] = values[left[placed]]
            left, slot = left[~placed], (slot[~placed] + 1) & (n_slots - 1)
        return made

    def _slots(self, keys: U64) -> I64:
        return (mix(keys) & np.uint64(self.keys.size - 1)).astype(np.int64)

    def find(self, keys: U64) -> tuple[NDArray[np.bool_], I32]:
        """Which keys are there, and their values (0 for the others); shapes (n,)."""
        slot = self._slots(keys)
        there = self.keys[slot]
        found = there == keys
        values = np.where(found, self.values[slot], np.int32(0))
        left = np.flatnonzero(~found & (there != 0))
        while left.size:
            slot[left] = (slot[left] + 1) & (self.keys.size - 1)
            there = self.keys[slot[left]]
            hit = there == keys[left]
            found[left[hit]] = True
            values[left[hit]] = self.values[slot[left[hit]]]
            left = left[~hit & (there != 0)]
        return found, values


@dataclass(frozen=True, slots=True, eq=False)
class NgramModel:
    """A trained model; see the file.

    Args:
        order: the longest n-gram, in bytes.
        single: the logarithm of the probability of each byte without a context, shape (256,).
        seen: the logarithms of the probabilities of the n-grams of two bytes and more that the reference has.
        backoff: for each context the logarithm of what is left for the bytes that were not seen after it.
    """

    order: int
    single: I32
    seen: Table
    backoff: Table

    @classmethod
    def fit(cls, texts: Sequence[str], order: int = 6, max_ngrams: int = MOST_NGRAMS) -> NgramModel:
        """Train on texts, in any order.

        Needs about 50 bytes of memory for each byte of the texts; the model takes at most 96 bytes for each n-gram.

        Args:
            texts: the reference.
            order: the longest n-gram, 1 to 7 bytes.
            max_ngrams: how many n-grams are kept; where there are more, the rare ones of three bytes and more go.

        Example:
            >>> model = NgramModel.fit(["the cat sat on the mat"] * 3)
            >>> told = model.perplexities(pa.array(["the mat", "tam eht", None]))
            >>> bool(told[0] < told[1]), bool(np.isnan(told[2]))
            (True, True)
        """
        if not 1 <= order <= LONGEST:
            raise ValueError(f"order must be from 1 to {LONGEST}, not {order}")
        data, place = _stream(*text_bytes(pa.array([text.encode("utf-8", "replace").decode() for text in texts])))
        counts = _pruned([_counted(data, place, size) for size in range(1, order + 1)], max_ngrams)
        single = _single(counts[0][0], counts[0][1])
        lower, lower_keys = single, np.arange(256, dtype=np.uint64)
        seen: list[tuple[U64, NDArray[np.float64]]] = []
        contexts: list[tuple[U64, NDArray[np.float64]]] = []
        for size, (keys, count) in enumerate(counts[1:], start=2):
            probability, heads, left = _interpolated(keys, count, size, lower_keys, lower)
            mark = np.uint64(size << 56)
            seen.append((keys | mark, np.log(probability)))
            contexts.append((heads | np.uint64((size - 1) << 56), np.log(left)))
            lower, lower_keys = probability, keys
        return cls(order, _whole(np.log(single)), _table(seen), _table(contexts))

    def perplexities(self, texts: pa.Array) -> NDArray[np.float64]:
        """The perplexity of each text per character: exp of the mean surprise, at least 1; NaN for an empty or null
        text.
        """
        data, offsets = text_bytes(texts)
        log = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.log_probabilities(data, offsets))])
        begins = np.concatenate([np.zeros(1, np.int64), np.cumsum((data[offsets[0] : offsets[-1]] & 0xC0) != 0x80)])
        at = offsets - offsets[0]
        nats, characters = np.diff(log[at]) * _UNIT, np.diff(begins[at])
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(characters > 0, np.exp(-nats / characters), np.nan)

    def log_probabilities(self, data: U8, offsets: I64) -> I64:
        """The logarithm of the probability of each byte after those before it in its text, in units of 2**-24 nats.

        Args:
            data: the bytes of all texts.
            offsets: where each text begins and the last one ends, shape (n + 1,).
        """
        stream, place = _stream(data, offsets)
        made = np.empty(stream.size, np.int64)
        for low in range(0, stream.size, _BLOCK):
            before = min(low, self.order - 1)
            block = slice(low - before, low + _BLOCK)
            made[low : low + _BLOCK] = self._logs(stream[block], place[block])[before:]
        return made[place > 0]

    def _logs(self, data: U8, place: I64) -> I64:
        """From the longest n-gram down: found, or what its context leaves times the next shorter one."""
        packed = _packed(data, self.order)
        logs = np.zeros(data.size, np.int64)
        left = np.arange(data.size)
        for size in range(self.order, 1, -1):
            long = place[left] >= size - 1
            at = left[long]
            keys = packed[at] & _mask(size)
            found, value = self.seen.find(keys | np.uint64(size << 56))
            logs[at[found]] += value[found]
            rest = at[~found]
            _, value = self.backoff.find((keys[~found] >> np.uint64(8)) | np.uint64((size - 1) << 56))
            logs[rest] += value
            left = np.concatenate([left[~long], rest])
        logs[left] += self.single[data[left]]
        return logs


def _stream(data: U8, offsets: I64) -> tuple[U8, I64]:
    """All texts behind each other, each after a start byte, and the place of each byte in its text, the start's 0."""
    sizes = np.diff(offsets)
    begins = np.cumsum(np.concatenate([[0], sizes + 1]))[:-1]
    stream = np.full(int(sizes.sum()) + sizes.size, _START, np.uint8)
    place = np.arange(stream.size) - np.repeat(begins, sizes + 1)
    stream[place > 0] = data[offsets[0] : offsets[-1]]
    return stream, place


def _mask(size: int) -> np.uint64:
    return np.uint64((1 << (8 * size)) - 1)


def _packed(data: U8, size: int) -> U64:
    """The `size` bytes that end at each position as one number, the last byte lowest."""
    packed = data.astype(np.uint64)
    for back in range(1, size):
        packed[back:] |= data[:-back].astype(np.uint64) << np.uint64(8 * back) if back < data.size else np.uint64(0)
    return packed


def _counted(data: U8, place: I64, size: int) -> tuple[U64, I64]:
    """The distinct n-grams of a size in order, and how often each occurs."""
    keys = _packed(data, size)[place >= max(1, size - 1)]
    found, counts = np.unique(keys, return_counts=True)
    return found, counts.astype(np.int64)


def _pruned(counts: list[tuple[U64, I64]], most: int) -> list[tuple[U64, I64]]:
    """The n-grams that occur often enough for all of them to be `most`; those of one and two bytes all stay."""
    least = 1
    while sum(int((count >= least).sum()) for _, count in counts[2:]) > most:
        least += 1
    return counts[:2] + [(keys[count >= least], count[count >= least]) for keys, count in counts[2:]]


def _single(keys: U64, counts: I64) -> NDArray[np.float64]:
    n_seen, total = keys.size, int(counts.sum())
    count = np.zeros(256)
    count[keys.astype(np.int64)] = counts
    return (count + n_seen / 256) / (total + n_seen) if total else np.full(256, 1 / 256)


def _interpolated(
    keys: U64, counts: I64, size: int, lower_keys: U64, lower: NDArray[np.float64]
) -> tuple[NDArray[np.float64], U64, NDArray[np.float64]]:
    """The probabilities of n-grams, their distinct contexts, and what each context leaves to other bytes."""
    heads, first = np.unique(keys >> np.uint64(8), return_index=True)
    if not keys.size:
        return np.zeros(0), heads, np.zeros(0)
    total = np.add.reduceat(counts, first)
    kinds = np.diff(np.append(first, keys.size))
    of = np.repeat(np.arange(heads.size), kinds)
    shorter = lower[np.searchsorted(lower_keys, keys & _mask(size - 1))]
    probability = (counts + kinds[of] * shorter) / (total + kinds)[of]
    return probability, heads, kinds / (total + kinds)


def _whole(logs: NDArray[np.float64]) -> I32:
    return np.round(logs / _UNIT).astype(np.int32)


def _table(parts: list[tuple[U64, NDArray[np.float64]]]) -> Table:
    keys = np.concatenate([np.zeros(0, np.uint64), *(keys for keys, _ in parts)])
    return Table.of(keys, _whole(np.concatenate([np.zeros(0), *(logs for _, logs in parts)])))

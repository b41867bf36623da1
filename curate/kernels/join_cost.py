"""What an exact join would cost, estimated from the counts of shingles and the prefixes of a sample of the sets.

`dedup.near` asks before it joins: where the rarest shingles of most texts are frequent ones, lists get long and MinHash
candidates are cheaper. Counting takes about a tenth of a join; the sample does not grow with the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from curate.kernels.join_index import ENTRY, ROUNDING, SLOT, Measure, n_indexed
from curate.kernels.shingles import ShingleSets
from curate.kernels.tokens import CLASS_BITS, RECORD, count, rare_first

_SAMPLE = 20_000  # sets


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate, within a factor of about two on real text.

    Args:
        n_indexed: shingles that the index would hold.
        n_candidates: entries that the walks through the lists would meet, at most; each takes some nanoseconds.
        n_bytes: memory that the join would take beside the sets, at most.
    """

    n_indexed: int
    n_candidates: int
    n_bytes: int


def join_cost(
    sets: ShingleSets, min_similarity: float, *, measure: Measure = "jaccard", threads: int | None = None
) -> Cost:
    """The cost of `kept_twins` or `similar_pairs`, without the join.

    Args:
        sets: of n texts.
        min_similarity: the bound, in (0, 1].
        measure: of similarity.
        threads: how many; None for one per core.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> join_cost(shingle_sets(["a b c d e", "b c d e f", "x y z"]), 0.5).n_indexed
        2
    """
    counts = count(sets, threads=threads)
    n_buckets = counts.buckets.size
    sample = np.linspace(0, len(sets) - 1, min(len(sets), _SAMPLE)).astype(np.int64)
    made = rare_first(sets.take(sample), counts, threads=threads)
    held = n_indexed(made.records, min_similarity - ROUNDING, measure, ascending=False)
    scale = len(sets) / max(1, len(sample))
    entries = int(held.sum() * scale)
    classes = (made.tokens >> np.uint64(64 - CLASS_BITS)).astype(np.int64)
    place = np.arange(classes.size) - np.repeat(made.records["start"], made.records["size"])
    first, last = (
        np.repeat(bound, made.records["size"]) for bound in (made.records["unique"], made.records["unique"] + held)
    )
    indexed = np.bincount(classes[(place >= first) & (place < last)], minlength=2**CLASS_BITS)
    lengths = _counts_of_classes() * indexed / np.maximum(1, np.bincount(classes, minlength=2**CLASS_BITS))
    candidates = int((indexed * np.maximum(lengths - 1, 0)).sum() * scale / 2)
    return Cost(entries, candidates, _bytes(len(sets), sets.shingles.size, entries, n_buckets))


def _counts_of_classes() -> npt.NDArray[np.int64]:
    """The least count of each class of tokens; see `class_of` in `csrc/rarity.c`."""
    classes = np.arange(2**CLASS_BITS)
    shift = np.maximum(classes // 4 - 1, 0)
    return np.asarray(np.where(classes < 8, classes, (classes - 4 * shift) << shift), dtype=np.int64)


def _bytes(n: int, n_shingles: int, n_entries: int, n_buckets: int) -> int:
    """Tokens and records, with the table of counts and then the index beside them."""
    slots = 2 ** (n_entries + n_entries // 8 + 1).bit_length() * SLOT.itemsize
    index = slots + n_entries * ENTRY.itemsize + n * RECORD.itemsize
    return int(8 * n_shingles + n * (RECORD.itemsize + 8) + max(2 * n_buckets, index))

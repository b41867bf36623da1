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
from curate.kernels.tokens import CLASS_BITS, RECORD, Counts, Tokens, count, rare_first

_SAMPLE = 20_000  # sets, or fewer, if they are large
_SAMPLED_SHINGLES = 2**22


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate, from above: rows that go are not indexed, which it does not foresee.

    Args:
        n_indexed: shingles that the index would hold.
        n_candidates: entries that the walks through the lists would meet, at most; each takes some nanoseconds.
        n_bytes: memory that the join would take beside the sets, at most.
    """

    n_indexed: int
    n_candidates: int
    n_bytes: int


def join_cost(
    sets: ShingleSets,
    min_similarity: float,
    *,
    measure: Measure = "jaccard",
    counts: Counts | None = None,
    threads: int | None = None,
) -> Cost:
    """The cost of `kept_twins` or `similar_pairs`, without the join.

    Args:
        sets: of n texts.
        min_similarity: the bound, in (0, 1].
        measure: of similarity.
        counts: `tokens.count` of these sets, where they were counted already.
        threads: how many; None for one per core.

    Example:
        >>> from curate.kernels.shingles import shingle_sets
        >>> join_cost(shingle_sets(["a b c d e", "b c d e f", "x y z"]), 0.5).n_indexed
        2
    """
    counts = counts or count(sets, threads=threads)
    n_sampled = min(len(sets), _SAMPLE, 1 + _SAMPLED_SHINGLES * len(sets) // max(1, sets.shingles.size))
    sample = np.linspace(0, len(sets) - 1, n_sampled).astype(np.int64)
    made = rare_first(sets.take(sample), counts, threads=threads)
    bound, scale = min_similarity - ROUNDING, len(sets) / max(1, len(sample))
    held, prefix = (n_indexed(made.records, bound, kind, ascending=False) for kind in (measure, "jaccard"))
    listed, asked = _by_class(made, held), _by_class(made, prefix)
    share = listed / np.maximum(1, _by_class(made, made.records["size"] - made.records["unique"]))
    met = (asked * np.maximum(_counts_of_classes() * share - 1, 0)).sum()
    entries, candidates = held.sum() * scale, met * scale / (2 if measure == "jaccard" else 1)
    return Cost(int(entries), int(candidates), _bytes(len(sets), sets.shingles.size, int(entries), counts.buckets.size))


def _by_class(made: Tokens, n_tokens: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """How many tokens of each class are among the first so many of each set, but for those in no other set."""
    start, size, first = (made.records[name] for name in ("start", "size", "unique"))
    place = np.arange(made.tokens.size) - np.repeat(start, size)
    within = (place >= np.repeat(first, size)) & (place < np.repeat(first + n_tokens, size))
    classes = (made.tokens[within] >> np.uint64(64 - CLASS_BITS)).astype(np.int64)
    return np.bincount(classes, minlength=2**CLASS_BITS)


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

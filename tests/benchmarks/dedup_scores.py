"""Exact answers by counting, and what a tool's removals are worth against them.

The counts share nothing with curate's joins: words become numbers, trigrams of numbers become the columns of a sparse
matrix, and its product with its own transpose counts the common shingles of every two rows. No hashing, no filter, no
candidates. Memory is bounded by taking the rows in blocks; a corpus of 1,000,000 short rows takes minutes.

    python tests/benchmarks/dedup_scores.py corpora/short-100000.jsonl     # is the join exact? pairs and similarities
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from dedup_corpora import SIZE, texts_of, words

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Found = tuple[I64, I64, F64]

WORD_BITS = 21  # of a word's number: three of them fit into 63 bits
BLOCK = 4000


def incidence(texts: list[str]) -> sp.csr_array:
    """Rows × distinct shingles, 1 where a row has it; the numbers of the words are their order of appearance."""
    numbers: dict[str, int] = {}
    keys: list[I64] = []
    for text in texts:
        found = words(text)
        if len(found) < SIZE:
            found = [" ".join(found or text.split()), "", ""]  # one shingle of the whole
        row = np.array([numbers.setdefault(word, len(numbers)) for word in found], np.int64)
        keys.append(np.unique((row[:-2] << 2 * WORD_BITS) | (row[1:-1] << WORD_BITS) | row[2:]))
    if len(numbers) >= 1 << WORD_BITS:
        raise ValueError(f"{len(numbers)} distinct words do not fit into {WORD_BITS} bits")
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in keys])])
    flat = np.concatenate(keys)
    distinct, columns = np.unique(flat, return_inverse=True)
    return sp.csr_array((np.ones(len(flat), np.int32), columns, offsets), shape=(len(texts), len(distinct)))


def similar_rows(matrix: sp.csr_array, min_similarity: float, rows: I64 | None = None) -> Iterator[Found]:
    """Block by block the pairs (row, other), row ≠ other, at or above the bound, and their Jaccard similarity."""
    rows = np.arange(matrix.shape[0]) if rows is None else rows
    sizes = np.diff(matrix.indptr).astype(np.int64)
    held = matrix[:, np.bincount(matrix.indices, minlength=matrix.shape[1]) > 1]
    turned = held.T.tocsr()
    for begin in range(0, len(rows), BLOCK):
        some = rows[begin : begin + BLOCK]
        common = (held[some] @ turned).tocoo()
        left, right, shared = some[common.row], common.col.astype(np.int64), common.data.astype(np.int64)
        together = sizes[left] + sizes[right] - shared
        near = (shared >= min_similarity * together - 1e-9) & (left != right)
        yield left[near], right[near], shared[near] / together[near]


def exact_pairs(path: Path, min_similarity: float) -> Found:
    """Every pair of a corpus at or above the bound, left < right, counted once and kept beside the corpus."""
    kept = path.with_suffix(f".pairs-{min_similarity}.npz")
    if not kept.exists():
        blocks = [
            (left[left < right], right[left < right], similarity[left < right])
            for left, right, similarity in similar_rows(incidence(texts_of(path)), min_similarity)
        ]
        left, right, similarity = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        order = np.lexsort((right, left))
        np.savez(kept, left=left[order], right=right[order], similarity=similarity[order])
    held = np.load(kept)
    return held["left"], held["right"], held["similarity"]


def must_go(n_rows: int, left: I64, right: I64, present: npt.NDArray[np.bool_] | None = None) -> I64:
    """The rows that go when each row in turn goes if it has a twin that stayed; `right` is the later of a pair."""
    stays = np.ones(n_rows, bool) if present is None else present.copy()
    order = np.argsort(right, kind="stable")
    for earlier, later in zip(left[order].tolist(), right[order].tolist(), strict=True):
        if stays[earlier] and stays[later]:
            stays[later] = False
    return np.flatnonzero(~stays if present is None else present & ~stays)


@dataclass(frozen=True)
class Score:
    """What a set of removals is worth.

    Attributes:
        removed: how many rows went.
        precision: the share of them that have a twin anywhere in the corpus.
        orphans: the share of them without a twin among the rows that stayed: what they said is lost.
        recall: 1 − rows that would still have to go / rows that had to go at first.
        levels: by level, the share of the planted pairs of which a row went; above the bound it should be 1, below 0.
    """

    removed: int
    precision: float
    orphans: float
    recall: float
    levels: dict[str, float]


def score(path: Path, min_similarity: float, removed: I64) -> Score:
    """Judge the rows that a tool removed from a corpus of `dedup_corpora`."""
    left, right, _ = exact_pairs(path, min_similarity)
    planted = np.load(path.with_suffix(".npz"))
    n_rows = sum(1 for _ in path.open("rb"))
    gone = np.zeros(n_rows, bool)
    gone[removed] = True
    has_twin, has_kept_twin = np.zeros(n_rows, bool), np.zeros(n_rows, bool)
    for one, other in ((left, right), (right, left)):
        has_twin[one] = True
        has_kept_twin[one[~gone[other]]] = True
    at_first, still = (len(must_go(n_rows, left, right, present)) for present in (None, ~gone))
    found = gone[planted["left"]] | gone[planted["right"]]
    above = planted["jaccard"] >= min_similarity - 1e-9
    levels = {}
    for level in np.unique(planted["level"])[::-1]:
        for side, name in ((above, f"{level:g}"), (~above, f"{level:g}-")):
            here = (planted["level"] == level) & side
            if here.any():
                levels[name] = float(found[here].mean())
    return Score(
        removed=len(removed),
        precision=float(has_twin[removed].mean()) if len(removed) else 1.0,
        orphans=float(1 - has_kept_twin[removed].mean()) if len(removed) else 0.0,
        recall=1 - still / at_first if at_first else 1.0,
        levels=levels,
    )


def main() -> None:
    """Compare the pairs of `kernels.join.similar_pairs` with those counted here."""
    from curate.kernels.join import similar_pairs
    from curate.kernels.shingles import shingle_sets

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--min-similarity", type=float, default=0.7)
    given = parser.parse_args()
    for path in given.corpora:
        left, right, similarity = exact_pairs(path, given.min_similarity)
        found = similar_pairs(shingle_sets(texts_of(path)), given.min_similarity)
        same = np.array_equal(left, found.left) and np.array_equal(right, found.right)
        off = np.abs(similarity - found.similarity).max(initial=0) if same else np.nan
        print(f"{path.stem}: {len(left):,} pairs counted, {len(found):,} found; the same: {same}, off by {off:.1g}")


if __name__ == "__main__":
    main()

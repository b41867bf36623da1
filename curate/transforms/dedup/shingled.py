"""Rows alike by their shingles: how `dedup.near` and `dedup.minhash` find twins, by an exact join or by MinHash.

Rows with equal sets of shingles count as one wherever pairs are listed, so a million equal rows cost no more than their
number. Two rows that differ only in what the guard keeps apart are no twins, by either method.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from curate.kernels import join, minhash_join
from curate.kernels.join_index import Measure
from curate.kernels.minhash import bands_for
from curate.kernels.overlap import equal_sets, similarities
from curate.kernels.pairs import Pairs, Twins
from curate.kernels.shingles import ShingleSets
from curate.kernels.tokens import Counts
from curate.kernels.unionfind import link

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShinglesAlike:
    """Which rows of n are alike (`curate.transforms.dedup.cluster.Alike`).

    Attributes:
        sets: the shingles of each row.
        min_similarity: the bound.
        apart: the masked and the raw form of each row, where the guard is on.
        measure: of similarity.
        counts: of the shingles, where they were counted already.
    """

    sets: ShingleSets
    min_similarity: float
    apart: tuple[U64, U64] | None = None
    measure: Measure = "jaccard"
    counts: Counts | None = None

    def told(self) -> str:
        """How twins are found, for the notes of a run."""
        return "exact join: every pair is found"

    def kept_twins(self, order: I64) -> Twins:
        """See `curate.kernels.join.kept_twins`."""
        return join.kept_twins(
            self.sets, order, self.min_similarity, measure=self.measure, apart=self.apart, counts=self.counts
        )

    def similar(self, sets: ShingleSets) -> Pairs:
        """All pairs of some sets, no two of them equal."""
        return join.similar_pairs(sets, self.min_similarity, measure=self.measure)

    def components(self) -> I64:
        """See `curate.kernels.join.components`."""
        return join.components(self.sets, self.min_similarity, measure=self.measure, apart=self.apart)

    def centrality(self) -> F64:
        """The sum of the similarities of each row to its twins; those with the same set count one each."""
        first, place = self._distinct
        n_rows = np.bincount(place[place >= 0], minlength=len(first))
        total = (n_rows - 1).astype(np.float64)
        for ends, others in ((self._pairs.left, self._pairs.right), (self._pairs.right, self._pairs.left)):
            total += np.bincount(ends, weights=self._pairs.similarity * n_rows[others], minlength=len(first))
        return np.where(place >= 0, total[place] if len(first) else 0.0, 0.0)

    def similarity(self, left: I64, right: I64) -> F64:
        """See `curate.kernels.overlap.similarities`."""
        return similarities(self.sets, left, right, self.measure)

    @cached_property
    def _distinct(self) -> tuple[I64, I64]:
        return equal_sets(self.sets, *(self.apart or ()))

    @cached_property
    def _pairs(self) -> Pairs:
        """Pairs of distinct sets, by their places; without those that the guard keeps apart."""
        first, _ = self._distinct
        pairs = self.similar(self.sets.take(first))
        if self.apart is None:
            return pairs
        left, right = first[pairs.left], first[pairs.right]
        masked, raw = self.apart
        at = np.flatnonzero((masked[left] != masked[right]) | (raw[left] == raw[right]))
        return Pairs(pairs.left[at], pairs.right[at], pairs.similarity[at])


@dataclass(frozen=True, eq=False)
class MinHashAlike(ShinglesAlike):
    """The same among rows that share a band of minima.

    Attributes:
        recall: the least chance that a pair at the bound is met.
        n_hashes: minima in a signature.
        seed: of the hash functions.
    """

    recall: float = 0.95
    n_hashes: int = 128
    seed: int = 0

    def told(self) -> str:
        bands = bands_for(self.min_similarity, self.recall, self.n_hashes)
        found = f"finds {bands.probability(self.min_similarity):.1%} of the pairs at {self.min_similarity:g}"
        return f"MinHash, {bands.n_bands} bands of {bands.n_rows}: {found}, more of those above"

    def kept_twins(self, order: I64) -> Twins:
        """See `curate.kernels.minhash_join.kept_twins_minhash`."""
        return minhash_join.kept_twins_minhash(
            self.sets,
            order,
            self.min_similarity,
            recall=self.recall,
            n_hashes=self.n_hashes,
            seed=self.seed,
            apart=self.apart,
        )

    def similar(self, sets: ShingleSets) -> Pairs:
        """The pairs that share a band."""
        return minhash_join.similar_pairs_minhash(
            sets, self.min_similarity, recall=self.recall, n_hashes=self.n_hashes, seed=self.seed
        )

    def components(self) -> I64:
        """Linked directly or through others; lists the pairs."""
        first, place = self._distinct
        given = np.flatnonzero(place >= 0)
        left = np.concatenate([first[place[given]], first[self._pairs.left]])
        right = np.concatenate([given, first[self._pairs.right]])
        return link(np.arange(len(self.sets), dtype=np.int64), left, right)

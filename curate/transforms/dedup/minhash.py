"""`dedup.minhash`: `dedup.near` by MinHash alone, with the bands, the recall and the seed in the user's hand.

For bounds so low that an exact join would take too long, and to choose rows as a saved index or another machine would.
Every pair that shares a band is checked by its true similarity: precision is 1, recall is what was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import pyarrow as pa
from pydantic import Field, model_validator

from curate.errors import CurateError
from curate.kernels.minhash import MOST_HASHES, Bands, bands_for
from curate.kernels.shingles import ShingleSets
from curate.transforms.dedup.near import REASONS, ShingleRule
from curate.transforms.dedup.shingled import MinHashAlike, ShinglesAlike

SHOWN = 12
"""Points of the S-curve."""


class DropMinHashDuplicates(ShingleRule):
    """Drops all but one of the rows whose texts share most of their shingles, as far as MinHash finds them.

    Two rows are compared if their signatures agree in one of several bands (`curate show dedup.minhash` prints which,
    and how often a pair is met), and are twins if their true similarity reaches the bound.

    Attributes:
        recall: the least chance that a pair exactly at `min_similarity` is met; those above it are met more often. It
            decides how many bands of how many minima there are.
        n_hashes: the most minima in a signature, four bytes each: more find as much with fewer comparisons.
        seed: of the hash functions. Another one misses other pairs.

    Example:
        >>> DropMinHashDuplicates(min_similarity=0.8).bands().n_hashes <= 128
        True
    """

    name: ClassVar[str] = "dedup.minhash"
    version: ClassVar[str] = "1"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = REASONS

    recall: float = Field(0.95, gt=0, lt=1)
    n_hashes: int = Field(128, ge=1, le=MOST_HASHES)
    seed: int = Field(0, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        try:
            self.bands()
        except CurateError as error:
            raise ValueError(str(error)) from error
        return self

    def bands(self) -> Bands:
        """The bands that these settings take."""
        return bands_for(self.min_similarity, self.recall, self.n_hashes)

    def figures(self) -> dict[str, Any]:
        bands = self.bands()
        curve = bands.s_curve(0.05)
        around = min(max(round(20 * self.min_similarity) - 7, 1), len(curve) - SHOWN)
        return {
            "n_bands": bands.n_bands,
            "n_minima_per_band": bands.n_rows,
            "n_minima_in_use": bands.n_hashes,
            "share_of_pairs_met_by_similarity": {f"{at:.2f}": chance for at, chance in curve[around : around + SHOWN]},
        }

    def finder(self, sets: ShingleSets, summary: pa.Table) -> tuple[ShinglesAlike, str]:
        bound, apart = self.min_similarity, self.apart(summary)
        alike = MinHashAlike(sets, bound, apart, recall=self.recall, n_hashes=self.n_hashes, seed=self.seed)
        return alike, alike.told()

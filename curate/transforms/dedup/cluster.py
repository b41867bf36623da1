"""Clusters of rows that are alike without being equal: who goes, and for whom. Shared by the near, MinHash and semantic
steps, which differ only in how they find twins.

By default a row goes only if a row that stays is its twin; connected components, which delete rows without any kept
twin, stay available and are reported as such.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, field_validator

from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.masking import Distinct, masked_forms
from curate.kernels.pairs import Twins
from curate.transforms.dedup.keep import KeepRule, first_of_each

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

CHAINED = "chained_duplicate"
ROUNDING = 1e-9


class Alike(Protocol):
    """How a step finds rows that are alike, at or above its bound; positions are those of the summary."""

    def kept_twins(self, order: I64) -> Twins:
        """The greedy selection in `order` (`curate.kernels.pairs.select`)."""
        ...

    def components(self) -> I64:
        """The connected component of each row, named by its smallest position."""
        ...

    def centrality(self) -> NDArray[np.float64]:
        """The sum of the similarities of each row to its twins."""
        ...

    def similarity(self, left: I64, right: I64) -> NDArray[np.float64]:
        """How alike the rows of some pairs are, at or above the bound or not."""
        ...


class ClusterRule(KeepRule):
    """A step that keeps one row of each cluster of rows that are alike.

    Attributes:
        min_similarity: the similarity from which two rows are twins, above 0 and at most 1.
        clusters: `kept_twin`: a row goes only if a row that stays is its twin at or above the bound. `component`: one
            row of each connected component stays, however unlike it the others are; rows that go without a kept twin
            have a reason of their own.
        distinct: `numbers`, `names` or both: rows that differ in nothing else are no twins. A name is a run of words
            with a capital, a number a run of digits.
    """

    min_similarity: float = Field(0.8, gt=0, le=1)
    clusters: Literal["kept_twin", "component"] = "kept_twin"
    distinct: tuple[Distinct, ...] = ()

    @field_validator("distinct", mode="before")
    @classmethod
    def _one_or_many(cls, given: str | Collection[str]) -> tuple[str, ...]:
        return (given,) if isinstance(given, str) else tuple(sorted(set(given)))

    def gathered(self, batch: Batch) -> dict[str, Any]:
        columns = super().gathered(batch)
        if self.distinct:
            columns["masked"], columns["raw"] = masked_forms(batch.text_array(), self.distinct)
        return columns

    def apart(self, summary: pa.Table) -> tuple[U64, U64] | None:
        """The masked and the raw form of each row, where the guard is on."""
        if not self.distinct:
            return None
        return summary.column("masked").to_numpy(), summary.column("raw").to_numpy()

    def clustered(self, summary: pa.Table, alike: Alike, reason: str) -> Edits:
        """Drop all but one row of each cluster of a summary, which stands in the order of its row ids."""
        order = self.order(summary, alike.components, alike.centrality)
        if self.clusters == "kept_twin":
            return self.dropped(summary, alike.kept_twins(order), reason)
        twin = first_of_each(alike.components(), order).twin
        gone = np.flatnonzero(twin >= 0)
        similarity, chained = np.zeros(len(twin)), np.zeros(len(twin), bool)
        similarity[gone] = alike.similarity(gone, twin[gone])
        chained[gone] = similarity[gone] < self.min_similarity - ROUNDING
        if (forms := self.apart(summary)) is not None:
            masked, raw = forms
            chained[gone] |= (masked[gone] == masked[twin[gone]]) & (raw[gone] != raw[twin[gone]])
        return self.dropped(summary, Twins(twin, similarity), np.where(chained, CHAINED, reason))

"""`dedup.near`: of rows with nearly the same text, keep one. Nearly means that most of their shingles are the same.

The default is an exact set-similarity join: every pair at or above the bound and no other. MinHash takes its place
where the join would take too long or too much memory; every pair it finds is checked by its true similarity, so it may
miss a pair and never makes one up. Which of the two it was stands in the notes of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import ceil, log1p
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from curate.core.random import StepRandom
from curate.core.transform import by_row_id
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.join_cost import join_cost
from curate.kernels.join_index import Measure
from curate.kernels.native import compiled_from
from curate.kernels.shingles import MOST_ITEMS, ShingleSets, Unit, shingle_sets
from curate.kernels.spill import joined
from curate.kernels.tokens import Counts, count
from curate.transforms.dedup.cluster import CHAINED, ClusterRule
from curate.transforms.dedup.keep import CONFLICTING
from curate.transforms.dedup.shingled import MinHashAlike, ShinglesAlike

N_HASHES = 128
"""Minima in a signature, where so many reach the recall."""
MOST_COMPARED = 20_000_000_000
"""Shingles that an exact join compares in any case; a core takes about ten seconds for them."""
COMPARED_PER_HASH = 20
"""How many shingles it compares at most for each that MinHash would hash: where that is far quicker it is taken."""
MOST_BYTES = 4 * 2**30
"""Memory that it takes at most beside the shingles: what a laptop can spare."""
REASONS = {
    "near_duplicate": "a row that stays has nearly the same text",
    CHAINED: "other rows that go link it to the row that stays, which is not its twin",
    CONFLICTING: "it and a row with nearly the same text have different labels, and neither stays",
}


class ShingleRule(ClusterRule):
    """A step that compares texts by their sets of shingles.

    Attributes:
        shingle_size: words or characters per shingle. A shorter text is one shingle.
        unit: whether a shingle is a run of words or of characters. In scripts without spaces each character counts as a
            word.
    """

    shingle_size: int = Field(3, ge=1, le=MOST_ITEMS)
    unit: Unit = "word"

    def revision(self) -> str:
        return compiled_from()

    def summarize(self, batch: Batch) -> pa.Table:
        sets = shingle_sets(batch.text_array(), size=self.shingle_size, unit=self.unit)
        shingles = pa.LargeListArray.from_arrays(pa.array(sets.offsets), pa.array(sets.shingles))
        return pa.table({"row_id": batch.row_ids, "shingles": shingles, **self.gathered(batch)})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        summary = by_row_id(summary)
        alike, note = self.finder(as_sets(summary.column("shingles")), summary)
        edits = self.clustered(summary, alike, "near_duplicate")
        notes = [note]
        if self.clusters == "component":
            notes.append(f"components: {edits.reasons().get(CHAINED, 0):,} of the rows that went have no kept twin")
        return replace(edits, notes=tuple(notes))

    def finder(self, sets: ShingleSets, summary: pa.Table) -> tuple[ShinglesAlike, str]:
        """How twins are found among these sets, and a sentence that says so."""
        raise NotImplementedError


class DropNearDuplicates(ShingleRule):
    """Drops all but one of the rows whose texts share most of their shingles; the row kept is the `ref` of each row
    dropped, their similarity its score.

    A row goes only if a row that stays is its twin, so nothing is lost that is not still there in nearly the same
    words. A null or blank text is no duplicate of anything.

    Attributes:
        min_similarity: the similarity from which two texts are twins. 0.8 is the usual bound on web text (Lee et al.,
            ACL 2022); one changed word takes up to `shingle_size` shingles, so texts of a sentence or two want less.
        measure: `jaccard`, the shared shingles among all of both; or `containment`, among those of the smaller text,
            which finds a short text inside a long one too.
        method: `join` finds every pair; `minhash` finds a pair at the bound with probability `recall`, and those above
            it more often; `auto` takes the join unless that would take too long or more than 4 GiB. The notes of the
            run say which it was.
        recall: of MinHash, where that is used.

    Example:
        >>> DropNearDuplicates(min_similarity=0.7).reasons["near_duplicate"]
        'a row that stays has nearly the same text'
    """

    name: ClassVar[str] = "dedup.near"
    version: ClassVar[str] = "1"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = REASONS

    measure: Measure = "jaccard"
    method: Literal["auto", "join", "minhash"] = "auto"
    recall: float = Field(0.99, gt=0, lt=1)

    @model_validator(mode="after")
    def _measured_by_what_can(self) -> Self:
        if self.method == "minhash" and self.measure == "containment":
            raise ValueError("minhash finds pairs by their Jaccard similarity; containment needs method: join")
        return self

    def finder(self, sets: ShingleSets, summary: pa.Table) -> tuple[ShinglesAlike, str]:
        bound, apart = self.min_similarity, self.apart(summary)
        counts = count(sets)
        exact = ShinglesAlike(sets, bound, apart, self.measure, counts)
        why = too_much(sets, bound, self.measure, counts) if self.method == "auto" else ""
        if self.method == "join" or (self.method == "auto" and not why) or self.measure == "containment":
            return exact, exact.told()
        n_hashes = N_HASHES if bound == 1 else max(N_HASHES, ceil(log1p(-self.recall) / log1p(-bound)))
        found = MinHashAlike(sets, bound, apart, recall=self.recall, n_hashes=n_hashes)
        return found, found.told() + why


def too_much(sets: ShingleSets, bound: float, measure: Measure, counts: Counts) -> str:
    """Why an exact join of these sets would take too long or too much memory; empty where it would not.

    Nothing of the machine is asked, so that the same rows give the same edits anywhere.
    """
    cost = join_cost(sets, bound, measure=measure, counts=counts)
    compared = cost.n_candidates * sets.shingles.size // max(1, len(sets))
    if compared > max(MOST_COMPARED, COMPARED_PER_HASH * N_HASHES * sets.shingles.size):
        return f"; an exact join would compare about {compared:,} shingles"
    if cost.n_bytes > MOST_BYTES:
        return f"; an exact join would take about {cost.n_bytes / 2**30:.1f} GiB"
    return ""


def as_sets(shingles: pa.ChunkedArray) -> ShingleSets:
    """A column of lists as sets; several chunks are copied once, into a mapped file where they are large.

    Example:
        >>> as_sets(pa.chunked_array([[[1, 2], []], [[3]]], pa.large_list(pa.uint64()))).offsets.tolist()
        [0, 2, 2, 3]
    """
    sizes = [np.diff(chunk.offsets.to_numpy()) for chunk in shingles.chunks]
    values = [chunk.flatten().to_numpy() for chunk in shingles.chunks]
    offsets = np.concatenate([np.zeros(1, np.int64), *sizes]).cumsum()
    return ShingleSets(offsets, values[0] if len(values) == 1 else joined(values, np.uint64))

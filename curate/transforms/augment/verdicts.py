"""Verdicts on added rows: which go, for which reason, and what is to be told of the steps that made them.

The judging of `augment.constrain`, on the summaries of all rows in the order of their ids; pure but for the reasons it
gathers. A row goes for the first constraint that it fails; repeats come last, so that a row which goes anyway takes no
other with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate import registry
from curate.data.edits import PLACEBO, Edits
from curate.kernels.classes import class_codes
from curate.kernels.join import similar_pairs
from curate.kernels.pairs import NO_TWIN, Pairs, select
from curate.kernels.shingles import shingle_sets
from curate.kernels.unionfind import link
from curate.transforms.augment.flips import Judged, told

Mask = NDArray[np.bool_]
F64 = NDArray[np.float64]

FROM_FILE = "(added before it was read)"
_NOBODY = "no row that a step added was there to be judged; rows that were changed in place are not judged"


class Bounds(NamedTuple):
    """The bounds on signals; a None is no bound."""

    min_similarity: float | None
    max_perplexity: float | None
    max_perplexity_ratio: float | None
    min_label_probability: float
    min_label_margin: float


@dataclass(eq=False)
class Verdicts:
    """What is found of the rows of a summary.

    Attributes:
        table: the summary, ascending by row id.
        steps: whose rows are judged; of any step where none is named.
        row_ids: shape (n,).
        judged: which rows are judged, shape (n,).
        maker: what made each row, for the notes; empty for a row that no step added.
        parent: the position of each row's parent, -1 where it is not there.
        reason: why a row goes; empty: it stays.
    """

    table: pa.Table
    steps: tuple[str, ...]
    row_ids: NDArray[np.uint64]
    judged: Mask
    maker: list[str]
    parent: NDArray[np.int64]
    reason: NDArray[np.object_]
    score: F64
    ref: NDArray[np.uint64]
    has_ref: Mask
    split: NDArray[np.object_]
    labels: Judged | None = field(default=None)

    @classmethod
    def of(cls, table: pa.Table, steps: tuple[str, ...]) -> Verdicts:
        """The verdicts on rows that these steps added, or any; none is found yet.

        A placebo's copies repeat rows by intent: they are not judged, else it would be no placebo.
        """
        n, row_ids = len(table), table.column("row_id").to_numpy()
        added, step = table.column("added").to_pylist(), table.column("step").to_pylist()
        made_for = table.column("made_for").to_pylist()
        every = zip(added, step, made_for, strict=True)
        judged = np.array([own and why != PLACEBO and (not steps or by in steps) for own, by, why in every], bool)
        behind = table.column("parent").combine_chunks()
        known = behind.is_valid().to_numpy(zero_copy_only=False)
        at = np.searchsorted(row_ids, pc.fill_null(behind, 0).to_numpy(zero_copy_only=False))
        at = np.minimum(at, max(0, n - 1))
        there = known & (row_ids[at] == pc.fill_null(behind, 0).to_numpy(zero_copy_only=False)) if n else known
        maker = [_maker(*row) for row in zip(added, step, made_for, strict=True)]
        empty = [np.full(n, "", object), np.ones(n), np.zeros(n, np.uint64), np.zeros(n, bool), np.full(n, None)]
        return cls(table, steps, row_ids, judged, maker, np.where(there, at, -1), *empty)  # type: ignore[arg-type]

    def _fail(self, which: Mask, reason: str, score: F64 | float = 1.0) -> Mask:
        """Give a reason to the rows that have none yet; returns which they are."""
        new = which & self.judged & (self.reason == "")
        self.reason[new] = reason
        self.score[new] = np.clip(np.broadcast_to(score, which.shape)[new], 0.0, 1.0)
        return new

    def _refer(self, which: Mask, ref: NDArray[np.uint64]) -> None:
        self.ref[which], self.has_ref[which] = ref[which], True

    def by_parent(self) -> None:
        """What the two texts decide: the parent's text again, edits, lengths, words in common, language."""
        same = self._fail(self._bools("repeats_parent"), "repeats_parent")
        behind = pc.fill_null(self.table.column("parent"), 0).to_numpy()
        self._refer(same, behind)
        reasons = np.array(self.table.column("reason").to_pylist(), object)
        scores = self.table.column("score").to_numpy()
        for reason in sorted({found for found in reasons.tolist() if found is not None}):
            self._fail(reasons == reason, reason, scores)

    def by_signals(self, bounds: Bounds) -> None:
        """What signals decide: held-out rows, the parent's vector, perplexity, the judge of the label."""
        if "leaked_from" in self.table.column_names:
            self._by_held_out()
        if bounds.min_similarity is not None:
            cosine = self._floats("parent_similarity")
            self._fail(cosine < bounds.min_similarity, "unlike_parent", 1 - np.nan_to_num(cosine, nan=1.0))
        if "perplexity" in self.table.column_names:
            self._by_perplexity(bounds)
        if "pred_probs" in self.table.column_names:
            self.labels = Judged.of(self.table.column("pred_probs"), *class_codes(self.table.column("label")))
            turned = self.labels.turned(bounds.min_label_probability, bounds.min_label_margin)
            self._fail(turned, "label_turned", 1 - self.labels.own)

    def _by_held_out(self) -> None:
        leak = self.table.column("leaked_from").combine_chunks()
        found = leak.is_valid().to_numpy(zero_copy_only=False)
        similarity = np.nan_to_num(leak.field("similarity").to_numpy(zero_copy_only=False), nan=1.0)
        new = self._fail(found, "near_held_out", similarity.astype(np.float64))
        self._refer(new, pc.fill_null(leak.field("row_id"), 0).to_numpy(zero_copy_only=False))
        self.split[new] = np.array(leak.field("split").to_pylist(), object)[new]

    def _by_perplexity(self, bounds: Bounds) -> None:
        value = self._floats("perplexity")
        if bounds.max_perplexity is not None:
            self._fail(value > bounds.max_perplexity, "surprising")
        if bounds.max_perplexity_ratio is not None:
            parents = np.where(self.parent >= 0, value[self.parent], np.nan)
            self._fail(value > bounds.max_perplexity_ratio * parents, "surprising")

    def by_repeats(self) -> None:
        """Of rows with one text those go that were added, but for the first of them where no other row has it."""
        high, low = (self.table.column(name).to_numpy() for name in ("high", "low"))
        here = np.flatnonzero((self.reason == "") & ~self._bools("blank"))
        if not len(here):
            return
        order = here[np.lexsort((self.row_ids[here], self.judged[here], low[here], high[here]))]
        starts = np.concatenate([[True], (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)])
        first = np.arange(len(self.row_ids))
        first[order] = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
        new = self._fail(first != np.arange(len(first)), "repeats_row")
        self._refer(new, self.row_ids[first])

    def by_near(self, min_similarity: float) -> None:
        """Of rows of other kin with nearly the same words those go that were added, the later of two added ones."""
        here = np.flatnonzero(self.reason == "")
        pairs = similar_pairs(shingle_sets(self.table.column("text").take(pa.array(here)), size=1), min_similarity)
        left, right, kin = here[pairs.left], here[pairs.right], self._kin()
        open_ = (self.judged[left] | self.judged[right]) & (kin[left] != kin[right])
        wanted = np.lexsort((self.row_ids[here], self.judged[here]))
        twins = select(Pairs(pairs.left[open_], pairs.right[open_], pairs.similarity[open_]), wanted)
        gone = np.flatnonzero(twins.twin != NO_TWIN)
        twin, similarity = np.zeros(len(self.row_ids), np.uint64), np.ones(len(self.row_ids))
        twin[here[gone]], similarity[here[gone]] = self.row_ids[here[twins.twin[gone]]], twins.similarity[gone]
        new = self._fail(np.isin(np.arange(len(twin)), here[gone]), "near_row", similarity)
        self._refer(new, twin)

    def _kin(self) -> NDArray[np.int64]:
        """A number for all rows that come from one."""
        behind = pc.fill_null(self.table.column("parent"), 0).to_numpy()
        known = np.flatnonzero(self.table.column("parent").is_valid().to_numpy())
        names, where = np.concatenate([self.row_ids, behind[known]]), np.concatenate([np.arange(len(behind)), known])
        _, first, name = np.unique(names, return_index=True, return_inverse=True)
        return link(np.arange(len(behind), dtype=np.int64), where, where[first][name])

    def edits(self, judge: str | None, n_folds: int) -> Edits:
        """The drops, with what is to be told of each maker."""
        gone = np.flatnonzero(self.reason != "")
        makers = np.array(self.maker, object)
        notes = told(makers, self.judged, self.reason, self.parent, self._kin(), self.labels, judge, n_folds)
        notes = (*self._missed(), *notes) or (_NOBODY,)
        if not len(gone):
            return Edits(notes=notes)
        dropped = Edits.drop(
            self.row_ids[gone],
            self.reason[gone].tolist(),
            score=self.score[gone],
            ref=pa.array(self.ref[gone], pa.uint64(), mask=~self.has_ref[gone]),
            ref_split=pa.array(self.split[gone].tolist(), pa.string()),
        )
        return Edits.concat([dropped, Edits(notes=notes)])

    def _missed(self) -> list[str]:
        """Of the steps that are named those that added no row: a name may be wrong, and then nobody was judged."""
        made = sorted(pc.unique(self.table.column("step")).drop_null().to_pylist())
        others = f"rows were added by {', '.join(made)}" if made else "no step added a row"
        missed = [name for name in self.steps if name not in made]
        return [f"steps names {name!r}, of which there is no row to be judged; {others}" for name in missed]

    def _bools(self, name: str) -> Mask:
        return np.asarray(pc.fill_null(self.table.column(name), False).to_numpy(), dtype=bool)

    def _floats(self, name: str) -> F64:
        """A signal of numbers; nan where it says nothing, which breaks no bound."""
        return np.asarray(pc.fill_null(self.table.column(name), np.nan).to_numpy(), dtype=np.float64)


def _maker(added: bool, step: str | None, reason: str | None) -> str:
    """The step that made a row; of a step that mixes augmenters the augmenter, which it gives as the reason."""
    if not added:
        return ""
    if step is None:
        return FROM_FILE
    return f"{step}: {reason}" if reason in registry.names("transforms") else step

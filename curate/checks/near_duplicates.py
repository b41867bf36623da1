"""`near_duplicates`: rows whose text says nearly what another row says, and near duplicates with different labels."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.checks.duplicates import by_group
from curate.checks.pairs import examples
from curate.checks.remedy import need_texts, of_rows, plural, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, edited_rows
from curate.data.corpus import Corpus

SHOWN_CLUSTERS = 20


class NearDuplicates(Check):
    """Rows whose text shares most of its word shingles with another row, equal texts among them: they count several
    times, stand on both sides of a random split, and may contradict each other.

    Attributes:
        min_similarity: the Jaccard similarity of the sets of three-word shingles from which two texts are twins.
        share: bounds on the share of rows that have a twin that would stay. Lee et al. (ACL 2022) found 3 % in C4, the
            cleaned web, and 14 % in RealNews, the most repetitive corpus they looked at.
        conflicts: bounds on the share of rows in clusters with more than one label. As with equal texts at least one of
            those labels is wrong, or hangs on a few words; so any is `medium`, and above 1 % is more than most test
            sets can tell apart.
    """

    name: ClassVar[str] = "near_duplicates"
    version: ClassVar[str] = "1"

    min_similarity: float = Field(0.8, gt=0, le=1)
    share: Bounds = Bounds(low=0, medium=0.03, high=0.14)
    conflicts: Bounds = Bounds(low=0, medium=0, high=0.01)

    def look(self, context: CheckContext) -> list[Finding]:
        need_texts(context)
        near = self._near(context)
        if context.corpus.roles.label is None:
            return [near]
        none = Finding(self.name, "No near duplicates have different labels", "none", 0.0, self.conflicts.low)
        return [near, self._other_label(context, none) if len(near.rows) else none]

    def _settings(self, **more: Any) -> dict[str, Any]:
        """The settings of the remedy, those aside that it has anyway."""
        own = {} if self.min_similarity == 0.8 else {"min_similarity": self.min_similarity}
        return {**own, **more}

    def _near(self, context: CheckContext) -> Finding:
        plan, remedy = propose(context, "dedup.near", **self._settings())
        rows, n_rows = edited_rows(plan), len(context.corpus)
        if not len(rows):
            return Finding(self.name, "No two rows have nearly the same text", "none", 0.0, self.share.low)
        share = len(rows) / n_rows
        title = f"Near duplicates: {of_rows(len(rows), n_rows)}"
        linked, _ = propose(context, "dedup.near", **self._settings(clusters="component"))
        evidence = {
            "pairs": examples(rows),
            "n_rows_with_equal_words": int(pc.sum(pc.greater_equal(rows.column("score"), 1.0)).as_py()),
            "n_rows_that_components_would_drop": linked.drops.num_rows,
            "n_of_them_without_a_kept_twin": linked.reasons().get("chained_duplicate", 0),
            "method": "; ".join(plan.notes),
        }
        rows, clusters = by_group(rows)
        evidence |= {"n_clusters": len(clusters), "largest_clusters": clusters[:SHOWN_CLUSTERS]}
        severity = self.share.severity(share)
        return Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)

    def _other_label(self, context: CheckContext, none: Finding) -> Finding:
        plan, remedy = propose(context, "dedup.near", **self._settings(conflicts="drop"))
        rows = edited_rows(plan)
        rows = rows.filter(pc.equal(rows.column("reason"), "conflicting_label"))
        if not len(rows):
            return none
        share = len(rows) / len(context.corpus)
        pairs = _with_labels(context.corpus, examples(rows.filter(pc.is_valid(rows.column("ref")))))
        rows, clusters = by_group(rows)
        n, n_rows = plural(len(clusters), "cluster"), plural(len(rows), "row")
        title = f"Near duplicates with different labels: {n} in {n_rows}"
        evidence = {"pairs": pairs, "n_clusters": len(clusters), "largest_clusters": clusters[:SHOWN_CLUSTERS]}
        severity = self.conflicts.severity(share)
        return Finding(self.name, title, severity, share, self.conflicts.low, rows, evidence, remedy, plan)


def _with_labels(corpus: Corpus, pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pairs with what the two rows are labelled, in words."""
    at = np.flatnonzero(np.isin(corpus.row_ids(), [pair[end] for pair in pairs for end in ("row_id", "ref")]))
    names, given = corpus.class_names(), corpus.labels().take(pa.array(at)).to_pylist()
    called = [names[one] if names and one is not None else str(one) for one in given]
    label_of = dict(zip(corpus.row_ids()[at].tolist(), called, strict=True))
    return [{**pair, "labels": f"{label_of[pair['row_id']]} and {label_of[pair['ref']]}"} for pair in pairs]

"""`duplicates`: rows that say what another row says, and equal texts with different labels."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.checks.remedy import need_texts, of_rows, plural, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, edited_rows

SHOWN_GROUPS = 20


class ExactDuplicates(Check):
    """Rows with the same text (ignoring case, white space and Unicode form): they count several times, stand on both
    sides of a random split, and may contradict each other.

    Attributes:
        share: bounds on the share of rows that repeat another. Above 1 % is more than stray copies; above 10 % the
            corpus is another one than it seems. House figures, beside the 3 to 14 % of near duplicates that Lee et
            al. (ACL 2022) found in web corpora.
        conflicts: bounds on the share of rows whose text also stands with another label. At least one label of each
            such text is wrong or the text does not decide it, so that any is `medium`; above 1 % is more than most
            test sets can tell apart.
    """

    name: ClassVar[str] = "duplicates"
    version: ClassVar[str] = "1"

    share: Bounds = Bounds(low=0, medium=0.01, high=0.10)
    conflicts: Bounds = Bounds(low=0, medium=0, high=0.01)

    def look(self, context: CheckContext) -> list[Finding]:
        need_texts(context)
        found = [self._same_text(context)]
        if context.corpus.roles.label is not None:
            found.append(self._same_text_other_label(context))
        return found

    def _same_text(self, context: CheckContext) -> Finding:
        plan, remedy = propose(context, "dedup.exact")
        rows, n_rows = edited_rows(plan), len(context.corpus)
        if not len(rows):
            return Finding(self.name, "No two rows have the same text", "none", 0.0, self.share.low)
        share = len(rows) / n_rows
        title = f"Repeated texts: {of_rows(len(rows), n_rows)}"
        rows, groups = by_group(rows)
        evidence = {"n_groups": len(groups), "largest_groups": groups[:SHOWN_GROUPS]}
        return Finding(
            self.name, title, self.share.severity(share), share, self.share.low, rows, evidence, remedy, plan
        )

    def _same_text_other_label(self, context: CheckContext) -> Finding:
        plan, remedy = propose(context, "dedup.exact", conflicts="drop")
        rows = edited_rows(plan)
        rows = rows.filter(pc.equal(rows.column("reason"), "conflicting_label"))
        if not len(rows):
            return Finding(self.name, "No text stands with two different labels", "none", 0.0, self.conflicts.low)
        share = len(rows) / len(context.corpus)
        rows, groups = by_group(rows)
        title = f"Equal texts with different labels: {plural(len(groups), 'text')} in {plural(len(rows), 'row')}"
        evidence = {"n_groups": len(groups), "largest_groups": groups[:SHOWN_GROUPS]}
        severity = self.conflicts.severity(share)
        return Finding(self.name, title, severity, share, self.conflicts.low, rows, evidence, remedy, plan)


def by_group(rows: pa.Table) -> tuple[pa.Table, list[dict[str, Any]]]:
    """The rows with those of one text together, the largest group first; and each group's first row with how many
    rows it has.
    """
    first = pc.coalesce(rows.column("ref"), rows.column("row_id")).to_numpy()
    ids = rows.column("row_id").to_numpy()
    heads, group, sizes = np.unique(first, return_inverse=True, return_counts=True)
    sizes = sizes + ~np.isin(heads, ids)  # the row that stays is not among the rows of the plan
    order = np.lexsort((ids, first, -sizes[group]))
    largest = np.lexsort((heads, -sizes))
    groups = [{"row_id": int(heads[at]), "n_rows": int(sizes[at])} for at in largest]
    return rows.take(pa.array(order)), groups

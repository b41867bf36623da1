"""`missing`: rows that have nothing to learn from: no text or no label, or a placeholder in its place."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa

from curate.checks.remedy import of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, edited_rows


class Missing(Check):
    """Rows without a text, or without a label where there is a label column, or with a placeholder such as `N/A`: a
    model can learn nothing from them.

    Texts that may be meant (`none`, `?`, `test`) are a finding of their own without a remedy: look at them.

    Attributes:
        share: bounds on the share of such rows. One row is worth dropping; below 1 % they hardly move a result; above
            5 % they say that the source was read or joined wrongly. House figures.
    """

    name: ClassVar[str] = "missing"
    version: ClassVar[str] = "1"

    share: Bounds = Bounds(low=0, medium=0.01, high=0.05)

    def look(self, context: CheckContext) -> list[Finding]:
        plan, remedy = propose(context, "filter.missing")
        rows, n_rows = edited_rows(plan), len(context.corpus)
        what = "a text" if context.corpus.roles.label is None else "a text and a label"
        doubtful = self._doubtful(context, rows)
        if not len(rows):
            return [*doubtful, Finding(self.name, f"Every row has {what}", "none", 0.0, self.share.low)]
        share = len(rows) / n_rows
        title = f"Rows without {what.replace('and', 'or')}: {of_rows(len(rows), n_rows)}"
        evidence = {"reasons": plan.reasons()}
        severity = self.share.severity(share)
        return [Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan), *doubtful]

    def _doubtful(self, context: CheckContext, sure: pa.Table) -> list[Finding]:
        """Rows whose text is a word that may stand for none, and may be meant."""
        plan, _ = propose(context, "filter.missing", placeholders="all", label=False, target=False)
        rows = edited_rows(plan)
        more = ~np.isin(rows.column("row_id").to_numpy(), sure.column("row_id").to_numpy())
        rows = rows.filter(pa.array(more))
        if not len(rows):
            return []
        share = len(rows) / len(context.corpus)
        title = f"Texts that may be placeholders, such as none, ? or test: {of_rows(len(rows), len(context.corpus))}"
        return [Finding(self.name, title, "low", share, self.share.low, rows)]

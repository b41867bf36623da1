"""`missing`: rows that have nothing to learn from: no text, or no label."""

from __future__ import annotations

from typing import ClassVar

from curate.checks.remedy import of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, edited_rows


class Missing(Check):
    """Rows without a text, or without a label where there is a label column: a model can learn nothing from them.

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
        if not len(rows):
            return [Finding(self.name, f"Every row has {what}", "none", 0.0, self.share.low)]
        share = len(rows) / n_rows
        title = f"Rows without {what.replace('and', 'or')}: {of_rows(len(rows), n_rows)}"
        evidence = {"reasons": plan.reasons()}
        return [
            Finding(self.name, title, self.share.severity(share), share, self.share.low, rows, evidence, remedy, plan)
        ]

"""`leakage`: training rows whose text also stands in a held-out split, so that the split tests memory instead of
learning.
"""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa

from curate import registry
from curate.checks.remedy import need_texts, of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import ROWS, Check, CheckContext, Finding, Skip, edited_rows


class Leakage(Check):
    """Training rows that also stand in a held-out split (same text ignoring case and white space): its score is then
    too good.

    Attributes:
        share: bounds on the share of held-out rows that stand in training too. Any is `high`: a test row seen in
            training is no test.
    """

    name: ClassVar[str] = "leakage"
    version: ClassVar[str] = "1"

    share: Bounds = Bounds(low=0, medium=0, high=0)

    def look(self, context: CheckContext) -> list[Finding]:
        if not context.corpus.held_out:
            raise Skip("there is no held-out split to compare with; give one with --test SOURCE")
        need_texts(context)
        splits = sorted(split for split, rows in context.corpus.held_out.items() if len(rows) and rows.roles.text)
        if not splits:
            raise Skip("no held-out split has rows with a text column")
        return [self._split(context, split) for split in splits]

    def _split(self, context: CheckContext, split: str) -> Finding:
        plan, remedy = propose(context, "dedup.leakage", split=split)
        n_train, n_held = len(context.corpus), len(context.corpus.held_out[split])
        rows = edited_rows(plan)
        if not len(rows):
            return Finding(self.name, f"No training row also stands in {split}", "none", 0.0, self.share.low)
        seen = self._seen(context, split)
        share = len(seen) / n_held
        title = f"Rows of {split} that also stand in training: {of_rows(len(seen), n_held)}"
        evidence = {
            "n_training_rows": len(rows),
            "training_fraction": len(rows) / n_train,
            f"n_{split}_rows": len(seen),
            f"{split}_fraction": share,
        }
        both = pa.concat_tables([rows, seen])
        return Finding(
            self.name, title, self.share.severity(share), share, self.share.low, both, evidence, remedy, plan
        )

    def _seen(self, context: CheckContext, split: str) -> pa.Table:
        """The rows of the split that stand in training: the remedy's own signal, asked the other way round."""
        turned = context.corpus.held_out[split].with_held_out(train=context.corpus)
        twins = registry.get("signals", "leaked_from")(split="train").compute(turned, context.seed)
        twins = twins.filter(twins.column("value").is_valid()).sort_by("row_id")
        n = len(twins)
        columns = [
            twins.column("row_id"),
            pa.repeat("seen_in_training", n),
            pa.repeat(1.0, n),
            twins.column("value"),
            pa.repeat(split, n),
            pa.repeat("train", n),
            pa.nulls(n, pa.string()),
        ]
        return pa.table(columns, names=ROWS.names).cast(ROWS)

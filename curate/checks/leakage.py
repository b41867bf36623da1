"""`leakage`: rows of a held-out split that stand in training, word for word or nearly, so that the split tests memory
instead of learning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate import registry
from curate.checks.pairs import examples
from curate.checks.remedy import need_texts, of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import ROWS, Check, CheckContext, Finding, Skip, edited_rows
from curate.data.edits import Edits

_PAIR = ["split", "row_id", "ref_split", "ref", "similarity"]
EDGES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Leakage(Check):
    """Rows of a held-out split that also stand in training, the same (ignoring case, white space and punctuation) or
    nearly the same: the score on them is partly memory.

    What is nearly the same, and why, `curate show dedup.leakage` tells.

    Attributes:
        share: bounds on the share of held-out rows with the same text in training. Any is `high`: a test row seen in
            training is no test.
        near: bounds on the share of held-out rows with the same or nearly the same text in training. Lee et al. (ACL
            2022) found such twins of over 4 % of the validation rows of standard data sets, and call it a fault of
            theirs. Where one row in four had one, a model scored 10 points better on those (BANKING77): above 20 % is
            `high`.
    """

    name: ClassVar[str] = "leakage"
    version: ClassVar[str] = "2"

    share: Bounds = Bounds(low=0, medium=0, high=0)
    near: Bounds = Bounds(low=0, medium=0.04, high=0.20)

    def look(self, context: CheckContext) -> list[Finding]:
        if not context.corpus.held_out:
            raise Skip("there is no held-out split to compare with; give one with --test SOURCE")
        need_texts(context)
        splits = sorted(split for split, rows in context.corpus.held_out.items() if len(rows) and rows.roles.text)
        if not splits:
            raise Skip("no held-out split has rows with a text column")
        return [finding for split in splits for finding in (self._same(context, split), self._nearly(context, split))]

    def _same(self, context: CheckContext, split: str) -> Finding:
        sides = _Sides.of(context, split)
        if not len(sides.train):
            return Finding(self.name, f"No training row also stands in {split}", "none", 0.0, self.share.low)
        title = f"Rows of {split} that also stand in training: {sides.held_share}"
        return self._finding(sides, title, self.share)

    def _nearly(self, context: CheckContext, split: str) -> Finding:
        sides = _Sides.of(context, split, match="near")
        near = sides.train.filter(pc.less(sides.train.column("score"), 1.0))
        if not len(near):
            title = f"No other training row is nearly the same as one of {split}"
            return Finding(self.name, title, "none", 0.0, self.near.low)
        title = f"Rows of {split} that are the same or nearly the same in training: {sides.held_share}"
        counts = np.histogram(sides.held.column("score").to_numpy(), EDGES)[0]
        seen = {"edges": list(EDGES), "counts": counts.tolist(), "axis": "similarity to the nearest training row"}
        return self._finding(
            sides, title, self.near, {"n_training_rows_nearly_the_same": len(near), "similarity": seen}
        )

    def _finding(self, sides: _Sides, title: str, bounds: Bounds, more: Mapping[str, Any] | None = None) -> Finding:
        """What both sides show, with the pairs of texts: what is not the same stands before what is."""
        share = len(sides.held) / sides.n_held
        evidence = {
            "n_training_rows": len(sides.train),
            "training_fraction": len(sides.train) / sides.n_train,
            f"n_{sides.split}_rows": len(sides.held),
            f"{sides.split}_fraction": share,
            **(more or {}),
            "pairs": examples(sides.train.filter(pc.is_valid(sides.train.column("ref")))),
        }
        return Finding(
            check=self.name,
            title=title,
            severity=bounds.severity(share),
            value=share,
            bound=bounds.low,
            rows=pa.concat_tables([sides.train, sides.held]),
            evidence=evidence,
            remedy=sides.remedy,
            plan=sides.plan,
        )


@dataclass(frozen=True, eq=False)
class _Sides:
    """The training rows with a twin in a split, and the rows of the split with a twin in training (schema `ROWS`)."""

    split: str
    train: pa.Table
    held: pa.Table
    n_train: int
    n_held: int
    remedy: dict[str, Any]
    plan: Edits

    @classmethod
    def of(cls, context: CheckContext, split: str, **settings: Any) -> _Sides:
        plan, remedy = propose(context, "dedup.leakage", split=split, **settings)
        held_out = context.corpus.held_out[split]
        train, n_train, n_held = edited_rows(plan), len(context.corpus), len(held_out)
        held = _seen(context, split, settings) if len(train) else ROWS.empty_table()
        return cls(split, _near_first(train), _near_first(held), n_train, n_held, remedy, plan)

    @property
    def held_share(self) -> str:
        return of_rows(len(self.held), self.n_held)


def _seen(context: CheckContext, split: str, settings: Mapping[str, Any]) -> pa.Table:
    """The rows of the split that stand in training: the remedy's own signal, asked the other way round."""
    turned = context.corpus.held_out[split].with_held_out(train=context.corpus)
    twins = registry.get("signals", "leaked_from")(split="train", **settings).compute(turned, context.seed)
    twins = twins.filter(twins.column("value").is_valid()).sort_by("row_id")
    n, (_, ref, similarity, _) = len(twins), twins.column("value").combine_chunks().flatten()
    columns = [
        twins.column("row_id"),
        pc.if_else(pc.equal(similarity, 1.0), "seen_in_training", "nearly_seen_in_training"),
        similarity,
        ref,
        pa.repeat(split, n),
        pa.repeat("train", n),
        pa.nulls(n, pa.string()),
    ]
    return pa.table(columns, names=ROWS.names).cast(ROWS)


def _near_first(rows: pa.Table) -> pa.Table:
    """The most similar rows first, but for those with the same text, which tell less."""
    at, score = np.arange(len(rows)), rows.column("score").to_numpy()
    return rows.take(pa.array(np.lexsort((at, -score, score >= 1))))

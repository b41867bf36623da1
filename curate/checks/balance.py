"""`balance`: how many rows every class has, how far the largest is from the smallest, and which are too small to
learn or to test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from curate.checks.classes import UNDECLARED, Classes, read_classes
from curate.checks.remedy import propose
from curate.checks.severity import Bounds
from curate.core.check import ROWS, Check, CheckContext, Finding, Severity, Skip
from curate.report.display import number


class ClassBalance(Check):
    """How many rows each class has: a model learns the common classes at the cost of the rare ones.

    Attributes:
        ratio: bounds on the rows of the largest class over those of the smallest. With two classes 1.5, 4 and 99 are
            a minority of 40 %, 20 % and 1 %: the degrees called mild, moderate and extreme in Google's course on data
            preparation for machine learning.
        rare_rows: a class with fewer rows is rare: in a test split of a fifth it would have one row or none.
        max_copies: the most copies of one row that the remedy may make.
    """

    name: ClassVar[str] = "balance"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"label"})

    ratio: Bounds = Bounds(low=1.5, medium=4, high=99)
    rare_rows: int = Field(10, ge=1)
    max_copies: int = Field(9, ge=1)

    def look(self, context: CheckContext) -> list[Finding]:
        classes = read_classes(context.corpus)
        found = [self._spread(context, classes), *self._rare(classes), *self._unseen(context, classes)]
        return [finding for finding in found if finding is not None]

    def _spread(self, context: CheckContext, classes: Classes) -> Finding:
        counts = classes.counts()
        evidence = {"rows_per_class": counts, **_beside(context, counts)}
        if len(classes.names) == 1:
            title = f"Only one class: every label is {classes.names[0]!r}"
            return Finding(self.name, title, "high", 1.0, None, evidence=evidence)
        most, least = classes.names[int(classes.sizes().argmax())], classes.names[int(classes.sizes().argmin())]
        ratio = counts[most] / counts[least]
        severity = self.ratio.severity(ratio)
        if severity == "none":
            title = f"The {number(len(classes.names))} classes have about as many rows each"
            return Finding(self.name, title, severity, ratio, self.ratio.low, evidence=evidence)
        title = f"Uneven classes: {most} has {_times(ratio)} the rows of {least}"
        plan, remedy = None, None
        if severity != "low":
            settings = {"to_fraction": round(1 / self._tolerable(), 4), "max_copies": self.max_copies}
            plan, remedy = propose(context, "rebalance.oversample", **settings)
            evidence["n_copies_the_remedy_adds"] = plan.n_edits
        return Finding(self.name, title, severity, ratio, self.ratio.low, evidence=evidence, remedy=remedy, plan=plan)

    def _tolerable(self) -> float:
        """The ratio that the remedy aims at: where an imbalance is still mild and seldom needs mending."""
        return self.ratio.low if self.ratio.medium is None else self.ratio.medium

    def _rare(self, classes: Classes) -> list[Finding]:
        sizes = classes.sizes()
        rare = {classes.names[at]: int(sizes[at]) for at in np.flatnonzero(sizes < self.rare_rows)}
        if not rare or len(classes.names) == 1:
            return []
        rare = dict(sorted(rare.items(), key=lambda pair: (pair[1], pair[0])))
        single = sum(size == 1 for size in rare.values())
        title = f"Rare classes: {number(len(rare))} with fewer than {self.rare_rows} rows"
        if single:
            title += f", {number(single)} of them with a single row"
        severity: Severity = "medium" if single else "low"
        rows = _rows_of(classes, rare)
        evidence = {"n_single": single, "rare_classes": rare}
        return [Finding(self.name, title, severity, float(len(rare)), 0.0, rows, evidence)]

    def _unseen(self, context: CheckContext, classes: Classes) -> list[Finding]:
        """Classes that a held-out split asks for and training never shows."""
        found = []
        for split, counts in _held_out(context).items():
            unseen = {
                name: n
                for name, n in counts.items()
                if n and name not in classes.names and not name.endswith(UNDECLARED)
            }
            if unseen:
                title = f"Classes of {split} that training never shows: {', '.join(list(unseen)[:5])}"
                evidence = {f"{split}_rows_of_unseen_classes": unseen}
                found.append(Finding(self.name, title, "high", float(len(unseen)), 0.0, evidence=evidence))
        return found


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times" if ratio < 10 else f"{number(round(ratio))} times"


def _rows_of(classes: Classes, rare: Mapping[str, int]) -> pa.Table:
    """All rows of the rare classes, those of the rarest first."""
    place = {name: at for at, name in enumerate(rare)}
    rank = np.array([place.get(name, -1) for name in classes.names] + [-1])[classes.codes]
    at = np.flatnonzero(rank >= 0)
    at = at[np.lexsort((classes.row_ids[at], rank[at]))]
    n, names = len(at), [classes.names[code] for code in classes.codes[at]]
    nothing = pa.nulls(n, pa.string())
    ids = pa.array(classes.row_ids[at])
    columns = [
        ids,
        pa.repeat("rare_class", n),
        pa.repeat(1.0, n),
        pa.nulls(n, pa.uint64()),
        pa.repeat("train", n),
        nothing,
        pa.array(names),
    ]
    return pa.table(columns, names=ROWS.names).cast(ROWS)


def _held_out(context: CheckContext) -> dict[str, dict[str, int]]:
    """Rows of each class in every held-out split that has labels which are classes."""
    counts = {}
    for split, rows in sorted(context.corpus.held_out.items()):
        if rows.roles.label is not None:
            try:
                counts[split] = read_classes(rows).counts()
            except Skip:
                continue
    return counts


def _beside(context: CheckContext, counts: Mapping[str, int]) -> dict[str, Any]:
    """The share of each class in training beside that in the held-out splits; nothing where there are none."""
    held_out = _held_out(context)
    if not held_out:
        return {}
    splits = {"training": counts, **held_out}
    names = dict.fromkeys(name for split in splits.values() for name in split)
    totals = {split: max(1, sum(split_counts.values())) for split, split_counts in splits.items()}
    return {
        "share_in_each_split": [
            {
                "class": name,
                **{f"{split}_fraction": round(n.get(name, 0) / totals[split], 4) for split, n in splits.items()},
            }
            for name in names
        ]
    }

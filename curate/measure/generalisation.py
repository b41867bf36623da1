"""The generalisation gap: the score on rows a model was fitted to, minus that on the test rows.

Of its own training rows each cell predicts at most `FITTED_ROWS`, chosen by row id. The gap is large where a model has
learnt its rows by heart; of a step that drops wrong labels it tells how much of the score on them was memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curate.kernels.twoway import two_way
from curate.measure.evidence import Evidence
from curate.measure.sheets import FITTED, FITTED_ROWS
from curate.measure.told import Told, named, real_arms
from curate.measure.units import Units
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number

TITLE = "Generalisation gap"


@dataclass(frozen=True)
class Gap:
    """An arm's score on its own training rows and on the test rows.

    Attributes:
        arm: in words.
        n_rows: training rows that were predicted, mean over replicates.
        fitted: the score on them; `test` that on the test rows.
        gap: fitted minus test, on these rows: only replicates vary.
    """

    arm: str
    n_rows: float
    fitted: float
    test: float
    gap: Told

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {**vars(self), "gap": self.gap.to_dict()}


def gaps(evidence: Evidence) -> list[Gap]:
    """The gap of every arm that holds no placebo; none where cells did not predict their own rows."""
    design, found = evidence.design, []
    for arm in real_arms(design):
        results = evidence.found[arm]
        if any(FITTED not in result.sheets for result in results):
            return []
        said = zip(results, evidence.taught[arm], strict=True)
        fitted = np.array([design.metric.value(result.sheets[FITTED], targets) for result, targets in said])
        test = evidence.predictions.values(design.metric, arm)
        estimate = two_way((fitted - test)[:, None]).on_this_test_set()
        gap = Told(estimate.delta, Interval.of(estimate, "this test set"))
        n_rows = float(np.mean([len(result.sheets[FITTED]) for result in results]))
        found.append(Gap(named(arm, design), n_rows, float(fitted.mean()), float(test.mean()), gap))
    return found


def section(found: Sequence[Gap], units: Units) -> model.Section:
    """The gaps as a table."""
    columns = (
        model.Column("arm", "code"),
        model.Column("on training rows", units.column),
        model.Column("on test rows", units.column),
        model.Column(f"gap, {units.word}" if units.word else "gap", "code"),
    )
    rows = tuple((each.arm, each.fitted, each.test, each.gap.difference(units)) for each in found)
    table = model.Table(columns, rows, f"{units.metric}, mean over replicates", searchable=False)
    lead = (
        f"The score on rows the model was fitted to (up to {number(FITTED_ROWS)} of each cell) minus that on the test "
        "rows. The interval is over replicates, on these rows."
    )
    return model.Section(TITLE, (table,), lead)

"""Groups: how a model does on each group of people (or of anything), on the worst of them, and how far they lie apart.

Gaps are figures of fairness as fairlearn computes them: the largest difference between groups, of the metric, of the
share given a class (demographic parity) and of the true and false positive rates (equalised odds; Hardt et al. 2016).
How they are reckoned stands in `disparity`. Groups of few rows are told and enter no gap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.measure.arms import full_arm
from curate.measure.disparity import SELECTED, Rows, figure_change, figure_level, figures, scores_of
from curate.measure.evidence import Evidence
from curate.measure.told import Told, level, plot
from curate.measure.units import Units
from curate.report import model

TITLE = "Groups"
LEAST_OF_CLASS = 5
"""Test rows of each of two classes from which a group's rates of true and false positives are compared."""


@dataclass(frozen=True)
class Group:
    """One group of the test rows.

    Attributes:
        name: the value of the column.
        n_rows: its test rows.
        base: the base's score on them; `full` that with all steps.
        counted: whether it enters worst group and gaps: it has rows enough, near duplicates taken as one, and the
            metric (an area under a curve needs rows of two classes).
    """

    name: str
    n_rows: int
    base: Told
    full: Told
    counted: bool

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {**vars(self), "base": self.base.to_dict(), "full": self.full.to_dict()}

    @property
    def said(self) -> str:
        """Whether it is counted, in words."""
        return "yes" if self.counted else "too few rows" if math.isfinite(self.base.value) else "not to be told"


@dataclass(frozen=True)
class Disparity:
    """A figure over all groups that are counted.

    Attributes:
        name: `worst group`, `gap`, `selection rate difference` or `equalised odds difference`.
        base: of the base; for a gap 0 is best.
        effects: what each step changes in it, and what all of them do.
    """

    name: str
    base: Told
    effects: Mapping[str, Told]

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        effects = {step: effect.to_dict() for step, effect in self.effects.items()}
        return {"name": self.name, "base": self.base.to_dict(), "effects": effects}


@dataclass(frozen=True)
class Groups:
    """The groups of one column, the largest first, and what lies between them; nothing where fewer than two count."""

    column: str
    min_rows: int
    groups: tuple[Group, ...]
    disparities: tuple[Disparity, ...]

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {
            "column": self.column,
            "min_rows": self.min_rows,
            "groups": [group.to_dict() for group in self.groups],
            "disparities": [each.to_dict() for each in self.disparities],
        }


def groups(evidence: Evidence) -> list[Groups]:
    """Every column of the test rows with the role group; rows without a value are of no group."""
    test = evidence.subject.test
    return [_column(evidence, column, test.table().column(column).to_pylist()) for column in test.roles.group]


def _column(evidence: Evidence, column: str, values: list[Any]) -> Groups:
    names = np.array(["" if value is None else str(value) for value in values])
    found = {name: np.flatnonzero(names == name) for name in np.unique(names).tolist() if name}
    found = dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))
    least, clusters = evidence.design.min_group_rows, evidence.clusters
    metric, targets = evidence.design.metric, evidence.predictions.targets
    enough = {
        name: len(np.unique(clusters[rows])) >= least and metric.defined(targets[rows]) for name, rows in found.items()
    }
    counted = [rows for name, rows in found.items() if enough[name]]
    return Groups(
        column,
        least,
        tuple(_group(evidence, name, rows, enough[name]) for name, rows in found.items()),
        tuple(_disparities(evidence, counted)) if len(counted) > 1 else (),
    )


def _group(evidence: Evidence, name: str, rows: NDArray[np.int64], counted: bool) -> Group:
    metric, design, whole = evidence.design.metric, evidence.design, evidence.predictions
    arms = {arm: [each.take(rows) for each in whole.outputs[arm]] for arm in ((), full_arm(design.steps))}
    within = replace(whole, outputs=arms, targets=whole.targets[rows], clusters=whole.clusters[rows])
    base, full = (level(within, metric, arm) for arm in arms)
    return Group(name, len(rows), base, full, counted)


def _disparities(evidence: Evidence, rows: Rows) -> list[Disparity]:
    design, predictions = evidence.design, evidence.predictions
    questions = {each.step: each.effect for each in design.asked}
    questions["all steps"] = {full_arm(design.steps): 1.0, (): -1.0}
    task, targets = evidence.subject.targets, predictions.targets
    two = task.task == "classification" and len(task.names) == 2  # else a row is not given one of two classes
    arms = {(): None} | dict.fromkeys(arm for effect in questions.values() for arm in effect)
    found = []
    for name, figure in figures(design.metric, rows, targets, _of_both(rows, targets) if two else None).items():
        seen = {arm: scores_of(figure, predictions, arm) for arm in arms}
        effects = {step: figure_change(figure, seen, effect) for step, effect in questions.items()}
        found.append(Disparity(name, figure_level(figure, seen[()]), effects))
    return found


def _of_both(rows: Rows, targets: NDArray[Any]) -> Rows:
    """The groups with rows enough of each of two classes."""
    return [at for at in rows if np.bincount(targets[at], minlength=2).min() >= LEAST_OF_CLASS]


def section(found: Sequence[Groups], units: Units) -> model.Section:
    """A table of each column's groups, and of what lies between them."""
    lead = (
        f"Worst group and gaps are over groups of at least {found[0].min_rows} test rows, near duplicates as one. "
        "Smaller ones are told. "
        f"Equalised odds are over those with at least {LEAST_OF_CLASS} rows of each class. "
        "A gap is the largest difference between two groups: 0 is best. As seen it is larger than the true one where "
        "groups are small and alike, and the worst group worse. Intervals are 95 %, on new data of this source; those "
        "of figures over groups hold whichever groups are the worst and the best, and are wide for it."
    )
    return model.Section(TITLE, tuple(block for each in found for block in _blocks(each, units)), lead)


def _blocks(found: Groups, units: Units) -> list[model.Block]:
    columns = (
        model.Column(found.column, "code"),
        model.Column("rows", "number"),
        *(model.Column(name, units.column) for name in (f"base {units.metric}", "from", "to", "all steps")),
        model.Column("counted", "code"),
    )
    rows = tuple((each.name, each.n_rows, *each.base.cells(), each.full.cells()[0], each.said) for each in found.groups)
    blocks: list[model.Block] = [model.Table(columns, rows, f"Groups by {found.column}", searchable=len(rows) > 15)]
    if not found.disparities:
        return [*blocks, model.Note(f"By {found.column} fewer than two groups have rows enough for a gap.", "info")]
    return [*blocks, _table(found, units), *(_plot(found, each, units) for each in found.disparities)]


def _table(found: Groups, units: Units) -> model.Table:
    columns = (
        model.Column("figure", "code"),
        *(model.Column(name, units.column) for name in ("base", "from", "to")),
    )
    rows = tuple((each.name, *each.base.cells()) for each in found.disparities)
    return model.Table(columns, rows, f"The base over the groups by {found.column}", searchable=False)


def _plot(found: Groups, each: Disparity, units: Units) -> model.EffectPlot:
    if each.name not in ("worst group", "gap"):
        units = Units.of(SELECTED, SELECTED.margin(0.0), None)
    better = "" if each.name == "worst group" else " (lower is better)"
    lines = (effect.line(step, units) for step, effect in each.effects.items())
    return plot(lines, f"change{better}", units, f"What each step changes in the {each.name} by {found.column}")

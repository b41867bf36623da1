"""Groups: how a model does on each group of people (or of anything), on the worst of them, and how far they lie apart.

Gaps are figures of fairness as fairlearn computes them: the largest difference between groups, of the metric, of the
share given a class (demographic parity) and of the true and false positive rates (equalised odds; Hardt et al. 2016).
Intervals are paired, from jackknife values. Groups of few rows are told and enter no gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.learn.metrics import Metric, SumsMetric, WeighedMetric
from curate.learn.metrics.base import Weighing, mean_of, with_ones
from curate.learn.outputs import Outputs
from curate.measure.arms import full_arm
from curate.measure.evidence import Evidence
from curate.measure.told import Told, level, plot, told
from curate.measure.units import Units
from curate.report import model

TITLE = "Groups"
LEAST_OF_CLASS = 5
"""Test rows of each of two classes from which a group's rates of true and false positives are compared."""
Rows = Sequence[NDArray[np.int64]]
Floats = NDArray[np.float64]


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
        tuple(_disparities(evidence, counted, column)) if len(counted) > 1 else (),
    )


def _group(evidence: Evidence, name: str, rows: NDArray[np.int64], counted: bool) -> Group:
    metric, design, whole = evidence.design.metric, evidence.design, evidence.predictions
    arms = {arm: [each.take(rows) for each in whole.outputs[arm]] for arm in ((), full_arm(design.steps))}
    within = replace(whole, outputs=arms, targets=whole.targets[rows], clusters=whole.clusters[rows])
    base, full = (level(within, metric, arm) for arm in arms)
    return Group(name, len(rows), base, full, counted)


def _disparities(evidence: Evidence, rows: Rows, column: str) -> list[Disparity]:
    design, predictions = evidence.design, evidence.predictions
    questions = {each.step: each.effect for each in design.asked}
    questions["all steps"] = {full_arm(design.steps): 1.0, (): -1.0}
    found = []
    task = evidence.subject.targets
    names = task.names if task.task == "classification" else []  # else a row is not given just one of them
    both = _of_both(rows, predictions.targets) if len(names) == 2 else ()
    for name, metric in disparity_metrics(design.metric, rows, names, both).items():
        metric = replace(metric, name=f"{name} by {column}")
        effects = {step: told(predictions, metric, effect) for step, effect in questions.items()}
        found.append(Disparity(name, level(predictions, metric, ()), effects))
    return found


def _of_both(rows: Rows, targets: NDArray[Any]) -> Rows:
    """The groups with rows enough of each of two classes."""
    return [at for at in rows if np.bincount(targets[at], minlength=2).min() >= LEAST_OF_CLASS]


def disparity_metrics(
    metric: Metric, rows: Rows, classes: Sequence[str], both: Rows | None = None
) -> dict[str, Metric]:
    """The figures over groups, as metrics of all rows.

    Args:
        metric: whose worst group and gap are asked for.
        rows: the positions of the rows of each group.
        classes: of which a row is given one; with two of them the rates of fairness stand beside.
        both: those groups whose rates of true and false positives are compared, where they are two; None: all.
    """
    worst = np.nanmin if metric.direction == "higher" else np.nanmax
    found: dict[str, Metric] = {
        "worst group": over_groups([metric], rows, lambda values: worst(values[0], axis=0), metric),
        "gap": over_groups([metric], rows, _widest, replace(metric, direction="lower")),
    }
    if len(classes) == 2 and "classification" in metric.tasks:
        found["selection rate difference"] = over_groups([SELECTED], rows, _widest, SELECTED)
        compared = rows if both is None else both
        if len(compared) > 1:
            found["equalised odds difference"] = over_groups([*ODDS], compared, _widest, SELECTED)
    return found


def over_groups(metrics: Sequence[Metric], rows: Rows, figure: Callable[[Floats], Floats], like: Metric) -> Metric:
    """A figure made of metrics of each group, as a metric of all rows.

    Args:
        metrics: m of them.
        rows: the positions of the rows of each group, g of them.
        figure: from values of shape (m, g, b) to shape (b,); a group without weight has NaN.
        like: whose direction and unit it has.
    """

    def weighing(outputs: Outputs, targets: NDArray[Any]) -> Weighing:
        parts = [[metric.under(outputs.take(at), targets[at]) for at in rows] for metric in metrics]

        def under(weights: Floats) -> Floats:
            with np.errstate(invalid="ignore", divide="ignore"):
                values = [[part(weights[at]) for part, at in zip(each, rows, strict=True)] for each in parts]
            return np.asarray(figure(np.array(values)))

        return under

    return WeighedMetric(
        "over groups", like.direction, weighing, unit=like.unit, tasks=like.tasks, reads_texts=like.reads_texts
    )


def _widest(values: Floats) -> Floats:
    """The largest difference between groups, of the metric in which it is largest."""
    return np.asarray((np.nanmax(values, axis=1) - np.nanmin(values, axis=1)).max(axis=0))


def _rate(of: int | None) -> Callable[[Outputs, NDArray[Any]], Floats]:
    """Per row: given the second class, counted among all rows or those that have the class `of`."""

    def statistics(outputs: Outputs, targets: NDArray[Any]) -> Floats:
        given = outputs.values.argmax(axis=1) == 1
        if of is None:
            return with_ones(given)
        return np.column_stack([given & (targets == of), targets == of]).astype(np.float64)

    return statistics


SELECTED = SumsMetric("selection_rate", "lower", _rate(None), mean_of)
ODDS = (
    SumsMetric("true_positive_rate", "lower", _rate(1), mean_of),
    SumsMetric("false_positive_rate", "lower", _rate(0), mean_of),
)


def section(found: Sequence[Groups], units: Units) -> model.Section:
    """A table of each column's groups, and of what lies between them."""
    lead = (
        f"Worst group and gaps are over groups of at least {found[0].min_rows} test rows, near duplicates as one. "
        "Smaller ones are told. "
        f"Equalised odds are over those with at least {LEAST_OF_CLASS} rows of each class. "
        "A gap is the largest difference between two groups: 0 is best. Intervals are 95 %, on new data of this source."
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

"""Out-of-domain sets: every arm is scored on further rows, which no step and no training ever sees.

An effect on another source says whether what a step brings is of this source only. It is told with its interval and its
placebo's, and not judged: one primary metric on one test set has verdicts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curate.data.corpus import Corpus
from curate.measure.arms import full_arm
from curate.measure.design import Design
from curate.measure.estimate import Predictions
from curate.measure.leaks import twins_of
from curate.measure.sheets import View
from curate.measure.told import Told, level, plot, told
from curate.measure.units import Units
from curate.measure.views import OOD
from curate.report import model

TITLE = "Out of domain"


@dataclass(frozen=True)
class OnSet:
    """The arms on a further set of rows.

    Attributes:
        name: what the set is called.
        n_rows: rows that were scored; `n_left_out` those without a target, or with a class that training lacks.
        n_in_training: rows with the same or nearly the same text in training.
        base: the base's score.
        effects: what each step does there, and what all of them do; nothing where these rows do not have the metric.
        placebos: what the placebo of each step does there.
    """

    name: str
    n_rows: int
    n_left_out: int
    n_in_training: int
    base: Told
    effects: Mapping[str, Told]
    placebos: Mapping[str, Told]

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {
            "name": self.name,
            "n_rows": self.n_rows,
            "n_left_out": self.n_left_out,
            "n_in_training": self.n_in_training,
            "base": self.base.to_dict(),
            "effects": {step: effect.to_dict() for step, effect in self.effects.items()},
            "placebos": {step: effect.to_dict() for step, effect in self.placebos.items()},
        }


def on_set(view: View, predictions: Predictions, design: Design, train: Corpus) -> OnSet:
    """Read off what the arms do on a further set."""
    metric, whole = design.metric, {full_arm(design.steps): 1.0, (): -1.0}
    asked = design.asked if metric.defined(predictions.targets) else ()
    effects = {each.step: told(predictions, metric, each.effect) for each in asked}
    placebos = {each.step: told(predictions, metric, each.placebo) for each in asked if each.placebo}
    if asked:
        effects["all steps"] = told(predictions, metric, whole)
    return OnSet(
        view.name.removeprefix(OOD),
        len(view.corpus),
        view.n_left_out,
        int((twins_of(view.corpus, train) != "none").sum()),
        level(predictions, metric, ()),
        effects,
        placebos,
    )


def section(sets: Sequence[OnSet], units: Units, base: float) -> model.Section:
    """The sets as a table of the base's scores, and a plot of what the steps do on each."""
    columns = (
        model.Column("rows", "code"),
        model.Column("number", "number"),
        model.Column("left out", "number"),
        model.Column("also in training", "number"),
        *(model.Column(name, units.column) for name in (f"base {units.metric}", "from", "to")),
    )
    rows = tuple((each.name, each.n_rows, each.n_left_out, each.n_in_training, *each.base.cells()) for each in sets)
    said = f"The base on each set; on the test rows it has {units.level(base)}"
    plots = (
        plot(
            (effect.line(step, units, each.placebos.get(step)) for step, effect in each.effects.items()),
            f"change in {units.metric}",
            units,
            f"What each step does on {each.name}",
        )
        for each in sets
        if each.effects
    )
    lead = (
        "Every arm is scored on these rows, too; no step and no training sees them. Effects are told, not judged. Left "
        "out are rows without a target or with a class that training lacks."
    )
    return model.Section(TITLE, (model.Table(columns, rows, said, searchable=False), *plots), lead)

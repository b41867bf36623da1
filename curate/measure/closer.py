"""Closer looks: what a measurement says of the base and of every arm beyond one number. Told, never judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curate.measure import generalisation, learning_curve, ood, robustness, timing
from curate.measure import groups as by_group
from curate.measure import reliability as calibration
from curate.measure.arms import Applied
from curate.measure.estimate import Predictions
from curate.measure.evidence import Evidence
from curate.measure.sheets import View, at_places, beside
from curate.measure.units import Units
from curate.measure.views import OOD
from curate.report import model


@dataclass(frozen=True)
class Closer:
    """What was looked at; a part that was not asked for, or that the task does not have, is empty.

    Attributes:
        gaps: the generalisation gap of each arm.
        ood: the arms on each out-of-domain set.
        robustness: the arms on changed inputs.
        groups: the groups of each column.
        learning_curve: of the base.
        reliability: of the base and of all steps.
        cost: of the base's model.
    """

    gaps: tuple[generalisation.Gap, ...]
    ood: tuple[ood.OnSet, ...]
    robustness: tuple[robustness.Shaken, ...]
    groups: tuple[by_group.Groups, ...]
    learning_curve: learning_curve.LearningCurve | None
    reliability: tuple[calibration.Reliability, ...]
    cost: timing.Cost

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {
            "gaps": [each.to_dict() for each in self.gaps],
            "ood": [each.to_dict() for each in self.ood],
            "robustness": [each.to_dict() for each in self.robustness],
            "groups": [each.to_dict() for each in self.groups],
            "learning_curve": self.learning_curve and self.learning_curve.to_dict(),
            "reliability": [each.to_dict() for each in self.reliability],
            "cost": self.cost.to_dict(),
        }


def closer_looks(evidence: Evidence) -> Closer:
    """Everything that the cells have predictions for."""
    design, subject = evidence.design, evidence.subject
    changed = [view for view in subject.views if not view.name.startswith(OOD)]
    return Closer(
        gaps=tuple(generalisation.gaps(evidence)),
        ood=tuple(
            ood.on_set(view, on_view(evidence, view), design, subject.train)
            for view in subject.views
            if view.name.startswith(OOD)
        ),
        robustness=tuple(
            each
            for view in changed
            for each in robustness.shaken(view, subject.test, _with_view(evidence, view), design)
        ),
        groups=tuple(by_group.groups(evidence)),
        learning_curve=learning_curve.learning_curve(evidence),
        reliability=tuple(calibration.reliability(evidence)),
        cost=timing.cost(evidence.found[()], len(evidence.examples)),
    )


def _with_view(evidence: Evidence, view: View) -> Predictions:
    """What every arm said of the test rows, or of those in a view, beside what it said of them in the view."""
    before = evidence.predictions if view.places is None else at_places(evidence.predictions, view.places)
    return beside(before, {view.name: evidence.said_on(view)})


def on_view(evidence: Evidence, view: View) -> Predictions:
    """What every arm said of the rows of a view that are not the test rows."""
    said: Mapping[Applied, Any] = evidence.said_on(view)
    return Predictions(said, view.examples.targets, view.clusters, evidence.design.recipe.seed)


def asked(closer: Closer) -> set[str]:
    """The titles of the sections that somebody asked for, by an option or by a column of groups."""
    parts: dict[str, object] = {
        ood.TITLE: closer.ood,
        robustness.TITLE: closer.robustness,
        by_group.TITLE: closer.groups,
        learning_curve.TITLE: closer.learning_curve,
        timing.TITLE: closer.cost.timing,
    }
    return {title for title, part in parts.items() if part}


def sections(closer: Closer, units: Units, base: float) -> list[model.Section]:
    """The parts that there are, as sections of the report; `base` is the base's score on the test rows."""
    found = []
    if closer.ood:
        found.append(ood.section(closer.ood, units, base))
    if closer.robustness:
        found.append(robustness.section(closer.robustness, units))
    if closer.groups:
        found.append(by_group.section(closer.groups, units))
    if closer.learning_curve is not None:
        found.append(learning_curve.section(closer.learning_curve, units))
    if closer.gaps:
        found.append(generalisation.section(closer.gaps, units))
    if closer.reliability:
        found.append(calibration.section(closer.reliability))
    return [*found, timing.section(closer.cost)]

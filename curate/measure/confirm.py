"""A cheap learner first, then a dear one for what it left standing.

A step is measured again where the first learner found that it helps, or could not tell; what it found to have no effect
or to hurt is left. The first learner chooses on the same test rows, so a step that the second one confirms has passed
two tests on them: read it as a check whether the finding carries over, not as fresh evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from curate.core.random import key
from curate.errors import CurateError
from curate.kernels.agreement import Agreement, Effects, agreement
from curate.kernels.twoway import FloatArray
from curate.measure.arms import Question
from curate.measure.design import Design
from curate.measure.evidence import Evidence
from curate.measure.result import finite
from curate.measure.subject import Subject, check_reads
from curate.report import model
from curate.report.display import number, signed

if TYPE_CHECKING:
    from curate.learn.learner import Learner
    from curate.measure.result import Measurement

RULE = "steps that helped, or of which the first learner could not tell"
TITLE = "Measured again"


@dataclass(frozen=True)
class Confirmation:
    """What a second learner found of the steps that the first left standing.

    Attributes:
        rule: which steps were measured again.
        left: those that were not.
        measured: the second measurement.
        agreement: Kendall's tau of the effects by both learners, over the steps that both measured; None where these
            are fewer than two.
    """

    rule: str
    left: tuple[str, ...]
    measured: Measurement
    agreement: Agreement | None

    def to_dict(self) -> dict[str, Any]:
        """The confirmation as in `measure.json`."""
        again = self.measured
        return {
            "rule": self.rule,
            "left": list(self.left),
            "learner": again.facts["learner"],
            "learner_config": again.facts["learner_config"],
            "base": dict(again.base),
            "trusted": again.trusted,
            "steps": [effect.to_dict() for effect in again.steps],
            "aa": again.aa.to_dict(),
            "agreement": None if self.agreement is None else finite(asdict(self.agreement)),
        }


def check_second(learner: Learner, subject: Subject) -> None:
    """What can be known to be wrong with a second learner is said before the first one has begun.

    Raises:
        ColumnError: the rows lack a role that it reads.
        CurateError: it does not do the task.
    """
    learner.check_installed()
    check_reads(learner, subject.train)
    task = subject.targets.task
    if task not in learner.tasks:
        raise CurateError(
            f"the second learner {learner.name!r} does {' and '.join(sorted(learner.tasks))}; the task is {task}",
            hint="another to confirm by: curate ls learners",
        )


def second_design(design: Design, measured: Measurement, learner: Learner) -> Design | None:
    """The design that measures again what the first left standing; None where nothing was."""
    standing = {effect.step for effect in measured.steps if effect.verdict in ("helps", "cannot tell")}
    asked = tuple(question for question in design.asked if question.step in standing)
    plain = replace(design, pairs=(), sweeps=(), learning_curve=False, timed=False)
    return replace(plain, learner=learner, asked=asked) if asked else None


def ranks_alike(first: Evidence, second: Evidence) -> Agreement | None:
    """How alike two learners rank the steps that both measured, on the replicates that both have."""
    asked = second.design.asked
    n_replicates = min(len(first.replicates), len(second.replicates))
    if len(asked) < 2 or n_replicates < 2:
        return None
    _, unit = np.unique(first.clusters, return_inverse=True)
    ways = [_effects(evidence, asked, unit, n_replicates) for evidence in (first, second)]
    generator = np.random.Generator(np.random.Philox(key=key(first.design.recipe.seed, "agreement")))
    return agreement(*ways, n_replicates=n_replicates, n_units=int(unit.max()) + 1, generator=generator)


def _effects(evidence: Evidence, asked: Sequence[Question], unit: Any, n_replicates: int) -> Effects:
    """The effect of each step as a function of how often each replicate and cluster of test rows counts."""
    metric, predictions = evidence.design.metric, evidence.predictions
    statistics = [predictions.statistic(metric, question.effect) for question in asked]

    def effects(replicates: FloatArray, units: FloatArray) -> FloatArray:
        weights = units[:, unit]
        return np.stack([(of(weights)[:, :n_replicates] * replicates).sum(axis=1) for of in statistics], axis=1)

    return effects


def section(found: Confirmation) -> model.Section:
    """What the second learner found, beside the first, and whether they rank the steps alike."""
    again = found.measured
    tones: dict[str, model.Tone] = {"helps": "good", "hurts": "bad", "no effect": "neutral", "cannot tell": "warning"}

    units = again.units
    lines = tuple(
        model.EffectLine(
            effect.step,
            units.drawn(effect.delta, effect.interval),
            None if effect.placebo_delta is None else units.drawn(effect.placebo_delta, effect.placebo_interval),
            effect.verdict,
            tones[effect.verdict],
            f"p = {effect.p_adjusted:.2g}",
        )
        for effect in again.steps
    )
    plot = units.plot(lines, f"change in {again.metric}")
    lead = f"The learner {again.facts['learner']} measured again the {found.rule}."
    if found.left:
        lead += f" Left as they were: {', '.join(found.left)}."
    return model.Section(TITLE, (plot, *_notes(found)), lead)


def _notes(found: Confirmation) -> list[model.Note]:
    again, ranks = found.measured, found.agreement
    notes = [] if again.trusted else [model.Note("Its A/A arm differs from its base: not to be trusted.", "bad")]
    if ranks is None:
        said = f"{number(len(again.steps))} step measured by both: no ranks to compare."
    elif ranks.tau is None:
        said = "One of the two learners ranks no step before another: no ranks to compare."
    else:
        said = (
            f"Rank agreement with the first learner: Kendall's tau {signed(ranks.tau)} "
            f"[{signed(ranks.low)}, {signed(ranks.high)}] over {number(ranks.n)} steps."
        )
    return [*notes, model.Note(said, "info")]

"""A cheap learner first, then a dear one for what it left standing.

A step is measured again where the first learner found that it helps, or could not tell; what it found to have no effect
or to hurt is left. The first learner chooses on the same test rows, so a step that the second one confirms has passed
two tests on them: read it as a check whether the finding carries over, not as fresh evidence.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from curate.errors import CurateError
from curate.kernels.agreement import tau_b
from curate.measure.design import Design
from curate.measure.subject import Subject, check_reads
from curate.report import model
from curate.report.display import number, signed

if TYPE_CHECKING:
    from curate.learn.learner import Learner
    from curate.measure.result import Measurement

RULE = "steps that helped, or of which the first learner could not tell"
TITLE = "Measured again"
NOISY = (
    "The noise of both measurements lowers it, the more the closer the effects lie for their intervals: "
    "a low tau does not say that the learners differ."
)


@dataclass(frozen=True)
class Agreement:
    """How alike two learners rank the steps that both measured.

    Attributes:
        tau: Kendall's tau-b of the effects as they were seen, in [-1, 1]; None where one learner ranks none before
            another. Noise lowers it, and what it would be without is not known, so it has no interval.
        n: steps ranked.
    """

    tau: float | None
    n: int


@dataclass(frozen=True)
class Confirmation:
    """What a second learner found of the steps that the first left standing.

    Attributes:
        rule: which steps were measured again.
        left: those that were not.
        measured: the second measurement.
        agreement: of the effects by both learners, over the steps that both measured; None where these are fewer than
            two.
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
            "agreement": None if self.agreement is None else asdict(self.agreement),
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


def ranks_alike(first: Measurement, second: Measurement) -> Agreement | None:
    """How alike two learners rank the steps that both measured, as the effects were seen."""
    before = {effect.step: effect.delta for effect in first.steps}
    after = {effect.step: effect.delta for effect in second.steps if effect.step in before}
    if len(after) < 2:
        return None
    return Agreement(tau_b([before[step] for step in after], list(after.values())), len(after))


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
            f"Rank agreement with the first learner, as seen: Kendall's tau {signed(ranks.tau)} over {number(ranks.n)} "
            f"steps. {NOISY}"
        )
    return [*notes, model.Note(said, "info")]

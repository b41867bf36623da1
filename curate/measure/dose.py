"""Dose and response, read: the effect of a step at each value of a setting, and the value that validation rows choose.

The choice looks at the validation rows of each replicate, which stand in training and are never test rows; so the
effect of the chosen value on the test rows is that of a choice that has not seen them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.measure.arms import Applied
from curate.measure.estimate import DUST
from curate.measure.evidence import Evidence
from curate.measure.reader import Reader
from curate.measure.result import Effect
from curate.measure.sweep import Sweep
from curate.measure.units import Units
from curate.report import model
from curate.report.display import NOTHING, interval

VALIDATION = "validation"
"""The sheet of validation rows that arms predict where settings are swept."""


@dataclass(frozen=True)
class Dose:
    """A step at one value of a setting.

    Attributes:
        value: as in a recipe.
        effect: on the test rows, judged over the values of the sweep (Holm).
        validation: the metric on the validation rows, mean over replicates; None where there are none.
        best_in: in how many replicates no other value, nor leaving the step out, does better there.
        tied_in: in how many of these another value, or leaving the step out, does as well.
        chosen: whether the validation rows choose it.
        tied: whether it does there as well as what they choose, over all replicates, and is not it.
    """

    value: Any
    effect: Effect
    validation: float | None
    best_in: int
    tied_in: int
    chosen: bool
    tied: bool

    def to_dict(self) -> dict[str, Any]:
        """The dose as in `measure.json`."""
        return {**vars(self), "effect": self.effect.to_dict()}


@dataclass(frozen=True)
class Swept:
    """What a sweep found.

    Attributes:
        step: the step.
        setting: its setting.
        current: the value in the recipe.
        doses: one for each value.
        without: the metric on the validation rows without the step.
    """

    step: str
    setting: str
    current: Any
    doses: tuple[Dose, ...]
    without: float | None

    @property
    def chosen(self) -> Dose | None:
        """The dose that validation rows choose; None: leaving the step out does at least as well, or there are none."""
        return next((dose for dose in self.doses if dose.chosen), None)

    def to_dict(self) -> dict[str, Any]:
        """The sweep as in `measure.json`."""
        return {**vars(self), "doses": [dose.to_dict() for dose in self.doses]}


def swept(evidence: Evidence, reader: Reader, sweep: Sweep) -> Swept:
    """The effects of a sweep, and its choice."""
    effects = reader.family(sweep.asked)
    arms = [sweep.without, *(sweep.arm(number) for number in range(len(sweep.values)))]
    scores = _scores(evidence, arms)
    if scores is None:
        doses = [
            Dose(value, effect, None, 0, 0, chosen=False, tied=False)
            for value, effect in zip(sweep.values, effects, strict=True)
        ]
        return Swept(sweep.step, sweep.setting, sweep.current, tuple(doses), None)
    better, means = scores if evidence.design.metric.direction == "higher" else -scores, scores.mean(axis=1).tolist()
    first = better >= better.max(axis=0) - DUST
    best_in, tied_in = first.sum(axis=1).tolist(), (first & (first.sum(axis=0) > 1)).sum(axis=1).tolist()
    alike = better.mean(axis=1) >= better.mean(axis=1).max() - DUST
    best = int(alike.argmax())
    doses = [
        Dose(value, effect, means[at], best_in[at], tied_in[at], chosen=best == at, tied=bool(alike[at]) and best != at)
        for at, (value, effect) in enumerate(zip(sweep.values, effects, strict=True), start=1)
    ]
    return Swept(sweep.step, sweep.setting, sweep.current, tuple(doses), means[0])


def _scores(evidence: Evidence, arms: Sequence[Applied]) -> NDArray[np.float64] | None:
    """The metric on the validation rows of each replicate, shape (len(arms), R)."""
    metric, targets = evidence.design.metric, evidence.validation
    if not all(len(part) for part in targets):
        return None
    return np.array(
        [
            [
                metric.value(result.sheets[VALIDATION], part)
                for result, part in zip(evidence.found[arm], targets, strict=True)
            ]
            for arm in arms
        ]
    )


def section(found: Swept, units: Units) -> model.Section:
    """A sweep: the effects on one axis, and which value the validation rows choose."""
    tones: dict[str, model.Tone] = {"helps": "good", "hurts": "bad", "no effect": "neutral", "cannot tell": "warning"}
    lines = []
    for dose in found.doses:
        effect = dose.effect
        beside = None if effect.placebo_delta is None else units.drawn(effect.placebo_delta, effect.placebo_interval)
        lines.append(
            model.EffectLine(
                f"{found.setting}={dose.value}",
                units.drawn(effect.delta, effect.interval),
                beside,
                effect.verdict,
                tones[effect.verdict],
                f"p = {effect.p_adjusted:.2g} · MDE {units.signed(effect.mde).lstrip('+')}",
            )
        )
    plot = units.plot(lines, f"change in {units.metric}")
    lead = (
        "One arm for each value, beside the placebo of the step at that value; p is adjusted over the values (Holm). "
        "To take the value that looks best here would be tuning on the test rows: they would then promise more than "
        "comes true. The validation rows of the replicates choose instead."
    )
    return model.Section(f"{found.step} by {found.setting}", (plot, _choice(found, units), _table(found, units)), lead)


def _choice(found: Swept, units: Units) -> model.Note:
    """The value that validation rows choose, and what it is worth on test rows."""
    if found.without is None:
        return model.Note("Too few rows for validation, so nothing chooses among the values.", "warning")
    dose, ties = found.chosen, _ties(found)
    if dose is None:
        said = f"as good: {ties} there" if ties else "better"
        return model.Note(f"Validation rows choose none: without the step the score there is {said}.", "info")
    effect = dose.effect
    drawn = interval(units.drawn(effect.delta, effect.interval), units.decimals)
    replicates = f"in {dose.best_in} of {effect.n_replicates} replicates by itself"
    same = " (as in the recipe)" if dose.value == found.current else ""
    first = f" {ties} there: the first of them is taken." if ties else ""
    return model.Note(
        f"Validation rows choose {found.setting}={dose.value}{same}, {replicates}.{first} "
        f"On test rows it does {f'{drawn} {units.word}'.rstrip()}: {effect.verdict}.",
        tone="good" if effect.verdict == "helps" else "info",
    )


def _ties(found: Swept) -> str:
    """The values that do as well on validation rows as what is chosen, in words; empty where none does."""
    *values, last = [str(dose.value) for dose in found.doses if dose.tied] or [""]
    if values:
        return f"{', '.join(values)} and {last} do as well"
    return f"{last} does as well" if last else ""


def _table(found: Swept, units: Units) -> model.Table:
    def level(value: float | None) -> str:
        return NOTHING if value is None else units.level(value)

    columns = (
        model.Column(found.setting, "code"),
        model.Column("on validation rows", "text"),
        model.Column("best in", "number"),
        model.Column("of these tied", "number"),
        model.Column("rows touched", "number"),
    )
    rows: list[tuple[model.Cell, ...]] = [("without the step", level(found.without), None, None, None)]
    rows += [
        (
            f"{dose.value}{' ←' if dose.chosen else ''}",
            level(dose.validation),
            dose.best_in,
            dose.tied_in,
            round(dose.effect.rows),
        )
        for dose in found.doses
    ]
    caption = (
        "← chosen by validation rows; best in: replicates in which nothing does better; tied: others do as well in them"
    )
    return model.Table(columns, tuple(rows), caption, searchable=False, sortable=False)

"""What a measurement says: the effect of each step with its interval, its placebo beside it, and whether the tool can
be trusted here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from curate.measure.apart import Apart
from curate.measure.units import Units
from curate.measure.verdict import Interval, Standing, Verdict

if TYPE_CHECKING:
    from curate.measure.closer import Closer
    from curate.measure.confirm import Confirmation
    from curate.measure.confusion import Confusion
    from curate.measure.curves import Curves
    from curate.measure.dose import Swept
    from curate.measure.interaction import Interaction
    from curate.measure.slices import Part
    from curate.report.model import Report

SCHEMA = "curate.measure/1"


@dataclass(frozen=True)
class Effect:
    """What a step does to the model. Never a lone number.

    Attributes:
        step: the step; `all steps` for the whole recipe, `A/A` for the base trained again.
        metric: the primary metric.
        delta: mean difference, in units of the metric (accuracy: a share).
        interval: on new data of this source.
        on_test_set: on exactly these test rows.
        p_value: of this step by itself, two-sided.
        p_adjusted: by Holm over the steps.
        placebo_delta: what the same amount of nothing does; None where there is no placebo.
        placebo_interval: its interval.
        verdict: helps, hurts, no effect (beyond ±margin), cannot tell.
        reason: why, where the verdict does not say it all.
        standing: none below 5 replicates, exploratory below 10, else report.
        mde: the smallest effect this measurement would have found with 80 % power.
        resolve: what would give a verdict, were the effect what was seen: replicates or test rows in all; None: that
            alone does not.
        n_replicates: replicates behind it.
        rows: rows the step touched in the arms that hold it, after the steps before it there; mean over replicates, and
            over arms as their effect weighs them.
        seconds: time the step took there.
        others: the difference in every other metric, without a verdict.
    """

    step: str
    metric: str
    delta: float
    interval: Interval
    on_test_set: Interval
    p_value: float
    p_adjusted: float
    placebo_delta: float | None
    placebo_interval: Interval | None
    verdict: Verdict
    reason: str
    standing: Standing
    mde: float
    resolve: Mapping[str, int | None]
    n_replicates: int
    rows: float = 0.0
    seconds: float = 0.0
    others: Mapping[str, float] = field(default_factory=dict)

    @property
    def _is_signed(self) -> bool:
        """Whether the interval leaves no doubt on which side of 0 the effect lies; else it has no price."""
        return not self.interval.low <= 0 <= self.interval.high

    @property
    def per_1000_rows(self) -> float | None:
        """The effect by a thousand rows that the step touched; None where it touched none or the interval holds 0."""
        return self.delta / self.rows * 1000 if self.rows and self._is_signed else None

    @property
    def per_second(self) -> float | None:
        """The effect by a second that the step took; None where no time was seen or the interval holds 0."""
        return self.delta / self.seconds if self.seconds and self._is_signed else None

    def to_dict(self) -> dict[str, Any]:
        """The effect as in `measure.json`; an unbounded or unknown figure is null."""
        plain = {**asdict(self), "per_1000_rows": self.per_1000_rows, "per_second": self.per_second}
        for name in ("interval", "on_test_set", "placebo_interval"):
            given = plain.pop(name)
            plain[name] = None if given is None else given.model_dump()
        return finite(
            {
                "step": plain.pop("step"),
                "metric": plain.pop("metric"),
                "delta": plain.pop("delta"),
                "low": self.interval.low,
                "high": self.interval.high,
                **plain,
            }
        )


@dataclass(frozen=True, repr=False)
class Measurement:
    """The result of `measure`.

    Attributes:
        metric: the primary metric; `direction` says which way is better.
        steps: one effect per step, in the order of the recipe.
        full: the whole recipe against the base.
        aa: the base trained again against the base: what the method sees where there is nothing.
        base: every metric of the base, mean over replicates; `base_sd` its standard deviation over replicates.
        trusted: False where the A/A arm shows a significant difference.
        units: how values of the metric read.
        looks: different measurements made on this test set so far; None: not counted, as no store is kept.
        facts: how it was measured, as plain values.
        notes: what a reader must know (a test set split off, leaked rows, …).
        recipe_yaml: what was measured.
        apart: the base's score on test rows that stand in training, and on those that do not.
        confusion: which classes are taken for which; None where a row has not just one class.
        interactions: of pairs of steps.
        sweeps: steps at several values of a setting.
        slices: the effect of each step on parts of the test rows.
        confirmation: what a second learner found of the steps that the first left standing.
        closer: the base and every arm beyond one number.
        curves: how the base was trained; None for a learner that does not train in steps.
    """

    metric: str
    direction: str
    margin: float
    steps: tuple[Effect, ...]
    full: Effect
    aa: Effect
    base: Mapping[str, float]
    base_sd: Mapping[str, float]
    full_metrics: Mapping[str, float]
    trusted: bool
    looks: int | None
    units: Units
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    recipe_yaml: str = ""
    apart: tuple[Apart, ...] = ()
    confusion: Confusion | None = None
    interactions: tuple[Interaction, ...] = ()
    sweeps: tuple[Swept, ...] = ()
    slices: tuple[Part, ...] = ()
    confirmation: Confirmation | None = None
    closer: Closer | None = None
    curves: Curves | None = None

    def __repr__(self) -> str:
        steps = (
            f"{e.step}: {e.delta:+.4f} [{e.interval.low:+.4f}, {e.interval.high:+.4f}] {e.verdict}" for e in self.steps
        )
        return f"Measurement({self.metric} {self.base[self.metric]:.4f}; {'; '.join(steps)})"

    def to_dict(self) -> dict[str, Any]:
        """The measurement as `measure.json` holds it."""
        return finite(
            {
                "schema": SCHEMA,
                "metric": self.metric,
                "direction": self.direction,
                "unit": self.units.word,
                "margin": self.margin,
                "trusted": self.trusted,
                "looks": self.looks,
                "base": dict(self.base),
                "base_sd": dict(self.base_sd),
                "full": {**self.full.to_dict(), "metrics": dict(self.full_metrics)},
                "aa": self.aa.to_dict(),
                "steps": [effect.to_dict() for effect in self.steps],
                "apart": [part.to_dict() for part in self.apart],
                "confusion": [] if self.confusion is None else self.confusion.to_dict(),
                "interactions": [each.to_dict() for each in self.interactions],
                "sweeps": [each.to_dict() for each in self.sweeps],
                "slices": [part.to_dict() for part in self.slices],
                "confirmation": None if self.confirmation is None else self.confirmation.to_dict(),
                "closer": self.closer and self.closer.to_dict(),
                "training": self.curves and self.curves.to_dict(),
                "facts": dict(self.facts),
                "notes": list(self.notes),
            }
        )

    def report(self) -> Report:
        """The measurement as a report."""
        from curate.measure.page import page

        return page(self)


def finite(value: Any) -> Any:
    """Plain values as JSON can hold them: null for a figure that is not finite."""
    if isinstance(value, dict):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

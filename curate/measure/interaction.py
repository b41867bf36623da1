"""Interactions: what two steps do together beyond what each does by itself.

The contrast is {both} − {first} − {second} + {}. It has no placebo, and the amounts of the steps do not go out of it:
what two steps both drop is dropped once, and the fewer rows are left, the more it costs to drop a further share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from curate.measure.result import Effect, finite
from curate.measure.units import Units
from curate.measure.verdict import Interval
from curate.report import model

Together = Literal["interact", "no interaction", "cannot tell"]
TITLE = "Steps together"
TONES: dict[Together, model.Tone] = {"interact": "info", "no interaction": "neutral", "cannot tell": "warning"}


@dataclass(frozen=True)
class Interaction:
    """What two steps do together beyond what each does alone.

    Attributes:
        steps: their names, joined by ×.
        delta: in units of the metric; above 0, together they bring more (of a metric where higher is better) than the
            sum of what each brings.
        interval: of it.
        p_value: by itself, two-sided; `p_adjusted` by Holm over the pairs.
        verdict: interact, no interaction (beyond ±margin), cannot tell.
        mde: the smallest interaction that would have been found with 80 % power.
        reason: why, where the verdict does not say it all.
    """

    steps: str
    delta: float
    interval: Interval
    p_value: float
    p_adjusted: float
    verdict: Together
    mde: float
    reason: str

    @classmethod
    def of(cls, effect: Effect) -> Interaction:
        """The interaction that an effect of such a contrast is."""
        said: dict[str, Together] = {"no effect": "no interaction", "cannot tell": "cannot tell"}
        verdict = said.get(effect.verdict, "interact")
        return cls(
            effect.step,
            effect.delta,
            effect.interval,
            effect.p_value,
            effect.p_adjusted,
            verdict,
            effect.mde,
            effect.reason,
        )

    def to_dict(self) -> dict[str, Any]:
        """The interaction as in `measure.json`."""
        plain: dict[str, Any] = finite({**asdict(self), "interval": self.interval.model_dump()})
        return plain


def section(found: Sequence[Interaction], units: Units, *, higher: bool) -> model.Section:
    """The interactions on one axis."""
    lines = tuple(
        model.EffectLine(
            each.steps,
            units.drawn(each.delta, each.interval),
            verdict=each.verdict,
            tone=TONES[each.verdict],
            note=f"p = {each.p_adjusted:.2g} · MDE {units.signed(each.mde).lstrip('+')}",
        )
        for each in found
    )
    better = "more" if higher else "less"
    lead = (
        f"Both steps minus each alone: above 0 the metric is higher with both than the two effects add up to, that is "
        f"{better} than the sum of its parts; 0 means that they add up. p is adjusted over the pairs (Holm). "
        "No placebo stands beside: steps that drop or add many rows interact by their amounts alone, as they overlap, "
        "and as a row counts for more where fewer are left."
    )
    why = [
        model.Note(f"{each.steps}: {each.verdict}, {each.reason}.", TONES[each.verdict])
        for each in found
        if each.reason and each.verdict != "cannot tell"
    ]
    return model.Section(TITLE, (units.plot(lines, "interaction"), *why), lead)

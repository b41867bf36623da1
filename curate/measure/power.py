"""What a measurement could have found, and what a larger one would take to find a smaller effect.

Under the rule of `verdict`: an effect has to show against the base and against the placebo, and Holm's correction may
ask `alpha` divided by all steps of it. So these figures hold whatever the other steps do.
"""

from __future__ import annotations

from collections.abc import Sequence

from curate.kernels.intervals import Estimate
from curate.kernels.plan import Needed, needed
from curate.kernels.twoway import TwoWay
from curate.measure.verdict import room

POWER = 0.8


def detectable(contrasts: Sequence[Estimate], n_judged: int, alpha: float) -> float:
    """The smallest effect that would have been found with 80 % power.

    Args:
        contrasts: what the effect has to beat: over the base, and over the placebo where there is one.
        n_judged: the steps judged together.
        alpha: the level left for this look, in (0, 1).

    Example:
        >>> one = Estimate(0.0, 0.01, 9)
        >>> round(detectable([one], 1, 0.05), 4), round(detectable([one, one], 3, 0.05), 4)
        (0.0315, 0.0432)
    """
    power = _power_of_each(len(contrasts))
    return max(each.detectable(alpha / n_judged, power) for each in contrasts)


def resolving(
    contrasts: Sequence[TwoWay], *, margin: float, resolution: float, higher: bool, n_judged: int, alpha: float
) -> Needed:
    """The smallest larger designs that would give a verdict with 80 % power, were the effect what was seen.

    Args:
        contrasts: what was seen over the base, and over the placebo where there is one.
        margin: the difference that does not matter, above 0, in units of the metric.
        resolution: the smallest share that the test rows seen can bound; 0 where the metric is no share.
        higher: whether higher is better.
        n_judged: the steps judged together.
        alpha: the level left for a look, in (0, 1).
    """
    level, sign, n_seen = alpha / n_judged, 1.0 if higher else -1.0, contrasts[0].n_units

    def would_tell(layouts: Sequence[TwoWay]) -> bool:
        base, *_ = estimates = [each.on_new_data() for each in layouts]
        within = room(margin, resolution * n_seen / layouts[0].n_units)
        if within and base.bounded(level, _power_of_each(2)) <= within:
            return True
        gain, power = sign * base.delta, _power_of_each(len(estimates))
        if gain > 0:
            return all(each.detectable(level, power) <= sign * each.delta for each in estimates)
        return gain < 0 and base.detectable(level, POWER) <= -gain

    return needed(contrasts, would_tell)


def _power_of_each(n_contrasts: int) -> float:
    """The power in each of several contrasts with which all of them show with `POWER` at least (Bonferroni)."""
    return 1 - (1 - POWER) / n_contrasts

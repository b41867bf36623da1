"""What a measurement could have found, and what a larger one would take to find a smaller effect.

Under the rule of `verdict`: an effect has to show against the base and against the placebo, and Holm's correction may
ask `alpha` divided by all steps of it. So these figures hold whatever the other steps do.
"""

from __future__ import annotations

from collections.abc import Sequence

from curate.kernels.intervals import Estimate
from curate.kernels.plan import Needed, needed
from curate.kernels.twoway import TwoWay

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


def resolving(contrasts: Sequence[TwoWay], target: float, n_judged: int, alpha: float) -> Needed:
    """The smallest design that would find the target in every contrast, changing one thing.

    Args:
        contrasts: what was seen over the base, and over the placebo where there is one.
        target: the effect to be found, above 0, in units of the metric.
        n_judged: the steps judged together.
        alpha: the level left for a look, in (0, 1).
    """
    power = _power_of_each(len(contrasts))
    plans = [needed(each, target, alpha=alpha / n_judged, power=power) for each in contrasts]
    return Needed(_most([plan.n_replicates for plan in plans]), _most([plan.n_rows for plan in plans]))


def _power_of_each(n_contrasts: int) -> float:
    """The power in each of several contrasts with which all of them show with `POWER` at least (Bonferroni)."""
    return 1 - (1 - POWER) / n_contrasts


def _most(sizes: Sequence[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return max(known) if len(known) == len(sizes) else None

"""From estimates to verdicts: helps, hurts, no effect, cannot tell.

Stands between the estimates of `kernels` (`twoway`, `jackknife`) and the table of `measure`; pure functions, no data.
A step is credited only where it beats the base *and* its placebo: an intersection-union test (Berger 1982), so the two
contrasts of a step cost no correction between them; Holm corrects over the steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from curate.kernels.intervals import Estimate
from curate.kernels.multiplicity import holm

Scope = Literal["this test set", "new data of this source"]
Verdict = Literal["helps", "hurts", "no effect", "cannot tell"]
Standing = Literal["none", "exploratory", "report"]

EXPLORATORY = 5  # replicates below which nothing is said
REPORT = 10  # replicates from which a verdict is more than exploratory
ALPHA = 0.05
_OF_FEW = 2 / 3  # of the rule of three: by two events the exact limit of a count lies above the normal one


class Interval(BaseModel):
    """An interval with its level and what it speaks of; unbounded ends are infinite (null in JSON).

    Args:
        low: lower end, in units of the metric.
        high: upper end.
        level: coverage it promises, in (0, 1).
        scope: "this test set" holds the test rows fixed; "new data of this source" lets them vary too.

    Example:
        >>> Interval.of(Estimate(delta=0.0, se=0.0, df=9), "this test set")
        Interval(low=0.0, high=0.0, level=0.95, scope='this test set')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float
    high: float
    level: float = 0.95
    scope: Scope = "new data of this source"

    @classmethod
    def of(cls, estimate: Estimate, scope: Scope = "new data of this source", level: float = 0.95) -> Interval:
        """The interval of an estimate; `scope` says which of the two the estimate was made for."""
        low, high = estimate.interval(level)
        return cls(low=low, high=high, level=level, scope=scope)


@dataclass(frozen=True, slots=True)
class Contrast:
    """What was estimated of one step: its arm minus the base, and its arm minus its placebo where it has one.

    Args:
        over_base: the first.
        over_placebo: the second; None: it has no placebo.
        resolution: the smallest share that the test rows can bound: 3 divided by their families, as no event in n says
            that its share is below 3/n (the rule of three, Hanley & Lippman-Hand 1983). 0: known to be equal, or a
            metric that is no share.
    """

    over_base: Estimate
    over_placebo: Estimate | None = None
    resolution: float = 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one step and why.

    Args:
        verdict: one of the four.
        reason: one clause in words; empty where the verdict says it all.
        standing: "none" below 5 replicates, "exploratory" below 10, else "report".
        p_value: of the step's effect by itself, in [0, 1]; the larger of its two contrasts where credit is at stake.
        p_adjusted: the same, by Holm over the steps.
        p_equivalence: of "the effect is beyond the margin", by Holm over the steps; 1 where no margin is set.
    """

    verdict: Verdict
    reason: str
    standing: Standing
    p_value: float
    p_adjusted: float
    p_equivalence: float


def standing(n_replicates: int) -> Standing:
    """How much a number of replicates can carry.

    Example:
        >>> [standing(n) for n in (4, 5, 10)]
        ['none', 'exploratory', 'report']
    """
    if n_replicates < EXPLORATORY:
        return "none"
    return "exploratory" if n_replicates < REPORT else "report"


def judge(
    contrasts: Sequence[Contrast],
    *,
    n_replicates: int,
    higher_is_better: bool = True,
    margin: float | None = 0.005,
    alpha: float = 0.05,
) -> list[Judgement]:
    """Judge the steps of one recipe together, on one metric.

    The rule, in this order; "significant" is by Holm over the steps, at `alpha`:

    1. Fewer than 5 replicates: cannot tell.
    2. Better than base and better than its placebo, both significant: helps. A step without a placebo (the full
       recipe, the A/A arm) needs the first only.
    3. Worse than base, significant: hurts. The placebo is not asked: a step that costs accuracy costs it, whether by
       its content or by its amount; where the placebo costs as much, the reason says so.
    4. Within ±margin of base by two one-sided tests, and test rows enough to see a share as small as the margin: no
       effect. Where few rows change sides their number is no normal variable: its exact upper limit (Garwood 1936) lies
       about two events above the normal one, and the margin is taken smaller by so much.
    5. Else: cannot tell. Where it beats the base but not the placebo, the reason is "not beyond its placebo".

    A true effect smaller than the margin that is found is a verdict by 2 or 3, and the reason says it is small.

    Args:
        contrasts: one per step, in units of the metric.
        n_replicates: replicates behind every estimate.
        higher_is_better: False for log loss and its like.
        margin: the difference that does not matter, above 0, in units of the metric (0.005 = half a point of
            accuracy); None: equivalence is never claimed.
        alpha: the level left for this look, in (0, 1).

    Returns:
        One judgement per contrast, in their order.

    Example:
        >>> better = Estimate(delta=0.03, se=0.004, df=9)
        >>> [one] = judge([Contrast(better, over_placebo=Estimate(0.001, 0.004, 9))], n_replicates=10)
        >>> one.verdict, one.reason
        ('cannot tell', 'better than base, but not beyond its placebo')
    """
    sign = 1.0 if higher_is_better else -1.0
    p_values = [_p_value(contrast, sign) for contrast in contrasts]
    p_equivalent = [_p_equivalence(contrast, margin) for contrast in contrasts]
    p_base = [contrast.over_base.p_value() for contrast in contrasts]
    adjusted = zip(*(holm(np.array(p)).tolist() for p in (p_values, p_equivalent, p_base)), strict=True)
    judgements = []
    for contrast, p_value, (p_adjusted, p_equivalence, p_over_base) in zip(contrasts, p_values, adjusted, strict=True):
        seen = _Seen(p_adjusted <= alpha, p_equivalence <= alpha, p_over_base <= alpha)
        verdict, reason = _outcome(contrast, seen, sign, alpha, margin)
        if verdict == "cannot tell" and margin is not None and contrast.resolution > margin:
            reason = f"{reason}; the verdict no effect takes {math.ceil(3 / margin):,} test rows"
        if n_replicates < EXPLORATORY:
            verdict, reason = "cannot tell", f"{n_replicates} replicates; a verdict needs {EXPLORATORY}"
        judgements.append(Judgement(verdict, reason, standing(n_replicates), p_value, p_adjusted, p_equivalence))
    return judgements


def room(margin: float, resolution: float) -> float:
    """What two one-sided tests may ask of the margin where test rows are few; 0: no test could pass.

    Args:
        margin: the difference that does not matter.
        resolution: the smallest share that the test rows can bound.
    """
    return 0.0 if resolution > margin else margin - _OF_FEW * resolution


def _p_equivalence(contrast: Contrast, margin: float | None) -> float:
    left = 0.0 if margin is None else room(margin, contrast.resolution)
    return contrast.over_base.p_equivalence(left) if left else 1.0


class _Seen(NamedTuple):
    """What is significant of one step after Holm."""

    effect: bool
    equivalence: bool
    over_base: bool


def _p_value(contrast: Contrast, sign: float) -> float:
    """One p-value per step: credit has to pass both contrasts, harm only the one over base."""
    base, placebo = contrast.over_base, contrast.over_placebo
    if placebo is None or sign * base.delta <= 0:
        return base.p_value()
    return max(base.p_value(), placebo.p_value()) if sign * placebo.delta > 0 else 1.0


def _outcome(contrast: Contrast, seen: _Seen, sign: float, alpha: float, margin: float | None) -> tuple[Verdict, str]:
    """Verdict and reason where there are replicates enough."""
    better = sign * contrast.over_base.delta > 0
    small = ["by less than the margin"] if seen.equivalence else []
    if seen.effect and better:
        return "helps", "".join(small)
    if seen.effect:
        return "hurts", "; ".join(small + _amount(contrast.over_placebo, sign, alpha))
    if seen.equivalence:
        return "no effect", ""
    if seen.over_base and better:
        return "cannot tell", "better than base, but not beyond its placebo"
    return "cannot tell", _untold(contrast, alpha, margin)


def _amount(over_placebo: Estimate | None, sign: float, alpha: float) -> list[str]:
    """Of a step that hurts: what its placebo says."""
    if over_placebo is None:
        return []
    if over_placebo.p_value() > alpha:
        return ["not beyond its placebo: it may be the amount, not the content"]
    if sign * over_placebo.delta < 0:
        return []
    return ["its placebo hurts more: the amount hurts, the content makes up for some of it"]


def _untold(contrast: Contrast, alpha: float, margin: float | None) -> str:
    """Why neither an effect nor its absence could be told."""
    p_value = contrast.over_base.p_value()
    if p_value <= alpha:
        return "differs from base by itself, but not once all steps are counted"
    if p_value <= ALPHA:
        spent = f"{100 * alpha:.2g} %"
        return f"differs from base at {100 * ALPHA:g} %, but this look, one of several, may spend only {spent}"
    if margin is not None and contrast.over_base.p_equivalence(margin) <= alpha:
        if _p_equivalence(contrast, margin) <= alpha:
            return "within the margin by itself, but not once all steps are counted"
        return "the test rows are too few to say how many answers would change"
    return "the interval holds both no effect and one that matters"

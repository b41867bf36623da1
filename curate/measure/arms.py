"""Arms: which versions of the training rows are compared. An arm is the sequence of steps it applies, each real or as
its placebo.

The base applies none. Arms are named by what they apply, so attributions that need the same arm share it. Whatever is
asked is a contrast, {arm: coefficient}, whose coefficients sum to 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from curate.kernels.attribution import alone, leave_one_out, shapley

Attribution = Literal["alone", "leave-one-out", "shapley"]
Applied = tuple[tuple[str, bool], ...]
"""The steps of an arm in order, each with whether it is only its placebo."""
Weights = Mapping[Applied, float]
"""A contrast: the coefficient of each arm."""

AGAIN: Applied = (("A/A", False),)
"""The A/A arm: the base, trained again with another initialisation and batch order."""

EXACT_SHAPLEY = 4
"""Up to this many steps Shapley values are exact; above it they are sampled."""
N_ORDERS = 8


@dataclass(frozen=True)
class Question:
    """What is asked: a contrast, the same of the placebo where there is one, and the contrast between the two.

    Attributes:
        step: the step, or what else the contrast is of.
        effect: the coefficient of each arm; with the step minus without it.
        placebo: the same with the placebo in the step's place; None where nothing could be one.
    """

    step: str
    effect: Weights
    placebo: Weights | None = None

    @property
    def beyond(self) -> dict[Applied, float]:
        """The effect minus the placebo's."""
        total: dict[Applied, float] = dict(self.effect)
        for arm, weight in (self.placebo or {}).items():
            total[arm] = total.get(arm, 0.0) - weight
        return {arm: weight for arm, weight in total.items() if weight}

    def arms(self) -> list[Applied]:
        """The arms that it needs."""
        return list(dict.fromkeys([*self.effect, *(self.placebo or ())]))


def questions(
    steps: Sequence[str], attribution: Attribution, orders: Sequence[Sequence[int]] | None = None
) -> list[Question]:
    """The question of each step, in order.

    Args:
        steps: the names of the steps.
        attribution: each step `alone` against the base, all steps against all but it (`leave-one-out`), or `shapley`.
        orders: for Shapley above four steps, the orders that are averaged.

    Example:
        >>> [one] = questions(["a"], "alone")
        >>> one.effect
        {(('a', False),): 1.0, (): -1.0}
    """
    n = len(steps)
    if attribution == "alone":
        contrasts = alone(n)
    elif attribution == "leave-one-out":
        contrasts = leave_one_out(n)
    else:
        contrasts = shapley(n, orders if n > EXACT_SHAPLEY else None)
    return [_question(steps, number, contrast, attribution) for number, contrast in enumerate(contrasts)]


def _question(steps: Sequence[str], number: int, contrast: Mapping[int, float], attribution: Attribution) -> Question:
    effect = {_arm(steps, mask): float(weight) for mask, weight in contrast.items() if weight}
    around = (1 << len(steps)) - 1 if attribution == "leave-one-out" else 1 << number
    placebo = {_arm(steps, around, number): 1.0, _arm(steps, around & ~(1 << number)): -1.0}
    return Question(steps[number], effect, placebo)


def _arm(steps: Sequence[str], mask: int, placebo: int | None = None) -> Applied:
    return tuple((name, at == placebo) for at, name in enumerate(steps) if mask >> at & 1)


def instead(question: Question, step: str, other: str) -> Question:
    """The same question of another step in the place of `step`.

    Example:
        >>> instead(questions(["a"], "alone")[0], "a", "b").effect
        {(('b', False),): 1.0, (): -1.0}
    """

    def swapped(weights: Weights) -> dict[Applied, float]:
        return {
            tuple((other if name == step else name, placebo) for name, placebo in arm): weight
            for arm, weight in weights.items()
        }

    return Question(other, swapped(question.effect), None if question.placebo is None else swapped(question.placebo))


def interaction(steps: Sequence[str], first: int, second: int) -> Question:
    """What two steps do together beyond what each does alone: {both} − {first} − {second} + {}.

    Example:
        >>> [round(weight) for weight in interaction(["a", "b"], 0, 1).effect.values()]
        [1, -1, -1, 1]
    """
    one, other = 1 << first, 1 << second
    signs = {one | other: 1.0, one: -1.0, other: -1.0, 0: 1.0}
    return Question(f"{steps[first]} × {steps[second]}", {_arm(steps, mask): weight for mask, weight in signs.items()})


def free_pairs(steps: Sequence[str], trained: Iterable[Applied]) -> list[tuple[int, int]]:
    """The pairs of steps whose interaction needs no arm that is not trained anyway."""
    there = set(trained)
    pairs = combinations(range(len(steps)), 2)
    return [pair for pair in pairs if there.issuperset(interaction(steps, *pair).effect)]


def full_arm(steps: Sequence[str]) -> Applied:
    """All steps."""
    return tuple((name, False) for name in steps)


def arms(asked: Iterable[Question], steps: Sequence[str]) -> list[Applied]:
    """Every arm that is needed, once: the base, all steps, and those of the questions."""
    wanted: dict[Applied, None] = {(): None, full_arm(steps): None}
    for question in asked:
        wanted.update(dict.fromkeys(question.arms()))
    return list(wanted)


def arm_name(arm: Applied) -> str:
    """The arm in words.

    Example:
        >>> arm_name((("clean.html", False), ("dedup.exact", True)))
        'clean.html + placebo of dedup.exact'
    """
    return " + ".join(f"placebo of {name}" if placebo else name for name, placebo in arm) or "base"

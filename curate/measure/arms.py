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

from curate.kernels.attribution import EXACT, alone, leave_one_out, shapley

Attribution = Literal["alone", "leave-one-out", "shapley"]
Applied = tuple[tuple[str, bool], ...]
"""The steps of an arm in order, each with whether it is only its placebo."""
Weights = Mapping[Applied, float]
"""A contrast: the coefficient of each arm."""

AGAIN: Applied = (("A/A", False),)
"""The A/A arm: the base, trained again with another initialisation and batch order."""

N_ORDERS = 8
"""Orders of the steps that a replicate draws where Shapley values are sampled: four and their reverses."""


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


def is_sampled(attribution: Attribution, n_steps: int) -> bool:
    """Whether Shapley values are means over drawn orders of the steps: above four steps all orders are too many."""
    return attribution == "shapley" and n_steps > EXACT


def questions(steps: Sequence[str], attribution: Attribution) -> list[Question]:
    """The question of each step, in order.

    Args:
        steps: the names of the steps.
        attribution: each step `alone` against the base, all steps against all but it (`leave-one-out`), or `shapley`:
            above four steps between arms of drawn orders, whose steps `in_orders` tells.

    Example:
        >>> [one] = questions(["a"], "alone")
        >>> one.effect
        {(('a', False),): 1.0, (): -1.0}
    """
    if is_sampled(attribution, len(steps)):
        effects = [_sampled(step) for step in steps]
    else:
        ways = {"alone": alone, "leave-one-out": leave_one_out, "shapley": shapley}
        effects = [
            {_arm(steps, mask): float(weight) for mask, weight in contrast.items() if weight}
            for contrast in ways[attribution](len(steps))
        ]
    return [
        Question(step, effect, _of_placebo(steps, at, attribution))
        for at, (step, effect) in enumerate(zip(steps, effects, strict=True))
    ]


def _of_placebo(steps: Sequence[str], number: int, attribution: Attribution) -> Weights:
    around = (1 << len(steps)) - 1 if attribution == "leave-one-out" else 1 << number
    return {_arm(steps, around, number): 1.0, _arm(steps, around & ~(1 << number)): -1.0}


def _drawn(step: str, order: int) -> tuple[Applied, Applied]:
    """The arms of the steps before a step in a drawn order, and of these and the step."""
    return ((f"before {step} in order {order + 1}", False),), ((f"up to {step} in order {order + 1}", False),)


def _sampled(step: str) -> dict[Applied, float]:
    """The Shapley value of a step, as the mean over drawn orders of what it adds."""
    weights = {}
    for order in range(N_ORDERS):
        before, with_step = _drawn(step, order)
        weights.update({with_step: 1 / N_ORDERS, before: -1 / N_ORDERS})
    return weights


def in_orders(steps: Sequence[str], orders: Sequence[Sequence[int]]) -> dict[Applied, Applied]:
    """Which steps the arms of sampled Shapley values apply where the steps come in some orders.

    The orders only say which steps stand together; within an arm they are applied in the order of the recipe.

    Args:
        steps: the names of the steps.
        orders: permutations of their places.

    Example:
        >>> arms = in_orders(["a", "b"], [[1, 0]])
        >>> arms[(("up to b in order 1", False),)], arms[(("up to a in order 1", False),)]
        ((('b', False),), (('a', False), ('b', False)))
    """
    found = {}
    for number, order in enumerate(orders):
        mask = 0
        for place in order:
            before, with_step = _drawn(steps[place], number)
            found[before], found[with_step] = _arm(steps, mask), _arm(steps, mask | 1 << place)
            mask |= 1 << place
    return found


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

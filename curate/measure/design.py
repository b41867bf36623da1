"""The design of a measurement: what is compared, by which learner and metric. Everything but the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from curate.core.random import key
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.errors import CurateError, did_you_mean
from curate.learn import metrics
from curate.learn.learner import Learner
from curate.learn.metrics import Metric
from curate.measure.arms import (
    N_ORDERS,
    Applied,
    Attribution,
    Question,
    arms,
    free_pairs,
    in_orders,
    interaction,
    is_sampled,
    questions,
)
from curate.measure.options import POOL_FRACTION as POOL_FRACTION
from curate.measure.options import Budget, Options
from curate.measure.subject import Subject
from curate.measure.sweep import Sweep, sweeps_of
from curate.measure.targets import Targets, whole_texts

VALIDATION_FRACTION = 0.15
MOST_MARGIN = 0.2
"""Of a share: who asks for more means points, or does not mind what happens."""


@dataclass(frozen=True, eq=False)
class Design:
    """Everything a measurement is defined by, apart from the rows.

    Attributes:
        asked: the question of each step, judged together.
        margin: the difference that does not matter; None: the metric's own.
        pairs: the interactions, judged together.
        sweeps: the settings that are varied; the values of each are judged together.
        budget: what all arms have alike: optimiser steps or epochs.
    """

    recipe: Recipe
    learner: Learner
    metric: Metric
    attribution: Attribution
    asked: tuple[Question, ...]
    margin: float | None
    pool_fraction: float
    pairs: tuple[Question, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    language: bool = False
    learning_curve: bool = False
    timed: bool = False
    min_group_rows: int = 30
    budget: Budget = "steps"

    def learner_for(self, n_rows: int) -> Learner:
        """The learner of an arm whose base has so many training rows."""
        return self.learner.on_budget(n_rows) if self.budget == "steps" else self.learner

    @property
    def steps(self) -> list[str]:
        """The names of the recipe's steps."""
        return [step.name for step in self.recipe.steps]

    @property
    def by_name(self) -> dict[str, Step]:
        """Every step that an arm may apply, by the name that arms use."""
        varied = {name: step for sweep in self.sweeps for name, step in sweep.variants().items()}
        return {step.name: step for step in self.recipe.steps} | varied

    @property
    def arms(self) -> list[Applied]:
        """Every arm that all replicates have, once; the A/A arm is not among them."""
        swept = [question for sweep in self.sweeps for question in sweep.asked]
        every, drawn = arms([*self.asked, *self.pairs, *swept], self.steps), self.drawn(0)
        return [arm for arm in every if arm not in drawn]

    @property
    def is_sampled(self) -> bool:
        """Whether effects are Shapley values over drawn orders of the steps."""
        return is_sampled(self.attribution, len(self.steps))

    def drawn(self, replicate: int) -> dict[Applied, Applied]:
        """What the arms of sampled Shapley values apply in a replicate, in which the orders are drawn anew.

        So the spread over orders is in the spread over replicates, and with it in the interval.
        """
        if not self.is_sampled:
            return {}
        found = in_orders(self.steps, _orders(len(self.steps), self.recipe.seed, replicate))
        asked = {arm for question in self.asked for arm in question.effect}
        return {arm: applied for arm, applied in found.items() if arm in asked}

    def arms_in(self, replicate: int) -> list[Applied]:
        """Every arm of a replicate, once, by the steps that it applies; the A/A arm is not among them."""
        return list(dict.fromkeys([*self.arms, *self.drawn(replicate).values()]))


def _check_margin(margin: float | None, metric: Metric) -> None:
    if margin is not None and metric.unit == "points" and margin > MOST_MARGIN:
        raise CurateError(
            f"margin is {margin:g}: of {metric.name} that is {100 * margin:g} points",
            hint=f"at most {MOST_MARGIN:g}, in units of the metric: 0.005 of {metric.name} is half a point",
        )


def design_of(subject: Subject, options: Options, learner: Learner) -> Design:
    """The design that answers what is asked about a subject.

    Raises:
        CurateError: the metric is of another task, or a pair or a sweep names what is not in the recipe.
    """
    recipe, texts = subject.recipe, whole_texts(subject.train, subject.targets.task)
    names = [step.name for step in recipe.steps]
    asked, metric = questions(names, options.attribution), primary_metric(options.metric, subject.targets)
    _check_margin(options.margin, metric)
    return Design(
        recipe,
        learner.prepared(texts),
        metric,
        options.attribution,
        tuple(asked),
        options.margin,
        options.pool_fraction,
        tuple(interaction(names, *pair) for pair in _pairs(names, options.interactions, arms(asked, names))),
        sweeps_of(recipe, options.sweep, options.attribution),
        "language" in options.slices,
        options.learning_curve,
        options.cost,
        options.min_group_rows,
        options.budget,
    )


def primary_metric(name: str | None, targets: Targets) -> Metric:
    """The metric with a name, which must be one of the task's; without a name the task's usual one.

    Raises:
        CurateError: it is a metric of another task.
    """
    if name is None:
        return metrics.metrics_of(targets.task)[0]
    found = metrics.metric(name, targets.names)
    others = [each.name for each in metrics.metrics_of(targets.task, texts=True) if each.made != "none"]
    if targets.task not in found.tasks:
        of = " and ".join(found.tasks)
        raise CurateError(f"{name} is a metric of {of}; the task is {targets.task}", hint=f"one of {', '.join(others)}")
    if found.made == "none":
        raise CurateError(f"{name} has no interval, so no verdict rests on it", hint=f"one of {', '.join(others)}")
    found.check_installed()
    return found


def _pairs(
    names: Sequence[str], given: Sequence[tuple[str, str]] | Literal["all"], trained: Sequence[Applied]
) -> list[tuple[int, int]]:
    """The pairs of positions that are asked for, and those that cost nothing, each once and in the recipe's order."""
    if given == "all":
        given = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    for name in (name for pair in given for name in pair):
        if name not in names:
            raise CurateError(f"no step that is measured is called {name!r}", hint=did_you_mean(name, names))
    places: Mapping[str, int] = {name: at for at, name in enumerate(names)}
    asked = [tuple(sorted({places[one], places[other]})) for one, other in given]
    if any(len(pair) < 2 for pair in asked):
        raise CurateError("a step does not interact with itself", hint="name two steps")
    return sorted({(pair[0], pair[1]) for pair in asked} | {*free_pairs(names, trained)})


def _orders(n_steps: int, seed: int, replicate: int) -> list[list[int]]:
    """The orders of the steps that a replicate draws for sampled Shapley values, each beside its reverse."""
    generator = np.random.Generator(np.random.Philox(key=key(seed, "orders", replicate)))
    half = [generator.permutation(n_steps).tolist() for _ in range(N_ORDERS // 2)]
    return half + [order[::-1] for order in half]

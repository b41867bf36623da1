"""Dose and response: one arm for each value of a setting, beside the step's placebo at that value.

The value is chosen by the validation rows of each replicate, never by the test rows: those only say what the choice
is worth. A measurement has no way to choose by test rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curate.core.function import FunctionStep
from curate.core.recipe import Recipe
from curate.core.step import Step, step_of
from curate.errors import CurateError, RecipeError, did_you_mean
from curate.measure.arms import Applied, Attribution, Question, instead, questions


@dataclass(frozen=True, eq=False)
class Sweep:
    """A setting and the values it is tried at.

    Attributes:
        step: the step.
        setting: its setting.
        values: as they are written in a recipe.
        steps: for each value the step with it; the step's own name stays, so that all draw alike.
        asked: for each value the question of the step with it.
        current: the value in the recipe.
    """

    step: str
    setting: str
    values: tuple[Any, ...]
    steps: tuple[Step, ...]
    asked: tuple[Question, ...]
    current: Any

    @property
    def without(self) -> Applied:
        """The arm without the step."""
        return next(arm for arm, weight in self.asked[0].effect.items() if weight < 0)

    def arm(self, number: int) -> Applied:
        """The arm with the step at a value."""
        return next(arm for arm, weight in self.asked[number].effect.items() if weight > 0)

    def variants(self) -> dict[str, Step]:
        """The step with each value, by the name that arms use."""
        return {question.step: step for question, step in zip(self.asked, self.steps, strict=True)}


def sweeps_of(recipe: Recipe, given: Mapping[str, Sequence[Any]], attribution: Attribution) -> tuple[Sweep, ...]:
    """The sweeps that are asked for, each `"step.setting": [value, …]`.

    With `leave-one-out` the step is varied among all others, else by itself.

    Raises:
        RecipeError: a value is none that the recipe could have.
        CurateError: there is no such step or setting, or fewer than two values.
    """
    return tuple(_sweep(recipe, key, values, attribution) for key, values in given.items())


def _sweep(recipe: Recipe, key: str, values: Sequence[Any], attribution: Attribution) -> Sweep:
    name, _, setting = key.rpartition(".")
    by_name = {step.name: step for step in recipe.steps}
    if name not in by_name:
        raise CurateError(f"no step is called {name!r}", hint=f"{did_you_mean(name, by_name)}; write STEP.SETTING")
    own = by_name[name]
    if isinstance(own.transform, FunctionStep) or setting not in type(own.transform).model_fields:
        fields = [] if isinstance(own.transform, FunctionStep) else list(type(own.transform).model_fields)
        raise CurateError(f"step {name!r} has no setting {setting!r}", hint=did_you_mean(setting, fields))
    if isinstance(values, str) or len(values) < 2 or len({str(value) for value in values}) < len(values):
        raise CurateError(f"{key}={values!r} is no sweep", hint="give two or more different values")
    steps = tuple(_with(own, setting, value) for value in values)
    asked = {q.step: q for q in questions(list(by_name), "alone" if attribution == "shapley" else attribution)}
    named = tuple(instead(asked[name], name, f"{name} {setting}={value}") for value in values)
    return Sweep(name, setting, tuple(values), steps, named, own.transform.model_dump(mode="json")[setting])


def _with(own: Step, setting: str, value: Any) -> Step:
    made = step_of({**own.to_dict(), setting: value}, f"sweep {own.name}")
    if isinstance(made, list):
        raise RecipeError(made)
    return made

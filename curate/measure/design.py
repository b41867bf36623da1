"""The design of a measurement: what is compared, by which learner and metric. Everything but the rows."""

from __future__ import annotations

from dataclasses import dataclass

from curate.core.recipe import Recipe
from curate.learn.learner import Learner
from curate.learn.metrics import Metric
from curate.measure.arms import Applied, Attribution, Question, arms

ALPHA = 0.05
POOL_FRACTION = 0.8
VALIDATION_FRACTION = 0.15
TEST_FRACTION = 0.2


@dataclass(frozen=True, eq=False)
class Design:
    """Everything a measurement is defined by, apart from the rows."""

    recipe: Recipe
    learner: Learner
    metric: Metric
    attribution: Attribution
    asked: tuple[Question, ...]
    margin: float
    pool_fraction: float

    @property
    def steps(self) -> list[str]:
        return [step.name for step in self.recipe.steps]

    @property
    def arms(self) -> list[Applied]:
        return arms(self.asked, self.steps)

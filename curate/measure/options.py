"""Options: what is asked of a measurement, apart from the recipe and the rows. One value for `measure` and `plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from curate.data.corpus import Corpus
from curate.errors import CurateError, did_you_mean
from curate.learn.learner import Learner
from curate.learn.named import LearnerSpec
from curate.measure.arms import Attribution

POOL_FRACTION = 0.8
Budget = Literal["steps", "epochs"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is asked of a measurement.

    Attributes:
        learner: a registry name, `{name: …, setting: value}` or a learner.
        replicates: how many; `auto` looks at 4, 6, 8, 12 and 16 and stops when every step has a verdict.
        metric: the primary metric; None: the usual one of the task.
        attribution: `alone`, `leave-one-out` or `shapley`.
        interactions: pairs of steps whose interaction is asked, or `all` pairs; beside them stand those pairs that
            need no arm of their own.
        sweep: values of settings to be compared, `{"step.setting": [value, …]}`.
        confirm: a second learner, which measures the steps again that the first left standing.
        slices: `language` as well as what slices are always told of: class, group, length.
        margin: the difference that does not matter, in units of the metric, above 0; None: half a point of a share, of
            any other metric 1 % of the base's value.
        pool_fraction: the share of the training rows that a replicate draws, in (0, 1].
        budget: `steps`: every arm trains as many optimiser steps as the base; `epochs`: each takes the epochs of the
            learner's settings, so that an arm with more rows takes more steps. Nothing to a learner without steps.
        ood: out-of-domain sets by name; every arm is scored on them, too.
        robustness: score every arm on the test rows with slips, in another case and attacked, too.
        synonyms: the folder of WordNet's files; with it robustness takes in other words for the same.
        learning_curve: train the base on a half, a quarter and an eighth of its rows, too.
        cost: time single rows and small batches, and tell the size of the model.
        min_group_rows: test rows from which a group enters worst group and gaps.
        allow_leakage: go on where test rows, or nearly the same, stand in training.

    Raises:
        CurateError: a number is out of range, or a word none of those that can be said.
    """

    learner: LearnerSpec | Learner = "bag"
    replicates: int | Literal["auto"] = 10
    metric: str | None = None
    attribution: Attribution = "alone"
    interactions: Sequence[tuple[str, str]] | Literal["all"] = ()
    sweep: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    confirm: LearnerSpec | Learner | None = None
    slices: Sequence[Literal["language"]] = ()
    margin: float | None = None
    pool_fraction: float = POOL_FRACTION
    allow_leakage: bool = False
    budget: Budget = "steps"
    ood: Mapping[str, Corpus] = field(default_factory=dict)
    robustness: bool = False
    synonyms: Path | None = None
    learning_curve: bool = False
    cost: bool = False
    min_group_rows: int = 30

    def __post_init__(self) -> None:
        if self.attribution not in get_args(Attribution):
            hint = did_you_mean(self.attribution, get_args(Attribution))
            raise CurateError(f"there is no attribution {self.attribution!r}", hint=hint)
        if self.budget not in get_args(Budget):
            hint = did_you_mean(self.budget, get_args(Budget))
            raise CurateError(f"there is no budget of {self.budget!r}", hint=hint)
        if self.margin is not None and not self.margin > 0:
            hint = "above 0, in units of the metric: 0.005 of accuracy is half a point"
            raise CurateError(f"margin is {self.margin}", hint=hint)
        if not 0 < self.pool_fraction <= 1:
            raise CurateError(f"pool_fraction is {self.pool_fraction}", hint="above 0, at most 1")
        if self.min_group_rows < 1:
            raise CurateError(f"min_group_rows is {self.min_group_rows}", hint="at least 1")
        number = self.replicates
        if number != "auto" and (not isinstance(number, int) or number < 2):
            raise CurateError(f"replicates is {number!r}", hint="at least 2, or auto; 5 are exploratory, 10 a report")
        unknown = [name for name in self.slices if name != "language"]
        if unknown:
            raise CurateError(f"there are no slices by {unknown[0]!r}", hint="language is what can be asked for")

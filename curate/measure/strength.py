"""Strength: which of many steps is worth most, found by successive halving on rows carved from the training rows.

The test rows are never asked. Each replicate sets a fifth of the training rows aside to judge, by family, and trains
all candidates that still stand on the same rest; `kernels.halving` says which go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curate.core.random import StepRandom, key
from curate.core.step import Step
from curate.kernels.halving import halve, resampled, survivors
from curate.kernels.intervals import Estimate
from curate.learn.folds import family_sample
from curate.measure.arms import Applied
from curate.measure.bench import Bench
from curate.measure.design import VALIDATION_FRACTION
from curate.measure.replicate import Replicate
from curate.measure.run import Run

JUDGING_FRACTION = 0.2
RUNGS = (3, 6, 12)


@dataclass(frozen=True)
class Tried:
    """What was seen of a candidate on rows carved from the training rows.

    Attributes:
        step: the candidate.
        gain: over the base, mean over replicates, in units of the metric, above 0 for better; with its interval.
        n_replicates: how many it was given before better ones went on without it.
    """

    step: Step
    gain: Estimate
    n_replicates: int


def n_trainings(n_candidates: int, rungs: Sequence[int] = RUNGS) -> int:
    """How many models a search trains, those of the base included.

    Example:
        >>> n_trainings(20), n_trainings(1)
        (132, 24)
    """
    more = np.diff([0, *rungs]).tolist()
    return sum(n * new for n, new in zip(survivors(n_candidates, len(rungs)), more, strict=True)) + rungs[-1]


def search(run: Run, bench: Bench, rungs: Sequence[int] = RUNGS) -> list[Tried]:
    """The steps of a run's recipe, the one that gains most first.

    Args:
        run: its training rows are searched; its test rows are not.
        bench: where models are trained.
        rungs: replicates up to each rung.
    """
    names, metric = run.design.steps, run.design.metric
    better = 1.0 if metric.direction == "higher" else -1.0

    def gains(candidates: Sequence[int], number: int) -> list[float]:
        arms: list[Applied] = [(), *(((names[at], False),) for at in candidates)]
        cells = run.cells_of(judged_replicate(run, number), arms)
        said = bench.results(list(cells.values()))
        scores = [metric.value(one.outputs, cell.test.targets) for one, cell in zip(said, cells.values(), strict=True)]
        return [better * (score - scores[0]) for score in scores[1:]]

    ranked, gained = halve(len(names), rungs, gains)
    steps = run.design.by_name
    return [Tried(steps[names[at]], resampled(gained[at], JUDGING_FRACTION), len(gained[at])) for at in ranked]


def judged_replicate(run: Run, number: int) -> Replicate:
    """One draw of the training rows whose place of test rows is taken by training rows that are set aside."""
    random = StepRandom(key(run.seed, "strength", number), "judging")
    asked = run.families, run.codes, run.row_ids
    judging = family_sample(*asked, JUDGING_FRACTION, random)
    held = family_sample(*asked, VALIDATION_FRACTION, StepRandom(random.seed, "validation"))
    fit, validation, judge = (np.flatnonzero(mask) for mask in (~judging & ~held, held & ~judging, judging))
    return Replicate(
        number,
        run.train.take(fit),
        run.train.take(validation),
        run.train.take(judge),
        run.design.by_name,
        run.design.recipe.max_quarantine,
        run.seed,
    )

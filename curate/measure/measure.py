"""The verb `measure`: from a recipe and a corpus to the effect of each step on a model.

The method is in the project's documentation, "How an effect is measured": arms, placebos, an A/A arm, replicates, the
two-way estimate, and four verdicts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.kernels.sequential import LOOKS
from curate.learn.learner import Learner
from curate.learn.named import learner_named
from curate.measure.confirm import RULE, Confirmation, check_second, ranks_alike, second_design
from curate.measure.design import design_of
from curate.measure.forecast import Plan, forecast
from curate.measure.options import Options
from curate.measure.result import Measurement
from curate.measure.run import Progress, Run
from curate.measure.subject import subject_of
from curate.measure.targets import whole_texts
from curate.measure.views import with_views


def measure(
    recipe: Recipe,
    corpus: Corpus,
    *,
    test: Corpus | None = None,
    workers: int = 1,
    store: Store | None = None,
    on_progress: Progress | None = None,
    **options: Any,
) -> Measurement:
    """Measure what each step of a recipe does to a model.

    Args:
        recipe: the steps.
        corpus: the training rows, with the roles that the learner reads, and a label or a target.
        test: the sealed test rows; else the corpus's held-out split `test`; else a fifth of the rows, by near-
            duplicate family.
        workers: processes that train.
        store: keeps trained cells and the ledger; None keeps them in memory and counts no looks (`looks` is
            None).
        on_progress: called with ("cells", done, of).
        **options: what is asked, as `Options` says: learner, replicates, metric, attribution, interactions, sweep,
            confirm, slices, margin, pool_fraction, allow_leakage, budget; the closer looks ood, robustness, synonyms,
            learning_curve, cost, min_group_rows.

    Steps of `dedup.leakage` are no arms: they are done before, for all arms.

    Raises:
        LeakedRows: training rows, or rows they were made from, have the text of a test row or nearly so.
        CurateError: no label, fewer than two classes, no test rows, or an option out of range.
    """
    asked = Options(**options)
    run, second = _runs(recipe, corpus, asked, test, workers, store, on_progress)
    made = run.measurement(asked.replicates)
    return made if second is None else _confirmed(run, made, second)


def plan(
    recipe: Recipe,
    corpus: Corpus,
    *,
    test: Corpus | None = None,
    workers: int = 1,
    store: Store | None = None,
    **options: Any,
) -> Plan:
    """What a measurement would take: its arms and cells, time, memory, and how small an effect it would find.

    It trains one cell, which a store keeps, and looks at no test row's prediction but those that are there already.

    Args:
        recipe: as for `measure`; so are all other arguments.
        corpus: the training rows.
        test: the sealed test rows.
        workers: processes that would train.
        store: where trained cells are kept.
        **options: what is asked, as `Options` says.

    Raises:
        CurateError: whatever `measure` would refuse.
    """
    asked = Options(**options)
    run, second = _runs(recipe, corpus, asked, test, workers, store)
    made = forecast(run, LOOKS[-1] if asked.replicates == "auto" else asked.replicates)
    if second is None:
        return made
    return replace(
        made, notes=(*made.notes, "The second learner's cells come on top: how many, the first one decides.")
    )


def _runs(
    recipe: Recipe,
    corpus: Corpus,
    asked: Options,
    test: Corpus | None,
    workers: int,
    store: Store | None,
    on_progress: Progress | None = None,
) -> tuple[Run, Learner | None]:
    """A measurement that is ready to begin, and the learner that measures again."""
    learner = learner_named(asked.learner)
    learner.check_installed()
    second = None if asked.confirm is None else learner_named(asked.confirm)
    subject = subject_of(recipe, corpus, test, learner, store, allow_leakage=asked.allow_leakage)
    if second is not None:
        check_second(second, subject)
    subject = with_views(subject, asked, learner)
    return Run(design_of(subject, asked, learner), subject, workers, store, on_progress), second


def _confirmed(run: Run, made: Measurement, learner: Learner) -> Measurement:
    """The measurement with what a second learner finds of the steps that the first left standing."""
    prepared = learner.prepared(whole_texts(run.train, run.targets.task))
    design = second_design(run.design, made, prepared)
    if design is None:
        said = "No step is left to be measured again: each has no effect or hurts."
        return replace(made, notes=(*made.notes, said))
    again = run.again(design)
    found = again.measurement(len(run.replicates))
    steps = {effect.step for effect in found.steps}
    left = tuple(effect.step for effect in made.steps if effect.step not in steps)
    return replace(made, looks=found.looks, confirmation=Confirmation(RULE, left, found, ranks_alike(made, found)))

"""The verb `measure`: from a recipe and a corpus to the effect of each step on a model.

The method is in the project's documentation, "How an effect is measured": arms, placebos, an A/A arm, replicates, the
two-way estimate, and four verdicts.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from curate.core.behind import with_kin
from curate.core.random import StepRandom, key
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.engines.guards import check_needs
from curate.errors import ColumnError, CurateError
from curate.io.loading import keep_columns
from curate.learn import metrics
from curate.learn.folds import family_sample
from curate.learn.learner import Learner
from curate.learn.metrics import Metric
from curate.learn.named import LearnerSpec, learner_named
from curate.measure.arms import N_ORDERS, Attribution, questions
from curate.measure.design import POOL_FRACTION, TEST_FRACTION, Design
from curate.measure.leaks import clear_leaks, refuse_leaks, twins_of
from curate.measure.replicate import check_at_inference
from curate.measure.result import Measurement
from curate.measure.run import Progress, Run
from curate.measure.targets import Targets, families, strata, targets_of


def measure(
    recipe: Recipe,
    corpus: Corpus,
    *,
    test: Corpus | None = None,
    learner: LearnerSpec | Learner = "bag",
    replicates: int | Literal["auto"] = 10,
    metric: str | None = None,
    attribution: Attribution = "alone",
    margin: float = 0.005,
    pool_fraction: float = POOL_FRACTION,
    allow_leakage: bool = False,
    workers: int = 1,
    store: Store | None = None,
    on_progress: Progress | None = None,
) -> Measurement:
    """Measure what each step of a recipe does to a model.

    Args:
        recipe: the steps.
        corpus: the training rows, with the roles text and label.
        test: the sealed test rows; else the corpus's held-out split `test`; else a fifth of the rows, by near-
            duplicate family.
        learner: a registry name, `{name: …, setting: value}` or a learner.
        replicates: how many; `auto` looks at 4, 6, 8, 12 and 16 and stops when every step has a verdict.
        metric: the primary metric; None: the usual one of the task (accuracy, f1, mse, perplexity).
        attribution: `alone`, `leave-one-out` or `shapley`.
        margin: the difference that does not matter, in units of the metric, above 0.
        pool_fraction: the share of the training rows that a replicate draws, in (0, 1].
        allow_leakage: go on where test rows stand in training, word for word; nearly the same ones are only told.
        workers: processes that train.
        store: keeps trained cells and the ledger; None keeps them in memory and counts no looks.
        on_progress: called with ("cells", done, of).

    Steps of `dedup.leakage` are no arms: they are done before, for all arms.

    Raises:
        LeakedRows: training rows, or rows they were made from, have the text of a test row.
        CurateError: no label, fewer than two classes, no test rows, or an option out of range.
    """
    design_of = learner_named(learner)
    design_of.check_installed()
    corpus = Corpus.expect(corpus)
    corpus = corpus.with_roles(corpus.roles.changed(dict(recipe.roles)))
    _check(recipe, corpus, design_of, margin, pool_fraction, replicates)
    train, sealed, notes = _splits(corpus, test, recipe.seed)
    recipe, train, cleared = clear_leaks(recipe, train, store)
    targets = targets_of(train, sealed, design_of)
    notes += [*cleared, *targets.notes(train, sealed)]
    primary = primary_metric(metric, targets)
    orders = _orders(len(recipe.steps), recipe.seed)
    design = Design(
        recipe,
        design_of.prepared(train.texts() if train.roles.text else []),
        primary,
        attribution,
        tuple(questions([step.name for step in recipe.steps], attribution, orders)),
        margin,
        pool_fraction,
    )
    labelled = sealed.take(np.flatnonzero(targets.known(sealed)))
    if not len(labelled):
        raise CurateError("no test row has a label or target", hint="name the column of the test rows with --label")
    twins = twins_of(labelled, train)
    given = test is not None or "test" in corpus.held_out
    notes += refuse_leaks(train, twins, allow=allow_leakage or not given)
    return Run(design, train, labelled, twins, targets, workers, store, on_progress, notes).measurement(replicates)


def _check(
    recipe: Recipe, corpus: Corpus, learner: Learner, margin: float, pool_fraction: float, replicates: int | str
) -> None:
    check_needs(recipe, corpus)
    check_at_inference(recipe)
    for role in sorted(learner.reads):
        if role not in corpus.roles.present():
            raise ColumnError(
                f"the learner {learner.name!r} needs a column with the role {role}; "
                f"the columns are {', '.join(corpus.column_names)}",
                hint=f"name it with --{role}",
            )
    if not recipe.steps:
        raise CurateError("the recipe has no steps, so there is nothing to measure")
    if margin <= 0:
        raise CurateError(
            f"margin is {margin}", hint="above 0, in units of the metric: 0.005 of accuracy is half a point"
        )
    if not 0 < pool_fraction <= 1:
        raise CurateError(f"pool_fraction is {pool_fraction}", hint="above 0, at most 1")
    if replicates != "auto" and (not isinstance(replicates, int) or replicates < 2):
        raise CurateError(f"replicates is {replicates!r}", hint="at least 2, or auto; 5 are exploratory, 10 a report")


def _splits(corpus: Corpus, test: Corpus | None, seed: int) -> tuple[Corpus, Corpus, list[str]]:
    """The training rows, the sealed test rows, and what to say about them."""
    sealed = test if test is not None else corpus.held_out.get("test")
    if sealed is not None:
        roles = keep_columns(corpus.roles, sealed.column_names)  # a test split needs no weights and no groups
        needed = {role: getattr(corpus.roles, role) for role in ("text", "label", "target", "features")}
        return corpus.with_held_out(test=sealed), sealed.with_roles(roles.changed(needed)), []
    kin = with_kin(families(corpus), corpus.row_ids(), corpus.origin)
    chosen = family_sample(kin, strata(corpus), corpus.row_ids(), TEST_FRACTION, StepRandom(seed, "test split"))
    sealed = corpus.take(np.flatnonzero(chosen))
    share = f"{len(sealed):,} rows ({TEST_FRACTION:.0%}, by near-duplicate family)"
    note = f"No test split was given: {share} were set aside and sealed."
    return corpus.take(np.flatnonzero(~chosen)).with_held_out(test=sealed), sealed, [note]


def primary_metric(name: str | None, targets: Targets) -> Metric:
    """The metric with a name, which must be one of the task's; without a name the task's usual one.

    Raises:
        CurateError: it is a metric of another task.
    """
    if name is None:
        return metrics.metrics_of(targets.task)[0]
    found = metrics.metric(name, targets.names)
    if found.task != targets.task:
        usual = ", ".join(each.name for each in metrics.metrics_of(targets.task, texts=True))
        raise CurateError(f"{name} is a metric of {found.task}; the task is {targets.task}", hint=f"one of {usual}")
    return found


def _orders(n_steps: int, seed: int) -> list[list[int]]:
    """Orders of the steps for sampled Shapley values, each beside its reverse."""
    generator = np.random.Generator(np.random.Philox(key=key(seed, "orders")))
    half = [generator.permutation(n_steps).tolist() for _ in range(N_ORDERS // 2)]
    return half + [order[::-1] for order in half]

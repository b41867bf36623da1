"""The verb `advise`: is augmenting worth it here, and which? Many augmenters are tried cheaply on training rows, the
best of them is measured once against plain copies on the test rows, and that decides.

Between `candidates` (what is tried), `strength` (the search) and `measure`'s own run (the proof); `advice` is what
comes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.errors import CurateError
from curate.learn.learner import Learner
from curate.learn.named import learner_named
from curate.measure.advice import Advice, AdvicePlan
from curate.measure.bench import Bench
from curate.measure.candidates import Candidates, candidates_of, given_candidates
from curate.measure.design import design_of
from curate.measure.options import Options
from curate.measure.run import Progress, Run
from curate.measure.strength import RUNGS, judged_replicate, n_trainings, search
from curate.measure.subject import split, subject_of
from curate.measure.told import Told
from curate.measure.verdict import EXPLORATORY, Interval

CONFIRMING_ARMS = 4
"""The base, the step, its placebo, and the base again."""


def advise(
    corpus: Corpus,
    *,
    test: Corpus | None = None,
    augmenters: Sequence[str] = (),
    recipe: Recipe | None = None,
    seed: int = 0,
    workers: int = 1,
    store: Store | None = None,
    on_progress: Progress | None = None,
    **options: Any,
) -> Advice:
    """Say whether augmenting is worth it for a learner and these rows, and which augmenter.

    Args:
        corpus: the training rows, with the roles text and label.
        test: the sealed test rows; else the held-out split `test`; else a fifth of the rows. They are asked once, for
            the one augmenter that rows carved from the training rows have chosen.
        augmenters: registry names of those to try; a default set of those that can run here unless given.
        recipe: try its steps, each as it stands, in their place.
        seed: keys every draw.
        workers: processes that train.
        store: keeps trained cells and the ledger.
        on_progress: called with ("cells", done, of).
        **options: learner, replicates (of the proof), metric, margin, pool_fraction, as for `measure`. Training rows
            with a near twin among the test rows are dropped first, unless `allow_leakage`.

    Raises:
        CurateError: no augmenter can be tried, or whatever `measure` would refuse.
    """
    asked, found, run = _ready(corpus, test, augmenters, recipe, seed, workers, store, options)
    n_search, n_replicates = n_trainings(len(found.steps)), _replicates(asked)
    done = 0

    def tell(what: str = "cells", at: int = 0, of: int = 0) -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress("cells", done, n_search + CONFIRMING_ARMS * n_replicates)

    with Bench(store, workers, tell) as bench:
        tried = search(run, bench)
    best = Recipe([tried[0].step], seed=seed, roles=run.design.recipe.roles)
    subject = replace(run.subject, recipe=best)
    proof = Run(design_of(subject, asked, _learner(asked)), subject, workers, store, tell)
    measured = proof.measurement(n_replicates)
    [question] = proof.design.asked
    beyond = proof.evidence().predictions.contrast(proof.design.metric, question.beyond)
    return Advice(
        tried=tuple(tried),
        left_out=found.left_out,
        measured=measured,
        over_copies=Told(beyond.delta, Interval.of(beyond.on_new_data())),
        roles=run.train.roles,
    )


def plan(
    corpus: Corpus,
    *,
    test: Corpus | None = None,
    augmenters: Sequence[str] = (),
    recipe: Recipe | None = None,
    seed: int = 0,
    workers: int = 1,
    store: Store | None = None,
    **options: Any,
) -> AdvicePlan:
    """What advice would take: which augmenters are tried, how many models are trained, and how long that takes.

    Every augmenter is run once and one model is trained; no test row's prediction is looked at.

    Args:
        corpus: as for `advise`; so are all other arguments.
        test: the sealed test rows.
        augmenters: those to try.
        recipe: steps to try in their place.
        seed: keys every draw.
        workers: processes that would train.
        store: where trained cells are kept.
        **options: as for `advise`.

    Raises:
        CurateError: whatever `advise` would refuse.
    """
    asked, found, run = _ready(corpus, test, augmenters, recipe, seed, workers, store, options)
    names = run.design.steps
    began = perf_counter()
    cells = run.cells_of(judged_replicate(run, 0), [(), *(((name, False),) for name in names)])
    planning = (perf_counter() - began) / len(cells)
    with Bench(store, 1) as bench:
        trained = bench.results([cells[()]])[0]
    return AdvicePlan(
        steps=tuple(names),
        left_out=found.left_out,
        rungs=RUNGS,
        n_search=n_trainings(len(names)),
        n_proof=CONFIRMING_ARMS * _replicates(asked),
        cell_s=trained.seconds,
        planning_s=planning,
        workers=workers,
        facts={
            "corpus": run.train.name,
            "n_train": len(run.train),
            "n_test": len(run.test),
            "learner": run.design.learner.name,
            "metric": run.design.metric.name,
        },
    )


def _ready(
    corpus: Corpus,
    test: Corpus | None,
    augmenters: Sequence[str],
    recipe: Recipe | None,
    seed: int,
    workers: int,
    store: Store | None,
    options: Mapping[str, Any],
) -> tuple[Options, Candidates, Run]:
    """What is asked, what is tried, and a run whose steps are the candidates."""
    if augmenters and recipe is not None:
        raise CurateError("both augmenters and a recipe are given", hint="one of the two says what is tried")
    asked = Options(**options)
    _replicates(asked)
    learner = _learner(asked)
    rows = Corpus.expect(corpus)
    rows = rows if recipe is None else rows.with_roles(rows.roles.named(dict(recipe.roles)))
    train, _, _ = split(rows, test, seed)
    found = given_candidates(recipe, train, seed) if recipe else candidates_of(augmenters, train, seed)
    first = [] if asked.allow_leakage else [step("dedup.leakage", match="near")]
    candidates = Recipe([*first, *found.steps], seed=seed, roles=None if recipe is None else recipe.roles)
    subject = subject_of(candidates, rows, test, learner, store, allow_leakage=asked.allow_leakage)
    return asked, found, Run(design_of(subject, asked, learner), subject, workers, store)


def _learner(asked: Options) -> Learner:
    learner = learner_named(asked.learner)
    learner.check_installed()
    return learner


def _replicates(asked: Options) -> int:
    number = asked.replicates
    if number == "auto" or number < EXPLORATORY:
        raise CurateError(f"replicates is {number}", hint=f"a whole number from {EXPLORATORY} on: advice rests on it")
    return number

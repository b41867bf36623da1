"""A measurement under way: replicates are drawn and their cells trained until there are enough, then read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from curate.core.behind import with_kin
from curate.core.fingerprint import config, corpus_fingerprint
from curate.core.function import FunctionStep
from curate.core.random import StepRandom, key
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.store import Store
from curate.kernels.sequential import LOOKS, nominal_alphas
from curate.learn.examples import Examples
from curate.learn.folds import family_sample
from curate.measure.apart import scores_apart
from curate.measure.arms import AGAIN, Applied, full_arm
from curate.measure.cell import Bench, Cell, RunResult
from curate.measure.design import ALPHA, VALIDATION_FRACTION, Design
from curate.measure.estimate import Predictions
from curate.measure.ledger import look
from curate.measure.reader import Reader
from curate.measure.replicate import Replicate
from curate.measure.result import Measurement
from curate.measure.subject import Subject
from curate.measure.targets import families, strata

Progress = Callable[[str, int, int], None]


class Run:
    """One measurement, with the rows it is made on."""

    def __init__(
        self,
        design: Design,
        subject: Subject,
        workers: int = 1,
        store: Store | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        self.design, self.subject, self.store = design, subject, store
        self.train, self.test, self.targets = subject.train, subject.test, subject.targets
        self.workers, self._on_progress = workers, on_progress
        train, test = subject.train, subject.test
        self.seed = design.recipe.seed
        self.codes = strata(train)
        self.row_ids = train.row_ids()
        self.families = with_kin(families(train), self.row_ids, train.origin)
        self.examples = self._examples(test)
        self.clusters = families(test)
        self.replicates: list[Replicate] = []
        self.found: dict[Applied, list[RunResult]] = {}
        self._done, self._of = 0, 0

    def measurement(self, replicates: int | Literal["auto"]) -> Measurement:
        looks = LOOKS if replicates == "auto" else (replicates,)
        alphas = nominal_alphas() if replicates == "auto" else (ALPHA,)
        self._of = (len(self.design.arms) + 1) * looks[-1]
        with Bench(self.store, self.workers, self._tell) as bench:
            for number, alpha in zip(looks, alphas, strict=True):
                while len(self.replicates) < number:
                    self._add(bench)
                result = self._read(alpha)
                if all(effect.verdict != "cannot tell" for effect in result.steps):
                    break
        return replace(result, looks=self._looks())

    def _tell(self) -> None:
        self._done += 1
        if self._on_progress is not None:
            self._on_progress("cells", self._done, self._of)

    def _add(self, bench: Bench) -> None:
        """Draw a replicate and train all its arms."""
        replicate = self._replicate(len(self.replicates))
        cells = {arm: self._cell(replicate, arm) for arm in self.design.arms}
        again: dict[Applied, Cell] = {**cells, AGAIN: self._cell(replicate, (), again=True)}
        for arm, result in zip(again, bench.results(list(again.values())), strict=True):
            self.found.setdefault(arm, []).append(result)
        self.replicates.append(replicate)
        replicate.forget()

    def _replicate(self, number: int) -> Replicate:
        random = StepRandom(key(self.seed, "replicate", number), "pool")
        chosen = family_sample(self.families, self.codes, self.row_ids, self.design.pool_fraction, random)
        held = family_sample(
            self.families, self.codes, self.row_ids, VALIDATION_FRACTION, StepRandom(random.seed, "validation")
        )
        fit, validation = np.flatnonzero(chosen & ~held), np.flatnonzero(chosen & held)
        return Replicate(
            number,
            self.train.take(fit),
            self.train.take(validation),
            self.test,
            self.design.by_name,
            self.design.recipe.max_quarantine,
            self.seed,
        )

    def _cell(self, replicate: Replicate, arm: Applied, *, again: bool = False) -> Cell:
        validation, test = replicate.inputs(arm)
        checked = self._examples(validation)
        return Cell(
            self.design.learner.on_budget(replicate.n_pool),
            self._examples(replicate.rows(arm)),
            checked if len(checked) else None,
            self.examples if test is self.test else self._examples(test),
            replicate.train_seed(again=again),
            self.design.metric.reads_texts,
        )

    def _examples(self, corpus: Corpus) -> Examples:
        return self.targets.examples(corpus, features="features" in self.design.learner.reads)

    def _read(self, alpha: float) -> Measurement:
        """The measurement on the replicates there are."""
        design = self.design
        outputs = {arm: [result.outputs for result in results] for arm, results in self.found.items()}
        predictions = Predictions(outputs, self.examples.targets, self.clusters, self.seed)
        reader = Reader(design, self.targets, self.replicates, predictions, alpha)
        steps = reader.family(design.asked)
        full, aa = (
            reader.single("all steps", {full_arm(design.steps): 1.0, (): -1.0}),
            reader.single("A/A", {AGAIN: 1.0, (): -1.0}),
        )
        return Measurement(
            metric=design.metric.name,
            direction=design.metric.direction,
            margin=design.margin,
            steps=tuple(steps),
            full=full,
            aa=aa,
            base={m.name: float(predictions.values(m, ()).mean()) for m in reader.metrics},
            base_sd={m.name: float(predictions.values(m, ()).std(ddof=1)) for m in reader.metrics},
            full_metrics={m.name: float(predictions.values(m, full_arm(design.steps)).mean()) for m in reader.metrics},
            trusted=aa.p_value > ALPHA,
            looks=1,
            scale=design.metric.scale,
            facts=self._facts(),
            notes=(*self.subject.notes, *self._failures()),
            recipe_yaml=_yaml(design.recipe),
            apart=scores_apart(predictions, self.subject.twins) if self.targets.task == "classification" else (),
        )

    def _failures(self) -> list[str]:
        """The steps that failed on rows, which are left out of the step's arm and of its placebo's."""
        worst = {name: max(part.failed.get(name, 0) for part in self.replicates) for name in self.design.steps}
        return [
            f"{name} failed on up to {n:,} rows of a replicate; they are left out." for name, n in worst.items() if n
        ]

    def _looks(self) -> int:
        if self.store is None:
            return 1
        asked = digest(
            self.design.recipe.fingerprint,
            corpus_fingerprint(self.train),
            self.design.learner.identity(),
            self.design.attribution,
            self.design.metric.name,
            self.design.pool_fraction,
            len(self.replicates),
        )
        return look(self.store, corpus_fingerprint(self.test), asked)

    def _facts(self) -> dict[str, Any]:
        fitted = [result for results in self.found.values() for result in results]
        return {
            "corpus": self.train.name,
            "n_train": len(self.train),
            "n_pool": float(np.mean([replicate.n_pool for replicate in self.replicates])),
            "n_test": len(self.test),
            "n_test_clusters": len(np.unique(self.clusters)),
            "task": self.targets.task,
            "n_classes": len(self.targets.names),
            "learner": self.design.learner.name,
            "learner_config": config(self.design.learner),
            "attribution": self.design.attribution,
            "n_replicates": len(self.replicates),
            "n_arms": len(self.found),
            "n_cells": len(fitted),
            "pool_fraction": self.design.pool_fraction,
            "seed": self.seed,
            "fingerprint": corpus_fingerprint(self.train),
            "test_fingerprint": corpus_fingerprint(self.test),
            "recipe_fingerprint": self.design.recipe.fingerprint,
            "deterministic": self.design.learner.deterministic,
            "mean_steps": float(np.mean([result.n_steps for result in fitted])),
        }


def _yaml(recipe: Recipe) -> str:
    if any(isinstance(step.transform, FunctionStep) for step in recipe.steps):
        return ""
    return recipe.to_yaml()

"""A measurement under way: replicates are drawn and their cells trained until there are enough, then read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curate.core.behind import with_kin
from curate.core.fingerprint import corpus_fingerprint
from curate.core.random import StepRandom, key
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.store import Store
from curate.errors import CurateError
from curate.kernels.sequential import LOOKS, nominal_alphas
from curate.learn.examples import Examples
from curate.learn.folds import families, family_sample
from curate.measure.arms import AGAIN, Applied, arm_name
from curate.measure.assemble import measurement_of
from curate.measure.bench import Bench
from curate.measure.cell import Cell, RunResult
from curate.measure.design import VALIDATION_FRACTION, Design
from curate.measure.dose import VALIDATION
from curate.measure.evidence import Evidence
from curate.measure.learning_curve import PARTS, halvings
from curate.measure.ledger import look
from curate.measure.replicate import Replicate
from curate.measure.result import Measurement
from curate.measure.sheets import FITTED, Sheet, fitted_sheet
from curate.measure.subject import Subject
from curate.measure.targets import strata
from curate.measure.verdict import ALPHA

Progress = Callable[[str, int, int], None]


IN_VAIN = f"Stopped early: by what was seen, {LOOKS[-1]} replicates would not tell either; the notes say what would."


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
        self._read: dict[Corpus, Examples] = {}
        self.examples = self._examples(test)
        if not design.metric.defined(self.examples.targets):
            hint = "another --metric, or test rows of which it says something"
            raise CurateError(
                f"{design.metric.name} says nothing of these test rows: their targets are alike", hint=hint
            )
        self.clusters = families(test)
        self.replicates: list[Replicate] = []
        self.found: dict[Applied, list[RunResult]] = {}
        self.taught: dict[Applied, list[NDArray[Any]]] = {}
        self._done, self._of = 0, 0

    def again(self, design: Design) -> Run:
        """A further measurement of the same rows, without the views, of which it tells nothing."""
        return Run(design, replace(self.subject, views=()), self.workers, self.store, self._on_progress)

    def measurement(self, replicates: int | Literal["auto"]) -> Measurement:
        looks = LOOKS if replicates == "auto" else (replicates,)
        alphas = nominal_alphas() if replicates == "auto" else (ALPHA,)
        parts = len(PARTS) if self.design.learning_curve else 0
        self._of = sum(len(self.design.arms_in(number)) + 1 + parts for number in range(looks[-1]))
        with Bench(self.store, self.workers, self._tell) as bench:
            for number, alpha in zip(looks, alphas, strict=True):
                self.gather(bench, number)
                result = measurement_of(self.evidence(), alpha)
                needed = [each.resolve["n_replicates"] for each in result.steps if each.verdict == "cannot tell"]
                in_vain = 2 * number >= looks[-1] and not any(n and n <= looks[-1] for n in needed)
                if in_vain or not needed:
                    break
        more = (IN_VAIN,) if needed and number < looks[-1] else ()
        return replace(result, looks=self._looks(), notes=(*result.notes, *more))

    def _tell(self) -> None:
        self._done += 1
        if self._on_progress is not None:
            self._on_progress("cells", self._done, self._of)

    def gather(self, bench: Bench, n_replicates: int) -> None:
        """Draw replicates until there are so many, and train all their arms."""
        begun: deque[tuple[Replicate, list[Applied], list[str]]] = deque()
        for number in range(len(self.replicates), n_replicates):
            replicate = self.replicate(number)
            cells = self.cells(replicate)
            begun.append((replicate, list(cells), bench.begin(list(cells.values()))))
            for arm, cell in cells.items():
                taught = [sheet.rows.targets for sheet in cell.sheets if sheet.name == FITTED]
                self.taught.setdefault(arm, []).extend(taught)
            replicate.forget()
            if len(begun) > bench.ahead:
                self._finish(bench, *begun.popleft())
        while begun:
            self._finish(bench, *begun.popleft())

    def _finish(self, bench: Bench, replicate: Replicate, arms: Sequence[Applied], keys: Sequence[str]) -> None:
        results = dict(zip(arms, bench.finish(keys), strict=True))
        own = set(replicate.drawn.values()).difference(self.design.arms)  # other replicates draw others
        drawn = {arm: results[applied] for arm, applied in replicate.drawn.items()}
        for arm, result in {**results, **drawn}.items():
            if arm not in own:
                self.found.setdefault(arm, []).append(result)
        self.replicates.append(replicate)

    def cells(self, replicate: Replicate) -> dict[Applied, Cell]:
        """The cell of every arm in a replicate, the A/A arm's last."""
        cells = self.cells_of(replicate, self.design.arms_in(replicate.number))
        return {**cells, AGAIN: self._cell(replicate, (), again=True), **self._parts(replicate, cells[()])}

    def cells_of(self, replicate: Replicate, arms: Sequence[Applied]) -> dict[Applied, Cell]:
        """The cells of some arms in a replicate."""
        self._read.clear()
        return {arm: self._cell(replicate, arm) for arm in arms}

    def replicate(self, number: int) -> Replicate:
        """One draw of the training pool; nothing is planned yet."""
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
            self.design.drawn(number),
        )

    def _cell(self, replicate: Replicate, arm: Applied, *, again: bool = False) -> Cell:
        validation, test = replicate.inputs(arm)
        checked = self._examples(validation)
        rows = replicate.rows(arm)
        train = self._examples(rows)
        if not len(train):
            hint = "a step of it drops them all: change its settings, or set max_drop"
            raise CurateError(f"the arm {arm_name(arm)!r} has no training rows", hint=hint)
        sheets = [Sheet(VALIDATION, checked)] if self.design.sweeps and len(checked) else []
        sheets += [view.sheet(replicate.seen(view.name, view.corpus, arm)) for view in self.subject.views]
        if not self.design.metric.reads_texts:
            known = self.targets.known(rows)
            sheets.append(fitted_sheet(rows, train, known, StepRandom(self.seed, FITTED)))
        return Cell(
            self.design.learner_for(replicate.n_pool),
            train,
            checked if len(checked) else None,
            self.examples if test is self.test else self._examples(test),
            replicate.train_seed(again=again),
            self.design.metric.reads_texts,
            tuple(sheets),
            self.design.timed and not arm and not again,
        )

    def _parts(self, replicate: Replicate, whole: Cell) -> dict[Applied, Cell]:
        """The base on ever smaller parts of its rows, where a learning curve is asked for."""
        if not self.design.learning_curve:
            return {}
        ids, order = replicate.pool.row_ids(), np.argsort(self.row_ids)
        at = order[np.searchsorted(self.row_ids[order], ids)]
        parts = halvings(self.families[at], self.codes[at], ids, key(self.seed, "replicate", replicate.number))
        return {
            PARTS[part]: replace(
                whole,
                learner=self.design.learner_for(len(rows)),
                train=self._examples(replicate.pool.take(rows)),
                sheets=(),
                timed=False,
            )
            for part, rows in parts.items()
        }

    def _examples(self, corpus: Corpus) -> Examples:
        """The rows as the learner reads them, read once for all arms of a replicate that have these rows."""
        if corpus not in self._read:
            self._read[corpus] = self.targets.examples(corpus, features="features" in self.design.learner.reads)
        return self._read[corpus]

    def evidence(self) -> Evidence:
        """What there is to be read by now."""
        return Evidence(
            self.design, self.subject, tuple(self.replicates), self.found, self.examples, self.clusters, self.taught
        )

    def _looks(self) -> int | None:
        if self.store is None or not self.store.lasting:
            return None
        asked = digest(
            self.design.recipe.fingerprint,
            corpus_fingerprint(self.train),
            self.design.learner.identity(),
            self.design.attribution,
            [arm_name(arm) for arm in self.design.arms],
            self.design.metric.name,
            self.design.pool_fraction,
            self.design.budget,
            len(self.replicates),
        )
        return look(self.store, corpus_fingerprint(self.test), asked)

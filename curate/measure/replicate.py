"""Replicates: one draw of the training pool, of every step's randomness, of initialisation and batch order, shared by
all arms.

Within a replicate everything a step learns it learns from that replicate's training rows. The validation rows are
drawn before any step and never edited; the test rows are fixed. What a step does to equal rows is worked out once,
whichever arms they belong to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from curate.core.fingerprint import corpus_fingerprint
from curate.core.random import StepRandom, key
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.digest import batches_digest, digest
from curate.data.edits import Edits
from curate.data.lineage import StepCount, quarantine_row, quarantine_table
from curate.data.origin import ANCESTORS
from curate.data.rows import Ids
from curate.engines.guards import Allowance, check_drops
from curate.engines.local import LocalEngine
from curate.errors import CurateError
from curate.learn.examples import Task
from curate.measure.arms import Applied, Weights
from curate.measure.placebo import n_relabelled, placebo_of, retargets

SEED_BITS = (1 << 63) - 1


@dataclass(frozen=True)
class _Rows:
    """The rows of an arm; `name` says what they are and what they were made from: equal rows, equal name."""

    corpus: Corpus
    name: str

    @classmethod
    def of(cls, corpus: Corpus) -> _Rows:
        made_from = [] if corpus.origin is None else corpus.origin.ancestors.to_batches()
        kin = batches_digest(ANCESTORS, made_from)
        return cls(corpus, digest(corpus_fingerprint(corpus), kin))


@dataclass(frozen=True)
class _Plan:
    """What a step proposes, the rows it failed on with the cause, and how long it took."""

    edits: Edits
    failed: Mapping[int, str]
    seconds: float


@dataclass(frozen=True)
class Work:
    """What a step did: rows that it changed, dropped, added or weighed, and how long that took."""

    rows: float
    seconds: float


@dataclass(eq=False)
class Replicate:
    """The training rows of one replicate, and the arms made from them.

    Attributes:
        number: which replicate.
        pool: the training rows before any step.
        validation: the rows that decide when to stop.
        steps: every step that an arm may apply, by the name that arms use.
        max_quarantine: the largest share of rows that a step may fail on.
        seed: the measurement's seed.
        drawn: for arms that this replicate draws, the steps that they apply in it.
        retargeted: whether each step sets what has no placebo: a number, a text or a list of classes to be learnt.
        relabelled: of each step that sets labels, how many it changes where its placebo stands, and how many that does.
        failed: rows that each step could not work on, at most in any arm; they are left out there and of its placebo's.
        told: what each step had to say of how it came to its edits, with the steps before it: as many as in any arm.
    """

    number: int
    pool: Corpus
    validation: Corpus
    test: Corpus
    steps: Mapping[str, Step]
    max_quarantine: float
    seed: int
    drawn: Mapping[Applied, Applied] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    retargeted: dict[str, bool] = field(default_factory=dict)
    relabelled: dict[str, tuple[int, int]] = field(default_factory=dict)
    told: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    _arms: dict[Applied, _Rows] = field(default_factory=dict)
    _distinct: dict[str, _Rows] = field(default_factory=dict)
    _made: dict[tuple[str, str, bool], _Rows] = field(default_factory=dict)
    _plans: dict[tuple[str, str], _Plan] = field(default_factory=dict)
    _inputs: dict[tuple[str, Applied], Corpus] = field(default_factory=dict)
    _works: dict[tuple[Applied, str], Work] = field(default_factory=dict)

    @property
    def n_pool(self) -> int:
        """Training rows before any step."""
        return len(self.pool)

    def forget(self) -> None:
        """Let go of the rows of the arms, which are trained by now."""
        self._arms.clear()
        self._distinct.clear()
        self._made.clear()
        self._plans.clear()
        self._inputs.clear()

    def train_seed(self, *, again: bool = False) -> int:
        """The seed of training; another one for the A/A arm."""
        return key(self.seed, "train again" if again else "train", self.number) & SEED_BITS

    @property
    def _step_seed(self) -> int:
        return key(self.seed, "steps", self.number) & SEED_BITS

    def rows(self, arm: Applied) -> Corpus:
        """The training rows of an arm; arms with equal rows are given the same ones."""
        return self._rows(arm).corpus

    def _rows(self, arm: Applied) -> _Rows:
        if arm not in self._arms:
            made = self._after(arm[:-1], *arm[-1]) if arm else _Rows.of(self.pool)
            self._arms[arm] = self._distinct.setdefault(made.name, made)
        return self._arms[arm]

    def work(self, effect: Weights, name: str) -> Work:
        """What a step did in the arms of its contrast, each after the steps before it, and weighed as they are there.

        Of a contrast in which no step of that name has a part it is nothing.
        """
        rows = seconds = 0.0
        for arm, weight in effect.items():
            real = self.drawn.get(arm, arm)
            if name in self.steps and (name, False) in real:
                done = self._works[real[: real.index((name, False))], name]
                rows, seconds = rows + weight * done.rows, seconds + weight * done.seconds
        return Work(rows, seconds)

    def inputs(self, arm: Applied) -> tuple[Corpus, Corpus]:
        """The validation and test rows of an arm: changed only by its steps marked `at_inference`."""
        return self.seen("validation", self.validation, arm), self.seen("test", self.test, arm)

    def seen(self, name: str, corpus: Corpus, arm: Applied) -> Corpus:
        """Rows that nothing may edit as an arm's model sees them: changed only by its steps marked `at_inference`."""
        steps = tuple((step, placebo) for step, placebo in arm if self.steps[step].at_inference and not placebo)
        return self._input(name, corpus, steps)

    def _after(self, before: Applied, name: str, placebo: bool) -> _Rows:
        """The rows after a step or its placebo."""
        rows, plan = self._rows(before), self._plan(before, name)
        at = rows.name, name, placebo
        if at not in self._made:
            self._made[at] = _Rows.of(self._applied(rows.corpus, self.steps[name], plan, placebo=placebo))
        return self._made[at]

    def _applied(self, corpus: Corpus, step: Step, plan: _Plan, *, placebo: bool) -> Corpus:
        """The rows after a plan, or after its placebo; both leave out the rows that the step failed on."""
        edits = plan.edits
        if placebo:
            random = StepRandom(self._step_seed, f"placebo of {step.name}")
            edits = placebo_of(step.transform, edits.within(_others(corpus, plan.failed)), corpus, random)
            edits = edits.within(_others(corpus, plan.failed))
            if edits.sets:
                self.relabelled[step.name] = n_relabelled(plan.edits, corpus), n_relabelled(edits, corpus)
        return LocalEngine().apply(step.name, step.transform, edits, plan.failed, corpus)

    def _plan(self, before: Applied, name: str) -> _Plan:
        """What a step proposes for the rows of an arm, planned once for the step and its placebo."""
        rows = self._rows(before)
        at = rows.name, name
        if at not in self._plans:
            self._plans[at] = self._planned(rows.corpus, self.steps[name])
        plan = self._plans[at]
        if len(before) >= self.told.get(name, (0, ()))[0] and not any(placebo for _, placebo in before):
            self.told[name] = len(before), plan.edits.notes
        self._works[before, name] = Work(plan.edits.n_rows, plan.seconds)
        self.failed[name] = max(self.failed.get(name, 0), len(plan.failed))
        self.retargeted[name] = self.retargeted.get(name, False) or retargets(plan.edits, rows.corpus)
        return plan

    def _planned(self, corpus: Corpus, step: Step) -> _Plan:
        """What a step proposes for some rows.

        Raises:
            QuarantineExceeded: it fails on more rows than the recipe allows.
            GuardExceeded: it drops more than its `max_drop`.
        """
        began = perf_counter()
        edits, failed = LocalEngine().plan(step.transform, corpus, step=step.name, seed=self._step_seed)
        bad = quarantine_table(
            quarantine_row(cause, raw=None, row_id=row_id, step=step.name) for row_id, cause in failed.items()
        )
        Allowance(self.max_quarantine, len(corpus)).check([bad])
        count = StepCount(step.name, n_in=len(corpus), n_dropped=edits.drops.num_rows)
        count.dropped_by = Edits(drops=edits.drops).reasons()
        check_drops(Recipe([step]), [count])
        return _Plan(edits, failed, perf_counter() - began)

    def _input(self, split: str, corpus: Corpus, steps: Applied) -> Corpus:
        if not steps:
            return corpus
        if (split, steps) not in self._inputs:
            before = self._input(split, corpus, steps[:-1])
            step = self.steps[steps[-1][0]]
            edits, failed = LocalEngine().plan(step.transform, before, step=step.name, seed=self._step_seed)
            learnt = {before.roles.label, before.roles.target}
            if failed or edits.n_edits != Edits(sets=edits.sets).n_edits or learnt & edits.sets.keys():
                raise CurateError(
                    f"step {step.name!r} is marked at_inference, but does more to the {split} rows than set their text",
                    hint="leave at_inference to steps that rewrite text",
                )
            self._inputs[split, steps] = LocalEngine().apply(step.name, step.transform, edits, {}, before)
        return self._inputs[split, steps]


def _others(corpus: Corpus, failed: Mapping[int, str]) -> Ids:
    return np.setdiff1d(corpus.row_ids(), np.fromiter(failed, np.uint64, len(failed)))


def check_at_inference(recipe: Recipe, task: Task, corpus: Corpus) -> None:
    """Raise where a step is marked `at_inference` that needs all rows, or whose text is itself what is learnt."""
    for step in recipe.steps:
        if step.at_inference and task == "generation" and corpus.roles.target is None:
            raise CurateError(
                f"step {step.name!r} is marked at_inference, but the text of the rows is itself what is learnt: "
                "each arm would be judged by other texts",
                hint="leave at_inference out",
            )
        if step.at_inference and not isinstance(step.transform, RowTransform):
            raise CurateError(f"step {step.name!r} is marked at_inference but needs all rows to decide")

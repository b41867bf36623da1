"""Replicates: one draw of the training pool, of every step's randomness, of initialisation and batch order, shared by
all arms.

Within a replicate everything a step learns it learns from that replicate's training rows. The validation rows are
drawn before any step and never edited; the test rows are fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom, key
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.engines.local import LocalEngine
from curate.errors import CurateError
from curate.learn.learner import Examples
from curate.measure.arms import Applied
from curate.measure.placebo import placebo_of

SEED_BITS = (1 << 63) - 1


@dataclass(frozen=True, eq=False)
class Classes:
    """The class names of a measurement, and how labels become numbers."""

    names: tuple[str, ...]

    def codes(self, labels: pa.ChunkedArray) -> np.ndarray:
        """Class numbers, shape (n,), -1 for a null label."""
        if pa.types.is_dictionary(labels.type):
            labels = labels.cast(labels.type.value_type)
        text = pa.array(
            [None if value is None or value != value else str(value) for value in labels.to_pylist()], pa.string()
        )
        found = pa.compute.index_in(text, value_set=pa.array(self.names, pa.string()))
        unknown = text.filter(pa.compute.and_(found.is_null(), text.is_valid()))
        if len(unknown):
            raise CurateError(f"a step sets the label {unknown[0].as_py()!r}, which no training or test row had")
        return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)

    def examples(self, corpus: Corpus) -> Examples:
        """The rows with a label as a learner sees them."""
        codes = self.codes(corpus.labels())
        texts = corpus.texts()
        weights = None
        if corpus.roles.weight is not None:
            weights = corpus.table().column(corpus.roles.weight).fill_null(1.0).to_numpy().astype(np.float64)
        rows = Examples(texts, np.maximum(codes, 0), weights, len(self.names))
        return rows if (codes >= 0).all() else rows.take(np.flatnonzero(codes >= 0))


@dataclass(eq=False)
class Replicate:
    """The training rows of one replicate, and the arms made from them.

    Attributes:
        number: which replicate.
        pool: the training rows before any step.
        validation: the rows that decide when to stop.
        recipe: the steps.
        seed: the measurement's seed.
        seconds: time spent in each step by itself.
        touched: rows that each step changed, dropped, added or weighed, when it stood first.
    """

    number: int
    pool: Corpus
    validation: Corpus
    test: Corpus
    recipe: Recipe
    seed: int
    seconds: dict[str, float] = field(default_factory=dict)
    touched: dict[str, int] = field(default_factory=dict)
    _made: dict[Applied, Corpus] = field(default_factory=dict)
    _inputs: dict[tuple[str, Applied], Corpus] = field(default_factory=dict)

    @property
    def n_pool(self) -> int:
        """Training rows before any step."""
        return len(self.pool)

    def forget(self) -> None:
        """Let go of the rows of the arms, which are trained by now."""
        self._made.clear()
        self._inputs.clear()

    def train_seed(self, *, again: bool = False) -> int:
        """The seed of training; another one for the A/A arm."""
        return key(self.seed, "train again" if again else "train", self.number) & SEED_BITS

    @property
    def _step_seed(self) -> int:
        return key(self.seed, "steps", self.number) & SEED_BITS

    def rows(self, arm: Applied) -> Corpus:
        """The training rows of an arm."""
        if not arm:
            return self.pool
        if arm not in self._made:
            self._made[arm] = self._applied(
                self.rows(arm[:-1]), self._step(arm[-1][0]), placebo=arm[-1][1], first=len(arm) == 1
            )
        return self._made[arm]

    def inputs(self, arm: Applied) -> tuple[Corpus, Corpus]:
        """The validation and test rows of an arm: changed only by its steps marked `at_inference`."""
        steps = tuple((name, placebo) for name, placebo in arm if self._step(name).at_inference and not placebo)
        return self._input("validation", self.validation, steps), self._input("test", self.test, steps)

    def _step(self, name: str) -> Step:
        return next(step for step in self.recipe.steps if step.name == name)

    def _applied(self, corpus: Corpus, step: Step, *, placebo: bool, first: bool) -> Corpus:
        began = perf_counter()
        engine = LocalEngine()
        edits, failed = engine.plan(step.transform, corpus, step=step.name, seed=self._step_seed)
        if placebo:
            random = StepRandom(self._step_seed, f"placebo of {step.name}")
            return engine.apply(
                step.name, step.transform, placebo_of(step.transform, edits, corpus, random), {}, corpus
            )
        result = engine.apply(step.name, step.transform, edits, failed, corpus)
        if first or step.name not in self.seconds:
            self.seconds[step.name] = perf_counter() - began
            self.touched[step.name] = edits.n_rows
        return result

    def _input(self, split: str, corpus: Corpus, steps: Applied) -> Corpus:
        if not steps:
            return corpus
        if (split, steps) not in self._inputs:
            before = self._input(split, corpus, steps[:-1])
            step = self._step(steps[-1][0])
            edits, failed = LocalEngine().plan(step.transform, before, step=step.name, seed=self._step_seed)
            if failed or edits.n_edits != Edits(sets=edits.sets).n_edits or before.roles.label in edits.sets:
                raise CurateError(
                    f"step {step.name!r} is marked at_inference, but does more to the {split} rows than set their text",
                    hint="leave at_inference to steps that rewrite text",
                )
            self._inputs[split, steps] = LocalEngine().apply(step.name, step.transform, edits, {}, before)
        return self._inputs[split, steps]


def check_at_inference(recipe: Recipe) -> None:
    """Raise where a step that cannot work row by row is marked `at_inference`."""
    for step in recipe.steps:
        if step.at_inference and not isinstance(step.transform, RowTransform):
            raise CurateError(f"step {step.name!r} is marked at_inference but needs all rows to decide")


def total(parts: list[Mapping[str, float]], name: str) -> float:
    """The mean over replicates of a figure kept by step."""
    return float(np.mean([part.get(name, 0.0) for part in parts])) if parts else 0.0

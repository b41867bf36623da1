"""Certify: how often does the tool cry wolf on these rows, with this learner? Measurements whose truth is known.

Each measurement draws half of the training rows by family, sets a fifth of those aside to be tested on, and asks two
things whose true answer is 0: the base against itself trained again (A/A), and two random draws of the same amount of
dropped rows. No test set is touched: it may be asked as often as one likes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np

from curate.core.behind import with_kin
from curate.core.random import StepRandom, key
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.data.store import Store
from curate.errors import CurateError
from curate.kernels.intervals import t_quantile, wilson
from curate.learn.folds import families, family_sample
from curate.learn.learner import Learner
from curate.learn.named import LearnerSpec, learner_named
from curate.measure.arms import AGAIN, Applied
from curate.measure.bench import Bench
from curate.measure.design import Design, design_of
from curate.measure.options import Budget, Options
from curate.measure.reader import Reader
from curate.measure.result import Effect, finite
from curate.measure.run import Run
from curate.measure.subject import Subject, check_reads, split
from curate.measure.targets import strata, targets_of
from curate.measure.units import Units
from curate.measure.verdict import ALPHA

SCHEMA = "curate.certificate/1"
SHARE = 0.5
DRAW = "a random tenth"
NULLS = {
    "A/A": "the base against itself, trained again with another initialisation and batch order",
    "two draws": "a random tenth of the rows dropped, against as many other random rows",
}
CONTRASTS: dict[str, dict[Applied, float]] = {
    "A/A": {AGAIN: 1.0, (): -1.0},
    "two draws": {((DRAW, False),): 1.0, ((DRAW, True),): -1.0},
}


class DropAtRandom(RowTransform):
    """Drops a tenth of the rows blindly: what has no content, so that only its amount can have an effect."""

    name: ClassVar[str] = "certify.drop"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"at_random": "its draw said so"}
    needs: ClassVar[frozenset[str]] = frozenset()

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        """Drop each row with a chance of one in ten."""
        return Edits.drop(batch.row_ids[random.uniform(batch.row_ids) < 0.1], "at_random")


@dataclass(frozen=True)
class Rate:
    """How one null came out.

    Attributes:
        null: which: a name of `NULLS`.
        n: measurements.
        n_false: those with a verdict "helps" or "hurts".
        low: of the false-alarm rate, Wilson's interval at 95 %; `high` its upper end.
        n_covered: those whose interval holds the truth, 0.
        covered_low: of the coverage, Wilson's interval at 95 %; `covered_high` its upper end.
        half_width: of the intervals, mean, in units of the metric.
    """

    null: str
    n: int
    n_false: int
    low: float
    high: float
    n_covered: int
    covered_low: float
    covered_high: float
    half_width: float

    @property
    def false_alarms(self) -> float:
        """The share of measurements that cried wolf."""
        return self.n_false / self.n

    @property
    def coverage(self) -> float:
        """The share of intervals that hold the truth."""
        return self.n_covered / self.n


@dataclass(frozen=True)
class Certificate:
    """What the tool does on these rows where there is nothing to be found.

    Attributes:
        rates: one for each null.
        level: the false-alarm rate that is promised.
        facts: what it was made with.
    """

    rates: tuple[Rate, ...]
    level: float
    facts: dict[str, Any]

    @property
    def held(self) -> bool | None:
        """Whether the promise holds, by the 95 % intervals of the false-alarm rates.

        False where one of them is above the level, true where all are at most at twice the level, None in between.
        """
        if any(rate.low > self.level for rate in self.rates):
            return False
        return True if all(rate.high <= 2 * self.level for rate in self.rates) else None

    @property
    def n_needed(self) -> int | None:
        """Measurements that would settle it if alarms came at the worst rate seen, or as promised where that is more.

        None where it is settled.
        """
        if self.held is not None:
            return None
        share = max(self.level, *(rate.false_alarms for rate in self.rates))
        return math.floor(min(_n_apart(share, self.level), _n_apart(share, 2 * self.level))) + 1

    def to_dict(self) -> dict[str, Any]:
        """The certificate as plain values."""
        rates = [{**asdict(r), "false_alarms": r.false_alarms, "coverage": r.coverage} for r in self.rates]
        found = {"schema": SCHEMA, "held": self.held, "level": self.level, "n_needed": self.n_needed, "rates": rates}
        plain: dict[str, Any] = finite({**found, "facts": dict(self.facts)})
        return plain

    def report(self) -> Any:
        """The certificate as a report."""
        from curate.measure.certificate_page import page

        return page(self)


def certify(
    corpus: Corpus,
    *,
    n: int = 200,
    learner: LearnerSpec | Learner = "bag",
    replicates: int = 5,
    metric: str | None = None,
    margin: float | None = None,
    budget: Budget = "steps",
    seed: int = 0,
    workers: int = 1,
    store: Store | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Certificate:
    """Measure `n` times what has no effect, on draws of the training rows.

    Args:
        corpus: the training rows; its held-out splits are not read.
        n: measurements.
        learner: as for `measure`.
        replicates: in each measurement, at least 5.
        metric: as for `measure`.
        margin: as for `measure`.
        budget: as for `measure`.
        seed: keys every draw.
        workers: processes that train.
        store: keeps trained cells.
        on_progress: called with ("cells", done, of).

    Raises:
        CurateError: an option out of range, or rows that cannot be measured on.

    With 200 measurements the promise is found to hold up to 11 false alarms of a null, 5.5 %. Fewer than 35 never say
    so, as even none of them wrong leaves room for more than twice the false alarms that are promised.

    Example:
        >>> import pyarrow as pa
        >>> texts = [f"{word} {at}" for at in range(60) for word in ("goal team", "bank cash")]
        >>> rows = Corpus.from_table(pa.table({"text": texts, "label": ["sport", "money"] * 60}))
        >>> found = certify(rows, n=2, learner="linear", margin=0.01)
        >>> [rate.null for rate in found.rates], found.held, found.n_needed
        (['A/A', 'two draws'], None, 139)
    """
    if n < 1 or replicates < 5:
        raise CurateError(f"n is {n}, replicates is {replicates}", hint="n at least 1, replicates at least 5")
    chosen = learner_named(learner)
    chosen.check_installed()
    options = Options(learner=chosen, replicates=replicates, metric=metric, margin=margin, budget=budget)
    rows = Corpus.expect(corpus)
    check_reads(chosen, rows)
    kin = with_kin(families(rows), rows.row_ids(), rows.origin)
    found: dict[str, list[Effect]] = {name: [] for name in NULLS}
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress("cells", done, 4 * replicates * n)

    with Bench(store, workers, tell) as bench:
        for number in range(n):
            run = _run(rows, kin, key(seed, "certify", number), options, chosen)
            run.gather(bench, replicates)
            for name, effect in _effects(run).items():
                found[name].append(effect)
            facts = _facts(run, rows, n, replicates, seed)
    return Certificate(tuple(_rate(name, effects) for name, effects in found.items()), ALPHA, facts)


def _n_apart(share: float, bound: float) -> float:
    """From how many on Wilson's interval of a share leaves a bound out."""
    if share == bound:
        return math.inf
    return t_quantile(math.inf, 0.975) ** 2 * bound * (1 - bound) / (share - bound) ** 2


def _run(rows: Corpus, kin: np.ndarray[Any, Any], seed: int, options: Options, learner: Learner) -> Run:
    """One measurement on half of the rows."""
    recipe = Recipe([Step(DropAtRandom(), DRAW)], seed=seed)
    half = family_sample(kin, strata(rows), rows.row_ids(), SHARE, StepRandom(seed, "certify"))
    train, test, _ = split(replace(rows.take(np.flatnonzero(half)), held_out={}), None, seed)
    targets = targets_of(train, test, learner)
    known = test.take(np.flatnonzero(targets.known(test)))
    subject = Subject(recipe, train, known, targets, np.full(len(known), "none"))
    return Run(design_of(subject, options, learner), subject)


def _effects(run: Run) -> dict[str, Effect]:
    evidence = run.evidence()
    reader = Reader(run.design, run.targets, evidence.replicates, evidence.predictions, ALPHA)
    return {name: reader.single(name, contrast) for name, contrast in CONTRASTS.items()}


def _rate(name: str, effects: Sequence[Effect]) -> Rate:
    n = len(effects)
    n_false = sum(effect.verdict in ("helps", "hurts") for effect in effects)
    n_covered = sum(effect.interval.low <= 0 <= effect.interval.high for effect in effects)
    half = float(np.mean([(effect.interval.high - effect.interval.low) / 2 for effect in effects]))
    return Rate(name, n, n_false, *wilson(n_false, n), n_covered, *wilson(n_covered, n), half)


def _facts(run: Run, rows: Corpus, n: int, replicates: int, seed: int) -> dict[str, Any]:
    design: Design = run.design
    return {
        "corpus": rows.name,
        "n_rows": len(rows),
        "n_train": len(run.train),
        "n_test": len(run.test),
        "n": n,
        "n_replicates": replicates,
        "learner": design.learner.name,
        "deterministic": design.learner.deterministic,
        "metric": design.metric.name,
        "unit": Units.of(design.metric, design.margin or 0.0, run.train.roles.target).word,
        "scale": design.metric.scale,
        "margin": design.margin,
        "budget": design.budget,
        "seed": seed,
    }

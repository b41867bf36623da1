"""Advice: what came of trying augmenters, in plain words; and what it would take to give it.

The proof decides: the verdict of `measure` on the one augmenter that training rows have chosen, beside plain copies of
the same rows. What has been published stands beside it and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.data.roles import Roles
from curate.measure.ledger import looks_fact
from curate.measure.result import Effect, Measurement, finite
from curate.measure.strength import Tried
from curate.measure.told import Told
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number

SCHEMA = "curate.advice/1"
PLAN_SCHEMA = "curate.advice_plan/1"
PUBLISHED = (
    "Published, and no part of the decision: EDA and back-translation do not consistently help pretrained encoders "
    "(Longpre, Wang & DuBois 2020); EDA gained 3.0 points with 500 training rows on networks trained from nothing "
    "(Wei & Zou 2019)."
)

Counsel = Literal["do", "don't", "cannot say"]


@dataclass(frozen=True)
class Advice:
    """What is advised, and on what evidence.

    Attributes:
        tried: every candidate, the best first, as seen on rows carved from the training rows.
        left_out: augmenters that could not be tried, and why.
        measured: the best one on the test rows: its effect, its placebo's, its verdict.
        over_copies: the best one minus plain copies of the same rows, on new data of this source.
        roles: what the columns of the rows are for, so that the recipe runs without being told.
    """

    tried: tuple[Tried, ...]
    left_out: Mapping[str, str]
    measured: Measurement
    over_copies: Told
    roles: Roles

    @property
    def effect(self) -> Effect:
        """The effect of the best candidate."""
        return self.measured.steps[0]

    @property
    def counsel(self) -> Counsel:
        """`do` where the proof says that it helps, `cannot say` where the proof is not to be trusted; else `don't`."""
        if not self.measured.trusted:
            return "cannot say"
        return "do" if self.effect.verdict == "helps" else "don't"

    @property
    def recipe(self) -> Recipe | None:
        """What to run; None where augmenting is not advised."""
        if self.counsel != "do":
            return None
        return Recipe([Step(self.tried[0].step.transform)], seed=int(self.measured.facts["seed"]), roles=self.roles)

    def headline(self) -> str:
        """The advice in a few words."""
        named = self.effect.step
        if self.counsel == "cannot say":
            return "Cannot say: the base trained twice already shows a difference."
        if self.counsel == "do":
            return f"Do: {named} helps."
        told = {"hurts": f"Don't: {named} does harm.", "no effect": f"Don't: {named} changes nothing that matters."}
        return told.get(self.effect.verdict, f"Don't, as far as can be told: {named} {self._bound()}.")

    def said(self) -> str:
        """The advice in one or two sentences."""
        few = f" Exploratory: {self.effect.n_replicates} replicates." if self.effect.standing != "report" else ""
        return self._counselled() + few

    def _counselled(self) -> str:
        effect, n = self.effect, len(self.tried)
        if self.counsel == "cannot say":
            return self.headline()
        over = f"{self._drawn(effect.delta, effect.interval)} over the rows as they are"
        copies = f"{self._drawn(self.over_copies.value, self.over_copies.interval)} over plain copies of the same rows"
        what = f"{effect.step}, the best of {number(n)} on training rows set aside," if n > 1 else f"{effect.step}"
        if self.counsel == "do":
            return f"Do: {what} is worth {over}, and {copies}."
        bound = self._bound()
        if effect.verdict == "hurts":
            return f"Don't: {what} does harm, {over}; it {bound}."
        if effect.verdict == "no effect":
            return f"Don't: {what} changes nothing that matters, {over}; it {bound}."
        return f"Don't, as far as can be told: {what} {bound} ({copies}; {over})."

    def _bound(self) -> str:
        higher = self.measured.direction == "higher"
        end = self.over_copies.interval.high if higher else -self.over_copies.interval.low
        return "does not beat plain copies" + (f" by more than {self.measured.units.size(end)}" if end > 0 else "")

    def _drawn(self, value: float, given: Interval) -> str:
        """A difference with its interval and its unit."""
        units = self.measured.units
        return f"{units.signed(value)} [{units.signed(given.low)}, {units.signed(given.high)}] {units.word}".rstrip()

    def to_dict(self) -> dict[str, Any]:
        """The advice as plain values."""
        tried = [
            {
                "step": one.step.name,
                "use": one.step.to_dict(),
                "gain": one.gain.delta,
                "low": one.gain.interval()[0],
                "high": one.gain.interval()[1],
                "n_replicates": one.n_replicates,
            }
            for one in self.tried
        ]
        plain: dict[str, Any] = finite(
            {
                "schema": SCHEMA,
                "counsel": self.counsel,
                "said": self.said(),
                "recipe": None if self.recipe is None else self.recipe.to_dict(),
                "over_copies": self.over_copies.to_dict(),
                "tried": tried,
                "left_out": dict(self.left_out),
                "measured": self.measured.to_dict(),
                "published": PUBLISHED,
            }
        )
        return plain

    def report(self) -> model.Report:
        """The advice as a report."""
        facts, units = self.measured.facts, self.measured.units
        tones: dict[Counsel, model.Tone] = {"do": "good", "don't": "neutral", "cannot say": "warning"}
        return model.Report(
            title=str(facts["corpus"]),
            kind="advice",
            headline=self.headline(),
            tone=tones[self.counsel],
            facts=(
                model.Fact("training rows", number(facts["n_train"])),
                model.Fact("test rows", number(facts["n_test"])),
                model.Fact("learner", str(facts["learner"])),
                model.Fact(f"base {units.metric}", units.level(self.measured.base[units.metric])),
                model.Fact("replicates", number(facts["n_replicates"])),
                looks_fact(self.measured.looks),
            ),
            sections=(self._use(), self._proof(), self._search()),
            footer=f"seed {facts['seed']}",
        )

    def _use(self) -> model.Section:
        if self.recipe is not None:
            return model.Section("What to run", (model.Code(self.recipe.to_yaml()), model.Note(PUBLISHED, "info")))
        effect, blocks = self.effect, list[model.Block]()
        if self.measured.trusted and effect.verdict == "cannot tell":
            units = self.measured.units
            blocks.append(
                model.Note(
                    f"An effect below {units.size(effect.mde)} would not have been found: more test rows or replicates "
                    "tell more, more augmenters do not."
                )
            )
        return model.Section("What to run", (*blocks, model.Note(PUBLISHED, "info")), "Nothing: the rows as they are.")

    def _proof(self) -> model.Section:
        units, effect = self.measured.units, self.effect
        tone: dict[str, model.Tone] = {"helps": "good", "hurts": "bad", "no effect": "neutral"}
        beside = None if effect.placebo_delta is None else units.drawn(effect.placebo_delta, effect.placebo_interval)
        line = model.EffectLine(
            effect.step,
            units.drawn(effect.delta, effect.interval),
            beside,
            effect.verdict,
            tone.get(effect.verdict, "warning"),
        )
        aa = self.measured.aa
        why = [f"{effect.step}: {effect.verdict}, {effect.reason}."] if effect.reason else []
        notes = [*why, *self.measured.notes, f"A/A: {self._drawn(aa.delta, aa.interval)}."]
        lead = "The best one on the test rows, which the search has not asked, beside plain copies of the same rows."
        plot = units.plot([line], f"change in {units.metric}")
        blocks: list[model.Block] = [model.Text(self.said()), plot, *(model.Note(note, "info") for note in notes)]
        return model.Section("The proof", tuple(blocks), lead)

    def _search(self) -> model.Section:
        units = self.measured.units
        columns = (
            model.Column("augmenter", "code"),
            model.Column("on rows set aside"),
            model.Column("replicates", "number"),
        )
        rows = tuple(
            (one.step.name, self._drawn(one.gain.delta, _interval(one)), one.n_replicates) for one in self.tried
        )
        table = model.Table(columns, rows, f"gain in {units.metric} over the base", searchable=False, sortable=False)
        lead = (
            "Successive halving on a fifth of the training rows, set aside anew for each replicate: the better half "
            "goes on. The intervals are of one candidate by itself; the best of many looks better than it is, which is "
            "why the proof is made on other rows."
        )
        left = [model.Note(f"Not tried: {name}: {why}.", "info") for name, why in self.left_out.items()]
        return model.Section("What was tried", (table, *left), lead)


def _interval(tried: Tried) -> Interval:
    low, high = tried.gain.interval()
    return Interval(low=low, high=high)


@dataclass(frozen=True)
class AdvicePlan:
    """What advice would take.

    Attributes:
        steps: the candidates.
        left_out: augmenters that could not be tried, and why.
        rungs: replicates up to each rung of the search.
        n_search: models that the search trains.
        n_proof: models that the proof trains.
        cell_s: seconds to train the base once and predict.
        planning_s: seconds to make the rows of one candidate, on average.
        workers: processes that train.
        facts: rows and learner.
    """

    steps: tuple[str, ...]
    left_out: Mapping[str, str]
    rungs: tuple[int, ...]
    n_search: int
    n_proof: int
    cell_s: float
    planning_s: float
    workers: int
    facts: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """What all would take with these workers."""
        return (self.n_search + self.n_proof) * (self.planning_s + self.cell_s / self.workers)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain values."""
        plain: dict[str, Any] = finite({"schema": PLAN_SCHEMA, **asdict(self), "seconds": self.seconds})
        return plain

    def report(self) -> model.Report:
        """The plan as a report."""
        from curate.measure.forecast import spell

        n = self.n_search + self.n_proof
        rows = tuple((name, "") for name in self.steps) + tuple(self.left_out.items())
        columns = (model.Column("augmenter", "code"), model.Column("why it is not tried"))
        table = model.Table(columns, rows, f"{number(len(self.steps))} candidates", searchable=False, sortable=False)
        note = "Each model is reckoned like the base; a learner whose time grows with the rows takes longer."
        return model.Report(
            title=str(self.facts["corpus"]),
            kind="plan",
            headline=f"{number(n)} models to train at most: about {spell(self.seconds)}",
            facts=(
                model.Fact("candidates", number(len(self.steps))),
                model.Fact("models of the search", number(self.n_search)),
                model.Fact("models of the proof", number(self.n_proof)),
                model.Fact("a model", spell(self.cell_s)),
                model.Fact("the rows of a candidate", spell(self.planning_s)),
                model.Fact("workers", number(self.workers)),
            ),
            sections=(model.Section("What would be tried", (model.Note(note, "info"), table)),),
        )

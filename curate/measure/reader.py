"""The reader: effects, verdicts and plans, read off the predictions of all cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

import numpy as np

from curate.kernels.twoway import TwoWay
from curate.learn.metrics import Metric, metrics_of
from curate.measure.arms import Question, Weights
from curate.measure.design import Design
from curate.measure.estimate import DUST, Predictions
from curate.measure.power import detectable, resolving
from curate.measure.replicate import Replicate, Work
from curate.measure.result import Effect
from curate.measure.targets import Targets
from curate.measure.units import Units
from curate.measure.verdict import Contrast, Interval, Judgement, judge

EQUAL = "the models held against each other say the same of every test row"


class Reader:
    """Reads effects off the predictions of all cells."""

    def __init__(
        self,
        design: Design,
        targets: Targets,
        replicates: Sequence[Replicate],
        predictions: Predictions,
        alpha: float,
    ) -> None:
        self.design, self.replicates, self.predictions, self.alpha = design, replicates, predictions, alpha
        self.metric = design.metric
        self.metrics, self.left_out = described(self.metric, targets)
        base = float(predictions.values(self.metric, ()).mean())
        self.margin = self.metric.margin(base) if design.margin is None else design.margin

    def units(self, target: str | None) -> Units:
        """How values of the primary metric read; `target` is the column that is predicted."""
        return Units.of(self.metric, self.margin, target)

    def _judged(self, contrasts: Sequence[Contrast]) -> list[Judgement]:
        return judge(
            contrasts,
            n_replicates=len(self.replicates),
            higher_is_better=self.metric.direction == "higher",
            margin=self.margin,
            alpha=self.alpha,
        )

    def family(self, asked: Sequence[Question]) -> list[Effect]:
        """The effects that some questions ask for, judged together."""
        read = [self._estimates(question) for question in asked]
        nothing = [self._nothing(question, effect) for question, (effect, _, _) in zip(asked, read, strict=True)]
        judged = self._judged(
            [
                Contrast(
                    effect.on_new_data(), None if beyond is None else beyond.on_new_data(), self._resolution(equal)
                )
                for equal, (effect, _, beyond) in zip(nothing, read, strict=True)
            ]
        )
        return [
            self._effect(question, *estimates, judgement, n_judged=len(asked), equal=equal)
            for question, estimates, judgement, equal in zip(asked, read, judged, nothing, strict=True)
        ]

    def _nothing(self, question: Question, effect: TwoWay) -> bool:
        """Whether there is nothing to be found: the models that are held against each other are equal."""
        return abs(effect.delta) <= DUST and self.predictions.cancels(question.effect)

    def _resolution(self, equal: bool) -> float:
        """The smallest share that the test rows can bound; 0 where the models are known to be equal."""
        if self.metric.unit != "points" or equal:
            return 0.0
        return 3.0 / len(np.unique(self.predictions.clusters))

    def _estimates(self, question: Question) -> tuple[TwoWay, TwoWay | None, TwoWay | None]:
        """The effect, that of the placebo, and the difference of the two."""
        wanted = (question.placebo, question.placebo and question.beyond)
        placebo, beyond = (None if not each else self.predictions.contrast(self.metric, each) for each in wanted)
        return self.predictions.contrast(self.metric, question.effect), placebo, beyond

    def single(self, name: str, contrast: Weights) -> Effect:
        """A contrast that stands by itself, without a placebo."""
        return self.family([Question(name, contrast)])[0]

    def _idle(self, question: Question) -> str:
        """That a step, alone, made no edit in any replicate, in words: no more of them would say more. Else empty."""
        alone = set(question.effect) == {((question.step, False),), ()}
        if not alone or self._work(question).rows:
            return ""
        if len(self.design.steps) == 1:
            return "it changed no row"
        return "alone it changed no row; --attribution leave-one-out judges it behind the other steps"

    def _work(self, question: Question) -> Work:
        """What the step did in the arms of its question, mean over replicates."""
        done = [replicate.work(question.effect, question.step) for replicate in self.replicates]
        return Work(*(float(np.mean(part)) for part in zip(*map(astuple, done), strict=True)))

    def _effect(
        self,
        question: Question,
        effect: TwoWay,
        placebo: TwoWay | None,
        beyond: TwoWay | None,
        judgement: Judgement,
        *,
        n_judged: int,
        equal: bool,
    ) -> Effect:
        contrasts = [effect] if beyond is None else [effect, beyond]
        estimates, name = [each.on_new_data() for each in contrasts], question.step
        resolution = self._resolution(equal)
        plan = resolving(
            contrasts,
            margin=self.margin,
            resolution=resolution,
            higher=self.metric.direction == "higher",
            n_judged=n_judged,
            alpha=self.alpha,
        )
        idle = self._idle(question) if equal else ""  # marked at_inference a step may change test rows alone
        alike = EQUAL if equal and judgement.verdict == "no effect" else ""
        told = bool(idle or alike)
        work = self._work(question)
        return Effect(
            step=name,
            metric=self.metric.name,
            delta=effect.delta,
            interval=Interval.of(estimates[0]),
            on_test_set=Interval.of(effect.on_this_test_set(), "this test set"),
            p_value=judgement.p_value,
            p_adjusted=judgement.p_adjusted,
            placebo_delta=None if placebo is None else placebo.delta,
            placebo_interval=None if placebo is None else Interval.of(placebo.on_new_data()),
            verdict=judgement.verdict,
            reason=idle or alike or judgement.reason,
            standing=judgement.standing,
            mde=max(detectable(estimates, n_judged, self.alpha), resolution),
            resolve={
                "n_replicates": None if told else plan.n_replicates,
                "n_test_rows": None if told else plan.n_rows,
            },
            n_replicates=len(self.replicates),
            rows=work.rows,
            seconds=work.seconds,
            others={
                each.name: self.predictions.delta(each, question.effect)
                for each in self.metrics
                if each.name != self.metric.name
            },
        )


def described(primary: Metric, targets: Targets) -> tuple[list[Metric], list[Metric]]:
    """The metrics that are told, the primary one among them, and those left out as a package of theirs is missing."""
    every = metrics_of(targets.task, targets.names, texts=primary.reads_texts)
    if primary.name not in {each.name for each in every}:
        every = [primary, *every]
    return [each for each in every if each.is_installed()], [each for each in every if not each.is_installed()]

"""Advice: the search stays on training rows, the proof decides, and what is said follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest

from curate.core.random import StepRandom
from curate.core.recipe import Recipe
from curate.core.step import Step, step
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.errors import CurateError
from curate.kernels.halving import halve, resampled, survivors
from curate.learn.named import learner_named
from curate.measure.advice_schema import AdviceJson, AdvicePlanJson
from curate.measure.advise import advise, plan
from curate.measure.candidates import AUGMENTERS, candidates_of
from curate.measure.design import design_of
from curate.measure.measure import measure
from curate.measure.options import Options
from curate.measure.run import Run
from curate.measure.strength import judged_replicate, n_trainings
from curate.measure.subject import subject_of
from curate.report.terminal import render_terminal

from .conftest import WORDS

Small = Callable[..., Corpus]


class Oracle(RowTransform):
    """Adds to each row texts of words of its class that the row itself does not hold: what augmenting dreams of."""

    name: ClassVar[str] = "test.oracle"
    version: ClassVar[str] = "1"
    reasons: ClassVar[dict[str, str]] = {"known": "it knows the words"}
    needs: ClassVar[frozenset[str]] = frozenset({"text", "label"})

    right: bool = True

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        other = {"sport": "money", "money": "sport"}
        said = [label if self.right else other[label] for label in batch.labels().to_pylist()]
        texts = [
            " ".join(draws.choice(WORDS[label]) for _ in range(3))
            for label, draws in zip(said, random.draws(batch.row_ids), strict=True)
        ]
        return Edits.add(random.derive(batch.row_ids), batch.row_ids, "known", cells={"text": pa.array(texts)})


def candidates(*right: bool) -> Recipe:
    return Recipe([Step(Oracle(right=one), f"oracle {one}") for one in right] + [step("augment.aeda")])


@pytest.fixture(scope="module")
def helped() -> Any:
    """Advice where an augmenter that knows the classes' words stands among others; few and noisy training rows."""
    from .conftest import _corpus

    train, test = _corpus(60, noise=0.25), _corpus(400, seed=9)
    return train, test, advise(train, test=test, recipe=candidates(False, True), learner="linear", replicates=10)


def test_what_helps_is_found_and_advised(helped: Any) -> None:
    train, _, advice = helped
    assert advice.tried[0].step.name == "oracle True"
    assert advice.tried[-1].step.name == "oracle False"
    assert (advice.counsel, advice.effect.verdict) == ("do", "helps")
    assert advice.said().startswith("Do: oracle True, the best of 3 on training rows set aside, is worth +")
    assert advice.recipe.to_dict()["steps"] == [{"use": "test.oracle"}]
    assert advice.recipe.roles == train.roles
    assert advice.headline() == "Do: oracle True helps."
    assert not [note for note in advice.measured.notes if "dropped 0" in note]
    assert "What to run" in render_text(advice)
    AdviceJson.model_validate(advice.to_dict())


def test_the_proof_is_the_measurement_of_the_best_one_and_over_copies_its_difference(helped: Any) -> None:
    train, test, advice = helped
    alone = measure(Recipe([Step(Oracle(), "oracle True")]), train, test=test, learner="linear", replicates=10)
    assert alone.steps[0].delta == advice.effect.delta
    assert alone.steps[0].interval == advice.effect.interval
    assert advice.effect.placebo_delta is not None
    assert advice.over_copies.value == pytest.approx(advice.effect.delta - advice.effect.placebo_delta)
    assert advice.over_copies.interval.low > 0  # a verdict "helps" is one over the placebo, too


def test_what_does_not_help_is_advised_against_whatever_has_been_published(small: Small) -> None:
    rows, test = small(120, noise=0.2), small(300, seed=4)
    advice = advise(rows, test=test, augmenters=["augment.aeda"], learner="linear", replicates=5)
    assert advice.counsel == "don't"  # words stay as they are, and so does what this learner sees
    assert ("learner", "linear") in [(fact.label, fact.value) for fact in advice.report().facts]
    assert advice.recipe is None
    assert advice.said().startswith("Don't")
    assert "plain copies" in advice.said()
    assert "Longpre" in render_text(advice)
    document = AdviceJson.model_validate(advice.to_dict())
    assert document.recipe is None
    harm = advise(rows, test=test, recipe=Recipe([Step(Oracle(right=False))]), learner="linear", replicates=6)
    assert harm.effect.verdict == "hurts"
    assert harm.said().startswith("Don't: test.oracle does harm, −")


def test_no_look_at_the_test_rows_decides_what_is_measured(helped: Any) -> None:
    """Turn the test rows round: the search sees nothing of it."""
    train, test, advice = helped
    labels = ["money" if label == "sport" else "sport" for label in test.labels().to_pylist()]
    turned = Corpus.from_table(pa.table({"text": test.texts(), "label": labels}))
    other = advise(train, test=turned, recipe=candidates(False, True), learner="linear", replicates=5)
    assert [(one.step.name, one.gain) for one in other.tried] == [(one.step.name, one.gain) for one in advice.tried]
    assert other.counsel != "do"


def test_rows_that_judge_share_no_family_with_those_that_teach(small: Small) -> None:
    rows = small(80)
    copies = Corpus.from_table(pa.table({"text": rows.texts() * 2, "label": rows.labels().to_pylist() * 2}))
    made = Recipe(["augment.aeda"]).run(copies).corpus  # kin by their origin, too
    learner = learner_named("linear")
    subject = subject_of(Recipe(["augment.aeda"]), made, small(50, seed=3), learner, None, allow_leakage=True)
    run = Run(design_of(subject, Options(learner=learner), learner), subject)
    family = dict(zip(run.row_ids.tolist(), run.families.tolist(), strict=True))
    for number in range(3):
        drawn = judged_replicate(run, number)
        parts = [drawn.pool, drawn.validation, drawn.test]
        sides = [{family[row] for row in part.row_ids().tolist()} for part in parts]
        assert not sides[0] & sides[2]
        assert not sides[0] & sides[1]
        assert not sides[1] & sides[2]
        assert len(drawn.test) > 0.1 * len(made)
        assert not set(drawn.test.texts()) & set(drawn.pool.texts())


@pytest.mark.slow
def test_equal_advice_whatever_the_workers_and_the_order_of_the_rows(small: Small) -> None:
    rows, test = small(80, noise=0.2), small(120, seed=5)
    once = advise(rows, test=test, recipe=candidates(True), learner="linear", replicates=5).to_dict()
    two = advise(rows, test=test, recipe=candidates(True), learner="linear", replicates=5, workers=2).to_dict()
    turned = advise(
        rows.take(np.arange(80)[::-1]), test=test, recipe=candidates(True), learner="linear", replicates=5
    ).to_dict()
    for other in (two, turned):
        assert other["tried"] == once["tried"]
        assert other["said"] == once["said"]


def test_training_rows_that_are_test_rows_go_first(small: Small) -> None:
    test = small(120, seed=7)
    mixed = Corpus.from_table(pa.concat_tables([small(80).table(), test.table().slice(0, 9)]))
    advice = advise(mixed, test=test, augmenters=["augment.aeda"], learner="linear", replicates=5)
    assert advice.measured.facts["n_train"] <= 80
    assert any(note.startswith("dedup.leakage dropped") for note in advice.measured.notes)
    kept = advise(mixed, test=test, augmenters=["augment.aeda"], learner="linear", replicates=5, allow_leakage=True)
    assert kept.measured.facts["n_train"] == 89


def test_an_untrusted_bench_advises_nothing(helped: Any) -> None:
    _, _, advice = helped
    doubtful = replace(advice, measured=replace(advice.measured, trusted=False))
    assert (doubtful.counsel, doubtful.recipe) == ("cannot say", None)


def test_a_plan_says_what_would_be_trained_and_trains_one_model(small: Small) -> None:
    made = plan(small(80), test=small(60, seed=2), augmenters=["augment.aeda"], learner="linear", replicates=5)
    assert made.n_search == n_trainings(len(made.steps))
    assert made.n_proof == 20
    assert made.seconds > 0
    assert "models to train" in made.report().headline
    AdvicePlanJson.model_validate(made.to_dict())


def test_what_cannot_run_is_left_out_and_named(small: Small) -> None:
    found = candidates_of([], small(60), 0)
    assert {one.transform.name for one in found.steps} <= set(AUGMENTERS)
    digits = Corpus.from_table(pa.table({"text": [f"{n}" for n in range(60)], "label": ["a", "b"] * 30}))
    mixed = candidates_of(["augment.typo", "augment.aeda"], digits, 0)
    assert list(mixed.left_out) == ["augment.typo"]
    assert "adds no row" in mixed.left_out["augment.typo"]
    with pytest.raises(CurateError, match="no augmenter can be tried"):
        candidates_of(["augment.typo"], digits, 0)
    with pytest.raises(CurateError, match=r"\(augment.paraphrase: model: is missing; .* \(name others with --try, or"):
        candidates_of(["augment.paraphrase"], digits, 0)
    with pytest.raises(CurateError, match="no transform is called"):
        candidates_of(["augment.tipo"], digits, 0)


def test_how_much_an_augmenter_does_is_tried_at_several_strengths(small: Small) -> None:
    found = candidates_of(["augment.eda", "augment.tfidf", "augment.aeda"], small(60), 0)
    names = [one.name for one in found.steps]
    for said in ("eda n=1 alpha=0.05", "eda n=4 alpha=0.2", "tfidf n=4 rate=0.1", "aeda n=1 max_rate=0.3"):
        assert f"augment.{said}" in names
    assert len(names) == len(set(names)) == 12


def test_options_that_make_no_sense_are_refused(small: Small) -> None:
    rows = small(60)
    for options, said in (
        ({"replicates": 3}, "replicates is 3"),
        ({"replicates": "auto"}, "replicates is auto"),
        ({"augmenters": ["augment.aeda"], "recipe": candidates(True)}, "both augmenters and a recipe"),
    ):
        with pytest.raises(CurateError, match=said):
            advise(rows, learner="linear", **options)  # type: ignore[arg-type]


def test_halving_finds_the_best_and_gives_it_the_most() -> None:
    draw = np.random.default_rng(0)
    noise = draw.normal(0, 0.3, (16, 12))
    truth = np.arange(16) / 16
    asked: list[tuple[int, int]] = []

    def gains(candidates: Any, replicate: int) -> list[float]:
        asked.extend((one, replicate) for one in candidates)
        return [truth[one] + noise[one, replicate] for one in candidates]

    ranked, gained = halve(16, (3, 6, 12), gains)
    assert ranked[0] >= 13
    assert sorted(ranked) == list(range(16))
    assert [len(gained[one]) for one in ranked] == sorted((len(each) for each in gained), reverse=True)
    assert sorted(map(len, gained)) == [3] * 8 + [6] * 4 + [12] * 4
    assert len(asked) == len(set(asked)) == n_trainings(16) - 12
    assert survivors(16, 3) == [16, 8, 4]


def test_the_interval_of_overlapping_replicates_is_wider_than_that_of_independent_ones() -> None:
    draws = [0.01, -0.02, 0.03, 0.0]
    made, naive = resampled(draws, 0.2), np.std(draws, ddof=1) / 2
    assert made.delta == pytest.approx(np.mean(draws))
    assert made.se == pytest.approx(naive * np.sqrt(1 + 4 * 0.25))


def render_text(advice: Any) -> str:
    from io import StringIO

    from rich.console import Console

    out = StringIO()
    Console(file=out, width=200).print(render_terminal(advice.report()))
    return out.getvalue()

"""The verb as a whole, where the truth is known: what helps is found, nothing is not, and runs repeat to the bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest

from curate.core.function import Drop
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.store import Store
from curate.errors import CurateError, GuardExceeded, QuarantineExceeded
from curate.io import load
from curate.learn.bag import Bag
from curate.learn.linear import Linear
from curate.measure import measure
from curate.measure.design import design_of
from curate.measure.options import Options
from curate.measure.run import IN_VAIN, Run
from curate.measure.schema import MeasureJson
from curate.measure.subject import subject_of
from curate.report.html import render_html
from curate.report.model import Note, Table

Small = Callable[..., Corpus]


def keep_sport(row: dict[str, object]) -> dict[str, object] | Drop:
    """Drop nearly all rows of one class: a step that must hurt."""
    return Drop("money") if row["label"] == "money" and hash_of(str(row["text"])) % 20 else {}


def hash_of(text: str) -> int:
    return sum(map(ord, text))


def test_dropping_wrong_labels_is_found_to_help_and_a_harmful_step_to_hurt(small: Small) -> None:
    recipe = Recipe([step("labels.drop_issues"), step(keep_sport, name="keep_sport", version="1")])
    made = measure(recipe, small(700, noise=0.35), test=small(600, seed=1), learner="linear", replicates=6)
    helps, hurts = made.steps
    assert (helps.verdict, hurts.verdict) == ("helps", "hurts")
    assert helps.interval.low > 0 > hurts.interval.high
    assert helps.placebo_delta is not None
    assert helps.placebo_delta < helps.delta / 2
    assert made.trusted
    assert made.aa.delta == 0, "a deterministic learner trained again is itself"


def test_a_step_that_does_nothing_has_no_effect_and_shares_its_cells_with_the_base(small: Small) -> None:
    made = measure(Recipe(["clean.whitespace"]), small(300), test=small(200, seed=1), learner="linear", replicates=5)
    [effect] = made.steps
    assert (effect.delta, effect.verdict, effect.rows) == (0.0, "no effect", 0)
    assert effect.reason == "it changed no row"


def test_a_step_that_meets_no_row_alone_is_told_as_such(small: Small) -> None:
    recipe = Recipe(["augment.case", step("augment.constrain", judge=None, language=False)])
    made = measure(recipe, small(60), test=small(60, seed=1), learner="linear", replicates=2)
    augmented, constrained = made.steps
    assert augmented.reason == "2 replicates; a verdict needs 5"
    said = "alone it changed no row; --attribution leave-one-out judges it behind the other steps"
    assert (constrained.rows, constrained.reason) == (0, said)
    assert set(constrained.resolve.values()) == {None}
    told = "augment.constrain: cannot tell, " + said + "."
    blocks = made.report().sections[0].blocks
    assert told in [block.text for block in blocks if isinstance(block, Note)]


def test_arms_train_equal_steps_or_equal_epochs_and_it_is_said(small: Small, tmp_path: Path) -> None:
    """Half of the rows are dropped: by steps both arms train alike, by epochs the smaller one half as long."""
    recipe = Recipe([step("filter.length", min_words=5)])
    learner = Bag(min_steps=1, n_epochs=2, batch_rows=8, patience=None)
    rows, test = small(120).table(), small(40, seed=1)
    short = pa.table({"text": [f"goal s{at}" for at in range(120)], "label": rows.column("label")})
    train = Corpus.from_table(pa.concat_tables([rows, short]))
    subject, found = subject_of(recipe, train, test, learner, None, allow_leakage=True), {}
    for budget in ("steps", "epochs"):
        asked = {"learner": learner, "replicates": 2, "budget": budget, "allow_leakage": True}
        run = Run(design_of(subject, Options(**asked), learner), subject)  # type: ignore[arg-type]
        cells = run.cells(run.replicate(0)).values()
        made = measure(recipe, train, test=test, store=Store(tmp_path), **asked)
        found[budget] = [cell.learner.n_steps(len(cell.train)) for cell in cells], made  # type: ignore[attr-defined]
    (base, full, *_), by_steps = found["steps"]
    assert base == full == 2 * -(-(run.replicate(0).n_pool) // 8)
    (base, full, *_), by_epochs = found["epochs"]
    assert base == 2 * -(-(run.replicate(0).n_pool) // 8)
    assert full < 0.6 * base
    assert (by_steps.facts["budget"], by_epochs.facts["budget"]) == ("steps", "epochs")
    assert by_epochs.facts["mean_steps"] < by_steps.facts["mean_steps"]
    assert by_epochs.looks == 2, "another budget is another measurement"
    assert "same number of optimiser steps in every arm" in render_html(by_steps.report())
    assert "same number of epochs in every arm" in render_html(by_epochs.report())
    with pytest.raises(CurateError, match="no budget of 'epoch'"):
        measure(recipe, train, test=test, budget="epoch")


def test_every_option_stands_in_the_description_of_the_verb() -> None:
    said = str(measure.__doc__)
    assert [field.name for field in fields(Options) if field.name not in said] == []


def test_both_intervals_of_an_effect_stand_on_the_page(small: Small) -> None:
    recipe = Recipe([step("labels.drop_issues")])
    made = measure(recipe, small(200, noise=0.3), test=small(100, seed=1), learner="linear", replicates=5)
    [effect] = made.steps
    [table] = [
        block for block in made.report().sections[0].blocks if isinstance(block, Table) and "this test" in str(block)
    ]
    assert [column.name for column in table.columns][-1] == "on this test set"
    own, new = (made.units.signed(each.low) for each in (effect.on_test_set, effect.interval))
    assert own in str(table.rows[0][-1])
    assert own != new, "they are two"


def test_fewer_than_five_replicates_give_no_verdict(small: Small) -> None:
    recipe = Recipe(["labels.drop_issues"])
    made = measure(recipe, small(300, noise=0.3), test=small(200, seed=1), learner="linear", replicates=4)
    assert made.steps[0].verdict == "cannot tell"
    assert made.steps[0].standing == "none"


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1", "log_loss", "ece", "f1:sport"])
def test_every_metric_can_be_the_primary_one(small: Small, metric: str) -> None:
    recipe = Recipe(["labels.drop_issues"])
    made = measure(
        recipe, small(300, noise=0.3), test=small(150, seed=1), learner="linear", replicates=5, metric=metric
    )
    effect = made.steps[0]
    assert effect.metric == metric
    assert effect.interval.low <= effect.delta <= effect.interval.high
    assert metric not in effect.others
    MeasureJson.model_validate(json.loads(json.dumps(made.to_dict(), allow_nan=False)))


@pytest.mark.parametrize("attribution", ["alone", "leave-one-out", "shapley"])
def test_attributions_agree_where_there_is_one_step(small: Small, attribution: str) -> None:
    made = measure(
        Recipe(["labels.drop_issues"]),
        small(300, noise=0.3),
        test=small(150, seed=1),
        learner="linear",
        replicates=5,
        attribution=attribution,  # type: ignore[arg-type]
    )
    assert made.steps[0].delta == pytest.approx(made.full.delta)


def test_the_result_is_the_same_with_two_workers_and_in_another_row_order(small: Small) -> None:
    recipe, corpus, test = Recipe(["labels.drop_issues", "dedup.exact"]), small(260, noise=0.2), small(120, seed=1)
    turned = corpus.take(np.random.default_rng(0).permutation(260))

    def facts(**options: object) -> object:
        plain = measure(
            recipe, options.pop("rows", corpus), test=test, learner="bag", replicates=2, **options
        ).to_dict()  # type: ignore[arg-type]
        for effect in (*plain["steps"], plain["full"], plain["aa"]):
            effect.pop("seconds"), effect.pop("per_second")
        plain["facts"].pop("fingerprint")
        plain["closer"].pop("cost")
        return plain

    assert facts() == facts(workers=2) == facts(rows=turned)


def test_kept_cells_are_not_trained_again_and_a_repeated_question_is_no_new_look(small: Small, tmp_path: Path) -> None:
    recipe, corpus, test, store = (
        Recipe(["labels.drop_issues"]),
        small(200, noise=0.2),
        small(100, seed=1),
        Store(tmp_path),
    )
    options = {"test": test, "learner": "linear", "replicates": 2, "store": store}
    first = measure(recipe, corpus, **options)  # type: ignore[arg-type]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("cell.npz")}
    again = measure(recipe, corpus, **options)  # type: ignore[arg-type]
    assert before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("cell.npz")} == before
    assert again.steps[0].interval == first.steps[0].interval
    assert (first.looks, again.looks) == (1, 1)
    other = measure(recipe, corpus, **{**options, "learner": Linear(max_words=1)})  # type: ignore[arg-type]
    assert other.looks == 2


def test_looks_are_not_counted_where_nothing_is_kept(small: Small, tmp_path: Path) -> None:
    for store in (None, Store(tmp_path, lasting=False)):
        made = measure(
            Recipe(["clean.case"]), small(100), test=small(40, seed=1), learner="linear", replicates=2, store=store
        )
        assert made.looks is None
        assert MeasureJson.model_validate(made.to_dict()).looks is None
        assert "not counted" in render_html(made.report())
    assert not (tmp_path / "ledger.jsonl").exists()


def test_without_a_test_split_one_is_set_aside_by_family(small: Small) -> None:
    corpus = small(150)
    doubled = pa.concat_tables([corpus.table(), corpus.table()])
    made = measure(Recipe(["dedup.exact"]), Corpus.from_table(doubled), learner="linear", replicates=2)
    assert made.facts["n_train"] + made.facts["n_test"] == 300
    assert made.facts["n_test_clusters"] * 2 <= made.facts["n_test"] + 2
    assert "set aside" in made.notes[0]


def test_only_steps_that_rewrite_text_may_run_at_inference(small: Small) -> None:
    dirty = pa.table({"text": [f"<b>{text}</b>" for text in small(150).texts()], "label": small(150).labels()})
    recipe = Recipe([step("clean.html", at_inference=True)])
    made = measure(recipe, Corpus.from_table(dirty), learner="linear", replicates=2)
    assert made.steps[0].rows > 0
    with pytest.raises(CurateError, match="at_inference"):
        measure(
            Recipe([step("filter.length", min_words=9, at_inference=True)]), small(150), learner="linear", replicates=2
        )


def test_bad_questions_are_answered_in_one_line(small: Small) -> None:
    corpus = small(60)
    recipe = Recipe(["dedup.exact"])
    one_class = Corpus.from_table(pa.table({"text": ["a", "b"], "label": ["x", "x"]}))
    for given, options, said in (
        (one_class, {}, "1 class"),
        (corpus, {"replicates": 1}, "replicates"),
        (corpus, {"margin": 0}, "margin"),
        (corpus, {"metric": "acuracy"}, "accuracy"),
        (corpus, {"learner": "bagg"}, "bag"),
        (corpus, {"pool_fraction": 1.5}, "pool_fraction"),
        (corpus, {"margin": float("nan")}, "margin"),
        (corpus, {"attribution": "leave_one_out"}, "leave-one-out"),
        (corpus, {"min_group_rows": 0}, "min_group_rows"),
    ):
        with pytest.raises(CurateError, match=said):
            measure(recipe, given, **{"learner": "linear", **options})  # type: ignore[arg-type]
    with pytest.raises(CurateError, match="--label"):
        measure(recipe, Corpus.from_table(pa.table({"text": ["a"]})), learner="linear")


def test_test_rows_need_no_weights_but_classes_of_training(small: Small) -> None:
    table = small(60).table()
    train = Corpus.from_table(table.append_column("weight", pa.array([1.0] * 60)))
    test = Corpus.from_table(small(40, seed=1).table())
    assert train.roles.weight == "weight"
    measure(Recipe(["dedup.exact"]), train, test=test, learner="linear", replicates=2)
    other = Corpus.from_table(pa.table({"text": test.texts(), "label": [n % 2 for n in range(40)]}))
    with pytest.raises(CurateError, match=r"no class of the test rows .0, 1. is one of training .money, sport."):
        measure(Recipe(["dedup.exact"]), train, test=other, learner="linear", replicates=2)


def test_auto_stops_once_every_step_has_a_verdict(small: Small) -> None:
    made = measure(
        Recipe(["clean.whitespace"]), small(200), test=small(100, seed=1), learner="linear", replicates="auto"
    )
    assert made.facts["n_replicates"] == 6, "4 replicates give no verdict, 6 do"


def test_auto_stops_where_all_replicates_would_not_tell(small: Small) -> None:
    """100 test rows are too few for "no effect", and what the step does is far too little to be found on them."""
    recipe = Recipe(["augment.aeda"])
    made = measure(recipe, small(200, noise=0.1), test=small(100, seed=1), learner="linear", replicates="auto")
    [effect] = made.steps
    assert effect.verdict == "cannot tell"
    assert made.facts["n_replicates"] < 16
    assert IN_VAIN in made.notes


def fail_often(row: dict[str, object]) -> dict[str, object]:
    """A step that a third of the rows break."""
    if hash_of(str(row["text"])) % 3 == 0:
        raise ValueError("no such thing")
    return {}


def test_the_guards_of_a_run_hold_in_a_measurement_too(small: Small) -> None:
    failing = Recipe([step(fail_often, name="fail_often", version="1")])
    with pytest.raises(QuarantineExceeded, match="fail_often"):
        measure(failing, small(200), test=small(100, seed=1), learner="linear", replicates=2)
    with pytest.raises(GuardExceeded, match="max_drop"):
        measure(Recipe([step("filter.length", min_words=9, max_drop=0.1)]), small(200), learner="linear", replicates=2)


def test_rows_that_fail_are_left_out_of_the_step_and_of_its_placebo_and_told(small: Small) -> None:
    failing = Recipe([step(fail_often, name="fail_often", version="1")], max_quarantine=0.9)
    made = measure(failing, small(200), test=small(100, seed=1), learner="linear", replicates=2)
    assert made.steps[0].delta == made.steps[0].placebo_delta
    assert any("fail_often failed" in note for note in made.notes)


def test_labels_of_train_and_test_are_compared_in_words(small: Small) -> None:
    train, test = small(200), small(100, seed=1)
    codes = pa.array([{"money": 0, "sport": 1, None: -1}[label] for label in test.labels().to_pylist()], pa.int64())
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["money", "sport"])}
    )
    numbered = load(datasets.Dataset.from_dict({"text": test.texts(), "label": codes.to_pylist()}, features=features))
    recipe = Recipe(["clean.whitespace"])
    in_words = measure(recipe, train, test=test, learner="linear", replicates=2)
    assert measure(recipe, train, test=numbered, learner="linear", replicates=2).base == in_words.base
    whole, parts = pa.array([1, 2] * 30), pa.array([1.0, 2.0, None] * 20)
    rows = [Corpus.from_table(pa.table({"text": small(60).texts(), "label": labels})) for labels in (whole, parts)]
    made = measure(recipe, rows[1], test=rows[0], learner="linear", replicates=2, allow_leakage=True)
    assert made.facts["n_classes"] == 2


def test_unknown_classes_are_told(small: Small) -> None:
    strange = pa.table({"text": [small(1, seed=1).texts()[0], "else"], "label": ["sport", "weather"]})
    made = measure(
        Recipe(["clean.whitespace"]), small(100), test=Corpus.from_table(strange), learner="linear", replicates=2
    )
    assert "weather" in made.notes[0]

"""Test rows that stand in training: refused, cleared out or shown apart; what was done to a leak does not hide it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError, LeakedRows
from curate.io import load, save, save_curated
from curate.learn.metrics import METRICS
from curate.learn.outputs import Outputs
from curate.measure import measure
from curate.measure.apart import scores_apart, sentence
from curate.measure.estimate import Predictions
from curate.measure.leaks import refuse_made_labels, twins_of
from curate.measure.schema import MeasureJson
from curate.measure.subject import split
from curate.measure.told import n_alike, of_share
from curate.report.html import render_html
from curate.report.markdown import render_markdown
from curate.report.terminal import render_terminal

Small = Callable[..., Corpus]
RECIPE = Recipe(["clean.whitespace"])


def leaky(small: Small, n: int = 5) -> tuple[Corpus, Corpus]:
    """Training rows, `n` of which are test rows with the label turned round, and the test rows."""
    train, test = small(150), small(60, seed=1)
    other = {"sport": "money", "money": "sport"}
    head = test.table().slice(0, n)
    wrong = pa.table(
        {"text": head.column("text"), "label": [other[label] for label in head.column("label").to_pylist()]}
    )
    return Corpus.from_table(pa.concat_tables([train.table(), wrong])), test


def test_rows_that_are_the_same_are_refused_with_the_step_that_drops_them(small: Small) -> None:
    train, test = leaky(small)
    with pytest.raises(LeakedRows) as raised:
        measure(RECIPE, train, test=test, learner="linear", replicates=2)
    assert "\n" not in str(raised.value)
    for said in ("5 of 60 test rows", "5 training rows", "dedup.leakage", "--allow-leakage"):
        assert said in str(raised.value)


def test_where_it_is_meant_they_are_told_and_their_score_stands_apart(small: Small) -> None:
    train, test = leaky(small)
    made = measure(RECIPE, train, test=test, learner="linear", replicates=2, allow_leakage=True)
    assert any("5 of 60 test rows" in note for note in made.notes)
    parts = {part.rows: part for part in made.apart}
    assert parts["same"].n_rows == 5
    assert sum(part.n_rows for part in made.apart) == 60
    assert sum(part.n_rows * part.score for part in made.apart) == pytest.approx(60 * made.base["accuracy"])
    for part in made.apart:
        assert 0 <= part.interval.low <= part.score <= part.interval.high <= 1
    document = MeasureJson.model_validate(made.to_dict())
    assert [part.rows for part in document.apart] == list(parts)


@pytest.mark.parametrize(
    ("task", "metric", "n"), [("mae", "mae", 20), ("r2", "r2", 20), ("r2", "r2", 1), ("tags", None, 20)]
)
def test_the_score_that_stands_apart_is_in_the_metric_that_is_judged(
    small: Small, task: str, metric: str | None, n: int
) -> None:
    def told(rows: Corpus) -> Corpus:
        sport = [label == "sport" for label in rows.labels().to_pylist()]
        if task == "tags":
            tags = [["sport"] if at else ["money", "long"] for at in sport]
            return Corpus.from_table(
                pa.table({"text": rows.texts(), "label": tags}), Roles(text=("text",), label="label")
            )
        price = np.where(sport, 5.0, 1.0) + np.arange(len(rows)) / len(rows)
        return Corpus.from_table(pa.table({"text": rows.texts(), "n": price}), Roles(text=("text",), target="n"))

    train, test = told(small(150)), told(small(60, seed=1))
    leaked = Corpus.from_table(pa.concat_tables([train.table(), test.table().slice(0, n)]), train.roles)
    made = measure(RECIPE, leaked, test=test, learner="linear", replicates=3, metric=metric, allow_leakage=True)
    parts = {part.rows: part for part in made.apart}
    assert (parts["same"].n_rows, parts["none"].metric) == (n, made.metric)
    assert np.isfinite(parts["same"].score) == (n > 1)
    if task == "mae":
        assert sum(part.n_rows * part.score for part in made.apart) == pytest.approx(60 * made.base["mae"])
        assert parts["same"].score < parts["none"].score
    document = MeasureJson.model_validate(json.loads(json.dumps(made.to_dict(), allow_nan=False)))
    assert [part.metric for part in document.apart] == [made.metric] * 2
    assert f"base {made.metric}" in render_html(made.report())
    assert sentence(made.apart, made.units).startswith(f"The {made.metric} of the base: ")


def table_rows(n_rows: int, seed: int) -> Corpus:
    """Two numbers and a colour, from which a label follows."""
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=n_rows), draw.integers(0, 4, n_rows)
    cells = {"x": x, "y": y, "colour": np.where(y > 1, "red", "blue"), "label": np.where(x + y > 1.5, "yes", "no")}
    return Corpus.from_table(pa.table(cells), Roles(label="label", features=("x", "y", "colour")))


def test_rows_of_a_table_with_the_same_features_and_label_are_refused_as_texts_are() -> None:
    train, test = table_rows(120, 0), table_rows(60, 1)
    learner = {"name": "tabular", "kind": "logistic"}
    head = test.table().slice(0, 3)
    turned = head.set_column(3, "label", pa.array(["maybe"] * 3))
    floats = pa.concat_tables([train.table(), head, head]).cast(
        pa.schema([("x", pa.float64()), ("y", pa.float64()), ("colour", pa.string()), ("label", pa.string())])
    )
    leaked = Corpus.from_table(floats, train.roles)
    assert (twins_of(test, leaked) == np.where(np.arange(60) < 3, "same", "none")).all()
    assert (twins_of(test, Corpus.from_table(turned, train.roles)) == "none").all()
    recipe = Recipe([step("rebalance.oversample")])
    with pytest.raises(LeakedRows, match=r"3 of 60 test rows .* same features .*6 training rows.*--allow-leakage"):
        measure(recipe, leaked, test=test, learner=learner, replicates=2)
    made = measure(recipe, leaked, test=test, learner=learner, replicates=2, allow_leakage=True)
    assert {part.rows: part.n_rows for part in made.apart} == {"same": 3, "none": 57}
    assert "the same features and answer in training" in render_html(made.report())
    clean = measure(recipe, train, test=test, learner=learner, replicates=2)
    assert sentence(clean.apart, clean.units) == "No test row has the same features and answer in training."


def test_a_recipe_that_drops_them_is_measured_on_what_is_left(small: Small) -> None:
    train, test = leaky(small)
    recipe = Recipe(["dedup.leakage", "clean.whitespace"])
    made = measure(recipe, train, test=test, learner="linear", replicates=2)
    assert [effect.step for effect in made.steps] == ["clean.whitespace"]
    assert made.facts["n_train"] == 150
    assert "dedup.leakage dropped 5 training rows" in made.notes[0]
    assert "same" not in {part.rows for part in made.apart}
    with pytest.raises(CurateError, match="no step to measure"):
        measure(Recipe(["dedup.leakage"]), train, test=test, learner="linear", replicates=2)


def test_a_step_that_leaves_next_to_nothing_is_named(small: Small) -> None:
    """Who tests on the training file learns that the rows went, not that the label looks odd."""
    train = small(150)
    recipe = Recipe(["dedup.leakage", "clean.whitespace"])
    for n_left in (0, 2):
        with pytest.raises(CurateError, match=rf"^step dedup.leakage left {n_left} of 150 training rows: .*--test"):
            measure(recipe, train, test=train.take(np.arange(150 - n_left)), learner="linear", replicates=2)
    sport = np.flatnonzero(np.array(train.labels().to_pylist()) == "sport")
    others = train.take(np.setdiff1d(np.arange(150), sport))
    with pytest.raises(CurateError, match="training rows, all of one class: the others stand in the test rows"):
        measure(recipe, train, test=others, learner="linear", replicates=2)


def test_a_copy_that_was_rewritten_is_as_leaked_as_its_parent(small: Small) -> None:
    """A row whose words were all replaced still comes from a test row: neither cleaning nor augmenting hides it."""
    train, test = leaky(small, n=1)

    def hidden(row: dict[str, object]) -> dict[str, object]:
        return {"text": "nothing of the kind"} if row["text"] == test.texts()[0] else {}

    made = Recipe([step(hidden, name="hidden", version="1")]).run(train).corpus
    assert test.texts()[0] not in made.texts()
    with pytest.raises(LeakedRows, match="1 of 60 test rows"):
        measure(RECIPE, made, test=test, learner="linear", replicates=2)


def test_nearly_the_same_rows_are_refused_too_and_the_way_out_is_named(small: Small) -> None:
    test = small(60, seed=1)
    near = [f"{text} indeed" for text in test.texts()[:7]]
    labels = test.labels().to_pylist()[:7]
    train = Corpus.from_table(pa.concat_tables([small(150).table(), pa.table({"text": near, "label": labels})]))
    found = twins_of(test, train)
    assert (found[:7] == "near").all()
    with pytest.raises(LeakedRows, match=r"nearly word for word.*use: dedup.leakage with match: near"):
        measure(RECIPE, train, test=test, learner="linear", replicates=2)
    made = measure(RECIPE, train, test=test, learner="linear", replicates=2, allow_leakage=True)
    assert {part.rows: part.n_rows for part in made.apart}["near"] == (found == "near").sum()
    cleared = Recipe([step("dedup.leakage", match="near"), "clean.whitespace"])
    assert {part.rows for part in measure(cleared, train, test=test, learner="linear", replicates=2).apart} == {"none"}


def test_copies_that_a_step_makes_of_a_leaked_row_are_as_leaked(small: Small) -> None:
    train, test = leaky(small, n=1)
    with pytest.raises(LeakedRows, match="1 of 60 test rows"):
        measure(Recipe(["rebalance.oversample"]), train, test=test, learner="linear", replicates=2)
    more = Recipe(["rebalance.oversample", "clean.case"]).run(train).corpus
    with pytest.raises(LeakedRows, match="1 of 60 test rows"):
        measure(RECIPE, more, test=test, learner="linear", replicates=2)


def test_effects_stand_apart_too(small: Small) -> None:
    train, test = leaky(small, n=30)
    made = measure(RECIPE, train, test=test, learner="linear", replicates=2, allow_leakage=True)
    assert {part.part: part.n_rows for part in made.slices if part.by == "leak"} == {
        "the same text in training": 30,
        "no such text in training": 30,
    }


def test_test_labels_that_a_step_has_set_are_refused(small: Small) -> None:
    train, test = small(150), small(60, seed=1)

    def mended(row: dict[str, object]) -> dict[str, object]:
        return {"label": "sport"} if row["label"] == "money" and "bank" in str(row["text"]) else {}

    made = Recipe([step(mended, name="mended", version="1")]).run(test).corpus
    with pytest.raises(CurateError, match=r"a step set the label of .* test rows; only a person's review"):
        measure(RECIPE, train, test=made, learner="linear", replicates=2)
    cleaned = Recipe(["clean.case"]).run(test).corpus
    measure(RECIPE, train, test=cleaned, learner="linear", replicates=2)


@pytest.mark.parametrize("name", ["out", "out.jsonl"])
def test_labels_that_a_step_has_set_are_refused_from_a_file_too(small: Small, tmp_path: Path, name: str) -> None:
    train, table = small(150), small(60, seed=1).table()
    labels = ["Sport " if at < 5 and label == "sport" else label for at, label in enumerate(table["label"].to_pylist())]
    test = Corpus.from_table(table.set_column(1, "label", [labels]))
    fixed = Recipe([step("labels.merge_names", merge={"Sport ": "sport"})]).run(test)
    again = load(save_curated(fixed, tmp_path / name))
    twice = load(save_curated(Recipe(["clean.case"]).run(again), tmp_path / f"again-{name}"))
    said = set()
    for refused in (fixed.corpus, again, twice):
        with pytest.raises(CurateError, match=r"a step set the label of \d test rows") as raised:
            measure(RECIPE, train, test=refused, learner="linear", replicates=2)
        said.add(str(raised.value))
    assert len(said) == 1
    cleaned = load(save_curated(Recipe(["clean.case"]).run(test), tmp_path / f"cleaned-{name}"))
    refuse_made_labels(cleaned)
    refuse_made_labels(load(save(fixed.corpus, tmp_path / "by_hand.jsonl")))  # a file by itself tells nothing


def test_rows_made_from_a_test_row_are_refused_from_a_file_too(small: Small, tmp_path: Path) -> None:
    train, test = leaky(small, n=1)

    def hidden(row: dict[str, object]) -> dict[str, object]:
        return {"text": "nothing of the kind"} if row["text"] == test.texts()[0] else {}

    made = Recipe(["rebalance.oversample", step(hidden, name="hidden", version="1")]).run(train)
    again = load(save_curated(made, tmp_path / "out"))
    assert test.texts()[0] not in again.texts()
    assert (twins_of(test, again) == twins_of(test, made.corpus)).all()
    with pytest.raises(LeakedRows, match="1 of 60 test rows"):
        measure(RECIPE, again, test=test, learner="linear", replicates=2)


def test_test_rows_that_were_set_aside_here_are_never_refused(small: Small) -> None:
    rows = small(80).table()
    doubled = Corpus.from_table(pa.concat_tables([rows, rows]))
    made = measure(Recipe(["dedup.exact"]), doubled, learner="linear", replicates=2)
    assert "same" not in {part.rows for part in made.apart}
    assert split(doubled, None, 0)[2]


def test_the_order_of_the_rows_changes_nothing(small: Small) -> None:
    train, test = leaky(small)
    turned = np.random.default_rng(0).permutation(len(test))
    assert (twins_of(test.take(turned), train.take(np.arange(len(train))[::-1])) == twins_of(test, train)[turned]).all()


def test_every_report_shows_the_parts_and_says_them_in_a_sentence(small: Small) -> None:
    train, test = leaky(small)
    made = measure(RECIPE, train, test=test, learner="linear", replicates=2, allow_leakage=True)
    for drawn in (render_html(made.report()), render_markdown(made.report())):
        assert "the same text in training" in drawn
        assert "Test rows that stand in training" in drawn
    assert render_terminal(made.report())
    assert sentence(made.apart, made.units).startswith("Of the test rows the base gets right: ")
    clean = replace(made, apart=tuple(part for part in made.apart if part.rows == "none"))
    assert sentence(clean.apart, made.units) == "No test row has the same or nearly the same text in training."


def test_scores_are_means_over_replicates_and_rows_and_families_are_the_units() -> None:
    probs = np.array([[[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]], [[0.9, 0.1], [0.8, 0.2], [0.9, 0.1]]], np.float32)
    predictions = Predictions({(): [Outputs(each) for each in probs]}, np.array([0, 1, 1]), np.array([0, 0, 2]), 0)
    near, none = scores_apart(predictions, np.array(["near", "near", "none"]), METRICS["accuracy"])
    assert (near.rows, near.n_rows, near.score) == ("near", 2, 0.75)
    assert (near.interval.low, near.interval.high) == (0.0, 1.0), "of one family nothing is known"
    assert (none.score, none.interval.low) == (0.0, 0.0)


def test_one_large_family_among_small_ones_widens_the_interval() -> None:
    """Of 200 rows 100 are copies of one: in 95 % of the worlds, or more, the interval holds the truth."""
    draw, families = np.random.default_rng(0), np.r_[np.zeros(100, np.int64), 1:101]
    held = 0
    for _ in range(500):
        share = float((draw.random(101) < 0.7)[families].mean())
        interval = of_share(share, n_alike(families))
        held += interval.low <= 0.7 <= interval.high
    assert held >= 0.94 * 500


def test_wilsons_interval_is_that_of_scipy() -> None:
    from scipy.stats import binomtest

    for k, n in ((0, 5), (3, 7), (40, 40), (877, 1000)):
        expected = binomtest(k, n).proportion_ci(method="wilson")
        assert (of_share(k / n, n).low, of_share(k / n, n).high) == pytest.approx((expected.low, expected.high))

"""Closer looks where the truth is known: fairlearn's figures, a learner blind to case, planted gaps and rows."""

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
from curate.data.store import Store
from curate.errors import ColumnError, CurateError
from curate.kernels.other_words import WordSettings
from curate.kernels.perturb import with_other_case
from curate.learn.attack import Attack
from curate.learn.linear import Linear
from curate.learn.metrics import metric
from curate.measure import Measurement, measure
from curate.measure.cell import Cell, run
from curate.measure.learning_curve import _ahead
from curate.measure.options import Options
from curate.measure.schema import MeasureJson
from curate.measure.sheets import Attacker, Sheet
from curate.measure.subject import subject_of
from curate.measure.targets import Classes
from curate.measure.views import attack_view, changed, with_views
from curate.report.html import render_html
from curate.report.markdown import render_markdown

Small = Callable[..., Corpus]


def grouped(corpus: Corpus, seed: int, parts: tuple[float, ...] = (0.6, 0.35, 0.05)) -> Corpus:
    """The rows with a column of groups a, b, c."""
    drawn = np.random.default_rng(seed).choice(list("abc"), len(corpus), p=parts)
    table = corpus.table().append_column("who", pa.array(drawn))
    return Corpus.from_table(table, Roles(text=("text",), label="label", group=("who",)), name="small")


@pytest.fixture(scope="module")
def everything(small: Small) -> Measurement:
    """A measurement in which everything is asked for."""
    ood = pa.table({"text": ["GOAL match win", "bank stock price", "what else"], "label": ["sport", "money", "art"]})
    return measure(
        Recipe([step("clean.case", at_inference=True), "labels.drop_issues"]),
        grouped(small(400, noise=0.2), 0),
        test=grouped(small(200, seed=1), 1),
        learner="linear",
        replicates=5,
        ood={"elsewhere": Corpus.from_table(ood)},
        robustness=True,
        learning_curve=True,
        cost=True,
        allow_leakage=True,
    )


@pytest.mark.parametrize(("asked", "counted"), [("accuracy", True), ("roc_auc", False), ("pr_auc:sport", True)])
def test_figures_that_a_group_does_not_have_are_not_made_up(small: Small, asked: str, counted: bool) -> None:
    """All rows of one group are of one class: nothing is to be ranked there, and no true positives to be compared."""
    train, test = (rows.table() for rows in (small(200, noise=0.1), small(200, seed=1)))
    sport = np.array([label == "sport" for label in test.column("label").to_pylist()])
    who = np.where(sport & (np.arange(200) % 2 == 0), "b", "a")
    roles = Roles(text=("text",), label="label", group=("who",))
    made = measure(
        Recipe(["labels.drop_issues"]), Corpus.from_table(train),
        test=Corpus.from_table(test.append_column("who", pa.array(who)), roles),
        learner="linear", replicates=3, metric=asked,
    )  # fmt: skip
    [found] = made.closer.groups  # type: ignore[union-attr]
    one_class = next(group for group in found.groups if group.name == "b")
    assert one_class.counted is counted
    assert np.isfinite(one_class.base.value) == counted
    names = [each.name for each in found.disparities]
    assert "equalised odds difference" not in names
    assert ("worst group" in names) == counted
    MeasureJson.model_validate(json.loads(json.dumps(made.to_dict(), allow_nan=False)))
    assert ("not to be told" in render_html(made.report())) is not counted


def test_rates_of_fairness_are_of_rows_that_are_given_one_of_two_classes(small: Small) -> None:
    """Of a row that may have both of two tags, or neither, none is "the one that is given"."""

    def tagged(rows: Corpus) -> Corpus:
        tags = [[label] if at % 3 else ["money", "sport"] for at, label in enumerate(rows.labels().to_pylist())]
        who = ["ab"[at % 2] for at in range(len(rows))]
        table = pa.table({"text": rows.texts(), "label": tags, "who": who})
        return Corpus.from_table(table, Roles(text=("text",), label="label", group=("who",)))

    made = measure(
        Recipe(["clean.case"]), tagged(small(120)), test=tagged(small(90, seed=1)), learner="linear", replicates=2
    )
    [found] = made.closer.groups  # type: ignore[union-attr]
    assert [each.name for each in found.disparities] == ["worst group", "gap"]


def test_a_set_whose_labels_are_written_otherwise_is_refused_with_labels_of_both_sides(small: Small) -> None:
    rows = small(40, seed=2)
    kinds = pa.array([f"kind {at % 5}" for at in range(40)])
    for labels, said in (
        (kinds, "they are kind 0, kind 1, kind 2 and 2 more, those of training money, sport"),
        (pa.nulls(40, pa.string()), "it has none"),
    ):
        ood = {"odd": Corpus.from_table(pa.table({"text": rows.texts(), "label": labels}))}
        with pytest.raises(CurateError, match=f"out-of-domain set 'odd' has a label that training knows: {said}"):
            measure(Recipe(["clean.case"]), small(60), test=small(40, seed=1), learner="linear", replicates=2, ood=ood)


def test_rows_that_do_not_have_the_metric_are_refused_or_told_without_a_figure(small: Small) -> None:
    test = small(120, seed=1)
    sport = test.take(np.flatnonzero([label == "sport" for label in test.labels().to_pylist()]))
    options = {"learner": "linear", "replicates": 2, "metric": "roc_auc"}
    with pytest.raises(CurateError, match="roc_auc says nothing of these test rows"):
        measure(Recipe(["dedup.exact"]), small(120), test=sport, **options)  # type: ignore[arg-type]
    made = measure(Recipe(["dedup.exact"]), small(120), test=test, ood={"one class": sport}, **options)  # type: ignore[arg-type]
    [found] = made.to_dict()["closer"]["ood"]
    assert (found["base"]["value"], found["effects"]) == (None, {})
    MeasureJson.model_validate(json.loads(json.dumps(made.to_dict(), allow_nan=False)))
    assert "one class" in render_html(made.report())


def test_groups_with_few_rows_are_told_and_enter_no_gap(everything: Measurement) -> None:
    assert everything.closer is not None
    [found] = everything.closer.groups
    assert [(group.name, group.counted) for group in found.groups] == [("a", True), ("b", True), ("c", False)]
    gap = next(each for each in found.disparities if each.name == "gap")
    first, second = (group.base.value for group in found.groups[:2])
    assert gap.base.value == pytest.approx(abs(first - second))
    assert set(gap.effects) == {"clean.case", "labels.drop_issues", "all steps"}


def test_a_group_that_is_harder_shows_in_the_gap_and_its_interval(small: Small) -> None:
    train, rows = grouped(small(300), 0), small(300, seed=1).table().to_pylist()
    hard = [{**row, "text": f"n{at} m{at}" if at % 3 == 0 else row["text"]} for at, row in enumerate(rows)]
    who = pa.array(["hard" if at % 3 == 0 else "easy" for at in range(300)])
    test = Corpus.from_table(
        pa.Table.from_pylist(hard).append_column("who", who), Roles(text=("text",), label="label", group=("who",))
    )
    made = measure(Recipe(["labels.drop_issues"]), train, test=test, learner="linear", replicates=5)
    assert made.closer is not None
    [found] = made.closer.groups
    gap = next(each for each in found.disparities if each.name == "gap")
    assert 0.2 < gap.base.interval.low < gap.base.value < gap.base.interval.high
    alike = [{**row, "text": "n1 n2" if at % 3 == 0 else row["text"]} for at, row in enumerate(rows)]
    same = Corpus.from_table(pa.Table.from_pylist(alike).append_column("who", who), test.roles)
    again = measure(Recipe(["labels.drop_issues"]), train, test=same, learner="linear", replicates=2)
    assert again.closer is not None
    assert again.closer.groups[0].disparities == (), "a hundred rows of one text are one row"


def test_a_learner_that_ignores_case_loses_exactly_nothing_where_the_case_changes(everything: Measurement) -> None:
    assert everything.closer is not None
    by_case = [each for each in everything.closer.robustness if each.change == "case"]
    assert {each.arm for each in by_case} == {"base", "clean.case", "labels.drop_issues", "all steps"}
    assert all(each.changed_fraction > 0.6 for each in by_case)
    assert {(each.delta.value, each.delta.interval.low, each.delta.interval.high) for each in by_case} == {(0, 0, 0)}


def test_slips_cost_a_model_of_words_and_a_change_goes_by_row_id(everything: Measurement, small: Small) -> None:
    assert everything.closer is not None
    base = next(each for each in everything.closer.robustness if (each.change, each.arm) == ("typos", "base"))
    assert base.delta.interval.low < base.delta.value < 0
    corpus = small(50)
    order = np.random.default_rng(0).permutation(50)
    straight, turned = (changed(rows, "case", with_other_case, 0).texts() for rows in (corpus, corpus.take(order)))
    assert [straight[at] for at in order] == turned


def test_every_model_is_attacked_by_itself_on_the_same_rows(everything: Measurement, small: Small) -> None:
    assert everything.closer is not None
    found = {each.arm: each for each in everything.closer.robustness if each.change == "attack"}
    assert set(found) == {"base", "clean.case", "labels.drop_issues", "all steps"}
    assert all(each.delta.value < 0 < each.changed_fraction <= 1 for each in found.values())
    assert all(each.beyond_base is not None for arm, each in found.items() if arm != "base")
    typos = next(each for each in everything.closer.robustness if (each.change, each.arm) == ("typos", "base"))
    assert found["base"].delta.value < typos.delta.value, "a chosen slip costs more than a drawn one"


def test_an_attack_looks_at_a_bounded_sample_of_the_test_rows_by_row_id(small: Small) -> None:
    test = small(300, seed=1)
    view = attack_view(test, Classes.of(test, test), 0)
    turned = attack_view(test.take(np.arange(300)[::-1]), Classes.of(test, test), 0)
    assert len(view.corpus) == 100
    assert set(view.corpus.row_ids().tolist()) == set(turned.corpus.row_ids().tolist())
    assert view.places is not None
    assert [test.texts()[at] for at in view.places] == view.corpus.texts()
    other = replace(view, attacker=Attacker(Attack(max_queries=7), WordSettings()))
    sheets = [each.sheet(view.corpus) for each in (view, other, replace(view, attacker=None))]
    assert len({repr(sheet.identity) for sheet in sheets}) == 3


def test_that_nothing_is_attacked_is_said(small: Small) -> None:
    train, test = small(80), small(40, seed=1)
    numbers = [
        Corpus.from_table(
            pa.table({"text": rows.texts(), "n": np.arange(len(rows)) / 9.0}), Roles(text="text", target="n")
        )
        for rows in (train, test)
    ]
    for rows, held, said in (
        (*numbers, ["Robustness leaves out the attack: it turns a class into another, and the task is regression."]),
        (train, test, []),
    ):
        subject = subject_of(Recipe(["clean.case"]), rows, held, Linear(), None, allow_leakage=True)
        seen = with_views(subject, Options(robustness=True), Linear())
        assert [note for note in seen.notes if "attack" in note] == said
        assert ("attack" in [view.name for view in seen.views]) is (not said)


def test_a_step_at_inference_sees_changed_inputs_too(small: Small) -> None:
    """A step that lowers case at inference mends capitals for a learner that minds them."""

    class Minding(Linear):
        def fit(self, train, *, validation, seed):  # type: ignore[no-untyped-def]
            fitted = super().fit(train, validation=validation, seed=seed)
            fitted.vectorizer.lowercase = False
            return fitted

    made = measure(
        Recipe([step("clean.case", at_inference=True)]),
        small(300),
        test=small(200, seed=1),
        learner=Minding(),
        replicates=3,
        robustness=True,
    )
    assert made.closer is not None
    lost = {each.arm: each for each in made.closer.robustness if each.change == "case"}
    assert lost["base"].delta.value < -0.1
    assert lost["clean.case"].delta.value == 0
    assert lost["clean.case"].beyond_base is not None
    assert lost["clean.case"].beyond_base.interval.low > 0


def test_further_rows_are_scored_and_rows_of_unknown_classes_left_out(everything: Measurement) -> None:
    assert everything.closer is not None
    [found] = everything.closer.ood
    assert (found.name, found.n_rows, found.n_left_out) == ("elsewhere", 2, 1)
    assert found.base.value > 0.5
    assert set(found.effects) == {"clean.case", "labels.drop_issues", "all steps"}
    assert set(found.placebos) == {"clean.case", "labels.drop_issues"}


def test_further_rows_without_the_columns_or_any_known_class_are_refused(small: Small) -> None:
    def ask(table: pa.Table) -> None:
        ood = {"far": Corpus.from_table(table, Roles(text=("text",)))}
        measure(Recipe(["dedup.exact"]), small(60), test=small(40, seed=1), learner="linear", replicates=2, ood=ood)

    with pytest.raises(ColumnError, match="'far' have no column 'label'"):
        ask(pa.table({"text": ["goal"]}))
    with pytest.raises(CurateError, match="no row of the out-of-domain set 'far'"):
        ask(pa.table({"text": ["goal"], "label": ["art"]}))


def test_the_learning_curve_rises_with_the_rows_and_says_what_twice_as_many_would_give(everything: Measurement) -> None:
    assert everything.closer is not None
    curve = everything.closer.learning_curve
    assert curve is not None
    assert [round(more / less, 1) for less, more in zip(curve.n_rows, curve.n_rows[1:], strict=False)] == [2.0] * 3
    assert curve.scores[0].value < curve.scores[-1].value
    assert curve.scores[-1].value == pytest.approx(everything.base["accuracy"])
    assert curve.gain.value >= 0
    assert curve.gain.interval.low < curve.gain.value < curve.gain.interval.high
    assert curve.n_twice == 2 * curve.n_rows[-1]


def test_more_rows_are_never_told_to_cost_score_however_steeply_the_curve_has_risen() -> None:
    """From 89 to 99.6 % in three doublings: the law lies below the last score, and twice the rows bring no loss."""
    sizes, scores = [14.0, 28.0, 54.0, 108.0], [0.894, 0.905, 0.990, 0.996]
    accuracy = metric("accuracy", ("a", "b"))
    (now, _), (twice, _) = (_ahead(accuracy, np.array([scores]), sizes, at) for at in (108.0, 216.0))
    assert twice[0] < scores[-1], "what used to be told as a loss"
    assert twice[0] >= now[0]


def test_the_gap_is_between_rows_of_training_and_test_rows(everything: Measurement) -> None:
    assert everything.closer is not None
    base = everything.closer.gaps[0]
    assert base.arm == "base"
    assert base.test == pytest.approx(everything.base["accuracy"])
    assert base.gap.value == pytest.approx(base.fitted - base.test)
    assert base.fitted == pytest.approx(0.9, abs=0.1), "a fifth of the labels it was fitted to is wrong"


def test_reliability_bins_hold_every_answer_and_their_shares_give_the_accuracy(everything: Measurement) -> None:
    assert everything.closer is not None
    for each in everything.closer.reliability:
        assert sum(part.n for part in each.bins) == 5 * 200
        assert all(part.low < part.confidence <= part.high for part in each.bins)
    base = everything.closer.reliability[0]
    right = sum(part.n * part.right.value for part in base.bins) / 1000
    assert right == pytest.approx(everything.base["accuracy"])


def test_costs_are_told(everything: Measurement) -> None:
    assert everything.closer is not None
    cost = everything.closer.cost
    assert min(cost.fit_s, cost.rows_per_s) > 0
    assert cost.timing is not None
    assert 0 < cost.timing.single_ms <= cost.timing.single_ms_p95
    assert cost.timing.model_bytes is not None
    assert cost.timing.model_bytes > 1000


def test_everything_stands_in_the_json_the_page_and_markdown(everything: Measurement) -> None:
    MeasureJson.model_validate(json.loads(json.dumps(everything.to_dict(), allow_nan=False)))
    report = everything.report()
    titles = {section.title for section in report.sections}
    assert titles >= {"Out of domain", "Robustness", "Groups", "Learning curve", "Generalisation gap", "Reliability"}
    for form in (render_html(report), render_markdown(report)):
        assert all(title in form for title in titles)


def test_a_cell_trained_without_a_sheet_is_not_taken_for_one_with_it(small: Small, tmp_path: Path) -> None:
    options = {"test": small(60, seed=1), "learner": "linear", "replicates": 2, "store": Store(tmp_path)}
    corpus, recipe = small(100), Recipe(["dedup.exact"])
    plain = measure(recipe, corpus, **options)  # type: ignore[arg-type]
    looked = measure(recipe, corpus, robustness=True, **options)  # type: ignore[arg-type]
    again = measure(recipe, corpus, robustness=True, **options)  # type: ignore[arg-type]
    assert plain.closer is not None
    assert looked.closer is not None
    assert again.closer is not None
    assert (len(plain.closer.robustness), len(looked.closer.robustness) > 0) == (0, True)
    assert again.closer.robustness == looked.closer.robustness
    assert plain.base == looked.base, "what is looked at beside changes no prediction"


def test_sheets_of_other_names_or_rows_are_other_cells(small: Small) -> None:
    corpus = small(40)
    rows = Classes.of(corpus, corpus).examples(corpus)
    cell = Cell(Linear(), rows, None, rows.take(np.arange(5)), 0)
    sheet = Sheet("more", rows.take(np.arange(5, 10)))
    others = [
        replace(cell, sheets=(sheet,)),
        replace(cell, sheets=(Sheet("less", sheet.rows),)),
        replace(cell, sheets=(Sheet("more", rows.take(np.arange(6, 11))),)),
        replace(cell, timed=True),
    ]
    assert len({each.key() for each in [cell, *others]}) == 5
    [alone], [both] = run([cell]), run([others[0]])
    assert np.array_equal(alone.outputs.values, both.outputs.values)
    assert np.array_equal(both.sheets["more"].values, run([replace(cell, test=sheet.rows)])[0].outputs.values)

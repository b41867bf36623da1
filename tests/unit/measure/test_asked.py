"""What can be asked beside the effect of each step: pairs, settings, parts of the test rows, cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.data.store import Store
from curate.errors import ColumnError, CurateError, RecipeError
from curate.kernels.intervals import Estimate
from curate.learn.learner import Learner
from curate.learn.linear import Linear
from curate.measure import measure, plan
from curate.measure.interaction import Interaction
from curate.measure.page import brief
from curate.measure.reader import EQUAL
from curate.measure.schema import MeasureJson
from curate.report.html import render_html
from curate.report.terminal import render_terminal

from .conftest import WORDS

Small = Callable[..., Corpus]
LABELS = step("labels.drop_issues")


def valid(made: object) -> MeasureJson:
    return MeasureJson.model_validate(json.loads(json.dumps(made.to_dict(), allow_nan=False)))  # type: ignore[attr-defined]


def test_two_steps_that_do_the_same_take_from_each_other(small: Small) -> None:
    """Each mends all there is to mend: together they bring one gain and not two, so they interact, downwards."""
    recipe = Recipe([LABELS, step("labels.drop_issues", name="again")])
    made = measure(recipe, small(700, noise=0.35), test=small(600, seed=1), learner="linear", replicates=6)
    [pair] = made.interactions
    assert pair.steps == "labels.drop_issues × again"
    assert (pair.verdict, pair.delta < 0) == ("interact", True)
    alone, both = sum(effect.delta for effect in made.steps), made.full.delta
    assert pair.delta == pytest.approx(both - alone)
    assert valid(made).interactions[0].delta == pair.delta
    for drawn in (render_html(made.report()), str(render_terminal(made.report()))):
        assert drawn
    assert "Steps together" in render_html(made.report())


def test_a_step_that_changes_no_row_has_no_effect_and_no_interaction_however_it_is_asked(small: Small) -> None:
    """One step drops rows, the other finds nothing: its models are equal in pairs, with the first step and without."""
    recipe = Recipe([step("rebalance.oversample"), "clean.case"])
    options = {"test": small(100, seed=1), "learner": "linear", "replicates": 5}
    made = measure(recipe, small(150, noise=0.2), attribution="shapley", **options)  # type: ignore[arg-type]
    idle, [pair] = made.steps[1], made.interactions
    assert (idle.delta, idle.verdict, idle.reason) == (0.0, "no effect", EQUAL)
    assert set(idle.resolve.values()) == {None}, "there is nothing to resolve"
    assert (pair.delta, pair.verdict, pair.reason) == (0.0, "no interaction", EQUAL)
    assert made.steps[0].reason != EQUAL
    assert valid(made).interactions[0].reason == EQUAL
    page = render_html(made.report())
    assert f"clean.case: no effect, {EQUAL}" in page
    few = measure(recipe, small(150), attribution="shapley", **{**options, "replicates": 2})  # type: ignore[arg-type]
    assert few.steps[1].verdict == "cannot tell", "two replicates never give a verdict"


def test_pairs_that_need_no_arm_are_told_and_others_on_demand(small: Small) -> None:
    recipe = Recipe(["clean.whitespace", "dedup.exact", "clean.control"])
    options = {"test": small(60, seed=1), "learner": "linear", "replicates": 2}
    assert measure(recipe, small(150), **options).interactions == ()  # type: ignore[arg-type]
    asked = measure(recipe, small(150), interactions=[("clean.control", "clean.whitespace")], **options)  # type: ignore[arg-type]
    assert [pair.steps for pair in asked.interactions] == ["clean.whitespace × clean.control"]
    every = measure(recipe, small(150), attribution="shapley", **options)  # type: ignore[arg-type]
    assert len(every.interactions) == 3
    for wrong in ([("dedup.exact", "dedup.exact")], [("dedup.exact", "dedup.exakt")]):
        with pytest.raises(CurateError, match=r"interact with itself|dedup.exakt"):
            measure(recipe, small(150), interactions=wrong, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("delta", "se", "verdict"), [(0.05, 0.002, "interact"), (0.0, 0.001, "no interaction"), (0.0, 0.1, "cannot tell")]
)
def test_a_pair_gets_one_of_three_verdicts(delta: float, se: float, verdict: str) -> None:
    from curate.measure.result import Effect
    from curate.measure.verdict import Contrast, Interval, judge

    estimate = Estimate(delta, se, 9)
    [one] = judge([Contrast(estimate)], n_replicates=10)
    interval = Interval.of(estimate)
    effect = Effect(
        "a × b", "accuracy", delta, interval, interval, one.p_value, one.p_adjusted, None, None, one.verdict, "",
        one.standing, 0.01, {}, 10,
    )  # fmt: skip
    assert Interaction.of(effect).verdict == verdict


def noisy(small: Small, n: int, seed: int = 0) -> Corpus:
    """Rows of which a third, those without a word to learn from, are wrong: the longer a row must be, the better."""
    table = small(n, seed=seed).table()
    draw = np.random.default_rng(seed)
    labels = [str(draw.choice(["sport", "money"])) for _ in range(n)]
    short = pa.table({"text": [f"goal bank s{at}" for at in range(n)], "label": labels})
    return Corpus.from_table(pa.concat_tables([table, short]))


def test_a_sweep_shows_each_value_and_validation_rows_choose(small: Small) -> None:
    recipe = Recipe([step("filter.length", min_words=2)])
    made = measure(
        recipe, noisy(small, 300), test=small(300, seed=1), learner="linear", replicates=5,
        sweep={"filter.length.min_words": [2, 4, 5]},
    )  # fmt: skip
    [swept] = made.sweeps
    assert [dose.value for dose in swept.doses] == [2, 4, 5]
    assert swept.current == 2
    assert swept.doses[0].effect.delta == made.steps[0].delta == 0.0, "the value of the recipe is the recipe's step"
    assert swept.doses[1].effect.rows > 100
    assert sum(dose.chosen for dose in swept.doses) <= 1
    scores = [swept.without, *(dose.validation for dose in swept.doses)]
    best = scores.index(max(scores))  # type: ignore[type-var]
    assert swept.chosen is (None if best == 0 else swept.doses[best - 1])
    assert valid(made).sweeps[0].doses[1].chosen == swept.doses[1].chosen
    assert "tuning on the test rows" in render_html(made.report())


def test_values_that_do_alike_are_best_alike_and_leaving_the_step_out_wins_a_tie(small: Small) -> None:
    recipe, sweep = Recipe([step("filter.length", min_words=1)]), {"filter.length.min_words": [1, 2]}
    made = measure(recipe, small(150), test=small(60, seed=1), learner="linear", replicates=3, sweep=sweep)
    [swept] = made.sweeps
    assert [dose.best_in for dose in swept.doses] == [3, 3], "no other value does better in any replicate"
    assert [(dose.tied_in, dose.tied) for dose in swept.doses] == [(3, True), (3, True)]
    assert swept.chosen is None
    assert "without the step the score there is as good: 1 and 2 do as well there" in render_html(made.report())


def test_values_that_tie_with_the_chosen_one_are_told(small: Small) -> None:
    draw, words = np.random.default_rng(0), [*WORDS["sport"], *WORDS["money"]]
    texts = [f"{' '.join(draw.choice(words, 2))} s{at}" for at in range(300)]
    blind = pa.table({"text": texts, "label": [str(draw.choice(["sport", "money"])) for _ in texts]})
    train = Corpus.from_table(pa.concat_tables([small(150).table(), blind]))
    recipe, sweep = Recipe([step("filter.length", min_words=2)]), {"filter.length.min_words": [2, 5, 4]}
    made = measure(recipe, train, test=small(100, seed=1), learner="linear", replicates=3, sweep=sweep)
    [swept] = made.sweeps
    assert swept.chosen is not None
    [other] = [dose for dose in swept.doses if dose.tied]
    assert (swept.chosen.value, other.value) == (5, 4), "the rows have three words or five: 4 and 5 drop the same"
    assert swept.chosen.best_in == swept.chosen.tied_in > 0
    assert "4 does as well there: the first of them is taken." in render_html(made.report())
    assert valid(made).sweeps[0].doses[2].tied


def test_the_test_rows_have_no_say_in_the_choice(small: Small) -> None:
    """Turn every label of the test rows round: the effects turn, the choice stays."""
    recipe, train, test = Recipe([step("filter.length", min_words=2)]), noisy(small, 200), small(100, seed=1)
    other = {"sport": "money", "money": "sport"}
    turned = test.table().set_column(1, "label", pa.array([other[label] for label in test.labels().to_pylist()]))
    seen = [
        measure(
            recipe, train, test=rows, learner="linear", replicates=2, sweep={"filter.length.min_words": [4, 5]}
        ).sweeps[0]
        for rows in (test, Corpus.from_table(turned))
    ]
    assert [dose.effect.delta for dose in seen[0].doses] == [-dose.effect.delta for dose in seen[1].doses]
    for first, second in zip(seen[0].doses, seen[1].doses, strict=True):
        assert (first.validation, first.best_in, first.chosen) == (second.validation, second.best_in, second.chosen)


@pytest.mark.parametrize(
    ("sweep", "error", "said"),
    [
        ({"filter.lenght.min_words": [1, 2]}, CurateError, "no step is called 'filter.lenght'"),
        ({"filter.length.min_word": [1, 2]}, CurateError, "did you mean 'min_words'"),
        ({"filter.length.min_words": [1]}, CurateError, "two or more"),
        ({"filter.length.min_words": [1, 1]}, CurateError, "two or more"),
        ({"filter.length.min_words": [1, "x"]}, RecipeError, "min_words"),
    ],
)
def test_a_sweep_is_checked_like_a_recipe(small: Small, sweep: dict[str, list[object]], error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        measure(Recipe([step("filter.length", min_words=2)]), small(80), learner="linear", replicates=2, sweep=sweep)


def test_effects_by_part_say_where_an_effect_comes_from(small: Small) -> None:
    table = small(300, seed=1).table()
    grouped = table.append_column("group", pa.array(["north", "south", "rare"] * 100))
    roles = Roles(text="text", label="label", group="group")
    test = Corpus.from_table(grouped.filter(pc.not_equal(grouped.column("group"), "rare")), roles)
    train = small(300, noise=0.3).table().append_column("group", pa.array(["north"] * 300))
    made = measure(
        Recipe([LABELS]),
        Corpus.from_table(train, roles),
        test=test,
        learner="linear",
        replicates=3,
        slices=["language"],
    )
    by: dict[str, list[int]] = {}
    for part in made.slices:
        by.setdefault(part.by, []).append(part.n_rows)
        assert part.interval.low <= part.delta <= part.interval.high
        assert part.p_adjusted >= part.p_value
        assert part.n_rows >= 30
    assert by["group"] == [100, 100]
    assert sum(by["class"]) == 200
    whole = sum(part.delta * part.n_rows for part in made.slices if part.by == "class") / 200
    assert whole == pytest.approx(made.steps[0].delta)
    assert len(valid(made).slices) == len(made.slices)


def test_an_effect_by_its_cost(small: Small) -> None:
    made = measure(Recipe([LABELS]), small(200, noise=0.35), test=small(400, seed=1), learner="linear", replicates=5)
    effect = made.steps[0]
    assert effect.interval.low > 0
    assert effect.per_1000_rows == pytest.approx(effect.delta / effect.rows * 1000)
    assert effect.per_second == pytest.approx(effect.delta / effect.seconds)
    unclear = replace(effect, interval=effect.interval.model_copy(update={"low": -0.01}))
    assert (unclear.per_1000_rows, unclear.per_second) == (None, None)
    nothing = measure(Recipe(["clean.control"]), small(80), test=small(40, seed=1), learner="linear", replicates=2)
    assert nothing.steps[0].per_1000_rows is None


def test_rows_touched_are_those_of_the_arm_that_is_judged(small: Small) -> None:
    """The second step finds nothing left to do behind the first, whichever arm is made before."""
    recipe = Recipe([step("filter.length", min_words=5, name=name) for name in "ab"])
    options = {"test": small(60, seed=1), "learner": "linear", "replicates": 2}
    rows = {
        way: [effect.rows for effect in measure(recipe, noisy(small, 100), attribution=way, **options).steps]  # type: ignore[arg-type]
        for way in ("alone", "leave-one-out", "shapley")
    }
    n = rows["alone"][0]
    assert n > 50
    assert rows == {"alone": [n, n], "leave-one-out": [n, 0.0], "shapley": [n, n / 2]}


def test_above_four_steps_shapley_values_are_sampled_and_say_so(small: Small, tmp_path: Path) -> None:
    recipe = Recipe([LABELS, *(step("filter.length", min_words=n, name=f"l{n}") for n in (2, 3, 4, 5))])
    options = {"test": small(60, seed=1), "learner": "linear", "attribution": "shapley", "store": Store(tmp_path)}
    made = measure(recipe, small(120, noise=0.2), replicates=2, **options)  # type: ignore[arg-type]
    assert sum(effect.delta for effect in made.steps) == pytest.approx(made.full.delta)
    assert made.facts["n_orders"] == 8
    assert any("Shapley values of 5 steps are sampled" in note for note in made.notes)
    assert "the mean over 8 orders of the steps" in render_html(made.report())
    assert "Shapley values of 5 steps are sampled" in str(brief(made)), "the terminal says it without being asked"
    assert not any("order" in gap.arm for gap in made.closer.gaps), "a drawn arm is another one in each replicate"  # type: ignore[union-attr]
    wanted = plan(recipe, small(120, noise=0.2), replicates=2, **options)  # type: ignore[arg-type]
    assert (wanted.n_cached, wanted.n_to_train) == (made.facts["n_cells"], 0)


def test_what_the_first_learner_left_standing_is_measured_again_by_the_second(small: Small) -> None:
    recipe = Recipe([LABELS, "clean.control", step("labels.drop_issues", name="again", n_folds=3)])
    made = measure(
        recipe, small(400, noise=0.35), test=small(400, seed=1), learner="linear", replicates=5,
        confirm={"name": "linear", "max_words": 1},
    )  # fmt: skip
    found = made.confirmation
    assert found is not None
    assert found.left == ("clean.control",), "it has no effect"
    assert [effect.step for effect in found.measured.steps] == ["labels.drop_issues", "again"]
    assert found.measured.facts["learner_config"]["max_words"] == 1
    assert found.agreement is not None
    assert found.agreement.n == 2
    assert found.agreement.tau in (-1.0, 1.0, None), "of two steps there are but two rankings"
    assert valid(made).confirmation is not None
    page = render_html(made.report()).replace("&#39;", "'")
    assert "Kendall's tau" in page or found.agreement.tau is None


class Recorded(Linear):
    """Keeps what it was prepared on and what it predicted."""

    name: ClassVar[str] = "recorded"
    prepared_on: ClassVar[list[list[str]]] = []

    def prepared(self, texts: Sequence[str]) -> Learner:
        self.prepared_on.append(list(texts))
        return self


@pytest.mark.parametrize(
    ("second", "error", "said"),
    [("tabular", ColumnError, "features"), ("causal", CurateError, "the task is classification")],
)
def test_a_second_learner_that_cannot_is_refused_before_the_first_begins(
    small: Small, second: str, error: type, said: str
) -> None:
    def begun(what: str, done: int, of: int) -> None:
        raise AssertionError("a cell was trained")

    for ask in (measure, plan):
        given = {"on_progress": begun} if ask is measure else {}
        with pytest.raises(error, match=said):
            ask(Recipe([LABELS]), small(120), learner="linear", replicates=2, confirm=second, **given)  # type: ignore[operator]


def test_the_second_learner_reads_its_own_columns_and_is_prepared_like_the_first(small: Small) -> None:
    def with_number(corpus: Corpus) -> Corpus:
        table = corpus.table().append_column("length", pa.array([len(text) for text in corpus.texts()]))
        return Corpus.from_table(table, Roles(text=("text",), label="label", features=("length",)))

    made = measure(
        Recipe([LABELS]), with_number(small(200, noise=0.3)), test=with_number(small(60, seed=1)), learner=Recorded(),
        replicates=2, confirm={"name": "tabular", "kind": "logistic"}, robustness=True,
        ood={"more": with_number(small(30, seed=2))},
    )  # fmt: skip
    assert made.confirmation is not None
    assert made.confirmation.measured.facts["learner"] == "tabular"
    Recorded.prepared_on.clear()
    measure(
        Recipe([LABELS]), small(200, noise=0.3), test=small(60, seed=1), learner=Recorded(), replicates=2,
        confirm=Recorded(max_words=5),
    )  # fmt: skip
    first, second = Recorded.prepared_on
    assert first == second


def test_what_the_second_learner_sees_of_the_test_rows_is_a_look_of_its_own(small: Small, tmp_path: Path) -> None:
    given = {"test": small(60, seed=1), "learner": "linear", "replicates": 2, "store": Store(tmp_path)}
    for _ in range(2):
        made = measure(
            Recipe([LABELS]), small(200, noise=0.3), confirm={"name": "linear", "max_words": 5}, **given  # type: ignore[arg-type]
        )  # fmt: skip
        assert made.looks == 2, "asked again it is the same"


def test_parts_are_told_in_the_metric_that_they_have(small: Small) -> None:
    made = measure(Recipe([LABELS]), small(200), test=small(120, seed=1), learner="linear", replicates=2, metric="ece")
    assert {part.metric for part in made.slices} == {"accuracy"}
    page = render_html(made.report())
    assert "Effects on accuracy over parts" in page
    assert "Effects on ece over parts" not in page


def test_nothing_is_measured_again_where_nothing_is_left(small: Small) -> None:
    made = measure(
        Recipe(["clean.control"]), small(200), test=small(100, seed=1), learner="linear", replicates=5, confirm="linear"
    )
    assert made.confirmation is None
    assert "No step is left to be measured again" in made.notes[-1]

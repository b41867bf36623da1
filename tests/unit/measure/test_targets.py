"""What a model is to learn: each task reads the column that holds its target, and says what it cannot read."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import CurateError
from curate.io.loading import load
from curate.learn.examples import Task
from curate.learn.folds import families
from curate.learn.linear import Linear
from curate.measure.subject import subject_of
from curate.measure.targets import LabelSets, Numbers, Texts, strata, targets_of


class AnyTask(Linear):
    """A learner that says it does every task."""

    tasks = frozenset[Task]({"classification", "multilabel", "regression", "generation"})


def corpus(**columns: list[object]) -> Corpus:
    roles = Roles(
        text="text" if "text" in columns else (),
        label="label" if "label" in columns else None,
        target="target" if "target" in columns else None,
        features=tuple(name for name in columns if name.startswith("x")),
    )
    return Corpus.from_table(pa.table(columns), roles)


def test_lists_of_labels_are_sets_and_a_null_is_no_label() -> None:
    rows = corpus(text=["a", "b", "c"], label=[["sport", "news"], [], None])
    targets = targets_of(rows, rows, AnyTask())
    assert isinstance(targets, LabelSets)
    assert targets.names == ("news", "sport")
    assert targets.known(rows).tolist() == [True, True, False]
    assert targets.examples(rows).targets.tolist() == [[True, True], [False, False]]


def test_numbers_leave_out_what_is_not_finite() -> None:
    rows = corpus(text=["a", "b", "c"], target=[1.5, None, float("inf")])
    targets = targets_of(rows, rows, AnyTask())
    assert isinstance(targets, Numbers)
    assert targets.examples(rows).targets.tolist() == [1.5]


def test_a_target_text_follows_the_text_and_plain_text_is_its_own() -> None:
    asked = corpus(text=["q", "r"], target=["answer", " "])
    targets = targets_of(asked, asked, AnyTask())
    assert isinstance(targets, Texts)
    assert (targets.examples(asked).texts, targets.examples(asked).targets.tolist()) == (["q"], ["answer"])
    plain = corpus(text=["once upon a time"])
    rows = targets_of(plain, plain, AnyTask()).examples(plain)
    assert (list(rows.texts), rows.targets.tolist()) == ([""], ["once upon a time"])


def test_a_learner_that_cannot_is_refused_by_name() -> None:
    rows = corpus(text=["a", "b"], target=["c", "d"])
    with pytest.raises(CurateError, match=r"'linear' does .*regression; the rows have generation.*--learner causal"):
        targets_of(rows, rows, Linear())


def test_rows_without_a_label_or_without_rows_are_said_to_be_that() -> None:
    with pytest.raises(CurateError, match="no row has a label in 'label'"):
        targets_of(corpus(text=["a"], label=[None]), corpus(text=["b"], label=[None]), AnyTask())
    with pytest.raises(CurateError, match=r"the label has 1 class \(x\)"):
        targets_of(corpus(text=["a"], label=["x"]), corpus(text=["b"], label=["x"]), AnyTask())
    none, some = load([{"text": "a", "label": "x"}]).take(np.arange(0)), load([{"text": "a", "label": "x"}])
    with pytest.raises(CurateError, match="there are no rows in"):
        subject_of(Recipe(["clean.case"]), none, None, AnyTask(), None, allow_leakage=False)
    with pytest.raises(CurateError, match="there are no rows in the test split"):
        subject_of(Recipe(["clean.case"]), some, none, AnyTask(), None, allow_leakage=False)


def test_strata_are_classes_or_fifths_of_the_numbers() -> None:
    numbers = corpus(text=["t"] * 10, target=[float(n) for n in range(10)])
    assert np.bincount(strata(numbers)).tolist() == [2] * 5
    assert strata(corpus(text=["a", "b"], label=["x", None])).tolist() == [0, 0]


def test_rows_without_a_text_are_kin_where_their_features_are_equal() -> None:
    rows = corpus(x=[1, 2, 1, 3], label=["a", "b", "a", "b"])
    assert families(rows).tolist() == [0, 1, 0, 3]
    assert targets_of(rows, rows, Linear()).examples(rows, features=True).features.num_rows == 4


def test_a_target_that_is_named_is_what_is_learnt_whatever_label_was_guessed() -> None:
    rows = [{"text": f"word {at}", "label": "ab"[at % 2], "price": at / 7} for at in range(40)]
    loaded = load(rows, target="price")
    assert isinstance(targets_of(loaded, loaded, AnyTask()), Numbers)
    both = load(rows, target="price", label="label")
    assert both.roles.label == "label", "what is named stays"
    recipe = Recipe(["clean.case"], roles={"target": "price"})
    subject = subject_of(recipe, load(rows), None, AnyTask(), None, allow_leakage=False)
    assert isinstance(subject.targets, Numbers), "a recipe names it as well"

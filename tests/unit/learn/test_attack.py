"""Attacks: what a search asks and finds, that rows do not depend on each other, and that no model saw its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError, CurateError
from curate.kernels.other_words import WordSettings
from curate.kernels.replacing import ordered, replaced
from curate.kernels.slip_source import SlipSource
from curate.kernels.synonyms import TableSource
from curate.learn.attack import Attack, Target, attacked
from curate.learn.attacked import AttackSignal
from curate.learn.bag import Bag
from curate.learn.crossfit import models_of_the_rest
from curate.learn.examples import Examples
from curate.learn.learner import Fitted
from curate.learn.linear import Linear

OTHERS = TableSource({"good": ["fine", "nice", "great"], "old": ["aged"], "film": ["movie"]})
GOOD, BAD = "superb lovely great warm".split(), "dull awful weak cold".split()


def said(weights: dict[str, float]) -> Callable[[Sequence[str]], np.ndarray]:
    """A model of two classes: a text's score is the sum of its words' weights."""

    def predict(texts: Sequence[str]) -> np.ndarray:
        scores = np.array([sum(weights.get(word, 0.0) for word in text.lower().split()) for text in texts])
        right = 1 / (1 + np.exp(-scores))
        return np.stack([1 - right, right], axis=1)

    return predict


def rows(n: int = 120, seed: int = 0) -> tuple[list[str], list[str]]:
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 2, n)
    texts = [f"{draw.choice([GOOD, BAD][label])} acting in film number {at}" for at, label in enumerate(labels)]
    return texts, ["gb"[label] for label in labels]


def corpus(n: int = 120) -> Corpus:
    texts, labels = rows(n)
    return Corpus.from_table(pa.table({"text": texts, "label": labels}), Roles(text="text", label="label"))


def test_the_word_that_matters_most_is_changed_first_and_no_more_than_needed() -> None:
    model = said({"good": 2.0, "old": 0.1, "film": 0.1, "fine": 1.0, "nice": -1.0, "movie": -0.5})
    [made] = attacked(None, model, [Target("A good old film", 1)], OTHERS, Attack())
    assert (made.outcome, made.replacements) == ("flipped", ((2, 6, "nice"),))
    assert made.n_queries == 1 + 3 + 3
    assert made.probability < 0.5


def test_what_does_not_turn_the_answer_is_the_strongest_try_within_the_share_of_words() -> None:
    model = said({"good": 5.0, "old": 1.0, "film": 0.5, "fine": 4.0, "nice": 4.5, "great": 3.0, "a": 1.0})
    one, every = (
        attacked(None, model, [Target("A good old film", 1)], OTHERS, Attack(max_rate=rate))[0] for rate in (0.25, 1.0)
    )
    assert (one.outcome, one.replacements) == ("not_flipped", ((2, 6, "great"),))
    assert replaced("A good old film", every.replacements) == "A great aged movie"
    assert every.probability < one.probability


@pytest.mark.parametrize("importance", ["deletion", "saliency"])
@pytest.mark.parametrize("max_queries", [2, 3, 7, 20])
def test_no_more_is_asked_than_allowed(importance: Any, max_queries: int) -> None:
    asked: list[int] = []

    def predict(texts: Sequence[str]) -> np.ndarray:
        asked.append(len(texts))
        return np.tile([0.1, 0.9], (len(texts), 1)) - np.array([[0, 1e-9 * len(text)] for text in texts])

    how = Attack(importance=importance, max_queries=max_queries, max_rate=1.0)
    [made] = attacked(None, predict, [Target("good old film " * 20, 1)], OTHERS, how)
    assert made.n_queries <= max_queries
    assert sum(asked) <= made.n_queries


def test_protected_words_context_and_wrong_rows_are_left_alone() -> None:
    model = said({"good": 2.0, "nice": -1.0, "ugly": -5.0})
    targets = [
        Target("good", 1, [(0, 4)]),
        Target("good", 1, behind=" ugly"),
        Target("good", 1, before="ugly "),
        Target("", 1),
        Target("\x00 123", 0),
    ]
    found = [made.outcome for made in attacked(None, model, targets, OTHERS, Attack())]
    assert found == ["no_words", "wrong_before", "wrong_before", "wrong_before", "no_words"]


@settings(max_examples=60)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=6), seed=st.integers(0, 9)
)
def test_rows_are_attacked_alike_alone_and_side_by_side_and_only_where_it_says(texts: list[str], seed: int) -> None:
    model = said({word: np.sin(len(word) * (seed + 1)) for text in texts for word in text.lower().split()})
    targets = [Target(text, int(model([text])[0].argmax())) for text in texts]
    together = attacked(None, model, targets, SlipSource(), Attack(max_queries=30))
    alone = [attacked(None, model, [target], SlipSource(), Attack(max_queries=30))[0] for target in targets]
    assert together == alone
    for target, made in zip(targets, together, strict=True):
        assert list(made.replacements) == ordered(made.replacements, target.text)
        new = model([replaced(target.text, made.replacements)])[0]
        assert new[target.label] == pytest.approx(made.probability)
        assert (new.argmax() != target.label) == (made.outcome == "flipped")


def test_a_search_in_a_long_text_is_bounded() -> None:
    model = said({"good": 0.01, "nice": -0.01})
    [made] = attacked(None, model, [Target("good film and " * 3000, 1)], OTHERS, Attack(max_queries=40))
    assert made.n_queries <= 40


@pytest.mark.parametrize("learner", [Bag(), Linear()])
def test_slopes_find_as_much_as_deletion_and_ask_a_fraction(learner: Any) -> None:
    texts, labels = rows(200)
    codes = np.array([label == "g" for label in labels]).astype(int)
    model = learner.fit(Examples(texts, codes, None, 2), validation=None, seed=0)
    targets = [Target(f"{word} acting in a film", label) for label in (0, 1) for word in (BAD, GOOD)[label]]

    def found(importance: Any) -> list[Any]:
        how = Attack(importance=importance)
        predict = lambda given: model.predict(Examples.unlabelled(list(given)))  # noqa: E731
        return attacked(model, predict, targets, SlipSource(), how)

    by_deletion, by_slopes = found("deletion"), found("gradient")
    turned = [sum(made.outcome == "flipped" for made in each) for each in (by_deletion, by_slopes)]
    assert turned[1] >= 0.9 * turned[0] > 0
    asked = [sum(made.n_queries for made in each) for each in (by_deletion, by_slopes)]
    assert asked[1] < asked[0] / 2


@pytest.mark.parametrize("learner", [Bag(), Linear()])
def test_the_scores_of_words_are_those_of_a_text_of_them_times_its_length(learner: Any) -> None:
    texts, labels = rows(200)
    codes = np.array([label == "g" for label in labels]).astype(int)
    model = learner.fit(Examples(texts, codes, None, 2), validation=None, seed=0)
    scores = model.word_scores(["superb", "dull", "zzzz", "SUPERB"])
    assert scores[0, 1] > scores[0, 0]
    assert scores[1, 1] < scores[1, 0]
    assert not scores[2].any()
    assert scores[0].tolist() == scores[3].tolist()


def test_a_model_without_word_scores_is_told() -> None:
    with pytest.raises(CurateError, match="has no word scores"):
        attacked(object(), said({}), [Target("good", 1)], OTHERS, Attack(importance="gradient"))


def test_no_model_is_attacked_that_saw_the_row_or_its_kin() -> None:
    texts, labels = rows(60)
    texts[1], labels[1] = texts[0].upper() + "!", labels[0]
    seen: list[set[str]] = []

    class Watching(Linear):
        def fit(self, train: Examples, *, validation: Any, seed: int) -> Fitted:
            seen.append(set(train.texts))
            return super().fit(train, validation=validation, seed=seed)

    codes = np.array([label == "g" for label in labels]).astype(int)
    given = Examples(texts, codes, None, 2)
    kin = np.arange(60)
    kin[1] = 0
    for _, here in models_of_the_rest(Watching(), given, kin, np.arange(60, dtype=np.uint64), 4, 0):
        mine = {texts[at] for at in here.tolist()}
        assert not mine & seen[-1]
        assert (texts[0] in mine) == (texts[1] in mine)


def test_the_signal_is_the_same_for_any_row_order_and_says_how_it_went() -> None:
    given = corpus()
    signal = AttackSignal(learner="bag", n_folds=3)
    straight = signal.compute(given, 0).sort_by("row_id")
    turned = signal.compute(given.take(np.random.default_rng(0).permutation(120)), 0).sort_by("row_id")
    assert straight.column("value").to_pylist() == turned.column("value").to_pylist()
    [note] = {value["note"] for value in straight.column("value").to_pylist()}
    assert "rows that bag answers rightly" in note
    assert "95 % interval" in note


@pytest.mark.parametrize("learner", ["linear", "bag", {"name": "head", "encoder": "hashed", "min_steps": 40}])
def test_every_learner_of_texts_can_be_attacked(learner: Any) -> None:
    if learner not in ("linear", "bag"):
        pytest.importorskip("torch", reason="the learner 'head' needs torch")
    made = Recipe([step("augment.attack", learner=learner, n_folds=2, max_rate=0.5)]).run(corpus(60))
    assert made.counts[0].n_added > 0
    assert made.counts[0].n_added + sum(made.counts[0].refused.values()) == 60


def test_a_transformer_can_be_attacked(tiny_model: Callable[[str], str]) -> None:
    pytest.importorskip("peft", reason="the learner 'transformer' needs peft")
    learner = {"name": "transformer", "model": tiny_model("bert"), "training": {"max_steps": 5}}
    made = Recipe([step("augment.attack", learner=learner, n_folds=2, max_queries=10)]).run(corpus(12))
    assert made.counts[0].n_added + sum(made.counts[0].refused.values()) == 12


def test_learners_that_read_no_texts_of_classes_are_refused() -> None:
    with pytest.raises(CurateError, match="'tabular' does not read"):
        AttackSignal(learner="tabular").compute(corpus(10), 0)
    with pytest.raises(ColumnError, match="role label"):
        AttackSignal().compute(Corpus.from_table(pa.table({"text": ["a"]})), 0)


def test_other_words_come_from_every_source_in_turn_and_spare_what_carries_the_sense() -> None:
    both = WordSettings(words=(("film", "movie", "picture"),)).source()
    assert [option for option, _ in both.options("film", "", "")][1:4:2] == ["movie", "picture"]
    assert not any(both.options(word, "", "") for word in ("never", "without", "couldn't", "which", "nothing"))
    with pytest.raises(ValueError, match="nothing may stand for a word"):
        WordSettings(letters=False)
    with pytest.raises(ValueError, match="no function words are known of 'xx'"):
        WordSettings(language="xx")


@given(st.text(max_size=90))
def test_every_slip_is_one_and_keeps_the_first_letter(word: str) -> None:
    options = [option for option, _ in SlipSource().options(word, "", "")]
    assert len(set(options)) == len(options)
    assert all(option != word and option[0] == word[0] for option in options)
    assert all(abs(len(option) - len(word)) <= 1 for option in options)

"""What every learner of several classes a row, or of numbers, promises: `test_learners` for the other tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from curate.errors import CurateError
from curate.learn.bag import Bag
from curate.learn.causal import Causal
from curate.learn.examples import Examples
from curate.learn.learner import Learner, Prior
from curate.learn.linear import Linear
from curate.learn.tabular import Tabular
from curate.learn.training import Training

WORDS = ("fine", "warm", "dull")
QUICK = Training(learning_rate=0.02, batch_rows=32, n_epochs=1, min_steps=100)
TABULAR = [Tabular(training=QUICK, hidden=(16,), dropout=0), Tabular(kind="logistic"), Tabular(kind="boosting")]
LEARNERS = [Linear(), Bag(), *TABULAR]


def texts(held: np.ndarray) -> list[str]:
    """A text for each row: the word of each class that it has, and one that says nothing."""
    return [" ".join([f"item{n % 7}", *np.array(WORDS)[row]]) for n, row in enumerate(held)]


def examples(held: np.ndarray, targets: np.ndarray, task: str, n_classes: int = 0) -> Examples:
    table = pa.table({word: pa.array(column) for word, column in zip(WORDS, held.T, strict=True)})
    return Examples(texts(held), targets, None, n_classes, task, table)  # type: ignore[arg-type]


def sets(n_rows: int = 80, n_classes: int = 4, seed: int = 0) -> Examples:
    """Each of the first three classes stands in the text and in the features; no row has the others."""
    held = np.random.default_rng(seed).random((n_rows, 3)) < 0.4
    targets = np.zeros((n_rows, n_classes), np.bool_)
    targets[:, :3] = held
    return examples(held, targets, "multilabel", n_classes)


def numbers(n_rows: int = 80, seed: int = 0) -> Examples:
    """1000 and 3 more for `fine`, 1 more for `warm`."""
    held = np.random.default_rng(seed).random((n_rows, 3)) < 0.4
    return examples(held, 1000 + held @ np.array([3.0, 1.0, 0.0]), "regression")


@pytest.fixture(params=LEARNERS, ids=lambda learner: f"{learner.name}-{getattr(learner, 'kind', '')}".strip("-"))
def learner(request: pytest.FixtureRequest) -> Learner:
    return request.param


@pytest.fixture(params=["multilabel", "regression"])
def make(request: pytest.FixtureRequest, learner: Learner) -> Callable[..., Examples]:
    assert request.param in learner.tasks
    return {"multilabel": sets, "regression": numbers}[request.param]


def test_classes_are_learnt_each_by_itself(learner: Learner) -> None:
    test = sets(seed=9)
    probs = learner.fit(sets(), validation=None, seed=1).predict(test)
    assert probs.shape == (80, 4)
    assert ((probs[:, :3] > 0.5) == test.targets[:, :3]).mean() > 0.95
    assert (probs[:, 3] == 0).all(), "no training row has the class"


def test_numbers_are_learnt(learner: Learner) -> None:
    test = numbers(seed=9)
    found = learner.fit(numbers(), validation=None, seed=1).predict(test)
    assert found.shape == (80, 1)
    assert np.square(found[:, 0] - test.targets).mean() < 0.25 * test.targets.var()


def test_the_order_of_the_rows_does_not_matter(learner: Learner, make: Callable[..., Examples]) -> None:
    weights = np.random.default_rng(3).random(80)
    train, order = replace(make(), weights=weights), np.random.default_rng(2).permutation(80)
    one = learner.fit(train, validation=make(seed=5), seed=4).predict(make(seed=6))
    other = learner.fit(train.take(order), validation=make(seed=5).take(order), seed=4).predict(make(seed=6))
    assert one.tobytes() == other.tobytes()


def test_a_prediction_does_not_depend_on_its_neighbours(learner: Learner, make: Callable[..., Examples]) -> None:
    fitted, test = learner.fit(make(), validation=None, seed=0), make(9, seed=8)
    alone = np.vstack([fitted.predict(test.take(np.array([n]))) for n in range(9)])
    assert fitted.predict(test) == pytest.approx(alone, rel=1e-9, abs=1e-9)


def test_a_weight_of_0_is_as_if_the_row_were_not_there(learner: Learner, make: Callable[..., Examples]) -> None:
    train, wrong = make(), make(20, seed=3)
    wrong = replace(wrong, targets=~wrong.targets if wrong.task == "multilabel" else wrong.targets * 9)
    beside = Examples(
        [*train.texts, *wrong.texts],
        np.concatenate([train.targets, wrong.targets]),
        np.append(np.ones(80), np.zeros(20)),
        train.n_classes,
        train.task,
        pa.concat_tables([train.features, wrong.features]),
    )
    one = learner.fit(train, validation=None, seed=0).predict(make(seed=8))
    assert learner.fit(beside, validation=None, seed=0).predict(make(seed=8)) == pytest.approx(one, rel=1e-9, abs=1e-9)


def test_weights_decide_between_contradicting_rows(learner: Learner, make: Callable[..., Examples]) -> None:
    same = make(20).take(np.zeros(20, np.int64))
    heavy = np.arange(20) % 2 == 0
    goal = np.repeat(heavy[:, None], 4, axis=1) if same.task == "multilabel" else heavy * 10.0
    train = replace(same, targets=goal, weights=np.where(heavy, 9.0, 1.0))
    found = learner.fit(train, validation=None, seed=0).predict(same.take(np.zeros(1, np.int64)))
    share = found / 10 if same.task == "regression" else found
    assert share == pytest.approx(np.full(share.shape, 0.9), abs=0.07)


def test_rows_that_are_all_alike_give_what_they_are(learner: Learner, make: Callable[..., Examples]) -> None:
    rows = make(12)
    targets = np.ones((12, 4), np.bool_) if rows.task == "multilabel" else np.full(12, 7.0)
    found = learner.fit(replace(rows, targets=targets), validation=None, seed=0).predict(rows)
    assert found == pytest.approx(np.ones((12, 4)) if rows.task == "multilabel" else np.full((12, 1), 7.0), abs=0.1)
    if rows.task == "multilabel":
        nothing = learner.fit(replace(rows, targets=~targets), validation=rows, seed=0).predict(rows)
        assert (nothing == 0).all()


def test_no_rows_are_refused(learner: Learner, make: Callable[..., Examples]) -> None:
    with pytest.raises(CurateError, match="no training rows"):
        learner.fit(make().take(np.zeros(0, np.int64)), validation=None, seed=0)


def test_class_weights_and_priors_do_not_hang_on_the_order_of_the_rows() -> None:
    draw = np.random.default_rng(0)
    order, weights = draw.permutation(200), draw.random(200)
    sets_of = draw.random((200, 3)) < 0.4
    for task, targets in (("classification", draw.integers(0, 3, 200)), ("multilabel", sets_of)):
        given = Examples(["a"] * 200, targets, weights, 3, task)
        assert given.class_weights().tobytes() == given.take(order).class_weights().tobytes()
        assert Prior.of(given).probabilities.tobytes() == Prior.of(given.take(order)).probabilities.tobytes()
    given = Examples(["a"] * 200, draw.random(200), weights, task="regression")
    assert Prior.of(given).probabilities.tobytes() == Prior.of(given.take(order)).probabilities.tobytes()


def test_a_number_whose_square_is_not_finite_is_refused() -> None:
    with pytest.raises(CurateError, match="farther from 0 than 1e\\+150"):
        Examples(["a", "b"], np.array([0.0, -1e200]), None, task="regression")


def test_only_the_shares_of_the_weights_matter(learner: Learner, make: Callable[..., Examples]) -> None:
    given, weights = make(), np.random.default_rng(0).integers(1, 5, 80) / 4
    one, other = (
        learner.fit(replace(given, weights=weights * factor), validation=None, seed=0).predict(make(seed=9))
        for factor in (1.0, 2.0**-40)
    )
    assert one == pytest.approx(other, rel=1e-4, abs=1e-4)


def test_a_task_that_a_learner_does_not_do_is_one_line(learner: Learner) -> None:
    given = Examples(["a"], np.array(["b"], object), None, task="generation")
    with pytest.raises(CurateError, match=f"the learner '{learner.name}' does classification.*, not generation"):
        learner.fit(given, validation=None, seed=0)
    with pytest.raises(CurateError, match="the learner 'causal' does generation, not classification"):
        Causal().fit(Examples(["a"], np.array([0]), None, 1), validation=None, seed=0)

"""What every learner promises, whatever the rows: probabilities, determinism, weights, odd texts."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from curate.errors import CurateError
from curate.learn.bag import Bag
from curate.learn.examples import Examples
from curate.learn.head import Head
from curate.learn.learner import Learner
from curate.learn.linear import Linear

pytest.importorskip("torch", reason="some of it is done with torch")

LEARNERS = [Linear(), Bag(), Head(encoder="hashed", hidden=32)]
ODD = ["", "   ", "\x00", "你好世界", "x" * 1_000_000, "👍🏽 \ud800", "हिन्दी", "not seen before"]
GOOD, BAD = "fine great lovely superb warm".split(), "poor awful dull weak cold".split()


def rows(n_rows: int = 60, n_classes: int = 2, seed: int = 0) -> Examples:
    """Two words of a class's five and one of both: easy, but not the same text again and again."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 2, n_rows)
    texts = [" ".join([*draw.choice([BAD, GOOD][label], 2), f"item{draw.integers(9)}"]) for label in labels]
    return Examples(texts, labels, None, n_classes)


@pytest.fixture(params=[*LEARNERS, "transformer"], ids=lambda learner: getattr(learner, "name", learner))
def learner(request: pytest.FixtureRequest) -> Learner:
    if request.param == "transformer":
        return _transformer(request.getfixturevalue("tiny_model")("bert"))
    return request.param


def _transformer(folder: str) -> Learner:
    from curate.learn.training import Training
    from curate.learn.transformer import Transformer

    training = Training(learning_rate=3e-3, n_epochs=6, min_steps=30, batch_rows=16, n_looks=3)
    return Transformer(model=folder, training=training, max_tokens=32, device="cpu")


def test_probabilities_of_any_text(learner: Learner) -> None:
    probs = learner.fit(rows(), validation=None, seed=1).predict(Examples.unlabelled(ODD))
    assert probs.dtype == np.float64
    assert probs.shape == (len(ODD), 2)
    assert np.isfinite(probs).all()
    assert probs.sum(axis=1) == pytest.approx(np.ones(len(ODD)))
    assert learner.fit(rows(), validation=None, seed=1).predict(Examples.unlabelled([])).shape == (0, 2)


def test_it_learns(learner: Learner) -> None:
    test = rows(seed=9)
    probs = learner.fit(rows(), validation=None, seed=1).predict(test)
    assert (probs.argmax(axis=1) == test.targets).mean() > 0.95


def test_training_on_odd_texts_works(learner: Learner) -> None:
    train = Examples(ODD * 2, np.arange(16) % 2, None, 2)
    assert learner.fit(train, validation=train, seed=0).predict(Examples.unlabelled(ODD)).shape == (8, 2)


def test_texts_that_say_nothing_give_the_class_shares(learner: Learner) -> None:
    train = Examples(["", " ", "\n", ""], np.array([0, 0, 0, 1]), None, 2)
    assert learner.fit(train, validation=None, seed=0).predict(Examples.unlabelled([""]))[0] == pytest.approx(
        [0.75, 0.25], abs=0.02
    )


def test_absent_classes_get_no_probability(learner: Learner) -> None:
    probs = learner.fit(rows(n_classes=5), validation=None, seed=0).predict(Examples.unlabelled(ODD))
    assert probs.shape == (len(ODD), 5)
    assert (probs[:, 2:] == 0).all()


def test_one_class_is_certain(learner: Learner) -> None:
    train = Examples(["a b", "c"], np.array([1, 1]), None, 3)
    assert (
        learner.fit(train, validation=None, seed=0).predict(Examples.unlabelled(["a", ""])).tolist() == [[0, 1, 0]] * 2
    )


def test_the_order_of_the_rows_does_not_matter(learner: Learner) -> None:
    train = rows()
    weights = np.random.default_rng(3).random(len(train))
    train = Examples([*train.texts, *train.texts[:9]], np.append(train.targets, train.targets[:9]), None, 2)
    train = Examples(train.texts, train.targets, np.append(weights, weights[:9] / 3), 2)
    order = np.random.default_rng(2).permutation(len(train))
    one = learner.fit(train, validation=rows(seed=5), seed=4).predict(Examples.unlabelled(ODD))
    other = learner.fit(train.take(order), validation=rows(seed=5), seed=4).predict(Examples.unlabelled(ODD))
    assert one.tobytes() == other.tobytes()


def test_a_prediction_does_not_depend_on_its_neighbours(learner: Learner) -> None:
    fitted, texts = learner.fit(rows(), validation=None, seed=0), rows(33, seed=8).texts
    together = fitted.predict(Examples.unlabelled(texts))
    alone = np.vstack([fitted.predict(Examples.unlabelled([text])) for text in texts])
    assert together == pytest.approx(alone, abs=1e-12)


def test_seeds(learner: Learner) -> None:
    first, again, other = (
        learner.fit(rows(), validation=None, seed=s).predict(Examples.unlabelled(ODD)).tobytes() for s in (1, 1, 2)
    )
    assert first == again
    assert (first == other) == learner.deterministic


def test_no_global_random_state_is_read_or_changed(learner: Learner) -> None:
    import torch

    torch.manual_seed(0)
    before = torch.get_rng_state()
    first = learner.fit(rows(), validation=None, seed=1).predict(Examples.unlabelled(ODD))
    assert torch.equal(before, torch.get_rng_state())
    torch.manual_seed(99)
    assert learner.fit(rows(), validation=None, seed=1).predict(Examples.unlabelled(ODD)).tobytes() == first.tobytes()


def test_a_weight_of_0_is_as_if_the_row_were_not_there(learner: Learner) -> None:
    train = rows()
    wrong = Examples([*train.texts, "fine great"], np.append(train.targets, 0), np.append(np.ones(60), 0.0), 2)
    one = learner.fit(train, validation=None, seed=0).predict(Examples.unlabelled(ODD))
    assert learner.fit(wrong, validation=None, seed=0).predict(Examples.unlabelled(ODD)) == pytest.approx(one, abs=1e-9)


def test_weights_decide_between_contradicting_rows(learner: Learner) -> None:
    for heavy in (0, 1):
        weights = np.where(np.arange(20) % 2 == heavy, 9.0, 1.0)
        train = Examples(["so so"] * 20, np.arange(20) % 2, weights, 2)
        probs = learner.fit(train, validation=None, seed=0).predict(Examples.unlabelled(["so so"]))[0]
        assert probs[heavy] == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize("weights", [None, np.zeros(0)])
def test_no_rows_are_refused(learner: Learner, weights: np.ndarray | None) -> None:
    with pytest.raises(CurateError, match="no training rows"):
        learner.fit(Examples([], np.zeros(0, np.int64), weights, 2), validation=None, seed=0)
    with pytest.raises(CurateError, match="weight 0"):
        learner.fit(Examples(["a"], np.array([0]), np.zeros(1), 2), validation=None, seed=0)


def test_identity_is_name_version_and_configuration(learner: Learner) -> None:
    assert learner.identity() == type(learner)(**dict(learner)).identity()
    for setting, value in {"max_words": 1, "dim": 8, "dropout": 0.25}.items():
        if setting in type(learner).model_fields:
            assert learner.model_copy(update={setting: value}).identity() != learner.identity()
    with pytest.raises(ValidationError):
        type(learner)(no_such_option=1)


@pytest.mark.parametrize(
    ("labels", "weights"),
    [([0], None), ([0, 2], None), ([-1, 0], None), ([0, 1], [1.0]), ([0, 1], [1.0, -1.0]), ([0, 1], [1.0, np.nan])],
)
def test_rows_that_do_not_fit_are_refused(labels: list[int], weights: list[float] | None) -> None:
    with pytest.raises(CurateError):
        Examples(["a", "b"], np.array(labels), None if weights is None else np.array(weights), 2)

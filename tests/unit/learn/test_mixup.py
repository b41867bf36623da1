"""Mixup: off it changes no byte, on it mixes vectors and targets alike, and the draws are those of the seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("torch", reason="mixup is of learners that need torch")

import torch

from curate.learn.examples import Examples
from curate.learn.head import Head
from curate.learn.learner import Fit, Learner
from curate.learn.mixup import Mixed, Mixer
from curate.learn.training import Training
from curate.learn.transformer import Transformer

WORDS = ["poor awful dull weak cold".split(), "fine great lovely superb warm".split()]
SMALL = Head(encoder="hashed", hidden=13, batch_rows=10, min_steps=40, n_epochs=3, patience=2)


def rows(n_rows: int = 40, seed: int = 0, task: str = "classification") -> Examples:
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 2, n_rows)
    texts = [" ".join([*draw.choice(WORDS[label], 2), f"item {draw.integers(9)}"]) for label in labels]
    weights = draw.integers(1, 4, n_rows).astype(float)
    if task == "multilabel":
        return Examples(texts, np.stack([labels == 1, labels == 0], 1), weights, 2, "multilabel")
    if task == "regression":
        return Examples(texts, 10.0 * labels, weights, 0, "regression")
    return Examples(texts, labels, weights, 2)


def said(learner: Learner, train: Examples, seed: int = 0) -> bytes:
    return learner.fit(train, validation=rows(12, 5, train.task), seed=seed).predict(rows(20, 9, train.task)).tobytes()


@pytest.mark.parametrize("alpha", [0.1, 1.0, 8.0])
def test_mixed_targets_sum_to_one_and_weights_stay_what_they_were_in_all(alpha: float) -> None:
    weights = torch.from_numpy(np.random.default_rng(0).uniform(0.1, 5, (3, 50)).astype(np.float32))
    mixed = Mixed.of([Mixer(alpha, seed) for seed in range(3)], weights)
    targets = torch.nn.functional.one_hot(torch.randint(4, (3, 50), generator=torch.Generator().manual_seed(0)), 4)
    soft = mixed.targets(targets.float())
    assert torch.allclose(soft.sum(dim=2), torch.ones(3, 50))
    assert bool(((soft >= 0) & (soft <= 1)).all())
    own = (mixed.shares * weights).sum(1) + ((1 - mixed.shares) * weights.gather(1, mixed.partners)).sum(1)
    assert torch.allclose(mixed.weights.sum(1), own)
    assert not torch.equal(mixed.partners[0], mixed.partners[1])


def test_a_row_of_a_larger_weight_has_a_larger_share_of_the_target_but_not_of_the_vector() -> None:
    weights = torch.tensor([[1.0, 3.0]])
    mixed = Mixed(torch.tensor([[1, 0]]), torch.tensor([[0.5, 0.5]]), torch.tensor([[0.25, 0.75]]), torch.ones(1, 2))
    made = Mixed.of([Mixer(1.0, 0)], weights)
    assert torch.allclose(made.mine, made.shares * weights / made.weights)
    assert mixed.rows(torch.tensor([[[0.0], [1.0]]])).flatten().tolist() == [0.5, 0.5]
    assert mixed.targets(torch.tensor([[[0.0], [1.0]]])).flatten().tolist() == [0.75, 0.75]


@pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
def test_off_it_changes_no_byte_and_on_it_does(task: str) -> None:
    train = rows(task=task)
    assert said(SMALL.model_copy(update={"mixup": 0.0}), train) == said(SMALL, train)
    mixed = SMALL.model_copy(update={"mixup": 0.4})
    assert said(mixed, train) != said(SMALL, train)
    assert said(mixed, train) == said(mixed, train.take(np.random.default_rng(0).permutation(40)))


def test_with_mixup_a_network_is_the_same_alone_and_in_company() -> None:
    mixed = SMALL.model_copy(update={"mixup": 0.4, "patience": 1, "learning_rate": 0.05})
    fits = [Fit(rows(40, seed), rows(12, seed + 50), seed) for seed in range(5)]
    alone = [mixed.fit(one.train, validation=one.validation, seed=one.seed).predict(rows(20, 9)) for one in fits]
    together = [model.predict(rows(20, 9)) for model in mixed.fit_many(fits)]
    assert [each.tobytes() for each in alone] == [each.tobytes() for each in together]


@pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
def test_a_transformer_mixes_pooled_states_by_its_seed(task: str, tiny_model: Callable[[str], str]) -> None:
    pytest.importorskip("peft", reason="the learner 'transformer' needs peft")
    training = Training(max_steps=6, batch_rows=8, learning_rate=1e-3)
    plain = Transformer(model=tiny_model("bert"), training=training)
    off, on = (plain.model_copy(update={"mixup": alpha}) for alpha in (0.0, 0.4))
    train = rows(task=task)
    assert said(off, train) == said(plain, train)
    assert said(on, train) != said(plain, train)
    assert said(on, train) == said(on, train.take(np.random.default_rng(0).permutation(40)))
    assert said(on, train, seed=1) != said(on, train)


def test_a_negative_share_is_refused() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        Head(mixup=-1)


def test_a_share_drawn_from_no_distribution_is_refused() -> None:
    for mixup in (-0.1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="mixup"):
            Head(mixup=mixup)
        with pytest.raises(ValueError, match="mixup"):
            Transformer(model="some/model", mixup=mixup)

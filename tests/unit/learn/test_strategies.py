"""Strategies: what is to learn learns and the rest stays, new weights change little at first and hang on the seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from curate.errors import CurateError
from curate.learn.examples import Examples
from curate.learn.pretrained import Source, body_of
from curate.learn.strategies import Adapters, Full, Gradual, Head, Lora, Prefix, Prompt
from curate.learn.training import Training
from curate.learn.transformer import FittedTransformer, Transformer

torch = pytest.importorskip("torch", reason="strategies need torch")
pytest.importorskip("peft", reason="strategies need peft")

TinyModel = Callable[[str], str]
FROZEN = [Head(), Lora(), Adapters(size=8), Prompt(n_tokens=5), Prefix(n_tokens=5)]
IDS = torch.tensor([[5, 9, 30, 11], [7, 7, 21, 60]])


def body(folder: str) -> Any:
    return body_of(Source.of(folder, None, download=False, by="a test"), None, 0).eval()


def trained(folder: str, strategy: Any, **settings: Any) -> FittedTransformer:
    draw = np.random.default_rng(0)
    labels = draw.integers(0, 2, 48)
    texts = [f"item{draw.integers(9)} {draw.choice(['cold dull', 'warm great'][label].split())}" for label in labels]
    training = Training(**{"learning_rate": 1e-2, "max_steps": 40, "batch_rows": 16, **settings})
    learner = Transformer(model=folder, strategy=strategy, training=training, dropout=0.0)
    model = learner.fit(Examples(texts, labels, None, 2), validation=None, seed=0)
    assert isinstance(model, FittedTransformer)
    return model


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
@pytest.mark.parametrize("strategy", FROZEN, ids=lambda strategy: strategy.name)
def test_the_model_stays_and_what_is_added_learns(kind: str, strategy: Any, tiny_model: TinyModel) -> None:
    before = {name: value.clone() for name, value in body(tiny_model(kind)).named_parameters()}
    model = trained(tiny_model(kind), strategy)
    after = dict(model.network.body.named_parameters())
    for name, value in before.items():
        found = [each for key, each in after.items() if _plain(key).endswith(name) and each.shape == value.shape]
        assert any(value.equal(each) for each in found), name
    n_trained, n_all = model.n_parameters
    assert n_trained == sum(p.numel() for p in model.network.parameters() if p.requires_grad)
    assert 0 < n_trained < n_all / 2
    assert model.curve.train_loss[-1] < 0.8 * model.curve.train_loss[0]


def _plain(name: str) -> str:
    return name.replace(".base_layer", "")


def test_how_many_weights_learn(tiny_model: TinyModel) -> None:
    """Of a BERT of 2 layers, 32 wide and 64 inside; the head has 2 * 32 + 2."""
    folder, head, quick = tiny_model("bert"), 66, {"max_steps": 1}

    def n_trained(strategy: Any) -> int:
        return trained(folder, strategy, **quick).n_parameters[0] - head

    assert n_trained("head") == 0
    assert n_trained(Lora(rank=4)) == 2 * 4 * (4 * (32 + 32) + 2 * (32 + 64))
    assert n_trained(Lora(rank=4, targets=("query",))) == 2 * 4 * (32 + 32)
    assert n_trained(Adapters(size=8)) == 2 * 2 * (2 * 8 * 32 + 8 + 32)
    assert n_trained(Adapters(size=8, placement="pfeiffer")) == 2 * (2 * 8 * 32 + 8 + 32)
    assert n_trained(Prompt(n_tokens=5)) == 5 * 32
    assert n_trained(Prefix(n_tokens=5)) == 2 * 2 * 5 * 32
    everything = sum(each.numel() for each in body(folder).parameters())
    assert n_trained("full") == n_trained("gradual") == everything


@pytest.mark.parametrize("kind", ["bert", "roberta", "distilbert", "modernbert", "deberta", "gpt2", "llama", "t5"])
@pytest.mark.parametrize("strategy", [Lora(), Adapters()], ids=lambda strategy: strategy.name)
def test_at_first_they_change_nothing_whatever_the_model(kind: str, strategy: Any, tiny_model: TinyModel) -> None:
    with torch.inference_mode():
        plain = body(tiny_model(kind))(input_ids=IDS).last_hidden_state
        added = strategy.apply(body(tiny_model(kind)), 0).eval()(input_ids=IDS).last_hidden_state
    assert added.numpy() == pytest.approx(plain.numpy(), abs=1e-6)


@pytest.mark.parametrize("strategy", [Lora(), Adapters(), Prompt(), Prefix()], ids=lambda strategy: strategy.name)
def test_new_weights_hang_on_the_seed_alone(strategy: Any, tiny_model: TinyModel) -> None:
    def first(seed: int) -> list[Any]:
        torch.rand(seed + 1)  # other draws in between
        return [each.detach().clone() for each in strategy.apply(body(tiny_model("bert")), seed).parameters()]

    one, again, other = first(0), first(0), first(1)
    assert all(a.equal(b) for a, b in zip(one, again, strict=True))
    assert not all(a.equal(b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("kind", "works"), [("bert", True), ("llama", True), ("modernbert", False), ("t5", False)])
def test_a_prefix_that_the_model_does_not_hear_is_refused(kind: str, works: bool, tiny_model: TinyModel) -> None:
    if works:
        Prefix().apply(body(tiny_model(kind)), 0)
        return
    with pytest.raises(CurateError, match="does not work with") as raised:
        Prefix().apply(body(tiny_model(kind)), 0)
    assert "lora" in str(raised.value.hint)


def test_gradual_unfreezing_goes_from_the_top_down(tiny_model: TinyModel) -> None:
    """Level 3 is the head, 2 and 1 are layers, 0 the embeddings."""
    strategy = Gradual(all_after=0.6)
    assert [strategy.lowest(share, 3) for share in (0.0, 0.1, 0.2, 0.4, 0.6, 0.9)] == [3, 3, 2, 1, 0, 0]
    before = dict(body(tiny_model("bert")).named_parameters())
    early = trained(tiny_model("bert"), Gradual(all_after=1.0), max_steps=3, learning_rate=1e-2)
    after = dict(early.network.body.named_parameters())
    moved = {name for name, value in before.items() if not value.equal(after[name])}
    assert {name.split(".")[2] for name in moved} == {"0", "1"}
    whole = dict(trained(tiny_model("bert"), Gradual(), max_steps=8).network.body.named_parameters())
    assert not any(value.equal(whole[name]) for name, value in before.items() if "word_embeddings" in name)


def test_layers_have_learning_rates_of_their_own(tiny_model: TinyModel) -> None:
    learner = Transformer(model=tiny_model("bert"), strategy=Full(), training=Training(layer_decay=0.5))
    from curate.learn.objective import Objective

    rows = Examples(["a", "b"], np.array([0, 1]), None, 2)
    problem = learner._problem(rows, None, Objective.of(rows), 0)
    told = {name: group for group in problem.groups(learner.training) for name in group.names}
    assert told["weight"].scale == Full.head_rate
    assert told["body.encoder.layer.1.output.dense.weight"].scale == 0.5
    assert told["body.encoder.layer.0.output.dense.weight"].scale == 0.25
    assert told["body.embeddings.word_embeddings.weight"].scale == 0.125
    assert told["body.embeddings.word_embeddings.weight"].decays
    assert not told["body.embeddings.position_embeddings.weight"].decays
    assert not told["body.encoder.layer.0.output.LayerNorm.weight"].decays


@pytest.mark.parametrize(
    ("given", "factor"),
    [
        ({}, 30),
        ({"strategy": "gradual"}, 30),
        ({"strategy": "lora"}, 3),
        ({"strategy": {"name": "adapters", "size": 8}}, 3),
        ({"strategy": "head"}, 1),
        ({"head_rate": 7}, 7),
    ],
)
def test_the_new_head_learns_faster_than_pretrained_weights(
    tiny_model: TinyModel, given: dict[str, object], factor: float
) -> None:
    from curate.learn.objective import Objective

    rows = Examples(["a", "b"], np.array([0, 1]), None, 2)
    decays = {} if given.get("strategy") == "head" else {"layer_decay": 0.5}
    learner = Transformer.model_validate({"model": tiny_model("bert"), "training": decays, **given})
    problem = learner._problem(rows, None, Objective.of(rows), 0)
    told = {name: group.scale for group in problem.groups(learner.training) for name in group.names}
    assert (told.pop("weight"), told.pop("bias")) == (factor, factor)
    assert max(told.values(), default=0.5) == 0.5

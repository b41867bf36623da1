"""The learner `causal`: against transformers' own loss, on rows it must learn by heart, and all a learner promises."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from curate.errors import CurateError, InputError
from curate.learn.causal import Causal
from curate.learn.causal_tokens import LearntPairs, learnt_pairs
from curate.learn.examples import Examples
from curate.learn.named import learner_named

torch = pytest.importorskip("torch", reason="the learner 'causal' needs torch")
tokenizers = pytest.importorskip("tokenizers", reason="the learner 'causal' needs tokenizers")

from curate.learn.causal_model import LanguageProblem, lay, surprise  # noqa: E402
from curate.learn.causal_pretrained import depth_of  # noqa: E402
from curate.learn.causal_rows import Piece, strides  # noqa: E402

ODD = ["", "   ", "\x00", "你好世界", "x" * 3000, "👍🏽 \ud800", "हिन्दी", "<|endoftext|> not seen before"]
SIZES: dict[str, Any] = {"n_tokens": 280, "context": 32, "dim": 32, "n_layers": 1, "n_heads": 2, "device": "cpu"}
QUICK = {"n_epochs": 1, "min_steps": 12, "batch_rows": 4}


def small(steps: int = 12, **settings: Any) -> Causal:
    sizes = {"device": "cpu"} if "model" in settings else SIZES
    return Causal(**{**sizes, "training": {**QUICK, "max_steps": steps}, **settings})


def pairs(texts: list[str], targets: list[str], weights: np.ndarray | None = None) -> Examples:
    return Examples(texts, np.array(targets, dtype=object), weights, task="generation")


def sums(n_rows: int = 20) -> Examples:
    """Questions, each with an answer of its own."""
    return pairs([f"{at} + {at}" for at in range(n_rows)], [f"is {2 * at}" for at in range(n_rows)])


LONG = pairs(["", "what"], ["plain words " * 12, "many numbers " * 9])


@pytest.fixture(scope="module")
def fitted() -> Any:
    return small().fit(sums(), validation=sums(4), seed=1)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of tiny models with their heads and a tokenizer of bytes, by kind; BERT reads ahead."""
    transformers = pytest.importorskip("transformers", reason="pretrained models need transformers")
    bytes_only = tokenizers.Tokenizer.from_str(learnt_pairs([], 257))
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=bytes_only, eos_token="<eos>")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    sizes |= {"vocab_size": len(made), "initializer_range": 0.3, "max_position_embeddings": 96}
    gpt2 = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 96, "initializer_range": 0.3}
    configs = {
        "Llama": transformers.LlamaConfig(**sizes, eos_token_id=256),
        "GPT2": transformers.GPT2Config(vocab_size=len(made), **gpt2, eos_token_id=256),
        "BertLMHead": transformers.BertConfig(**sizes),
    }
    folders = {}
    for kind, config in configs.items():
        folders[kind] = str(tmp_path_factory.mktemp(kind))
        name = (
            "BertLMHeadModel"
            if kind == "BertLMHead"
            else f"{kind}LMHeadModel"
            if kind == "GPT2"
            else "LlamaForCausalLM"
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            getattr(transformers, name)(config).save_pretrained(folders[kind])
        made.save_pretrained(folders[kind])
    return folders


@pytest.fixture(scope="module")
def llama(models: dict[str, str]) -> str:
    return models["Llama"]


# --- what it computes -------------------------------------------------------------------------------------------------


def test_the_likelihood_is_that_of_one_forward_pass(fitted: Any) -> None:
    rows = pairs(["1 + 1", ""], ["is 2", "plain"])
    found = fitted.predict(rows)
    for at, row in enumerate(fitted.layout.rows(rows.texts, rows.targets, ended=False)):
        with torch.inference_mode():
            hidden = fitted.model.network(torch.from_numpy(row.tokens[:-1])[None])[0]
            surprises = -torch.log_softmax(fitted.model.network.logits(hidden).double(), 1)
        expected = sum(float(surprises[place - 1, row.tokens[place]]) for place in range(row.first, len(row.tokens)))
        assert found[at].tolist() == pytest.approx([expected, len(row.tokens) - row.first, len(rows.targets[at])])


def test_a_long_row_is_scored_in_windows_each_token_once(fitted: Any) -> None:
    found = fitted.predict(LONG)
    for at, row in enumerate(fitted.layout.rows(LONG.texts, LONG.targets, ended=False)):
        assert found[at, 1] == len(row.tokens) - row.first
        windows = strides(row, 32)
        assert len(windows) > 2
        assert found[at, 0] == pytest.approx(sum(surprise(fitted.model, window) for window in windows))


def test_the_loss_and_its_gradient_are_those_of_transformers_with_the_prompt_masked(llama: str) -> None:
    learner = Causal(model=llama, context=64, device="cpu")
    model, row = learner.language_model(0), learner.layout().rows(["great item"], ["so warm"], ended=True)[0]
    problem = LanguageProblem(model, [Piece(row.tokens, row.first)], [], learner.training)
    total, size = problem.loss([[Piece(row.tokens, row.first)]])
    total.backward()
    ours = [parameter.grad.clone() / size for parameter in model.network.parameters()]
    model.network.zero_grad()
    ids = torch.from_numpy(row.tokens)[None]
    labels = ids.clone()
    labels[0, : row.first] = -100
    theirs = model.network(input_ids=ids, labels=labels).loss
    theirs.backward()
    assert total.item() / size == pytest.approx(theirs.item(), rel=1e-5)
    assert all(
        torch.allclose(one, parameter.grad, atol=1e-6)
        for one, parameter in zip(ours, model.network.parameters(), strict=True)
    )


def test_the_likelihood_is_that_of_transformers(llama: str) -> None:
    model = small(2, model=llama, context=64).fit(sums(), validation=None, seed=0)
    rows = pairs(["great item", ""], ["so warm", "the number of awful"])
    for at, row in enumerate(model.layout.rows(rows.texts, rows.targets, ended=False)):
        ids = torch.from_numpy(row.tokens)[None]
        labels = ids.clone()
        labels[0, : row.first] = -100
        with torch.inference_mode():
            loss = float(model.model.network(input_ids=ids, labels=labels).loss)
        assert model.predict(rows)[at, 0] == pytest.approx(loss * (len(row.tokens) - row.first), rel=1e-5)


def test_pieces_packed_into_one_window_lose_what_they_lose_apart(fitted: Any) -> None:
    rows = fitted.layout.rows(["1 + 1", "2 + 2", ""], ["is 2", "is 4", "so"], ended=True)
    pieces = [Piece(row.tokens, row.first, weight=at + 1.0) for at, row in enumerate(rows)]
    problem = LanguageProblem(fitted.model, pieces, [], small().training)
    with torch.inference_mode():
        together, size = problem.loss([pieces])
        apart = [problem.loss([[piece]]) for piece in pieces]
    assert float(together) == pytest.approx(sum(float(total) for total, _ in apart), rel=1e-5)
    assert size == sum(each for _, each in apart)
    laid = lay([pieces], torch.device("cpu"))
    assert len(laid.at) == size
    assert laid.tokens.shape[0] == 1


# --- what it learns ---------------------------------------------------------------------------------------------------


def test_it_learns_rows_by_heart_and_writes_them() -> None:
    rows = sums()
    model = small(400, dim=64, n_layers=2).fit(rows, validation=None, seed=0)
    found = model.predict(rows)
    assert found[:, 0].sum() / found[:, 1].sum() < 0.05, "nats per token"
    assert model.generate(rows.texts) == rows.targets.tolist()


def test_half_precision_learns_nearly_the_same() -> None:
    rows = sums()
    one, half = (
        small(training={**QUICK, "max_steps": 40, "precision": precision}).fit(rows, validation=rows, seed=0)
        for precision in ("float32", "bfloat16")
    )
    assert half.predict(rows)[:, 0].sum() == pytest.approx(one.predict(rows)[:, 0].sum(), rel=0.05)


def test_plain_text_is_learnt_to_its_last_token() -> None:
    rows = pairs([""], ["abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
    model = small(300, n_tokens=257, dim=64).fit(rows, validation=None, seed=0)
    assert model.predict(rows)[0, 0] < 3
    assert model.predict(rows)[0].tolist()[1:] == [62, 62]


def test_a_weight_of_0_is_as_if_the_row_were_not_there() -> None:
    rows = sums(8)
    more = pairs([*rows.texts, "9 + 9"], [*rows.targets, "is wrong"], np.append(np.ones(8), 0.0))
    learner = small().prepared(["1 + 1 is 2"])
    one, other = (learner.fit(train, validation=train, seed=0).predict(sums()) for train in (rows, more))
    assert one.tobytes() == other.tobytes()


def test_weights_decide_between_contradicting_rows() -> None:
    learner = small(150, n_tokens=257)
    for heavy in (0, 1):
        weights = np.where(np.arange(20) % 2 == heavy, 9.0, 1.0)
        train = pairs(["so"] * 20, ["a", "b"] * 10, weights)
        nats = learner.fit(train, validation=None, seed=0).predict(pairs(["so"], ["ab"[heavy]]))[0, 0]
        assert np.exp(-nats) == pytest.approx(0.9, abs=0.05)


ADDED = {"lora": "lora", "adapters": "adapter", "prompt": "prompt_encoder", "prefix": "prompt_encoder"}
"""What stands in the names of the weights that a strategy adds, which alone learn."""


@pytest.mark.parametrize("strategy", ["full", "gradual", *ADDED])
@pytest.mark.parametrize("kind", ["Llama", "GPT2"])
def test_fine_tuning_a_model(kind: str, strategy: str, models: dict[str, str]) -> None:
    rows = pairs(["great", "awful"], ["warm item", "cold item"])
    rate = 0.1 if strategy in ("prompt", "prefix") else 1e-2
    training = {"learning_rate": rate, "max_steps": 40, "warmup_fraction": 0.0}
    learner = Causal(model=models[kind], strategy=strategy, context=64, dropout=0.0, device="cpu", training=training)
    model = learner.fit(rows, validation=None, seed=0)
    trained = {name for name, parameter in model.model.network.named_parameters() if parameter.requires_grad}
    assert all(ADDED.get(strategy, "") in name for name in trained)
    if strategy in ("full", "gradual"):
        assert len(trained) == len(list(model.model.network.parameters()))
    before = learner.model_copy(update={"training": learner.training.model_copy(update={"max_steps": 1})})
    start = before.fit(rows, validation=None, seed=0).predict(rows)[:, 0].sum()
    assert model.predict(rows)[:, 0].sum() < 0.6 * start
    assert learner.fit(rows, validation=None, seed=0).predict(rows).tobytes() == model.predict(rows).tobytes()
    written = model.generate(["great", "awful"])
    assert written == [model.generate([text])[0] for text in ("great", "awful")]


@pytest.mark.parametrize("strategy", ["prompt", "prefix"])
@pytest.mark.parametrize("kind", ["Llama", "GPT2"])
def test_learnt_tokens_stand_before_what_is_written_too(kind: str, strategy: str, models: dict[str, str]) -> None:
    """Token by token, each time the whole text anew: what is written with a cache is the same."""
    learner = Causal(model=models[kind], strategy=strategy, device="cpu", training={"max_steps": 8}, max_new_tokens=6)
    fitted = learner.fit(sums(), validation=None, seed=0)
    assert fitted.model.context == 96 - 20
    [prompt] = fitted.layout.prompts(["great"])
    written: list[int] = []
    while len(written) < 6:
        text = np.array([*prompt, *written, 0], np.int64)
        with torch.inference_mode():
            scores = fitted.model.scores(lay([[Piece(text, first=len(text) - 1)]], torch.device("cpu")))
        if int(scores.argmax()) == fitted.layout.vocabulary.end:
            break
        written.append(int(scores.argmax()))
    assert fitted.model.write([prompt], fitted.layout.vocabulary.end, 6) == [written]


def test_gradual_unfreezing_begins_above_the_layers(llama: str) -> None:
    """Level 3 is the last norm and the head, 2 and 1 are layers, 0 the embeddings."""
    learner = Causal(model=llama, strategy={"name": "gradual", "all_after": 1.0}, device="cpu")
    problem = LanguageProblem(learner.language_model(0), [], [], learner.training, None, learner.strategy)
    problem = replace(problem, depth=depth_of(problem.network))

    def learning(share: float) -> set[str]:
        problem.unfrozen(share)
        return {name for name, each in problem.network.named_parameters() if each.requires_grad}

    first, second = learning(0.0), learning(0.4)
    assert {"model.norm.weight", "lm_head.weight"} >= first > set()
    assert {name.split(".")[2] for name in second - first} == {"1"}


def test_a_strategy_that_learns_a_new_head_alone_is_for_classes() -> None:
    with pytest.raises(CurateError, match="there is no strategy 'head'"):
        learner_named({"name": "causal", "model": "x", "strategy": "head"})


def test_learnt_tokens_need_room(llama: str) -> None:
    with pytest.raises(CurateError, match="90 learnt tokens leave no room in 96 places"):
        Causal(model=llama, strategy={"name": "prompt", "n_tokens": 90}, device="cpu").fit(
            sums(), validation=None, seed=0
        )


def test_what_a_model_writes_is_what_transformers_writes(llama: str) -> None:
    model = small(10, model=llama, context=64, max_new_tokens=12).fit(sums(), validation=None, seed=0)
    prompt = torch.from_numpy(model.layout.prompts(["great"])[0])[None]
    theirs = model.model.network.generate(
        prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=12, do_sample=False, eos_token_id=256
    )
    assert model.generate(["great"]) == [model.layout.vocabulary.decode(theirs[0, prompt.shape[1] :].tolist())]


# --- what every learner promises --------------------------------------------------------------------------------------


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = pairs([*sums().texts, "", ""], [*sums().targets, "plain words " * 9, "plain"])
    weights = np.random.default_rng(3).random(len(rows)) + 0.1
    rows = replace(rows, weights=weights)
    order = np.random.default_rng(2).permutation(len(rows))
    one = small().fit(rows, validation=rows, seed=4).predict(LONG)
    other = small().fit(rows.take(order), validation=rows.take(order[::-1]), seed=4).predict(LONG)
    assert one.tobytes() == other.tobytes()


def test_a_row_does_not_depend_on_its_neighbours(fitted: Any) -> None:
    rows = pairs([*sums().texts, *LONG.texts], [*sums().targets, *LONG.targets])
    alone = [fitted.predict(rows.take(np.array([at]))) for at in range(len(rows))]
    assert fitted.predict(rows).tobytes() == np.vstack(alone).tobytes()
    assert fitted.generate(rows.texts) == [fitted.generate([text])[0] for text in rows.texts]


def test_seeds() -> None:
    first, again, other = (small().fit(sums(), validation=None, seed=s).predict(LONG).tobytes() for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_dropout_is_drawn_by_the_seed_and_leaves_the_global_state_alone() -> None:
    before = torch.get_rng_state()
    one, again = (small(dropout=0.3).fit(sums(), validation=None, seed=1).predict(LONG) for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert one.tobytes() == again.tobytes()
    assert one.tobytes() != small().fit(sums(), validation=None, seed=1).predict(LONG).tobytes()


def test_odd_texts() -> None:
    rows = pairs([*ODD, *ODD], [*ODD, *ODD[::-1]])
    model = small().fit(rows, validation=rows, seed=0)
    found = model.predict(rows)
    assert found.shape == (16, 3)
    assert np.isfinite(found).all()
    assert found[0].tolist() == [0, 0, 0], "of an empty text there is nothing to be said"
    assert found[3, 2] == 12
    assert len(model.generate(ODD)) == len(ODD)
    assert model.predict(pairs([], [])).shape == (0, 3)
    assert model.generate([]) == []


@pytest.mark.parametrize("weights", [None, np.zeros(0)])
def test_no_rows_are_refused(weights: np.ndarray | None) -> None:
    with pytest.raises(CurateError, match="no training rows"):
        small().fit(pairs([], [], weights), validation=None, seed=0)
    with pytest.raises(CurateError, match="weight 0"):
        small().fit(pairs(["a"], ["b"], np.zeros(1)), validation=None, seed=0)


def test_prompts_that_do_not_fit_are_counted() -> None:
    rows = pairs(["short", "word " * 60, ""], ["a", "b", "word " * 60])
    assert small().fit(rows, validation=None, seed=0).n_cut_prompts == 1


def test_a_training_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    kept = {**QUICK, "max_steps": 12, "checkpoint_every": 5, "checkpoint_folder": tmp_path}
    one = small(training=kept).fit(sums(), validation=None, seed=0).predict(LONG)
    assert len(list(tmp_path.iterdir())) == 1
    assert small(training=kept).fit(sums(), validation=None, seed=0).predict(LONG).tobytes() == one.tobytes()
    assert small().fit(sums(), validation=None, seed=0).predict(LONG).tobytes() == one.tobytes()


# --- its vocabulary, its budget, its settings -------------------------------------------------------------------------


def test_a_vocabulary_writes_any_text_and_does_not_depend_on_the_order_of_the_texts() -> None:
    texts = [text for text in ODD * 3 if "\ud800" not in text]
    assert learnt_pairs(texts, 400) == learnt_pairs(texts[::-1], 400)
    vocabulary = LearntPairs(learnt_pairs(texts, 400))
    assert [vocabulary.decode(tokens.tolist()) for tokens in vocabulary.encode(texts)] == texts
    assert len(LearntPairs(learnt_pairs(texts, 257))) == 257
    assert all(token < vocabulary.end for tokens in vocabulary.encode(texts) for token in tokens)


def test_a_learner_is_prepared_once_and_pickles() -> None:
    ready = small().prepared(["low lower lowest"] * 9)
    assert ready.identity() != small().prepared(["high higher"] * 9).identity()
    again = pickle.loads(pickle.dumps(ready))
    assert again.identity() == ready.identity()
    one, other = (each.fit(sums(), validation=None, seed=0).predict(LONG) for each in (ready, again))
    assert one.tobytes() == other.tobytes()


def test_its_identity_tells_how_many_windows_rows_fill(llama: str) -> None:
    short, long = ["so"] * 4, ["so it is " * 40] * 4
    for learner in (Causal(**SIZES | {"n_tokens": 257}), Causal(model=llama, context=32)):
        assert learner.prepared(short).identity() != learner.prepared(long).identity()
        texts = [f"{'very ' * n}long" for n in range(30)]
        assert learner.prepared(texts).identity() == learner.prepared(texts[::-1]).identity()


def test_arms_of_any_size_get_the_same_steps() -> None:
    learner = Causal(**SIZES, training={"n_epochs": 2, "batch_rows": 2})
    texts = ["plain words " * 20] * 40
    budget = learner.prepared(texts).on_budget(40)
    n_tokens = sum(len(tokens) + 1 for tokens in budget.layout().vocabulary.encode(texts))
    assert budget.training.max_steps == max(200, 2 * -(-round(n_tokens / 32) // 2))
    quick = budget.model_copy(update={"training": budget.training.model_copy(update={"max_steps": 7})})
    assert {quick.fit(sums(n), validation=None, seed=0).n_steps for n in (3, 20)} == {7}


def test_defaults_fit_what_is_trained(llama: str) -> None:
    assert Causal().training.learning_rate == 3e-3
    assert Causal(training={"n_epochs": 9}).training.n_epochs == 9
    assert Causal(training={"n_epochs": 9}).training.learning_rate == 3e-3
    assert Causal(model=llama).training.learning_rate == 5e-5
    assert Causal(model=llama, strategy="lora").training.learning_rate == 5e-4
    assert Causal(model=llama).identity() != Causal(model=llama, strategy="lora").identity()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dim": 30, "n_heads": 4}, "dim is 30"),
        ({"chat": True}, "chat is for a model"),
        ({"strategy": "lora"}, "for a pretrained model"),
        ({"template": "no field"}, "no field"),
        ({"template": "{text} {text}"}, "twice"),
        ({"n_tokens": 100}, "257"),
        ({"model": "x", "dim": 64, "n_heads": 2}, "with a model does not read dim and n_heads"),
        ({"no_such": 1}, "no_such"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises((ValidationError, CurateError), match=said):
        Causal(**settings)


def test_models_that_cannot_write_are_refused(
    models: dict[str, str], tiny_model: Callable[[str], str], tmp_path: Path
) -> None:
    for model, said in [
        (str(tmp_path / "none"), "not in the cache"),
        (models["BertLMHead"], "reads ahead"),
        (tiny_model("bert"), "no token for the beginning or end"),
        (tiny_model("llama"), "lack lm_head.weight"),
    ]:
        with pytest.raises(InputError, match=said):
            Causal(model=model, device="cpu").fit(sums(), validation=None, seed=0)


def test_prompts_may_be_written_as_the_model_writes_chats(llama: str, tmp_path: Path) -> None:
    import shutil

    from transformers import AutoTokenizer

    folder = tmp_path / "chat"
    shutil.copytree(llama, folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = "{% for m in messages %}user: {{ m.content }}\n{% endfor %}answer: "
    tokenizer.save_pretrained(folder)
    layout = Causal(model=str(folder), chat=True, device="cpu").layout()
    assert layout.vocabulary.decode(layout.prompts(["great"])[0].tolist()) == "user: great\nanswer: "
    assert len(layout.prompts([""])[0]) == 1, "plain text has no template"

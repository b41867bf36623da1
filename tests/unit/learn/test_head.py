"""`head`: a network is the same alone and in company, vectors are encoded once, and each task is learnt."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch", reason="the learner 'head' needs torch")

import torch

from curate.cli.settings import learner_of
from curate.core.recipe import Recipe
from curate.core.signals import Signal
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError, CurateError
from curate.learn import vectors
from curate.learn.crossfit import PredProbs
from curate.learn.examples import Examples
from curate.learn.head import Head
from curate.learn.learner import Fit, Fitted
from curate.learn.linear import Linear
from curate.learn.objective import Objective
from curate.measure import measure

WORDS = ["poor awful dull weak cold".split(), "fine great lovely superb warm".split(), "one two three four".split()]
SMALL = Head(encoder="hashed", hidden=13, batch_rows=10, min_steps=40, n_epochs=3, patience=2)


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CURATE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def rows(n_rows: int = 50, seed: int = 0, n_classes: int = 3, task: str = "classification") -> Examples:
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, n_classes, n_rows)
    texts = [" ".join([*draw.choice(WORDS[label], 2), f"item{draw.integers(9)}"]) for label in labels]
    weights = draw.integers(1, 4, n_rows).astype(float) if seed % 2 else None
    if task == "multilabel":
        return Examples(texts, np.stack([labels == 1, labels > 0, np.zeros(n_rows, bool)], 1), weights, 3, "multilabel")
    if task == "regression":
        return Examples(texts, 100.0 + 10 * labels, weights, 0, "regression")
    return Examples(texts, labels, weights, 3)


def said(model: Fitted, seed: int = 77) -> bytes:
    curve = model.curve
    assert curve is not None
    return model.predict(rows(seed=seed)).tobytes() + repr(curve).encode()


def test_an_encoder_has_settings_of_its_own() -> None:
    narrow = Head(encoder={"name": "hashed", "n_dimensions": 64}, min_steps=5)
    assert narrow.fit(rows(), validation=None, seed=0).network.layers[0].shape[0] == 64  # type: ignore[attr-defined]
    assert narrow.identity() != Head(encoder="hashed", min_steps=5).identity()
    wide = {"encoder": {"n_dimensions": 1024, "name": "hashed"}}
    assert Head(**wide).identity()["encoder"] == Head(encoder="hashed").identity()["encoder"]
    assert Head(encoder={"name": "hashed"}) == Head(encoder="hashed")
    assert Head(encoder={"name": "terms", "n_dimensions": 64}).prepared(rows().texts).learnt
    assert "64 n-grams" in Head(encoder={"name": "terms", "n_dimensions": 64}).said()


def test_the_command_line_sets_those_of_an_encoder() -> None:
    learner = learner_of("head", ["encoder={name: terms, n_dimensions: 8192}"])
    assert isinstance(learner, Head)
    assert "8,192 n-grams" in learner.said()


@pytest.mark.parametrize(
    ("encoder", "said"),
    [
        (
            {"name": "terms", "n_dimension": 8},
            "'terms': there is no setting 'n_dimension'.*did you mean 'n_dimensions'",
        ),
        ({"name": "terms", "n_dimensions": 9}, "the encoder 'terms': n_dimensions"),
        ({"name": "lsi"}, "no encoder is called 'lsi'"),
        ({"n_dimensions": 8}, "an encoder without a name"),
        ({"name": "static", "model": "x"}, "holds model, which belongs beside 'encoder' .model=x"),
    ],
)
def test_a_wrong_setting_of_an_encoder_is_one_line(encoder: dict[str, object], said: str) -> None:
    with pytest.raises(CurateError, match=said) as raised:
        Head(encoder=encoder).identity()
    assert "\n" not in str(raised.value)


def some_fits(task: str) -> list[Fit]:
    sizes = [50, 50, 31, 50, 8, 64]
    classes = [3, 3, 3, 2, 2, 3]
    held = [
        rows(21, 90, task=task),
        None,
        rows(17, 91, task=task),
        rows(9, 92, task=task),
        None,
        rows(21, 90, task=task),
    ]
    return [
        Fit(rows(n, number, k, task), checked, seed=number // 2)
        for number, (n, k, checked) in enumerate(zip(sizes, classes, held, strict=True))
    ]


@pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
@pytest.mark.parametrize("hidden", [0, 13])
def test_a_network_is_the_same_alone_and_in_company(task: str, hidden: int) -> None:
    learner, fits = SMALL.model_copy(update={"hidden": hidden, "max_steps": 57}), some_fits(task)
    alone = [said(learner.fit(one.train, validation=one.validation, seed=one.seed)) for one in fits]

    @settings(max_examples=12)
    @given(st.lists(st.integers(0, len(fits) - 1), min_size=1, max_size=8))
    def check(group: list[int]) -> None:
        together = learner.fit_many([fits[number] for number in group])
        assert [said(model) for model in together] == [alone[number] for number in group]

    check()


def test_trainings_of_different_lengths_and_encoders_are_done_in_one_call() -> None:
    learner, fits = SMALL.model_copy(update={"encoder": "lsa"}), some_fits("classification")
    alone = [said(learner.fit(one.train, validation=one.validation, seed=one.seed)) for one in fits]
    assert [said(model) for model in learner.fit_many(fits)] == alone


def test_early_stopping_leaves_the_others_alone() -> None:
    learner = SMALL.model_copy(update={"max_steps": 200, "patience": 1, "learning_rate": 0.05})
    fits = [Fit(rows(40, seed, 2), rows(20, seed + 50, 2), seed) for seed in range(6)]
    models = list(learner.fit_many(fits))
    assert len({model.n_steps for model in models}) > 1
    assert models[0].n_steps < 200


@pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
def test_neither_the_order_of_the_rows_nor_threads_change_a_byte(task: str) -> None:
    train, held = rows(60, 1, task=task), rows(20, 2, task=task)
    order, before = np.random.default_rng(3).permutation(60), torch.get_num_threads()
    one = said(SMALL.fit(train, validation=held, seed=4))
    try:
        torch.set_num_threads(2 if before == 1 else 1)
        assert said(SMALL.fit(train.take(order), validation=held.take(order[order < 20]), seed=4)) == one
        assert torch.get_num_threads() != before
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("encoder", ["lsa", "hashed"])
def test_a_prediction_is_the_same_beside_others(encoder: str) -> None:
    model = SMALL.model_copy(update={"encoder": encoder}).fit(rows(), validation=None, seed=0)
    test = rows(33, 8)
    alone = np.vstack([model.predict(test.take(np.array([at]))) for at in range(33)])
    assert model.predict(test) == pytest.approx(alone, abs=1e-12)


@pytest.mark.parametrize("hidden", [0, 13])
def test_tasks_are_learnt(hidden: int) -> None:
    learner = SMALL.model_copy(update={"hidden": hidden, "min_steps": 300})
    test = {task: rows(40, 9, task=task) for task in ("classification", "multilabel", "regression")}
    found = {task: learner.fit(rows(120, 4, task=task), validation=None, seed=0).predict(test[task]) for task in test}
    assert (found["classification"].argmax(axis=1) == test["classification"].targets).mean() > 0.95
    assert ((found["multilabel"] > 0.5) == test["multilabel"].targets).mean() > 0.95
    assert (found["multilabel"][:, 2] == 0).all()
    assert found["regression"].shape == (40, 1)
    assert np.abs(found["regression"][:, 0] - test["regression"].targets).mean() < 3


def test_several_classes_a_row_of_which_none_is_ever_seen() -> None:
    train = Examples(["a", "b"], np.zeros((2, 4), bool), None, 4, "multilabel")
    assert SMALL.fit(train, validation=train, seed=0).predict(train).tolist() == [[0] * 4] * 2


def test_balanced_class_weights_lift_the_rare_class() -> None:
    train = Examples(["so so"] * 20, np.array([0] * 18 + [1] * 2), None, 2)
    plain, balanced = (
        SMALL.model_copy(update={"class_weights": given}).fit(train, validation=None, seed=0)
        for given in (None, "balanced")
    )
    assert plain.predict(train)[0] == pytest.approx([0.9, 0.1], abs=0.05)
    assert balanced.predict(train)[0] == pytest.approx([0.5, 0.5], abs=0.05)


def test_label_smoothing_keeps_it_from_being_sure() -> None:
    sure, careful = (
        SMALL.model_copy(update={"label_smoothing": share, "min_steps": 300}).fit(rows(), validation=None, seed=0)
        for share in (0.0, 0.3)
    )
    assert careful.predict(rows()).max() < sure.predict(rows()).max()


def test_training_that_diverges_is_told() -> None:
    with pytest.raises(CurateError, match=r"no longer finite.*lower learning_rate"):
        SMALL.model_copy(update={"learning_rate": 1e38}).fit(rows(), validation=None, seed=0)


def test_on_wide_vectors_a_linear_layer_and_small_steps_unless_told() -> None:
    objective = Objective.of(rows())
    narrow, wide = (Head()._settings(objective, 50, width) for width in (512, 4096))
    assert (narrow.hidden, narrow.learning_rate) == (128, 0.003)
    assert (wide.hidden, wide.learning_rate) == (0, 1.5 / 4096)
    told = Head(hidden=7, learning_rate=0.5)._settings(objective, 50, 4096)
    assert (told.hidden, told.learning_rate) == (7, 0.5)


@pytest.mark.slow
def test_without_a_model_it_is_not_below_tf_idf_with_logistic_regression(data_dir: Path) -> None:
    """TREC's training rows, a fifth to judge by: within 2 points of `linear`, where vectors of `lsa` lose 7."""
    lines = (data_dir / "trec_raw" / "train_5500.label").read_text("latin-1").splitlines()
    labels, texts = zip(*(line.split(" ", 1) for line in lines), strict=True)
    names = {label.split(":")[0]: None for label in labels}
    codes = np.array([list(names).index(label.split(":")[0]) for label in labels])
    every = Examples(list(texts), codes, None, len(names))
    order = np.random.default_rng(0).permutation(len(every))[:5000]
    test, held, train = every.take(order[:1000]), every.take(order[1000:1571]), every.take(order[1571:])
    right = {
        learner.name: (learner.fit(train, validation=held, seed=0).predict(test).argmax(axis=1) == test.targets).mean()
        for learner in (Head(), Linear())
    }
    assert right["head"] > right["linear"] - 0.02


def test_steps_are_those_of_the_base() -> None:
    assert SMALL.on_budget(100).n_steps(10) == SMALL.n_steps(100) == 40
    assert SMALL.on_budget(1000).fit(rows(), validation=None, seed=0).n_steps == 300


def test_vectors_of_a_column() -> None:
    table = pa.table({"v": [[float(label), 1.0] for label in (0, 1, 0, 1)] * 5, "other": [1] * 20})
    train = Examples([""] * 20, np.array([0, 1, 0, 1] * 5), None, 2, features=table)
    learner = SMALL.model_copy(update={"column": "v", "min_steps": 200})
    assert learner.reads == {"features"}
    assert Head().reads == {"text"}
    model = learner.fit(train, validation=train, seed=0)
    assert (model.predict(train).argmax(axis=1) == train.targets).all()
    with pytest.raises(ColumnError, match="'w', which is none of the features"):
        learner.model_copy(update={"column": "w"}).fit(train, validation=None, seed=0)
    with pytest.raises(ColumnError, match="must be a list of numbers"):
        learner.model_copy(update={"column": "other"}).fit(train, validation=None, seed=0)


def test_a_prepared_encoder_is_learnt_once_and_pickles_small(cache_folder: Path) -> None:
    learner = Head(min_steps=20, n_epochs=1)
    texts = [*rows(200).texts, "never trained on"]
    prepared = learner.prepared(texts)
    assert prepared.identity() != learner.identity()
    assert prepared == learner.prepared(texts[::-1] + texts)
    assert learner.prepared(texts[:50]).identity() != prepared.identity()
    assert len(pickle.dumps(prepared)) < 2000
    model = prepared.fit(rows(30), validation=None, seed=0)
    vectors.loaded.cache_clear()
    vectors.forget()
    again = pickle.loads(pickle.dumps(prepared)).fit(rows(30), validation=None, seed=0)
    assert said(again) == said(model)
    assert Head(encoder="hashed").prepared(texts) == Head(encoder="hashed")


def test_odd_texts_through_lsa() -> None:
    odd = ["", "  ", "\x00", "你好世界", "x" * 20_000, "👍🏽 \ud800", "not seen before"]
    train = Examples(odd * 2, np.arange(14) % 2, None, 2)
    prepared = Head(min_steps=20, n_epochs=1).prepared(odd)
    for learner in (prepared, Head(min_steps=20, n_epochs=1)):
        assert np.isfinite(learner.fit(train, validation=train, seed=0).predict(train)).all()


def test_what_was_learnt_may_be_gone() -> None:
    with pytest.raises(CurateError, match=r"no longer in.*measure again"):
        Head(learnt="ab" * 16).fit(rows(), validation=None, seed=0)


def test_each_text_is_encoded_once_and_outlives_the_process_where_that_is_slow() -> None:
    class Counting:
        asked: list[str] = []  # noqa: RUF012

        def encode(self, texts: list[str]) -> np.ndarray:
            self.asked += texts
            return np.array([[len(text), 1] for text in texts], np.float32).reshape(len(texts), 2)

    encoding = Counting()
    source = vectors.TextVectors("an encoder", encoding, on_disk=True)
    first = source.vectors(["aa", "b", "aa"])
    assert (first == vectors.scaled(np.array([[2, 1], [1, 1], [2, 1]], np.float32))).all()
    vectors.forget()
    assert (source.vectors(["b", "ccc"]) == vectors.scaled(np.array([[1, 1], [3, 1]], np.float32))).all()
    assert sorted(encoding.asked) == ["aa", "b", "ccc"]


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CACHE_BYTES", 20_000)
    SMALL.fit(rows(200), validation=None, seed=0)
    assert sum(vector.nbytes for vector in vectors._cache.values()) <= 20_000


def test_cross_fitting_takes_it_with_settings() -> None:
    given = rows(90, 2)
    labels = given.targets.copy()
    labels[:4] = (labels[:4] + 1) % 3
    corpus = Corpus.from_table(
        pa.table({"text": given.texts, "label": [f"class {label}" for label in labels]}),
        Roles(text="text", label="label"),
    )
    spec = {"name": "head", "encoder": "hashed", "hidden": 0, "min_steps": 100}
    probs = Signal.of(PredProbs(learner=spec, n_folds=3).compute(corpus, 0)).values
    best = np.array(probs.to_pylist()).argmax(axis=1)
    assert (best == given.targets).mean() > 0.9
    recipe = Recipe([{"use": "labels.drop_issues", "learner": spec, "n_folds": 3}])
    left = recipe.run(corpus).corpus
    assert {0, 1, 2, 3} & set(left.row_ids().tolist()) == set()
    assert len(left) > 80


def test_cross_fitting_takes_vectors_of_a_column() -> None:
    given = rows(60, 2)
    vectors = np.eye(3)[given.targets] + np.random.default_rng(0).normal(0, 0.1, (60, 3))
    labels = [f"class {label}" for label in given.targets]
    table = pa.table({"vector": vectors.tolist(), "label": labels})
    spec = {"name": "head", "column": "vector", "hidden": 0, "min_steps": 100}
    for text in ((), ("text",)):
        beside = table.append_column("text", pa.array(given.texts))
        corpus = Corpus.from_table(beside, Roles(text=text, label="label", features="vector"))
        probs = Signal.of(PredProbs(learner=spec, n_folds=3).compute(corpus, 0)).values
        assert (np.array(probs.to_pylist()).argmax(axis=1) == given.targets).mean() > 0.9
    blind = Corpus.from_table(table, Roles(label="label"))
    with pytest.raises(ColumnError, match=r"needs a column with the role features.*--features"):
        PredProbs(learner=spec).compute(blind, 0)


def test_said_names_the_encoder() -> None:
    assert Head().said() == "terms, TF-IDF of up to 4,096 n-grams, learnt on these texts"
    assert Head(encoder="lsa").said() == "lsa, 512 dimensions, learnt on these texts"
    assert Head(column="v").said() == "the column v"


def test_the_encoder_counts_for_the_identity_and_its_device_by_kind(tmp_path: Path) -> None:
    assert Head(encoder="hashed").identity() != Head().identity()
    assert Head(device="cpu").identity()["config"]["device"] == "cpu"
    (tmp_path / "weights").write_bytes(b"one")
    before = Head(encoder="static", model=str(tmp_path)).identity()
    (tmp_path / "weights").write_bytes(b"other")
    assert Head(encoder="static", model=str(tmp_path)).identity() != before


def _measured(learner: dict[str, object], workers: int) -> list[float]:
    train, test = ([*rows(n, seed).texts] for n, seed in ((240, 4), (80, 9)))
    labels = [[f"class {label}" for label in rows(n, seed).targets] for n, seed in ((240, 4), (80, 9))]
    vectors = [
        [[float(text.count(word)) for group in WORDS for word in group] for text in part] for part in (train, test)
    ]
    roles = Roles(text="text", label="label", features=("vector",))
    parts = [
        Corpus.from_table(pa.table({"text": text, "label": label, "vector": vector}), roles)
        for text, label, vector in zip((train, test), labels, vectors, strict=True)
    ]
    recipe = Recipe(["dedup.exact", "clean.case"])
    found = measure(recipe, parts[0], test=parts[1], learner=learner, replicates=2, workers=workers, allow_leakage=True)
    assert found.facts["learner_said"]
    return [found.base["accuracy"], *(value for step in found.steps for value in (step.delta, step.interval.low))]


@pytest.mark.slow
def test_a_measurement_is_the_same_with_one_process_and_two() -> None:
    spec = {"name": "head", "min_steps": 60, "n_epochs": 2}
    assert _measured(spec, 1) == _measured(spec, 2)


def test_a_measurement_on_vectors_of_a_column() -> None:
    assert _measured({"name": "head", "column": "vector", "hidden": 0, "min_steps": 200}, 1)[0] > 0.9

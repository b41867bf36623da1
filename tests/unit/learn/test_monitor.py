"""Diagnoses of real trainings: each is found where its cause was planted, and a training that goes well has none."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.learn.bag import Bag, FittedBag
from curate.learn.examples import Examples
from curate.learn.head import Head
from curate.learn.history import History, Look, Recovery, Step
from curate.learn.learner import TrainingCurve
from curate.learn.monitor import Diagnosis, Surest, chance_loss, diagnose
from curate.learn.monitored import Monitored
from curate.learn.tabular import Tabular
from curate.learn.training import Training

torch = pytest.importorskip("torch", reason="trainings need torch")

Parts = tuple[Examples, Examples]
N_ROWS = 5400
TREC = ["ABBR", "DESC", "ENTY", "HUM", "LOC", "NUM"]


@pytest.fixture(scope="session")
def parts(data_dir: Path) -> Callable[..., Parts]:
    """Training and validation rows (nine to one) of a data set, a share of the labels of both turned at random."""

    def read(name: str) -> tuple[list[str], np.ndarray]:
        if name == "trec":
            lines = (data_dir / "trec_raw" / "train_5500.label").read_text(encoding="latin-1").split("\n")
            pairs = [line.split(" ", 1) for line in lines if line.strip()]
            return [text for _, text in pairs], np.array([TREC.index(label.split(":")[0]) for label, _ in pairs])
        lines = (data_dir / "sst2" / "train.tsv").read_text(encoding="utf-8").splitlines()
        rows = [line.rsplit("\t", 1) for line in lines if line]
        return [text for text, _ in rows], np.array([int(label) for _, label in rows])

    def make(name: str, *, noise: float = 0.0, seed: int = 0) -> Parts:
        texts, labels = read(name)
        draw, n_classes = np.random.default_rng(seed), int(labels.max()) + 1
        order = draw.permutation(len(texts))[:N_ROWS]
        labels = labels[order]
        turned = (labels + draw.integers(1, n_classes, len(labels))) % n_classes
        labels = np.where(draw.random(len(labels)) < noise, turned, labels)
        rows = Examples([texts[at] for at in order], labels, None, n_classes)
        held = np.arange(N_ROWS) < N_ROWS // 10
        return rows.take(np.flatnonzero(~held)), rows.take(np.flatnonzero(held))

    return make


def of_bag(rows: Parts, seed: int = 1, **settings: Any) -> Diagnosis | None:
    train, validation = rows
    fitted: FittedBag = Bag(**settings).fit(train, validation=validation, seed=seed)
    surest = Surest.of(fitted.predict(validation), validation.targets)
    return diagnose(fitted.curve, chance=chance_loss(train), surest=surest)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_training_that_goes_well_has_no_diagnosis(parts: Callable[..., Parts], seed: int) -> None:
    assert of_bag(parts("trec", seed=seed), seed) is None


@pytest.mark.parametrize("name", ["trec", "sst2"])
@pytest.mark.parametrize("seed", [0, 1])
def test_planted_noise_learnt_by_heart_is_told_with_its_share(
    parts: Callable[..., Parts], name: str, seed: int
) -> None:
    found = of_bag(parts(name, noise=0.2, seed=seed), seed)
    assert found is not None
    assert found.kind == "label noise"
    assert found.figures["wrong_fraction"] == pytest.approx(0.2, abs=0.08)
    assert found.figures["rise"] > 1
    assert found.figures["train_loss"] < found.figures["floor"]
    assert "labels.drop_issues" in found.action


@pytest.mark.parametrize("seed", [0, 1])
def test_clean_labels_learnt_by_heart_are_overfitting_and_not_noise(parts: Callable[..., Parts], seed: int) -> None:
    found = of_bag(parts("sst2", seed=seed), seed, n_epochs=8, patience=None)
    assert found is not None
    assert found.kind == "overfitting"
    assert found.figures["rise"] > 1.3


@pytest.mark.parametrize("name", ["trec", "sst2"])
def test_a_training_of_a_few_steps_is_underfitting(parts: Callable[..., Parts], name: str) -> None:
    found = of_bag(parts(name), max_steps=40)
    assert found is not None
    assert found.kind == "underfitting"
    assert found.figures["train_loss"] > 0.5 * found.figures["chance"]


def test_noise_that_was_not_learnt_by_heart_is_not_told(parts: Callable[..., Parts]) -> None:
    """Stopped after half an epoch, the model has learnt what the labels agree on and little else."""
    found = of_bag(parts("trec", noise=0.2), max_steps=80)
    assert found is None or found.kind == "underfitting"


class Words:
    """A mean of word embeddings and two layers, by the loop."""

    def __init__(self, train: Examples, validation: Examples) -> None:
        from curate.learn.batching import keys_of

        self.ids = [_words(text) for text in train.texts]
        self.held = [_words(text) for text in validation.texts]
        self.labels, self.held_labels = torch.from_numpy(train.targets), torch.from_numpy(validation.targets)
        self.keys, self.lengths = keys_of(train), np.array([len(ids) for ids in self.ids])
        with torch.random.fork_rng([]):
            torch.manual_seed(0)
            self.table = torch.nn.EmbeddingBag(20_000, 32)
            layers = torch.nn.Linear(32, 32), torch.nn.ReLU(), torch.nn.Linear(32, train.n_classes)
            self.network = torch.nn.Sequential(self.table, *layers)

    def losses(self, rows: list[Any], labels: Any) -> Any:
        begins = torch.tensor([0, *(len(ids) for ids in rows[:-1])]).cumsum(0)
        scores = self.network[1:](self.table(torch.cat(rows), begins))
        return torch.nn.functional.cross_entropy(scores, labels, reduction="sum")

    def batches(self, epoch: int, seed: int) -> Iterator[np.ndarray]:
        from curate.learn.batching import epoch_batches

        return iter(epoch_batches(self.lengths, self.keys, 32, seed=seed, epoch=epoch))

    def loss(self, batch: np.ndarray) -> tuple[Any, float]:
        return self.losses([self.ids[at] for at in batch], self.labels[batch]), len(batch)

    def validation(self) -> Any:
        from curate.learn.problem import Judged

        return Judged(float(self.losses(self.held, self.held_labels)) / len(self.held))

    def groups(self, training: Any) -> Any:
        from curate.learn.problem import parameter_groups

        return parameter_groups(self.network, training)

    def unfrozen(self, share_done: float) -> None:
        pass


def _words(text: str) -> Any:
    found = {zlib.crc32(word.encode()) % 20_000 for word in re.findall(r"\w+|[^\w\s]", text.lower())}
    return torch.tensor(sorted(found) or [0])


@pytest.mark.parametrize(("rate", "kind"), [(1.0, "divergence"), (0.01, None), (1e-5, "underfitting")])
def test_learning_rates_too_high_right_and_too_low(parts: Callable[..., Parts], rate: float, kind: str | None) -> None:
    from curate.learn.loop import train

    rows = parts("trec")
    done = train(Words(*rows), Training(learning_rate=rate), 200, 0)
    found = diagnose(done.history, chance=chance_loss(rows[0]))
    assert (found.kind if found else None) == kind
    assert found is None or str(found.figures)


def test_recoveries_are_divergence() -> None:
    looks = (Look(10, 0.5, 0.5),)
    found = diagnose(History((Step(1, 0.7, 0.1, 1.0, 1.0),), looks, (Recovery(7, 0, 0.5), Recovery(9, 0, 0.25))))
    assert found is not None
    assert found.kind == "divergence"
    assert "2 times, first at step 7, from which it went back to step 0, last at step 9" in found.evidence
    assert "0.125" in found.action
    told = diagnose(TrainingCurve((10,), (0.5,), (0.5,), 0, n_recoveries=1))
    assert told is not None
    assert "1 time; training ended with 0.5 of the learning rate" in told.evidence


LOSSES = st.lists(st.floats(1e-3, 10), min_size=1, max_size=12)


@given(LOSSES, st.booleans(), st.one_of(st.none(), st.floats(0.1, 3)), st.integers(0, 50), st.integers(0, 50))
def test_any_curve_is_read(losses: list[float], validated: bool, chance: float | None, n: int, wrong: int) -> None:
    looks = tuple(losses) if validated else ()
    curve = TrainingCurve(tuple(range(1, len(losses) + 1)), tuple(losses), looks, int(np.argmin(losses)))
    found = diagnose(curve, chance=chance, surest=Surest(n, min(n, wrong)))
    if found is not None:
        assert all(math.isfinite(value) for value in found.figures.values())
        assert found.evidence
        assert found.action
    if not validated:
        assert found is None or found.kind == "divergence"


@given(LOSSES)
def test_losses_that_only_fall_far_are_healthy(losses: list[float]) -> None:
    falling = sorted(losses, reverse=True)
    curve = TrainingCurve(tuple(range(1, len(losses) + 1)), tuple(falling), tuple(falling), len(losses) - 1)
    assert diagnose(curve, chance=2.1 * falling[-1] + 10, surest=Surest(100, 50)) is None


def test_the_last_look_decides_what_was_learnt_by_heart() -> None:
    curve = TrainingCurve((1, 2, 3), (0.6, 0.3, 0.1), (0.5, 0.6, 0.7), 0)
    noisy = Surest(200, 40)
    found = diagnose(curve, surest=noisy)
    assert found is not None
    assert found.kind == "label noise"
    assert diagnose(replace(curve, train_loss=(0.6, 0.5, 0.45)), surest=noisy).kind == "overfitting"  # type: ignore[union-attr]
    assert diagnose(curve, surest=Surest(200, 8)).kind == "overfitting"  # type: ignore[union-attr]
    assert diagnose(replace(curve, validation_loss=(0.7, 0.6, 0.5), best=2), surest=noisy) is None


def rare(n_rows: int = 400) -> Examples:
    """One row of twenty is of the second class, and says so."""
    labels = (np.arange(n_rows) % 20 == 0).astype(np.int64)
    return Examples([f"{'poor' if each else 'fine'} item{n % 50}" for n, each in enumerate(labels)], labels, None, 2)


@pytest.mark.parametrize(
    "settings",
    [{"class_weights": "balanced"}, {"focal_gamma": 2.0}, {"label_smoothing": 0.3}, {"logit_adjustment": 1.0}, {}],
    ids=lambda given: next(iter(given), "plain"),
)
def test_a_falling_loss_is_no_divergence_whatever_loss_is_trained(settings: dict[str, Any]) -> None:
    table = pa.table({"word": [text.split()[0] for text in rare().texts], "n": list(range(400))})
    train = replace(rare(), features=table)
    training = Training(learning_rate=0.003, batch_rows=32, max_steps=40, warmup_fraction=0, n_looks=4, **settings)
    learner = Tabular(training=training, hidden=(8,), dropout=0)
    model = learner.fit(train, validation=train, seed=0)
    kept = Monitored.of(model, train, train, learner)
    assert kept is not None
    assert kept.curve.train_loss[-1] < max(kept.curve.train_loss)
    assert kept.diagnosis() is None or kept.diagnosis().kind != "divergence"  # type: ignore[union-attr]


def test_a_falling_loss_of_bag_and_head_is_no_divergence() -> None:
    for learner in (Bag(), Head(encoder="hashed", class_weights="balanced")):
        kept = Monitored.of(learner.fit(rare(), validation=rare(), seed=0), rare(), rare(), learner)
        assert kept is not None
        assert kept.diagnosis() is None, kept
        assert len(kept.curve.learning_rate) == len(kept.curve.steps)
        assert list(kept.curve.learning_rate) == sorted(kept.curve.learning_rate, reverse=True)


def test_the_example_of_the_report() -> None:
    """Balanced, 95 to 5: training begins near ln 2, where the shares alone would cost 0.2."""
    falling = TrainingCurve((10, 20, 30), (0.55, 0.40, 0.05), (0.5, 0.4, 0.1), 2)
    assert diagnose(falling, chance=chance_loss(rare(), class_weights="balanced")) is None
    assert diagnose(replace(falling, start=0.69), chance=chance_loss(rare())) is None
    risen = diagnose(replace(falling, start=0.3), chance=chance_loss(rare()))
    assert risen is not None
    assert risen.kind == "divergence"


def test_looks_keep_rates_norms_and_metric() -> None:
    table = pa.table({"n": [float(n) for n in range(400)]})
    train = replace(rare(), features=table)
    learner = Tabular(training=Training(batch_rows=32, max_steps=45, n_looks=3, patience=None), hidden=(8,))
    model = learner.fit(train, validation=train, seed=0)
    kept = Monitored.of(model, train, train, learner)
    assert kept is not None
    steps, curve = model.history.steps, kept.curve  # type: ignore[attr-defined]
    assert curve.start == steps[0].loss
    assert curve.steps == (15, 30, 45)
    assert curve.learning_rate == tuple(steps[at - 1].learning_rate for at in curve.steps)
    assert curve.weight_norm == tuple(steps[at].weight_norm for at in (10, 20, 40))
    assert curve.gradient_norm[1] == pytest.approx(np.mean([step.gradient_norm for step in steps[15:30]]))
    assert Monitored.from_dict(json.loads(json.dumps(kept.to_dict()))) == kept


def test_chance_is_the_entropy_of_the_classes() -> None:
    rows = Examples(["a"] * 4, np.array([0, 0, 0, 1]), np.array([1.0, 1.0, 1.0, 3.0]), 3)
    assert chance_loss(rows) == pytest.approx(math.log(2))
    several = Examples(["a"] * 2, np.array([[True, False], [False, False]]), None, 2, "multilabel")
    assert chance_loss(several) == pytest.approx(math.log(2)), "no model has an output for a class without rows"
    assert chance_loss(Examples(["a"], np.array([0.5]), None, task="regression")) is None

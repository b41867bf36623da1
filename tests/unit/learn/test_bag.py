"""The `bag` learner alone: early stopping, step budgets, threads, the cache of features, and its aim on real data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.kernels.embedding_bag import Parameters, Steps, Trainer, encode, scores
from curate.kernels.ngrams import hash_ngrams
from curate.learn import features
from curate.learn.bag import Bag
from curate.learn.examples import Examples
from curate.learn.features import NgramSettings, Vocabulary
from curate.learn.learner import Fit
from curate.learn.linear import Linear

torch = pytest.importorskip("torch", reason="some of it is done with torch")


def noise(n_rows: int, seed: int) -> Examples:
    """Labels that nothing in the text tells, so that training soon overfits."""
    draw = np.random.default_rng(seed)
    texts = [" ".join(f"w{i}" for i in draw.integers(0, 300, 8)) for _ in range(n_rows)]
    return Examples(texts, draw.integers(0, 2, n_rows), None, 2)


def log_loss(probs: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log(probs[np.arange(len(labels)), labels]).mean())


def test_the_best_look_is_kept_and_patience_ends_the_training() -> None:
    train, held_out = noise(200, 0), noise(200, 1)
    fitted = Bag(n_epochs=40, patience=2).fit(train, validation=held_out, seed=0)
    curve = fitted.curve
    assert curve.best == int(np.argmin(curve.validation_loss))
    assert len(curve.steps) == curve.best + 3
    assert fitted.n_steps < Bag(n_epochs=40).n_steps(200)
    kept = log_loss(fitted.predict(held_out), held_out.targets)
    assert kept == pytest.approx(min(curve.validation_loss), rel=1e-6)


@pytest.mark.parametrize("task", ["classification", "multilabel", "regression"])
def test_weights_that_do_not_stay_finite_are_an_error(task: str) -> None:
    targets = {"classification": np.arange(8) % 2, "multilabel": np.eye(8, 2, dtype=bool), "regression": np.arange(8.0)}
    rows = Examples([f"word{n}" for n in range(8)], targets[task], None, 0 if task == "regression" else 2, task)
    for held_out in (None, rows):
        with pytest.raises(CurateError, match="diverged at step"):
            Bag(learning_rate=1e300).fit(rows, validation=held_out, seed=0)


def test_without_validation_all_steps_are_done() -> None:
    fitted = Bag(max_steps=37).fit(noise(100, 0), validation=None, seed=0)
    assert fitted.n_steps == 37
    assert fitted.curve.validation_loss == ()
    assert fitted.curve.best == len(fitted.curve.steps) - 1


def test_arms_of_different_sizes_take_equal_steps_on_request() -> None:
    fits = [Bag(max_steps=50).fit(noise(n, 0), validation=None, seed=0) for n in (40, 400)]
    assert [fit.n_steps for fit in fits] == [50, 50]


def test_validation_rows_of_classes_without_training_do_not_count() -> None:
    train = Examples(["a", "b"], np.array([0, 1]), None, 3)
    held_out = Examples(["a", "c"], np.array([0, 2]), None, 3)
    assert np.isfinite(Bag().fit(train, validation=held_out, seed=0).curve.validation_loss).all()
    only = Examples(["c"], np.array([2]), None, 3)
    assert Bag().fit(train, validation=only, seed=0).curve.validation_loss == ()


def test_the_number_of_threads_changes_no_byte_and_is_left_as_it_was() -> None:
    found = []
    before = torch.get_num_threads()
    for n_threads in (1, 4):
        torch.set_num_threads(n_threads)
        found.append(Bag().fit(noise(300, 0), validation=noise(50, 1), seed=3).predict(noise(50, 2)).tobytes())
        assert torch.get_num_threads() == n_threads
    torch.set_num_threads(before)
    assert found[0] == found[1]


SMALL = Bag(max_steps=30, dim=9, max_features=500)
PARTS = [noise(60, seed) for seed in range(3)]
ALONE = [
    SMALL.fit(part, validation=noise(20, 8), seed=n).predict(noise(20, 9)).tobytes() for n, part in enumerate(PARTS)
]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=1, max_size=5), st.sampled_from([0, 5_000, features.CACHE_BYTES]))
def test_a_model_is_the_same_whatever_is_trained_beside_it(numbers: list[int], cache_bytes: int) -> None:
    """In any company and order, with texts known from before, forgotten in between, or new."""
    bound, features.CACHE_BYTES = features.CACHE_BYTES, cache_bytes
    try:
        fits = [Fit(PARTS[n], noise(20, 8), n) for n in numbers]
        found = [fitted.predict(noise(20, 9)).tobytes() for fitted in SMALL.fit_many(fits)]
    finally:
        features.CACHE_BYTES = bound
    assert found == [ALONE[n] for n in numbers]


@pytest.mark.parametrize("task", ["softmax", "sigmoid", "squares"])
@pytest.mark.parametrize("dim", [1, 8, 33, 64])
def test_the_kernel_takes_the_steps_that_torch_takes(task: str, dim: int) -> None:
    """Three steps of AdaGrad with mean accumulators, by autograd, to float32's precision."""
    functional, draw = torch.nn.functional, np.random.default_rng(dim)
    grams = hash_ngrams(noise(12, 0).texts, words=(1, 1), characters=None, n_buckets=2**12)
    place = np.full(2**12, -1, np.int32)
    known = np.unique(grams.ids)[::2]
    place[known] = np.arange(len(known))
    rows = encode(grams, place, half=2**11, weight=0.5)
    k = 1 if task == "squares" else 3
    model = Parameters(*(draw.normal(size=size).astype(np.float32) for size in ((len(known), dim), (k, dim), (k,))))
    goals = draw.integers(0, k, 12) if task == "softmax" else (draw.random((12, k)) < 0.5).astype(np.float32)
    weights, order = draw.random(12).astype(np.float32) + 0.5, draw.permutation(12)
    how = Steps(task, 0.1, 0.05, 5, 3)  # type: ignore[arg-type]
    dense = torch.zeros(12, len(known))
    for row in range(12):
        at = slice(rows.offsets[row], rows.offsets[row + 1])
        dense[row, rows.index[at]] = torch.from_numpy(rows.value[at])
    parts = [torch.from_numpy(part.copy()).requires_grad_() for part in (model.table, model.weight, model.bias)]
    sums = [torch.zeros(len(known), 1), torch.zeros(k, dim), torch.zeros(k)]
    total = 0.0
    for step in range(3):
        batch = order[step * 5 : step * 5 + 5]
        found = dense[batch] @ parts[0] @ parts[1].T + parts[2]
        goal = torch.from_numpy(goals[batch])
        if task == "softmax":
            losses = functional.cross_entropy(found, goal, reduction="none", label_smoothing=0.1)
        elif task == "sigmoid":
            losses = functional.binary_cross_entropy_with_logits(found, goal * 0.9 + 0.05, reduction="none").mean(1)
        else:
            losses = (found - goal).square().sum(1)
        loss = (losses * torch.from_numpy(weights[batch])).mean()
        total += float(loss.detach())
        gradients = torch.autograd.grad(loss, parts)
        rate = 0.05 * (1 - step / 3) * (step + 1) ** 0.5
        with torch.no_grad():
            for number, (part, so_far, gradient) in enumerate(zip(parts, sums, gradients, strict=True)):
                so_far += gradient.square().mean(dim=1, keepdim=True) if number == 0 else gradient.square()
                part -= rate * gradient / (so_far.sqrt() + 1e-12)
    done = Trainer(model, rows, goals, weights, how).run(order, 0, 3)
    assert done == pytest.approx(total, rel=1e-5)
    for ours, theirs in zip((model.table, model.weight, model.bias), parts, strict=True):
        assert ours == pytest.approx(theirs.detach().numpy(), abs=2e-4)
    assert scores(rows, model) == pytest.approx((dense @ parts[0] @ parts[1].T + parts[2]).detach().numpy(), abs=2e-3)


def test_label_smoothing_makes_it_less_certain() -> None:
    train = noise(100, 0)
    sharp, soft = (Bag(label_smoothing=share).fit(train, validation=None, seed=0).predict(train) for share in (0, 0.3))
    assert soft.max(axis=1).mean() < sharp.max(axis=1).mean() - 0.05


def test_the_cache_changes_nothing_and_stays_within_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_cache", {})
    monkeypatch.setattr(features, "_cached_bytes", 0)
    settings, texts = NgramSettings((1, 2), (3, 5), 2**16), noise(100, 0).texts
    cold, warm = settings.hash(texts), settings.hash(texts)
    monkeypatch.setattr(features, "CACHE_BYTES", 20_000)
    small = settings.hash([*texts, "another"])
    for field in ("offsets", "ids", "counts", "keys"):
        assert np.array_equal(getattr(cold, field), getattr(warm, field))
        assert np.array_equal(getattr(small, field)[: len(getattr(cold, field))], getattr(cold, field))
    assert features._cached_bytes <= 20_000
    assert features._cached_bytes == sum(features._size(*item) for item in features._cache.items())


def test_a_full_vocabulary_keeps_what_most_rows_have() -> None:
    grams = NgramSettings((1, 1), None, 2**16).hash(["a b", "a c", "a b d"])
    vocabulary = Vocabulary.of(grams, n_buckets=2**16, character_weight=1.0, max_features=2)
    encoded = vocabulary.encode(grams)
    assert np.diff(encoded.offsets).tolist() == [2, 1, 2]
    lengths = [
        np.linalg.norm(encoded.value[a:b]) for a, b in zip(encoded.offsets[:-1], encoded.offsets[1:], strict=True)
    ]
    assert lengths == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(("n_classes", "dim"), [(32, 32), (33, 128)])
def test_many_classes_get_wider_embeddings_even_where_rows_of_most_are_missing(n_classes: int, dim: int) -> None:
    rows = Examples(["a", "b"], np.array([0, 1]), None, n_classes)
    fitted = Bag(max_steps=1).fit(rows, validation=None, seed=0)
    assert fitted.model.table.shape[1] == dim  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.parametrize("n_classes", [6, 50])
def test_on_real_questions_it_is_at_least_as_good_as_linear(data_dir: Path, n_classes: int) -> None:
    """TREC, coarse or fine classes: mean of three seeds on the training rows held out here, not on the test split."""
    lines = (data_dir / "trec_raw" / "train_5500.label").read_text(encoding="latin-1").splitlines()
    told = [line.split(" ")[0] if n_classes == 50 else line.split(":")[0] for line in lines]
    names = sorted(set(told))
    assert len(names) == n_classes
    labels = np.array([names.index(name) for name in told])
    every = Examples([line.split(" ", 1)[1] for line in lines], labels, None, len(names))
    order = np.random.default_rng(0).permutation(len(lines))
    train, test = every.take(order[1000:]), every.take(order[:1000])

    def accuracy(learner: Bag | Linear, seed: int) -> float:
        probs = learner.fit(train, validation=None, seed=seed).predict(test)
        return float((probs.argmax(axis=1) == test.targets).mean())

    assert np.mean([accuracy(Bag(), seed) for seed in range(3)]) >= accuracy(Linear(), 0) - 0.01

"""The `bag` learner, the default of `measure`: hashed n-grams, an embedding bag and a linear layer, in torch.

Seconds per cell on one core, and at least as accurate as fastText with bigrams and TF-IDF with logistic regression on
short texts (`tests/benchmarks/bench_learners.py`). Torch is imported when a model is fitted, not before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from curate.learn.examples import Examples
from curate.learn.features import NgramSettings, Vocabulary
from curate.learn.learner import Learner, TrainingCurve
from curate.optional import check, require

if TYPE_CHECKING:
    from curate.learn.embedding import Model, Task

_PREDICTED_AT_ONCE = 4096  # rows; bounds the memory, changes no result


class Bag(Learner):
    """Sums of word and character n-gram embeddings into a linear layer: fast and accurate on short texts.

    Without validation rows it trains for `n_epochs`; with them it also stops early, and the model with the lowest
    validation loss is kept. The same rows in any order and the same seed give the same bytes on any number of cores.

    Args:
        words: shortest and longest n-gram of words.
        characters: shortest and longest n-gram of characters within words; None for none.
        character_weight: the weight of a character n-gram where a word n-gram has 1.
        max_features: bound on the vocabulary; the n-grams of the most rows are kept.
        n_buckets: hash buckets, a power of two.
        dim: the size of an embedding.
        learning_rate: of AdaGrad with mean accumulators; falls linearly to 0.
        batch_rows: rows per step.
        n_epochs: passes over the rows, as far as `min_steps` and `max_steps` allow.
        min_steps: small training sets get at least so many steps.
        max_steps: exactly so many steps instead of `n_epochs`, for arms of different sizes on an equal budget.
        patience: looks (one per epoch, at most 20) without a lower validation loss before stopping; None for never.
        label_smoothing: the share of each label's weight spread over all classes.

    Example:
        >>> rows = Examples(["good film", "bad film"], np.array([1, 0]), None, n_classes=2)
        >>> model = Bag().fit(rows, validation=None, seed=0)
        >>> model.predict(Examples.unlabelled(["a good one"])).argmax(axis=1).tolist()
        [1]
    """

    name: ClassVar[str] = "bag"
    version: ClassVar[str] = "1"
    deterministic: ClassVar[bool] = False
    package: ClassVar[str] = "torch"

    words: tuple[int, int] = (1, 3)
    characters: tuple[int, int] | None = (3, 5)
    character_weight: float = Field(default=0.2, gt=0)
    max_features: int = Field(default=2**17, ge=1)
    n_buckets: int = Field(default=2**21, ge=2, le=2**28)
    dim: int = Field(default=32, ge=1)
    learning_rate: float = Field(default=0.007, gt=0)
    batch_rows: int = Field(default=32, ge=1)
    n_epochs: int = Field(default=3, ge=1)
    min_steps: int = Field(default=200, ge=1)
    max_steps: int | None = Field(default=None, ge=1)
    patience: int | None = Field(default=3, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)

    def check_installed(self) -> None:
        check("torch", extra="train", by="the learner 'bag'")

    def n_steps(self, n_rows: int) -> int:
        """The optimiser steps planned for `n_rows` training rows.

        Example:
            >>> Bag().n_steps(12_000), Bag().n_steps(10), Bag(max_steps=50).n_steps(12_000)
            (1125, 200, 50)
        """
        if self.max_steps is not None:
            return self.max_steps
        return max(self.min_steps, self.n_epochs * -(-n_rows // self.batch_rows))

    def on_budget(self, n_rows: int) -> Bag:
        """This learner with exactly the steps it would take on `n_rows` training rows.

        Example:
            >>> Bag().on_budget(12_000).max_steps
            1125
        """
        return self.model_copy(update={"max_steps": self.n_steps(n_rows)})

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> FittedBag:
        """Train; see the class.

        Raises:
            CurateError: no training row has a weight above 0.
            MissingExtra: torch is not installed.
        """
        require("torch", extra="train", by="the learner 'bag'")
        from curate.learn import embedding

        train = train.for_training()
        classes = np.unique(train.targets)
        settings = NgramSettings(self.words, self.characters, self.n_buckets)
        vocabulary = Vocabulary.of(
            settings.hash(train.texts),
            n_buckets=self.n_buckets,
            character_weight=self.character_weight,
            max_features=self.max_features,
        )
        schedule = embedding.Schedule(
            self.learning_rate, self.batch_rows, self.n_steps(len(train)), self.patience, self.label_smoothing
        )
        with embedding.one_thread():
            model = embedding.Model.initial(len(vocabulary), classes, train.n_classes, self.dim, seed)
            task = _task(train, settings, vocabulary, classes)
            held_out = None if validation is None else _held_out(validation, settings, vocabulary, classes)
            model, curve = embedding.train(model, task, held_out, schedule, seed)
        return FittedBag(settings, vocabulary, model, classes, train.n_classes, curve)


def _task(rows: Examples, settings: NgramSettings, vocabulary: Vocabulary, classes: NDArray[np.int64]) -> Task:
    from curate.learn.embedding import Task, row_keys

    grams = settings.hash(rows.texts)
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights / np.sort(rows.weights).mean()
    keys = row_keys(grams.keys, rows.targets, weights)
    order = np.argsort(keys)
    labels = np.searchsorted(classes, rows.targets)
    return Task(vocabulary.encode(grams).take(order), labels[order], weights[order], keys[order])


def _held_out(
    rows: Examples, settings: NgramSettings, vocabulary: Vocabulary, classes: NDArray[np.int64]
) -> Task | None:
    """The validation rows that can judge: of a class that training has, with a weight above 0."""
    judges = np.isin(rows.targets, classes)
    if rows.weights is not None:
        judges &= rows.weights > 0
    return _task(rows.take(np.flatnonzero(judges)), settings, vocabulary, classes) if judges.any() else None


@dataclass(frozen=True)
class FittedBag:
    """A vocabulary and the model over it."""

    settings: NgramSettings
    vocabulary: Vocabulary
    model: Model
    classes: NDArray[np.int64]
    n_classes: int
    curve: TrainingCurve

    @property
    def n_steps(self) -> int:
        """The optimiser steps done, those after the kept look included."""
        return self.curve.steps[-1]

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """Class probabilities, shape (n, n_classes); 0 for classes that training did not have."""
        from curate.learn.embedding import one_thread

        probabilities = np.zeros((len(rows), self.n_classes))
        with one_thread():
            for low in range(0, len(rows), _PREDICTED_AT_ONCE):
                part = self.vocabulary.encode(self.settings.hash(rows.texts[low : low + _PREDICTED_AT_ONCE]))
                probabilities[low : low + len(part), self.classes] = self.model.probabilities(part)
        return probabilities

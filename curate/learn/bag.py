"""The `bag` learner, the default of `measure`: hashed n-grams, an embedding bag and a linear layer. Needs no torch.

About a second per cell on one core, and at least as accurate as fastText with bigrams and TF-IDF with logistic
regression on short texts (`tests/benchmarks/bench_learners.py`). The arithmetic is `kernels.embedding_bag`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from curate.kernels.embedding_bag import Parameters, Steps, scores
from curate.learn import embedding
from curate.learn.examples import Examples, Task
from curate.learn.features import NgramSettings, Vocabulary
from curate.learn.learner import Fitted, Learner, Prior, TrainingCurve
from curate.learn.objective import Objective

_DIM, _DIM_OF_MANY_CLASSES = 32, 128
_PREDICTED_AT_ONCE = 4096  # rows; bounds the memory, changes no result


class Bag(Learner):
    """Sums of word and character n-gram embeddings into a linear layer: fast and accurate on short texts.

    Without validation rows it trains for `n_epochs`; with them it also stops early, and the model with the lowest
    validation loss is kept. The same rows in any order and the same seed give the same bytes on any number of cores.
    Of several classes a row each is learnt by itself (logistic loss); numbers are standardised (squared error).

    Args:
        words: shortest and longest n-gram of words.
        characters: shortest and longest n-gram of characters within words; None for none.
        character_weight: the weight of a character n-gram where a word n-gram has 1.
        max_features: bound on the vocabulary; the n-grams of the most rows are kept.
        n_buckets: hash buckets, a power of two.
        dim: the size of an embedding; None for 32, or 128 where there are more than 32 classes.
        learning_rate: of AdaGrad with mean accumulators; falls linearly to 0.
        batch_rows: rows per step.
        n_epochs: passes over the rows, as far as `min_steps` and `max_steps` allow.
        min_steps: small training sets get at least so many steps.
        max_steps: exactly so many steps instead of `n_epochs`, for arms of different sizes on an equal budget.
        patience: looks (one per epoch, at most 20) without a lower validation loss before stopping; None for never.
        label_smoothing: the share of each label's weight spread over all classes; refused for numbers.

    Example:
        >>> rows = Examples(["good film", "bad film"], np.array([1, 0]), None, n_classes=2)
        >>> model = Bag().fit(rows, validation=None, seed=0)
        >>> model.predict(Examples.unlabelled(["a good one"])).argmax(axis=1).tolist()
        [1]
    """

    name: ClassVar[str] = "bag"
    version: ClassVar[str] = "3"
    deterministic: ClassVar[bool] = False
    package: ClassVar[str] = "numpy"
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification", "multilabel", "regression"})

    words: tuple[int, int] = (1, 3)
    characters: tuple[int, int] | None = (3, 5)
    character_weight: float = Field(default=0.2, gt=0)
    max_features: int = Field(default=2**17, ge=1)
    n_buckets: int = Field(default=2**21, ge=2, le=2**28)
    dim: int | None = Field(default=None, ge=1)
    learning_rate: float = Field(default=0.007, gt=0)
    batch_rows: int = Field(default=32, ge=1)
    n_epochs: int = Field(default=3, ge=1)
    min_steps: int = Field(default=200, ge=1)
    max_steps: int | None = Field(default=None, ge=1)
    patience: int | None = Field(default=3, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)

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

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> Fitted:
        """Train; see the class.

        Raises:
            CurateError: no training row has a weight above 0, or the training diverged.
        """
        train = self.taught(train)
        objective = Objective.of(train)
        if not len(objective.classes):
            return Prior.of(train)
        settings = NgramSettings(self.words, self.characters, self.n_buckets)
        grams = settings.hash(train.texts)
        vocabulary = Vocabulary.of(
            grams, n_buckets=self.n_buckets, character_weight=self.character_weight, max_features=self.max_features
        )
        task = embedding.Task.of(train, vocabulary.encode(grams), grams.keys, objective)
        held_out = None if validation is None else _held_out(validation, settings, vocabulary, objective)
        steps = Steps(
            objective.loss, self.label_smoothing, self.learning_rate, self.batch_rows, self.n_steps(len(train))
        )
        dim = self.dim or (_DIM if train.n_classes <= _DIM else _DIM_OF_MANY_CLASSES)
        model = embedding.initial(len(vocabulary), objective, dim, seed)
        model, curve = embedding.train(model, task, held_out, objective, steps, patience=self.patience, seed=seed)
        return FittedBag(settings, vocabulary, model, objective, curve)


def _held_out(
    rows: Examples, settings: NgramSettings, vocabulary: Vocabulary, objective: Objective
) -> embedding.Task | None:
    """The validation rows that can judge; None where there are none."""
    rows = rows.take(np.flatnonzero(objective.judges(rows)))
    if not len(rows):
        return None
    grams = settings.hash(rows.texts)
    return embedding.Task.of(rows, vocabulary.encode(grams), grams.keys, objective)


@dataclass(frozen=True)
class FittedBag:
    """A vocabulary and the model over it."""

    settings: NgramSettings
    vocabulary: Vocabulary
    model: Parameters
    objective: Objective
    curve: TrainingCurve

    @property
    def n_steps(self) -> int:
        """The optimiser steps done, those after the kept look included."""
        return self.curve.steps[-1]

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """Class probabilities, shape (n, n_classes), 0 for classes that training did not have; or numbers, (n, 1)."""
        parts = []
        for low in range(0, max(len(rows), 1), _PREDICTED_AT_ONCE):
            part = self.vocabulary.encode(self.settings.hash(rows.texts[low : low + _PREDICTED_AT_ONCE]))
            parts.append(self.objective.predictions(scores(part, self.model)))
        return np.concatenate(parts)

    def word_scores(self, words: Sequence[str]) -> NDArray[np.float64]:
        """What each word by itself adds to the scores of the classes, shape (n, n_classes); see `attack.WordScores`.

        The scores of a text are such sums, divided by the length of its features.
        """
        grams = self.settings.hash(words)
        known = np.isin(grams.ids, self.vocabulary.ids)
        weight = np.where(grams.ids >= self.vocabulary.n_buckets // 2, self.vocabulary.character_weight, 1.0)
        squares = np.concatenate([[0.0], np.cumsum(np.square(known * weight * (1 + np.log(grams.counts))))])
        lengths = np.sqrt(np.maximum(0.0, squares[grams.offsets[1:]] - squares[grams.offsets[:-1]]))
        own = scores(self.vocabulary.encode(grams), self.model) - self.model.bias
        found = np.zeros((len(words), self.objective.n_classes))
        found[:, self.objective.classes] = own * lengths[:, None]
        return found

"""What a learner is: training rows in, a fitted model out that predicts.

Stands between a corpus and a measurement: `audit` asks a learner for cross-fitted probabilities, `measure` fits one per
cell. A learner's configuration is its identity (see `Learner.identity`), so equal configurations share cached cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from curate.errors import CurateError
from curate.learn.examples import Examples, Task
from curate.learn.unread import refuse_unread, unread_by


@dataclass(frozen=True)
class TrainingCurve:
    """How a fit went: one entry per look, at the end of an epoch.

    Args:
        steps: optimiser steps done.
        train_loss: mean weighted training loss since the last look, nats.
        validation_loss: mean weighted validation loss, nats; empty without a validation split.
        best: the position in these tuples of the weights that were kept.
        n_recoveries: how often a loss that was not finite sent training back.
        start: the training loss before the first step; None where it is not known.
        learning_rate: of the step before each look; this and what follows is empty where it is not kept.
        gradient_norm: the mean length of the gradient since the last look; None where no step's was finite.
        weight_norm: the length of the trained weights, at most ten steps before each look.
        metric: what is measured of the validation rows beside the loss: for classes the accuracy.
    """

    steps: tuple[int, ...]
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    best: int
    n_recoveries: int = 0
    start: float | None = None
    learning_rate: tuple[float, ...] = ()
    gradient_norm: tuple[float | None, ...] = ()
    weight_norm: tuple[float, ...] = ()
    metric: tuple[float, ...] = ()


class Fitted(Protocol):
    """A trained model."""

    @property
    def n_steps(self) -> int:
        """Optimiser steps or solver iterations done."""
        ...

    @property
    def curve(self) -> TrainingCurve | None:
        """How training went; None for learners that do not train in steps."""
        ...

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """What the model says of each row, float64, one line per row; targets and weights of the rows are not read.

        classification: class probabilities, shape (n, n_classes); lines sum to 1; a class absent in training gets 0.
        multilabel: the probability of each class by itself, shape (n, n_classes). regression: the number, shape (n, 1).
        generation: of the row's own target the negative log likelihood in nats, its tokens and its UTF-8 bytes, shape
        (n, 3); there the target is read.
        """
        ...


class Generator(Fitted, Protocol):
    """A trained model that writes text."""

    def generate(self, texts: Sequence[str]) -> list[str]:
        """What it writes after each text, greedily: the same text gives the same answer whatever stands beside it."""
        ...


@dataclass(frozen=True)
class Fit:
    """One training to be done: what `Learner.fit` takes."""

    train: Examples
    validation: Examples | None
    seed: int


class Learner(BaseModel, frozen=True, extra="forbid"):
    """A way to train. Its fields are its configuration; registered under `name` in the kind `learners`.

    `version` changes whenever the same configuration, rows and seed would give other predictions.
    `deterministic` says that the seed changes nothing; `package` is the distribution that does the arithmetic; `tasks`
    are those it can learn; `reads` are the roles that it reads, "text" or "features"; `fits_at_once` is how many
    trainings `fit_many` does best together.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    deterministic: ClassVar[bool]
    package: ClassVar[str] = ""
    tasks: ClassVar[frozenset[Task]] = frozenset({"classification"})
    reads: ClassVar[frozenset[str]] = frozenset({"text"})
    fits_at_once: ClassVar[int] = 1

    @classmethod
    def judge(cls) -> Learner:
        """The settings in which it judges labels that may be wrong: those that memorise the least."""
        return cls()

    def identity(self) -> dict[str, Any]:
        """What the learner contributes to the fingerprint of a cell: name, version, configuration, package version."""
        package = f"{self.package} {version(self.package)}" if self.package else ""
        settings = self.model_dump(mode="json")
        return {"learner": self.name, "version": self.version, "config": settings, "package": package}

    def check_installed(self) -> None:
        """Raise where a package that it needs is missing; imports nothing.

        Raises:
            MissingExtra: with the line to install it.
        """
        return

    def on_budget(self, n_rows: int) -> Learner:
        """This learner with the optimiser steps it would take on `n_rows` rows, however many rows it then gets.

        A learner that does not train in steps is its own answer.
        """
        return self

    def prepared(self, texts: Sequence[str]) -> Learner:
        """This learner with what it may learn of all training texts without their labels: a frozen encoder, say.

        Asked once per measurement, before any training; one that needs nothing is its own answer. What comes back
        pickles, and its identity names what was learnt.
        """
        return self

    def said(self) -> str:
        """What it reads rows by that its name does not tell: an encoder or a model and its revision; one line.

        Empty where there is nothing.
        """
        return ""

    def taught(self, train: Examples) -> Examples:
        """The rows that teach it: those with a weight above 0.

        Raises:
            CurateError: there are none, their task is not one that it can learn, or a setting of the loss is set that
                means nothing for it.
        """
        if train.task not in self.tasks:
            raise CurateError(
                f"the learner {self.name!r} does {' and '.join(sorted(self.tasks))}, not {train.task}",
                hint="another learner: curate ls learners",
            )
        settings = getattr(self, "training", self)
        refuse_unread(settings, unread_by(train.task), f"the learner {self.name!r} of {train.task}")
        return train.for_training()

    def fit_many(self, fits: Sequence[Fit]) -> Iterator[Fitted]:
        """Do several trainings; each gives the same bytes as `fit` by itself, whichever stand beside it."""
        for each in fits:
            yield self.fit(each.train, validation=each.validation, seed=each.seed)

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> Fitted:
        """Train on `train`; `validation` only decides when to stop, `seed` keys every draw.

        Raises:
            CurateError: no training row has a weight above 0.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Prior:
    """The model where rows tell nothing: the same prediction, shape (k,), for every row.

    Example:
        >>> Prior(np.array([0.25, 0.75])).predict(Examples.unlabelled(["any"])).tolist()
        [[0.25, 0.75]]
    """

    probabilities: NDArray[np.float64]
    n_steps: int = 0
    curve: TrainingCurve | None = None

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """The same line for each row, shape (n, k)."""
        return np.tile(self.probabilities, (len(rows), 1))

    @classmethod
    def of(cls, train: Examples) -> Prior:
        """The weighted share of each class, or the weighted mean of the numbers, of `train`, in whatever order.

        Example:
            >>> Prior.of(Examples(["a", "b"], np.array([1.0, 3.0]), None, task="regression")).probabilities.tolist()
            [2.0]
        """
        weights = np.ones(len(train)) if train.weights is None else train.weights
        if train.task == "regression":
            order = np.lexsort((weights, train.targets))
            return cls(np.array([np.average(train.targets[order], weights=weights[order])]))
        return cls(train.class_weights() / np.sort(weights).sum())

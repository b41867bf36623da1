"""What a learner is: training texts and labels in, a fitted model with class probabilities out.

Stands between a corpus and a measurement: `audit` asks a learner for cross-fitted probabilities, `measure` fits one per
cell. A learner's configuration is its identity (see `Learner.identity`), so equal configurations share cached cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from curate.errors import CurateError


@dataclass(frozen=True)
class Examples:
    """The rows a learner sees.

    Args:
        texts: n texts; "" stands for a missing one.
        labels: class indices in [0, n_classes), int64, shape (n,).
        weights: finite weights >= 0, float64, shape (n,); None means 1 for every row.
        n_classes: the number of classes, also of those that no row here has.

    Raises:
        CurateError: lengths differ, a label is out of range, or a weight is negative or not finite.

    Example:
        >>> rows = Examples(["good", "bad"], np.array([1, 0]), None, n_classes=3)
        >>> len(rows), rows.take(np.array([1])).texts
        (2, ['bad'])
    """

    texts: Sequence[str]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64] | None
    n_classes: int

    def __post_init__(self) -> None:
        n_rows = len(self.texts)
        if self.labels.shape != (n_rows,):
            raise CurateError(f"{n_rows} texts but labels of shape {self.labels.shape}")
        if n_rows and (self.labels.min() < 0 or self.labels.max() >= self.n_classes):
            found = f"{self.labels.min()} to {self.labels.max()}"
            raise CurateError(f"labels run from {found}, allowed is 0 to {self.n_classes - 1}")
        if self.weights is None:
            return
        if self.weights.shape != (n_rows,):
            raise CurateError(f"{n_rows} texts but weights of shape {self.weights.shape}")
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all()):
            raise CurateError("a weight is negative or not finite", hint="weights are numbers >= 0")

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, index: NDArray[np.int64]) -> Examples:
        """The rows at the positions `index`, in that order."""
        weights = None if self.weights is None else self.weights[index]
        return Examples([self.texts[i] for i in index.tolist()], self.labels[index], weights, self.n_classes)

    def in_canonical_order(self) -> Examples:
        """The rows ordered by text, label and weight: sums over them do not depend on the order they came in."""
        weights = np.ones(len(self)) if self.weights is None else self.weights
        rows = list(zip(self.texts, self.labels.tolist(), weights.tolist(), strict=True))
        return self.take(np.array(sorted(range(len(rows)), key=rows.__getitem__), dtype=np.int64))

    def class_weights(self) -> NDArray[np.float64]:
        """The total weight of each class, shape (n_classes,)."""
        return np.bincount(self.labels, weights=self.weights, minlength=self.n_classes).astype(np.float64)

    def for_training(self) -> Examples:
        """The rows with a weight above 0, the only ones that can teach anything.

        Raises:
            CurateError: there are none.
        """
        if len(self) == 0:
            raise CurateError("no training rows", hint="a learner needs at least one row with a label")
        if self.weights is None or (self.weights > 0).all():
            return self
        kept = np.flatnonzero(self.weights > 0)
        if kept.size == 0:
            raise CurateError("every training row has the weight 0", hint="give at least one row a weight above 0")
        return self.take(kept)


@dataclass(frozen=True)
class TrainingCurve:
    """How a fit went: one entry per look, at the end of an epoch.

    Args:
        steps: optimiser steps done.
        train_loss: mean weighted training loss since the last look, nats.
        validation_loss: mean weighted validation loss, nats; empty without a validation split.
        best: the position in these tuples of the weights that were kept.
    """

    steps: tuple[int, ...]
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    best: int


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

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities, float64, shape (n, n_classes); rows sum to 1; a class absent in training gets 0."""
        ...


class Learner(BaseModel, frozen=True, extra="forbid"):
    """A way to train. Its fields are its configuration; registered under `name` in the kind `learners`.

    `version` changes whenever the same configuration, rows and seed would give other predictions.
    `deterministic` says that the seed changes nothing; `package` is the distribution that does the arithmetic.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    deterministic: ClassVar[bool]
    package: ClassVar[str] = ""

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

    def fit(self, train: Examples, *, validation: Examples | None, seed: int) -> Fitted:
        """Train on `train`; `validation` only decides when to stop, `seed` keys every draw.

        Raises:
            CurateError: no training row has a weight above 0.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Prior:
    """The model where texts tell nothing: the same probabilities, shape (n_classes,), for every text.

    Example:
        >>> Prior(np.array([0.25, 0.75])).predict_proba(["any"]).tolist()
        [[0.25, 0.75]]
    """

    probabilities: NDArray[np.float64]
    n_steps: int = 0
    curve: TrainingCurve | None = None

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The same row for each text, shape (n, n_classes)."""
        return np.tile(self.probabilities, (len(texts), 1))

    @classmethod
    def of(cls, train: Examples) -> Prior:
        """The weighted class shares of `train`."""
        totals = train.class_weights()
        return cls(totals / totals.sum())

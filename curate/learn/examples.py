"""The rows a learner sees: texts or features, what is to be learnt of them, weights.

Stands between a corpus and a learner. One class serves every task, as what differs is only the shape of the targets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.data.digest import batches_digest, digest
from curate.errors import CurateError
from curate.kernels.hashing import hash_texts_128

Task = Literal["classification", "multilabel", "regression", "generation"]
"""One class per row; any number of classes per row; a number per row; a text per row."""

FARTHEST = 1e150
"""No number to be learnt is farther from 0: squares of differences stay finite."""


@dataclass(frozen=True)
class Examples:
    """The rows a learner sees.

    Args:
        texts: n texts; "" stands for a missing one.
        targets: what is to be learnt, by task. classification: class numbers in [0, n_classes), int64, shape (n,).
            multilabel: which classes a row has, bool, shape (n, n_classes). regression: finite numbers, float64, shape
            (n,). generation: the text that follows the row's text, str objects, shape (n,); where the row is plain
            text, its text is "" and the whole is the target.
        weights: finite weights >= 0, float64, shape (n,); None means 1 for every row.
        n_classes: the number of classes, also of those that no row here has; 0 where the task has none.
        task: what kind of target it is.
        features: further columns, n rows, for learners that read them; None where there are none.

    Raises:
        CurateError: lengths differ, a target is out of range or not finite, or a weight is negative or not finite.

    Example:
        >>> rows = Examples(["good", "bad"], np.array([1, 0]), None, n_classes=3)
        >>> len(rows), rows.take(np.array([1])).texts
        (2, ['bad'])
    """

    texts: Sequence[str]
    targets: NDArray[Any]
    weights: NDArray[np.float64] | None
    n_classes: int = 0
    task: Task = "classification"
    features: pa.Table | None = None

    def __post_init__(self) -> None:
        n_rows = len(self.texts)
        shape = (n_rows, self.n_classes) if self.task == "multilabel" else (n_rows,)
        if self.targets.shape != shape:
            raise CurateError(f"{n_rows} texts but targets of shape {self.targets.shape}")
        _check_targets(self.targets, self.task, self.n_classes)
        if self.features is not None and self.features.num_rows != n_rows:
            raise CurateError(f"{n_rows} texts but {self.features.num_rows} rows of features")
        if self.weights is None:
            return
        if self.weights.shape != (n_rows,):
            raise CurateError(f"{n_rows} texts but weights of shape {self.weights.shape}")
        if not (np.isfinite(self.weights).all() and (self.weights >= 0).all()):
            raise CurateError("a weight is negative or not finite", hint="weights are numbers >= 0")

    @classmethod
    def unlabelled(cls, texts: Sequence[str], features: pa.Table | None = None) -> Examples:
        """Rows to be judged, of which no target is known.

        Example:
            >>> len(Examples.unlabelled(["what", "is this"]))
            2
        """
        return cls(texts, np.zeros(len(texts)), None, task="regression", features=features)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def digest(self) -> str:
        """The identity of the rows, in the order they stand."""
        weights = [] if self.weights is None else [digest(self.weights.tobytes().hex())]
        targets = hash_texts_128(self.targets.tolist()) if self.task == "generation" else self.targets
        beside = [] if self.features is None else [batches_digest(self.features.schema, self.features.to_batches())]
        return digest(hash_texts_128(self.texts).tobytes().hex(), self.task, targets.tobytes().hex(), weights, beside)

    def take(self, index: NDArray[np.int64]) -> Examples:
        """The rows at the positions `index`, in that order."""
        weights = None if self.weights is None else self.weights[index]
        features = None if self.features is None else self.features.take(pa.array(index))
        texts = [self.texts[i] for i in index.tolist()]
        return replace(self, texts=texts, targets=self.targets[index], weights=weights, features=features)

    def in_canonical_order(self) -> Examples:
        """The rows ordered by text, target, weight and features: sums do not depend on the order they came in."""
        weights = np.ones(len(self)) if self.weights is None else self.weights
        beside = [""] * len(self) if self.features is None else [repr(row) for row in self.features.to_pylist()]
        rows = list(zip(self.texts, self.targets.tolist(), weights.tolist(), beside, strict=True))
        return self.take(np.array(sorted(range(len(rows)), key=rows.__getitem__), dtype=np.int64))

    def class_weights(self) -> NDArray[np.float64]:
        """The total weight of each class, shape (n_classes,); the same bytes in whatever order the rows come."""
        weights = np.ones(len(self)) if self.weights is None else self.weights
        order = np.argsort(weights, kind="stable")
        targets, weights = self.targets[order], weights[order]
        if self.task == "multilabel":
            return np.array([weights[has].sum() for has in targets.T], np.float64)
        return np.bincount(targets, weights=weights, minlength=self.n_classes).astype(np.float64)

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


def _check_targets(targets: NDArray[Any], task: Task, n_classes: int) -> None:
    if task == "classification" and len(targets) and (targets.min() < 0 or targets.max() >= n_classes):
        raise CurateError(f"labels run from {targets.min()} to {targets.max()}, allowed is 0 to {n_classes - 1}")
    if task == "regression" and not np.isfinite(targets).all():
        raise CurateError("a target is not a finite number", hint="drop rows without a target: use: filter.missing")
    if task == "regression" and (np.abs(targets) > FARTHEST).any():
        raise CurateError(f"a target is farther from 0 than {FARTHEST:g}", hint="give it in another unit")

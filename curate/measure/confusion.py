"""The confusion matrix: which classes are taken for which, by the base and with all steps. It describes; no verdict.

Counts are test rows, mean over replicates. Precision, recall and F1 of each class follow from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.learn.metrics import confusion
from curate.learn.outputs import Outputs
from curate.report import model

TITLE = "Classes"
MOST_SQUARE = 12
"""Classes up to which the whole matrix is shown; of more, the commonest confusions."""
MOST_CONFUSIONS = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Confusion:
    """Which classes are taken for which.

    Attributes:
        names: the classes.
        base: test rows by class (line) and predicted class (column), mean over replicates, shape (k, k).
        full: the same with all steps.
    """

    names: tuple[str, ...]
    base: Floats
    full: Floats

    @classmethod
    def of(
        cls, names: Sequence[str], base: Sequence[Outputs], full: Sequence[Outputs], targets: NDArray[Any]
    ) -> Confusion:
        """The mean over the replicates of two arms."""
        both = (np.mean([confusion(outputs, targets) for outputs in arm], axis=0) for arm in (base, full))
        return cls(tuple(names), *both)

    def to_dict(self) -> list[dict[str, Any]]:
        """Every pair of classes that occurs, as in `measure.json`."""
        return [
            {"label": self.names[i], "predicted": self.names[j], "base": self.base[i, j], "full": self.full[i, j]}
            for i, j in zip(*np.nonzero(self.base + self.full), strict=True)
        ]


def section(found: Confusion) -> model.Section:
    """Precision, recall and F1 of each class, and what is taken for what."""
    lead = "Mean over replicates; the first figure is the base, the second with all steps. They describe, no verdict."
    shown = _square(found) if len(found.names) <= MOST_SQUARE else _commonest(found)
    return model.Section(TITLE, (_by_class(found), shown), lead)


def _scores(matrix: Floats) -> list[Floats]:
    """Precision, recall and F1 of each class, NaN where there is nothing to divide by."""
    hits, predicted, actual = matrix.diagonal(), matrix.sum(axis=0), matrix.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return [hits / predicted, hits / actual, 2 * hits / (predicted + actual)]


def _by_class(found: Confusion) -> model.Table:
    figures = ("precision", "recall", "F1")
    columns = [model.Column("class"), model.Column("test rows", "number")]
    columns += [model.Column(f"{name}{end}", "percent") for name in figures for end in (", base", ", all steps")]
    scores = [score for pair in zip(_scores(found.base), _scores(found.full), strict=True) for score in pair]
    rows: tuple[tuple[model.Cell, ...], ...] = tuple(
        (name, round(found.base[at].sum()), *(None if np.isnan(score[at]) else float(score[at]) for score in scores))
        for at, name in enumerate(found.names)
    )
    return model.Table(tuple(columns), rows, "Each class", searchable=len(rows) > 15)


def _square(found: Confusion) -> model.Table:
    columns = (model.Column("class"), *(model.Column(f"as {name}") for name in found.names))
    rows: tuple[tuple[model.Cell, ...], ...] = tuple(
        (name, *(f"{_rows(one)} → {_rows(two)}" for one, two in zip(found.base[at], found.full[at], strict=True)))
        for at, name in enumerate(found.names)
    )
    return model.Table(columns, rows, "Test rows of each class (line) by the class they are given", searchable=False)


def _commonest(found: Confusion) -> model.Table:
    columns = (
        model.Column("class"),
        model.Column("is given"),
        model.Column("rows, base", "number"),
        model.Column("rows, all steps", "number"),
    )
    off = found.base * (1 - np.eye(len(found.names)))
    order = np.argsort(-off, axis=None, kind="stable")[:MOST_CONFUSIONS]
    places = [divmod(int(at), len(found.names)) for at in order if off.flat[at] > 0]
    rows: tuple[tuple[model.Cell, ...], ...] = tuple(
        (found.names[i], found.names[j], round(float(found.base[i, j]), 1), round(float(found.full[i, j]), 1))
        for i, j in places
    )
    return model.Table(columns, rows, "The commonest confusions of the base", searchable=False)


def _rows(count: float) -> str:
    return f"{count:.1f}".removesuffix(".0")

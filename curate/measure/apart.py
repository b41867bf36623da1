"""The base's score on test rows that stand in training, apart from its score on those that do not.

A row is right or wrong in each replicate; the score is the mean over both. The interval is Wilson's (1927) with the
families of near duplicates as units, fewer where a large one rules: it holds where all rows are right and where they
are few, and is on the safe side, as a mean over replicates varies less than a single answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from curate.learn.metrics import METRICS
from curate.measure.estimate import Predictions
from curate.measure.leaks import Kinds
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number, percent

TITLE = "Test rows that stand in training"
METRIC = METRICS["accuracy"]
SAID = {
    "same": "the same text in training",
    "near": "nearly the same text in training",
    "none": "no such text in training",
}


@dataclass(frozen=True)
class Apart:
    """The base's accuracy on a part of the test rows.

    Attributes:
        rows: `same` or `near`: those with the same or nearly the same text in training; `none`: all others.
        n_rows: how many they are.
        fraction: their share of the test rows.
        accuracy: mean over replicates and rows.
        interval: of the accuracy, on new rows of this kind.
    """

    rows: str
    n_rows: int
    fraction: float
    accuracy: float
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """The part as in `measure.json`."""
        return {**vars(self), "interval": self.interval.model_dump()}


def scores_apart(predictions: Predictions, kinds: Kinds) -> tuple[Apart, ...]:
    """The base's accuracy on each kind of test row that there is."""
    right = np.stack([METRIC.per_row(outputs, predictions.targets) for outputs in predictions.outputs[()]])
    parts = []
    for kind in SAID:
        chosen = kinds == kind
        if chosen.any():
            share = float(right[:, chosen].mean())
            units = n_alike(predictions.clusters[chosen])
            parts.append(Apart(kind, int(chosen.sum()), float(chosen.mean()), share, wilson(share, units)))
    return tuple(parts)


def n_alike(families: NDArray[np.int64]) -> float:
    """As how many independent rows some rows count, given their families, shape (n,): n²/Σ n_f² (Kish 1965).

    Families of one size count as their number; a large one among small ones weighs on the mean by itself.

    Example:
        >>> n_alike(np.array([0, 0, 1, 1])), round(n_alike(np.r_[np.zeros(97, int), 1:4]), 2)
        (2.0, 1.06)
    """
    sizes = np.unique(families, return_counts=True)[1].astype(np.float64)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def wilson(share: float, n: float, level: float = 0.95) -> Interval:
    """Wilson's interval of a share seen on n units.

    Example:
        >>> interval = wilson(1.0, 10)
        >>> round(interval.low, 3), round(interval.high, 3)
        (0.722, 1.0)
    """
    z = float(ndtri((1 + level) / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(low=min(share, max(0.0, middle - half)), high=max(share, min(1.0, middle + half)), level=level)


def sentence(parts: Sequence[Apart]) -> str:
    """What the parts say, in words."""
    by_kind: Mapping[str, Apart] = {part.rows: part for part in parts}
    if set(by_kind) == {"none"}:
        return "No test row has the same or nearly the same text in training."
    said = [
        f"{percent(part.accuracy)} on the {number(part.n_rows)} with {SAID[kind]}"
        for kind, part in by_kind.items()
        if kind != "none"
    ]
    if "none" in by_kind:
        rest = by_kind["none"]
        said.append(f"{percent(rest.accuracy)} on the {number(rest.n_rows)} others, which alone show what was learned")
    return "Of the test rows the base gets right: " + "; ".join(said) + "."


def section(parts: Sequence[Apart]) -> model.Section:
    """The parts as a short table."""
    columns = (
        model.Column("test rows with"),
        model.Column("rows", "number"),
        model.Column("share", "percent"),
        model.Column("base accuracy", "percent"),
        model.Column("from", "percent"),
        model.Column("to", "percent"),
    )
    cells = tuple(
        (SAID[part.rows], part.n_rows, part.fraction, part.accuracy, part.interval.low, part.interval.high)
        for part in parts
    )
    table = model.Table(
        columns, cells, "Accuracy with its 95 % interval (Wilson; families are the units)", searchable=False
    )
    lead = (
        "The same: ignoring case, white space and punctuation. Nearly the same: three of four words in common, as "
        "`dedup.leakage` with `match: near` finds them. A training row counts by what it was made from, too."
    )
    return model.Section(TITLE, (table,), lead)

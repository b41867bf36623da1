"""The base's score on test rows that stand in training, apart from its score on those that do not.

In the metric that is judged, on each part by itself. Of a share of right answers the interval is the two-way one, and
no narrower than Wilson's (1927) with the families of near duplicates as units, fewer where a large one rules: that
holds where all rows are right and where they are few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from curate.data.corpus import Corpus
from curate.learn.metrics import Metric
from curate.learn.outputs import Outputs
from curate.measure.arms import Applied
from curate.measure.estimate import Predictions
from curate.measure.leaks import Kinds
from curate.measure.told import Told, level
from curate.measure.units import Units
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number

TITLE = "Test rows that stand in training"
SAID = {
    "same": "the same text in training",
    "near": "nearly the same text in training",
    "none": "no such text in training",
}
SAID_OF_CELLS = {"same": "the same features and answer in training", "none": "no such row in training"}
TEXTS = (
    "The same: ignoring case, white space and punctuation. Nearly the same: three of four words in common, as "
    "`dedup.leakage` with `match: near` finds them. A training row counts by what it was made from, too."
)
CELLS = "The same: all features and the label or target are equal, value by value."


def said_of(train: Corpus) -> Mapping[str, str]:
    """What is said of each kind of test row, by what rows are compared by: their text, else their features."""
    return SAID if train.roles.text else SAID_OF_CELLS


@dataclass(frozen=True)
class Apart:
    """The base's score on a part of the test rows.

    Attributes:
        rows: `same` or `near`: those with the same or nearly the same text in training; `none`: all others.
        said: the same in words.
        n_rows: how many they are.
        fraction: their share of the test rows.
        metric: what the score is of.
        score: mean over replicates; not finite where rows with such targets do not have the metric.
        interval: of the score, on new rows of this kind.
    """

    rows: str
    said: str
    n_rows: int
    fraction: float
    metric: str
    score: float
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """The part as in `measure.json`."""
        plain = {name: value for name, value in vars(self).items() if name != "said"}
        return {**plain, "interval": self.interval.model_dump()}


def scores_apart(
    predictions: Predictions, kinds: Kinds, metric: Metric, said: Mapping[str, str] = SAID
) -> tuple[Apart, ...]:
    """The base's score on each kind of test row that there is."""
    parts = []
    for kind, words in said.items():
        at = np.flatnonzero(kinds == kind)
        if len(at):
            outputs: dict[Applied, list[Outputs]] = {(): [each.take(at) for each in predictions.outputs[()]]}
            within = replace(
                predictions, outputs=outputs, targets=predictions.targets[at], clusters=predictions.clusters[at]
            )
            score = level(within, metric, ())
            share = len(at) / len(kinds)
            parts.append(Apart(kind, words, len(at), share, metric.name, score.value, score.interval))
    return tuple(parts)


def sentence(parts: Sequence[Apart], units: Units) -> str:
    """What the parts say, in words."""
    by_kind: Mapping[str, Apart] = {part.rows: part for part in parts}
    if set(by_kind) == {"none"}:
        if by_kind["none"].said != SAID["none"]:
            return "No test row has the same features and answer in training."
        return "No test row has the same or nearly the same text in training."
    said = [
        f"{_level(part, units)} on the {number(part.n_rows)} with {part.said}" for part in parts if part.rows != "none"
    ]
    if "none" in by_kind:
        rest = by_kind["none"]
        said.append(f"{_level(rest, units)} on the {number(rest.n_rows)} others, which alone show what was learned")
    if units.metric == "accuracy":
        return "Of the test rows the base gets right: " + "; ".join(said) + "."
    return f"The {units.metric} of the base: " + "; ".join(said) + "."


def _level(part: Apart, units: Units) -> str:
    return units.level(part.score) if math.isfinite(part.score) else "not to be told"


def section(parts: Sequence[Apart], units: Units) -> model.Section:
    """The parts as a short table."""
    columns = (
        model.Column("test rows with"),
        model.Column("rows", "number"),
        model.Column("share", "percent"),
        *(model.Column(name, units.column) for name in (f"base {units.metric}", "from", "to")),
    )
    cells = tuple((part.said, part.n_rows, part.fraction, *Told(part.score, part.interval).cells()) for part in parts)
    caption = f"{units.metric} with its 95 % interval"
    if units.metric == "accuracy":
        caption = "Accuracy with its 95 % interval (two-way, no narrower than Wilson's; families are the units)"
    by_text = parts[0].said in SAID.values()
    return model.Section(TITLE, (model.Table(columns, cells, caption, searchable=False),), TEXTS if by_text else CELLS)

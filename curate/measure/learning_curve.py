"""The learning curve: the base's score against the number of training rows, and what twice the rows would give.

In every replicate the base is trained again on a half, a quarter and an eighth of its rows, each part half of the one
before. The power law is fitted to the mean curve; replicates and test rows are drawn again for its interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.core.random import StepRandom, key
from curate.data.rows import Ids
from curate.kernels.power_law import draws_interval, extrapolate
from curate.kernels.redraws import crossed_weights
from curate.learn.folds import family_sample
from curate.learn.metrics import Metric
from curate.measure.arms import Applied
from curate.measure.evidence import Evidence
from curate.measure.told import Told, level
from curate.measure.units import Units
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number

TITLE = "Learning curve"
PARTS: dict[int, Applied] = {parts: ((f"1/{parts} of the rows", False),) for parts in (2, 4, 8)}
"""The base on parts of its rows, as if they were arms."""
N_DRAWS = 500


@dataclass(frozen=True)
class LearningCurve:
    """The base's score by the number of its training rows.

    Attributes:
        n_rows: training rows, rising, means over replicates.
        scores: the score at each, on new data of this source.
        n_twice: twice the most of them.
        twice: the score that the power law gives there.
        gain: how much that is above what the law gives on all rows: never a loss, as the law never falls. Its interval
            takes in how far the law lies from the score on all rows.
        exponent: that of the power law; the error falls with n to minus this power.
    """

    n_rows: tuple[float, ...]
    scores: tuple[Told, ...]
    n_twice: float
    twice: Told
    gain: Told
    exponent: float

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {
            **vars(self),
            "n_rows": list(self.n_rows),
            "scores": [score.to_dict() for score in self.scores],
            "twice": self.twice.to_dict(),
            "gain": self.gain.to_dict(),
        }


def halvings(
    families: NDArray[np.int64], codes: NDArray[np.int64], row_ids: Ids, seed: int
) -> dict[int, NDArray[np.int64]]:
    """The positions of the rows of each part of `PARTS`, by family and each class alike; every part is in the larger.

    Example:
        >>> ids = np.arange(16, dtype=np.uint64)
        >>> found = halvings(np.arange(16), np.zeros(16, np.int64), ids, seed=0)
        >>> {part: len(rows) for part, rows in found.items()}, set(found[8]) < set(found[4])
        ({2: 8, 4: 4, 8: 2}, True)
    """
    left, found = np.arange(len(row_ids)), {}
    for part in PARTS:
        random = StepRandom(key(seed, "learning curve", part), "half")
        left = left[family_sample(families[left], codes[left], row_ids[left], 0.5, random)]
        found[part] = left
    return found


def learning_curve(evidence: Evidence) -> LearningCurve | None:
    """The curve, where the parts were trained; None where they were not, or are too few to be told apart."""
    arms = [arm for arm in reversed(PARTS.values()) if arm in evidence.found] + [()]
    n_rows = [float(np.mean([result.n_train for result in evidence.found[arm]])) for arm in arms]
    if len(set(n_rows)) < 3 or len(arms) != len(set(n_rows)):
        return None
    metric, predictions, n_twice = evidence.design.metric, evidence.predictions, 2 * n_rows[-1]
    by_replicate, by_row = _draws(evidence, arms)
    curve = np.array([[predictions.values(metric, arm).mean() for arm in arms]])
    twice, exponent = _ahead(metric, curve, n_rows, n_twice)
    now, _ = _ahead(metric, curve, n_rows, n_rows[-1])
    drawn = [_ahead(metric, draws, n_rows, n_twice)[0] for draws in (by_replicate, by_row)]
    gained = [found - draws[:, -1] for found, draws in zip(drawn, (by_replicate, by_row), strict=True)]

    def around(value: float, draws: list[NDArray[np.float64]]) -> Told:
        low, high = draws_interval(value, draws[0], len(evidence.replicates), draws[1])
        return Told(value, Interval(low=low, high=high))

    ahead = around(float(twice[0]), drawn)
    return LearningCurve(
        tuple(n_rows),
        tuple(level(predictions, metric, arm) for arm in arms),
        n_twice,
        ahead.within(0.0, 1.0) if metric.unit == "points" else ahead,
        around(float(twice[0] - now[0]), gained),
        float(exponent[0]),
    )


def _ahead(
    metric: Metric, curves: NDArray[np.float64], n_rows: list[float], at: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The score at another number of rows, and the exponent, of each curve."""
    best, sign = _best(metric), -1.0 if metric.direction == "higher" else 1.0
    errors = sign * (curves - (best or 0.0))
    found, exponents = extrapolate(errors, n_rows, at, lowest=-math.inf if best is None else 0.0)
    return sign * found + (best or 0.0), exponents


def _best(metric: Metric) -> float | None:
    """The best score there can be; None where nothing bounds it."""
    if metric.direction == "lower":
        return 0.0
    return 1.0 if metric.unit == "points" else None


def _draws(evidence: Evidence, arms: list[Applied]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean curve in draws of replicates, and in draws of families of test rows, each of shape (N_DRAWS, s)."""
    predictions, metric = evidence.predictions, evidence.design.metric
    _, index = np.unique(predictions.clusters, return_inverse=True)
    seed = key(predictions.seed, "learning curve", metric.name)
    generator = np.random.Generator(np.random.Philox(key=seed))
    curves = np.stack([predictions.values(metric, arm) for arm in arms], axis=1)
    shares, by_row = [], []
    for weights, share in crossed_weights(index, int(index.max()) + 1, len(curves), generator, N_DRAWS):
        shares.append(share)
        said = (
            [metric.values(outputs, predictions.targets, weights) for outputs in predictions.outputs[arm]]
            for arm in arms
        )
        by_row.append(np.stack([np.mean(values, axis=0) for values in said], axis=1))
    return np.concatenate(shares) @ curves, np.concatenate(by_row)


def sentence(curve: LearningCurve, units: Units) -> str:
    """What twice the rows would give, in words."""
    gain = f"{curve.gain.difference(units)} {units.word}".rstrip()
    rows = number(round(curve.n_twice))
    return f"By the power law twice the rows ({rows}) would change the base's {units.metric} by {gain}."


def section(curve: LearningCurve, units: Units) -> model.Section:
    """The curve as a plot, with what it would be on twice the rows."""
    seen = tuple(
        model.Point(round(n_rows), score.point()) for n_rows, score in zip(curve.n_rows, curve.scores, strict=True)
    )
    ahead = model.Point(round(curve.n_twice), curve.twice.point(), f"power law, exponent {curve.exponent:.2f}")
    joint = model.Point(seen[-1].x, model.Interval(curve.twice.value - curve.gain.value))
    plot = model.LinePlot(
        (model.Series("measured", seen), model.Series("by the power law", (joint, ahead), dashed=True)),
        "training rows (logarithmic)",
        units.metric,
        units.column,
        log_x=True,
        caption=f"The base's {units.metric} by the number of training rows",
    )
    lead = (
        "The base trained on ever smaller parts of its rows, with its validation rows as they are. Beyond them stands "
        "what a power law says that was fitted to the curve; it holds if more rows are like these."
    )
    return model.Section(TITLE, (model.Note(sentence(curve, units), "info"), plot), lead)

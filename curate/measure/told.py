"""A figure that is told and not judged: with its interval, without a verdict. What every closer look is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.kernels.intervals import n_effective, wilson
from curate.learn.metrics import Metric
from curate.measure.arms import Applied, arm_name, full_arm
from curate.measure.design import Design
from curate.measure.estimate import Predictions
from curate.measure.units import Units
from curate.measure.verdict import Interval
from curate.report import model


@dataclass(frozen=True)
class Told:
    """A figure with its interval, in units of the metric."""

    value: float
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {"value": self.value, "interval": self.interval.model_dump()}

    def within(self, least: float, most: float) -> Told:
        """The same with its interval cut to what the figure can be."""
        low, high = (min(max(end, least), most) for end in (self.interval.low, self.interval.high))
        return replace(self, interval=self.interval.model_copy(update={"low": low, "high": high}))

    def widened(self, other: Interval) -> Told:
        """The same with each end of its interval no nearer than that of another."""
        low, high = min(self.interval.low, other.low), max(self.interval.high, other.high)
        return replace(self, interval=self.interval.model_copy(update={"low": low, "high": high}))

    def cells(self) -> tuple[float | None, float | None, float | None]:
        """The figure and the ends of its interval, as a table shows them: nothing for what is not known."""
        low, middle, high = (
            each if math.isfinite(each) else None for each in (self.interval.low, self.value, self.interval.high)
        )
        return middle, low, high

    def difference(self, units: Units) -> str:
        """As text that reads as a difference, with its sign."""
        low, high = units.signed(self.interval.low), units.signed(self.interval.high)
        return f"{units.signed(self.value)} [{low}, {high}]"

    def point(self) -> model.Interval:
        """As line plots show it."""
        return model.Interval(self.value, self.interval.low, self.interval.high)

    def line(self, name: str, units: Units, placebo: Told | None = None) -> model.EffectLine:
        """As a line of a plot of effects."""
        beside = None if placebo is None else units.drawn(placebo.value, placebo.interval)
        return model.EffectLine(name, units.drawn(self.value, self.interval), beside)


UNKNOWN = Told(math.nan, Interval(low=-math.inf, high=math.inf))


def told(predictions: Predictions, metric: Metric, contrast: Mapping[Applied, float]) -> Told:
    """A contrast of arms, or with one arm of coefficient 1 its score, on new data of this source.

    Unknown where rows with such targets do not have the metric.
    """
    if not metric.defined(predictions.targets):
        return UNKNOWN
    estimated = predictions.contrast(metric, contrast)
    return Told(estimated.delta, Interval.of(estimated.on_new_data()))


def level(predictions: Predictions, metric: Metric, arm: Applied) -> Told:
    """The score of an arm, on new data of this source.

    Of a share of rows the interval is the wider, end by end, of the two-way one and Wilson's with families of test rows
    as units: Wilson's is wide enough where all rows are right or few are, the two-way one where replicates lie apart.
    """
    found = told(predictions, metric, {arm: 1.0})
    if metric.unit != "points" or math.isnan(found.value):
        return found
    if metric.additive:
        found = found.widened(of_share(found.value, n_alike(predictions.clusters)))
    return found.within(0.0, 1.0)


def n_alike(families: NDArray[np.int64]) -> float:
    """As how many independent rows some rows count, given their families, shape (n,).

    Example:
        >>> n_alike(np.array([0, 0, 1, 1])), round(n_alike(np.r_[np.zeros(97, int), 1:4]), 2)
        (2.0, 1.06)
    """
    return n_effective(np.unique(families, return_counts=True)[1])


def of_share(share: float, n_rows: float, level: float = 0.95) -> Interval:
    """Wilson's interval of a share seen on so many independent rows.

    Example:
        >>> interval = of_share(1.0, 10)
        >>> round(interval.low, 3), round(interval.high, 3)
        (0.722, 1.0)
    """
    seen = min(max(share, 0.0), 1.0)  # what rounding puts outside
    low, high = wilson(seen * n_rows, n_rows, level)
    return Interval(low=low, high=high, level=level)


def plot(lines: Iterable[model.EffectLine], what: str, units: Units, caption: str) -> model.EffectPlot:
    """Differences on one axis, without the band of no effect: nothing is judged here."""
    return replace(units.plot(tuple(lines), what), margin=None, caption=caption)


def real_arms(design: Design) -> list[Applied]:
    """The arms of a design that hold no placebo: the base, those of its steps, all steps."""
    real = [arm for arm in design.arms if not any(placebo for _, placebo in arm)]
    return sorted(real, key=lambda arm: arm == full_arm(design.steps))


def named(arm: Applied, design: Design) -> str:
    """The arm in words, all steps as such.

    Example:
        >>> from types import SimpleNamespace
        >>> named((("a", False), ("b", False)), SimpleNamespace(steps=["a", "b"]))  # type: ignore[arg-type]
        'all steps'
    """
    whole = len(arm) > 1 and arm == full_arm(design.steps)
    return "all steps" if whole else arm_name(arm)

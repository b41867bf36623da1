"""A figure that is told and not judged: with its interval, without a verdict. What every closer look is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curate.learn.metrics import Metric
from curate.measure.arms import Applied, arm_name
from curate.measure.design import Design
from curate.measure.estimate import Predictions
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import interval


@dataclass(frozen=True)
class Told:
    """A figure with its interval, in units of the metric."""

    value: float
    interval: Interval

    def to_dict(self) -> dict[str, Any]:
        """As in `measure.json`."""
        return {"value": self.value, "interval": self.interval.model_dump()}

    def drawn(self, scale: float = 1.0) -> model.Interval:
        """As plots show it, `scale` times as large."""
        return model.Interval(self.value * scale, self.interval.low * scale, self.interval.high * scale)

    def difference(self, metric: Metric) -> str:
        """As text that reads as a difference, with its sign: points for shares, else the metric's own unit."""
        return interval(self.drawn(metric.scale))


def told(predictions: Predictions, metric: Metric, contrast: Mapping[Applied, float]) -> Told:
    """A contrast of arms, or with one arm of coefficient 1 its score, on new data of this source."""
    estimated = predictions.contrast(metric, contrast)
    return Told(estimated.delta, Interval.of(estimated.on_new_data()))


def told_here(predictions: Predictions, metric: Metric, contrast: Mapping[Applied, float]) -> Told:
    """The same on exactly these rows: only replicates vary."""
    estimated = predictions.contrast(metric, contrast)
    return Told(estimated.delta, Interval.of(estimated.on_this_test_set(), "this test set"))


def real_arms(design: Design) -> list[Applied]:
    """The arms of a design that hold no placebo: the base, then those of its steps, in order."""
    return [arm for arm in design.arms if not any(placebo for _, placebo in arm)]


def named(arm: Applied, design: Design) -> str:
    """The arm in words, all steps as such.

    Example:
        >>> from types import SimpleNamespace
        >>> named((("a", False), ("b", False)), SimpleNamespace(steps=["a", "b"]))  # type: ignore[arg-type]
        'all steps'
    """
    whole = len(arm) > 1 and [name for name, _ in arm] == list(design.steps)
    return "all steps" if whole else arm_name(arm)

"""How values of the primary metric read: their unit, their digits, the band that counts as no effect.

Every part of the report takes its words and its axes from here, so that points, nats, bits and the target's own unit
are said alike everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from curate.learn.metrics import Metric
from curate.measure.verdict import Interval
from curate.report import model
from curate.report.display import number, percent, signed


@dataclass(frozen=True)
class Units:
    """How values of a metric read.

    Attributes:
        metric: its name.
        word: what differences are counted in: points, nats, bits, the target's column; "" for a bare number.
        scale: what a value is multiplied with for display; 100 for shares.
        margin: the difference that does not matter, not scaled.

    Example:
        >>> Units("accuracy", "points", 100.0, 0.005).difference(0.012)
        '+1.20 points'
        >>> price = Units("mae", "price", 1.0, 25.0)
        >>> price.difference(-312.4), price.level(2512.3)
        ('−312 price', '2,512 price')
    """

    metric: str
    word: str
    scale: float
    margin: float

    @classmethod
    def of(cls, metric: Metric, margin: float, target: str | None) -> Units:
        """The units of a metric of the column `target`."""
        named = {"target": target or "", "squared target": f"{target}²" if target else ""}
        return cls(metric.name, named.get(metric.unit, metric.unit), metric.scale, margin)

    @property
    def decimals(self) -> int:
        """Digits after the point: the margin shows two, shares at least two decimals."""
        shown = self.margin * self.scale
        digits = 1 - math.floor(math.log10(shown)) if 1e-12 < shown < math.inf else 2
        return min(max(digits, 2 if self.scale == 100 else 0), 12)

    @property
    def column(self) -> model.ColumnKind:
        """The kind of a table's column that holds values."""
        return "percent" if self.scale == 100 else "number"

    def signed(self, value: float) -> str:
        """A difference with its sign, without its unit."""
        return signed(value * self.scale, self.decimals)

    def difference(self, value: float) -> str:
        """A difference with its sign and its unit: 0.012 of accuracy is +1.20 points."""
        return self._with_unit(self.signed(value))

    def size(self, value: float) -> str:
        """A difference without its sign."""
        return self._with_unit(self.signed(abs(value)).lstrip("+"))

    def level(self, value: float) -> str:
        """A value of the metric."""
        return percent(value) if self.scale == 100 else self._with_unit(number(value))

    def drawn(self, value: float, given: Interval | None) -> model.Interval:
        """A difference with its interval, as plots show it."""
        if given is None:
            return model.Interval(value * self.scale)
        return model.Interval(value * self.scale, given.low * self.scale, given.high * self.scale)

    def plot(self, lines: Sequence[model.EffectLine], what: str) -> model.EffectPlot:
        """Differences on one axis, which says `what` they are."""
        axis = f"{what}, {self.word}" if self.word else what
        return model.EffectPlot(tuple(lines), self.margin * self.scale, self.word, axis, decimals=self.decimals)

    def _with_unit(self, text: str) -> str:
        return f"{text} {self.word}" if self.word else text

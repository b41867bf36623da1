"""From a measured figure to a severity: three bounds, written down where everybody can see and change them.

Every check has its bounds as fields of this type, with where the numbers come from in its docstring. No check tests a
hypothesis, so there are no p-values here and nothing to adjust for how many classes or pairs were looked at: figures
are counts and shares of the rows at hand.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, model_validator

from curate.core.check import Severity


class Bounds(BaseModel, frozen=True, extra="forbid"):
    """A figure above `low` counts as a finding; above `medium` and `high` it weighs more. None: never that severe.

    Raises:
        ValueError: the bounds do not rise.

    Example:
        >>> bounds = Bounds(low=0, medium=0.01, high=0.05)
        >>> bounds.severity(0), bounds.severity(0.001), bounds.severity(0.02), bounds.severity(0.5)
        ('none', 'low', 'medium', 'high')
    """

    low: float = 0.0
    medium: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _rising(self) -> Self:
        given = [bound for bound in (self.low, self.medium, self.high) if bound is not None]
        if given != sorted(given):
            raise ValueError(f"bounds must rise from low to high, not {given}")
        return self

    def severity(self, value: float) -> Severity:
        """How severe a figure is."""
        if self.high is not None and value > self.high:
            return "high"
        if self.medium is not None and value > self.medium:
            return "medium"
        return "low" if value > self.low else "none"

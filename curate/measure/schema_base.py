"""What the parts of `measure.json` are made of: strict models, and an interval."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from curate.measure.verdict import Scope


class Strict(BaseModel):
    """A part without any field that is not named."""

    model_config = ConfigDict(extra="forbid")


class IntervalJson(Strict):
    """An interval; null where it is unbounded."""

    low: float | None
    high: float | None
    level: float
    scope: Scope

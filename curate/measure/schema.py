"""The published form of `measure.json`, version 1: what a program may rely on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from curate.measure.verdict import Scope, Standing, Verdict


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IntervalJson(_Model):
    """An interval; null where it is unbounded."""

    low: float | None
    high: float | None
    level: float
    scope: Scope


class EffectJson(_Model):
    """The effect of one step, in units of the metric."""

    step: str
    metric: str
    delta: float = Field(description="mean difference; accuracy and the like are shares, not per cent")
    low: float | None = Field(description="lower end of the 95 % interval on new data of this source")
    high: float | None
    interval: IntervalJson
    on_test_set: IntervalJson
    p_value: float = Field(ge=0, le=1)
    p_adjusted: float = Field(ge=0, le=1, description="by Holm over the steps")
    placebo_delta: float | None
    placebo_interval: IntervalJson | None
    verdict: Verdict
    reason: str
    standing: Standing
    mde: float | None = Field(description="the smallest effect that would have been found with 80 % power")
    resolve: dict[str, int | None]
    n_replicates: int
    rows: float = Field(ge=0, description="rows the step touched, mean over replicates")
    seconds: float = Field(ge=0)
    others: dict[str, float]


class FullJson(EffectJson):
    """The whole recipe against the base."""

    metrics: dict[str, float]


class ApartJson(_Model):
    """The base's accuracy on a part of the test rows."""

    rows: Literal["same", "near", "none"] = Field(description="the same, nearly the same or no such text in training")
    n_rows: int
    fraction: float = Field(ge=0, le=1, description="of the test rows")
    accuracy: float = Field(ge=0, le=1)
    interval: IntervalJson


class MeasureJson(_Model):
    """A measurement."""

    schema_: Literal["curate.measure/1"] = Field(alias="schema")
    metric: str
    direction: Literal["higher", "lower"]
    margin: float
    trusted: bool
    looks: int
    base: dict[str, float]
    base_sd: dict[str, float | None]
    full: FullJson
    aa: EffectJson
    steps: list[EffectJson]
    apart: list[ApartJson]
    facts: dict[str, Any]
    notes: list[str]


def json_schema() -> dict[str, Any]:
    """The JSON schema of `measure.json`.

    Example:
        >>> sorted(json_schema()["required"])[:3]
        ['aa', 'apart', 'base']
    """
    return {"$id": "curate.measure/1", **MeasureJson.model_json_schema(by_alias=True)}

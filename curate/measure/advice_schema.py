"""The published forms of advice (`curate advise --json`) and of its plan (`--plan --json`), version 1."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from curate.measure.schema import MeasureJson
from curate.measure.schema_base import IntervalJson, Strict


class ToldJson(Strict):
    """A figure with its interval."""

    value: float
    interval: IntervalJson


class TriedJson(Strict):
    """A candidate as seen on rows carved from the training rows."""

    step: str
    use: dict[str, Any] = Field(description="the step, as a recipe holds it")
    gain: float = Field(description="over the base, in units of the metric; above 0 is better")
    low: float | None
    high: float | None
    n_replicates: int = Field(ge=1)


class AdviceJson(Strict):
    """Whether augmenting is advised, and on what evidence."""

    schema_: Literal["curate.advice/1"] = Field(alias="schema")
    counsel: Literal["do", "don't", "cannot say"]
    said: str
    recipe: dict[str, Any] | None = Field(description="what to run; null where augmenting is not advised")
    over_copies: ToldJson = Field(description="the best candidate minus plain copies of the same rows")
    tried: list[TriedJson] = Field(description="the best first")
    left_out: dict[str, str] = Field(description="augmenters that could not be tried, and why")
    measured: MeasureJson
    published: str


class AdvicePlanJson(Strict):
    """What advice would take."""

    schema_: Literal["curate.advice_plan/1"] = Field(alias="schema")
    steps: list[str]
    left_out: dict[str, str]
    rungs: list[int] = Field(description="replicates up to each rung of the search")
    n_search: int = Field(ge=1, description="models that the search trains")
    n_proof: int = Field(ge=1, description="models that the proof trains")
    cell_s: float = Field(ge=0)
    planning_s: float = Field(ge=0)
    workers: int = Field(ge=1)
    facts: dict[str, Any]
    seconds: float = Field(ge=0, description="what all would take with these workers")


def json_schema() -> dict[str, Any]:
    """The JSON schema of advice.

    Example:
        >>> json_schema()["$id"], sorted(json_schema()["required"])[:2]
        ('curate.advice/1', ['counsel', 'left_out'])
    """
    return {"$id": "curate.advice/1", **AdviceJson.model_json_schema(by_alias=True)}

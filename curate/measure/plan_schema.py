"""The published form of a plan (`curate measure --plan --json`), version 1: what a program may rely on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from curate.measure.schema_base import Strict


class PlanJson(Strict):
    """What a measurement would take."""

    schema_: Literal["curate.plan/1"] = Field(alias="schema")
    arms: list[str] = Field(description="their names, the A/A arm's included")
    n_replicates: int = Field(ge=2, description="of `auto` the most")
    n_cells: int = Field(ge=0, description="arms times replicates")
    n_cached: int = Field(ge=0, description="cells that are there already")
    n_to_train: int = Field(ge=0)
    planning_s: float = Field(ge=0, description="seconds to plan all steps of one replicate")
    cell_s: float = Field(ge=0, description="seconds to train the base once and predict")
    seconds: float = Field(ge=0, description="what all would take with these workers")
    workers: int = Field(ge=1)
    peak_bytes: int = Field(ge=0, description="the most memory that this process has held")
    mde: dict[str, float | None] = Field(
        description="for each step the smallest effect that would be found with 80 % power, in units of the metric; "
        "empty where nothing is known yet, null where the design could find none"
    )
    scale: float = Field(description="what a value of the metric is multiplied with for display")
    facts: dict[str, Any]
    notes: list[str]


def json_schema() -> dict[str, Any]:
    """The JSON schema of a plan.

    Example:
        >>> json_schema()["$id"], json_schema()["properties"]["n_cells"]["minimum"]
        ('curate.plan/1', 0)
    """
    return {"$id": "curate.plan/1", **PlanJson.model_json_schema(by_alias=True)}

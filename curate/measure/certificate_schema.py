"""The published form of a certificate (`curate measure --placebo-only --json`), version 1."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from curate.measure.schema_base import Strict


class RateJson(Strict):
    """How one null came out."""

    null: Literal["A/A", "two draws"]
    n: int = Field(ge=1, description="measurements")
    n_false: int = Field(ge=0, description="those with a verdict `helps` or `hurts`")
    low: float = Field(ge=0, le=1, description="of the false-alarm rate, Wilson's interval at 95 %")
    high: float = Field(ge=0, le=1)
    n_covered: int = Field(ge=0, description="those whose interval holds the truth, 0")
    covered_low: float = Field(ge=0, le=1, description="of the coverage, Wilson's interval at 95 %")
    covered_high: float = Field(ge=0, le=1)
    half_width: float | None = Field(description="of the intervals, mean, in units of the metric; null: unbounded")
    false_alarms: float = Field(ge=0, le=1)
    coverage: float = Field(ge=0, le=1)


class CertificateJson(Strict):
    """What the tool does where there is nothing to be found."""

    schema_: Literal["curate.certificate/1"] = Field(alias="schema")
    held: bool | None = Field(
        description="true: the interval of every false-alarm rate ends at twice the level or below; false: one begins "
        "above the level; null: neither"
    )
    level: float = Field(description="the false-alarm rate that is promised")
    n_needed: int | None = Field(
        description="measurements that would settle it if alarms came at the worst rate seen, at least at the level; "
        "null: settled"
    )
    rates: list[RateJson]
    facts: dict[str, Any]


def json_schema() -> dict[str, Any]:
    """The JSON schema of a certificate.

    Example:
        >>> json_schema()["$id"], sorted(json_schema()["required"])[:2]
        ('curate.certificate/1', ['facts', 'held'])
    """
    return {"$id": "curate.certificate/1", **CertificateJson.model_json_schema(by_alias=True)}

"""The published form of an audit, `audit.json`: versioned, with a JSON schema that others can validate against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

SCHEMA: Literal["curate.audit/1"] = "curate.audit/1"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class FindingEntry(_Model):
    """One finding, or one check that was skipped or crashed (then `title` says why)."""

    check: str = Field(description="registry name of the check")
    status: Literal["finding", "ok", "skipped", "crashed"]
    severity: Literal["none", "low", "medium", "high"] = Field(description="none for every status but finding")
    title: str = Field(description="the finding in one line")
    value: float | None = Field(description="the measured figure")
    bound: float | None = Field(description="the figure above which it counts as a finding")
    n_rows: int = Field(ge=0, description="rows it is about, of all splits")
    evidence: dict[str, JsonValue] = Field(description="counts, classes, quantiles; differs from check to check")
    remedy: dict[str, JsonValue] | None = Field(description="the step that would mend it, as it stands in a recipe")


class Cause(_Model):
    """Why some rows could not be read or looked at."""

    step: str = Field(description="load, or the transform that failed on the rows")
    cause: str
    n_rows: int = Field(ge=1)


class Quarantine(_Model):
    """Rows that no check could look at in full."""

    n_rows: int = Field(ge=0)
    causes: list[Cause]


class CheckEntry(_Model):
    """One check that was asked for, with its bounds."""

    check: str
    version: str
    status: Literal["finding", "ok", "skipped", "crashed"]
    settings: dict[str, JsonValue]


class AuditDocument(_Model):
    """An audit: what was looked at, what was seen, worst first, and by which checks."""

    format: Literal["curate.audit/1"] = Field(alias="schema")
    n_rows: int = Field(ge=0)
    roles: dict[str, JsonValue] = Field(description="the columns of each role that has any")
    fingerprint: str = Field(description="names the content of the corpus")
    name: str = Field(description="where the rows come from")
    seed: int
    findings: list[FindingEntry]
    quarantine: Quarantine
    checks: list[CheckEntry]


def document(*, quarantine: Sequence[Cause], **rest: Any) -> dict[str, Any]:
    """An audit document as plain values, validated."""
    whole = Quarantine(n_rows=sum(cause.n_rows for cause in quarantine), causes=list(quarantine))
    return AuditDocument(format=SCHEMA, quarantine=whole, **rest).model_dump(mode="json", by_alias=True)


def json_schema() -> dict[str, Any]:
    """The JSON schema of `audit.json`.

    Example:
        >>> json_schema()["title"], json_schema()["properties"]["schema"]["const"]
        ('AuditDocument', 'curate.audit/1')
    """
    return AuditDocument.model_json_schema(by_alias=True, mode="serialization")

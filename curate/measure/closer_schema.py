"""The published form of the closer looks in `measure.json`: figures that are told, without a verdict."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from curate.measure.schema_base import IntervalJson, Strict


class ToldJson(Strict):
    """A figure with its interval, in units of the metric."""

    value: float | None
    interval: IntervalJson


class GapJson(Strict):
    """An arm on rows it was fitted to and on the test rows."""

    arm: str
    n_rows: float = Field(description="training rows that were predicted, mean over replicates")
    fitted: float | None
    test: float | None
    gap: ToldJson


class OnSetJson(Strict):
    """The arms on an out-of-domain set."""

    name: str
    n_rows: int
    n_left_out: int = Field(description="rows without a target, or with a class that training lacks")
    n_in_training: int = Field(description="rows with the same or nearly the same text in training")
    base: ToldJson
    effects: dict[str, ToldJson]
    placebos: dict[str, ToldJson]


class ShakenJson(Strict):
    """An arm on the test rows with their inputs changed."""

    change: Literal["typos", "case", "synonyms", "attack"]
    arm: str
    changed_fraction: float = Field(ge=0, le=1)
    score: float | None
    delta: ToldJson = Field(description="minus the score on the rows as they are")
    beyond_base: ToldJson | None = Field(description="delta minus the base's")


class GroupJson(Strict):
    """A group of the test rows."""

    name: str
    n_rows: int
    base: ToldJson
    full: ToldJson
    counted: bool = Field(description="whether it has rows enough to enter the disparities")


class DisparityJson(Strict):
    """A figure over the groups that count; its intervals hold whichever of them are the worst and the best."""

    name: Literal["worst group", "gap", "selection rate difference", "equalised odds difference"]
    base: ToldJson = Field(description="of the groups' scores, means over replicates")
    effects: dict[str, ToldJson] = Field(description="what each step changes; unbounded for contrasts of many arms")


class GroupsJson(Strict):
    """The groups of one column."""

    column: str
    min_rows: int
    groups: list[GroupJson]
    disparities: list[DisparityJson]


class LearningCurveJson(Strict):
    """The base's score by the number of its training rows."""

    n_rows: list[float]
    scores: list[ToldJson]
    n_twice: float
    twice: ToldJson = Field(description="what a power law gives for twice the rows")
    gain: ToldJson = Field(description="the law at twice the rows minus the law at all of them")
    exponent: float


class BinJson(Strict):
    """Answers by their confidence."""

    low: float
    high: float
    n: int
    confidence: float
    right: ToldJson


class ReliabilityJson(Strict):
    """The reliability diagram of an arm."""

    arm: Literal["base", "all steps"]
    bins: list[BinJson]


class TimingJson(Strict):
    """How long the base's model takes for a row, and how large it is."""

    single_ms: float
    single_ms_p95: float
    batch_ms: float
    batch_ms_p95: float
    model_bytes: int | None
    peak_bytes: int


class CostJson(Strict):
    """What the base's model costs."""

    fit_s: float
    rows_per_s: float
    timing: TimingJson | None


class CloserJson(Strict):
    """The base and every arm beyond one number."""

    gaps: list[GapJson]
    ood: list[OnSetJson]
    robustness: list[ShakenJson]
    groups: list[GroupsJson]
    learning_curve: LearningCurveJson | None
    reliability: list[ReliabilityJson]
    cost: CostJson

"""The published form of `measure.json`, version 1: what a program may rely on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from curate.measure.closer_schema import CloserJson
from curate.measure.interaction import Together
from curate.measure.schema_base import IntervalJson, Strict
from curate.measure.verdict import Standing, Verdict


class EffectJson(Strict):
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
    rows: float = Field(ge=0, description="rows the step touched in the arms that hold it, mean over replicates")
    seconds: float = Field(ge=0)
    per_1000_rows: float | None = Field(description="delta by a thousand rows touched; null: the interval holds 0")
    per_second: float | None = Field(description="delta by a second that it took; null: the interval holds 0")
    others: dict[str, float]


class FullJson(EffectJson):
    """The whole recipe against the base."""

    metrics: dict[str, float]


class ApartJson(Strict):
    """The base's score on a part of the test rows."""

    rows: Literal["same", "near", "none"] = Field(
        description="the same, nearly the same or no such text in training; without texts the same or no such cells"
    )
    n_rows: int
    fraction: float = Field(ge=0, le=1, description="of the test rows")
    metric: str = Field(description="the primary metric")
    score: float | None = Field(description="of the base; null where such rows do not have the metric")
    interval: IntervalJson


class InteractionJson(Strict):
    """What two steps do together beyond what each does alone."""

    steps: str
    delta: float = Field(description="{both} − {first} − {second} + {}, in units of the metric")
    interval: IntervalJson
    p_value: float = Field(ge=0, le=1)
    p_adjusted: float = Field(ge=0, le=1, description="by Holm over the pairs")
    verdict: Together
    mde: float | None
    reason: str = Field(description="why, where the verdict does not say it all")


class DoseJson(Strict):
    """A step at one value of a setting."""

    value: Any
    effect: EffectJson
    validation: float | None = Field(description="the metric on validation rows, mean over replicates")
    best_in: int = Field(description="replicates in which no other value, nor the base, does better there")
    tied_in: int = Field(description="of these, replicates in which another value, or the base, does as well")
    chosen: bool = Field(description="by the validation rows; test rows choose nothing")
    tied: bool = Field(description="does as well on validation rows as what is chosen, and is not it")


class SweptJson(Strict):
    """A setting at several values."""

    step: str
    setting: str
    current: Any = Field(description="the value in the recipe")
    doses: list[DoseJson]
    without: float | None = Field(description="the metric on validation rows without the step")


class SliceJson(Strict):
    """The effect of a step on a part of the test rows, without a verdict."""

    step: str
    metric: str
    by: Literal["class", "group", "length", "language", "leak"]
    part: str
    n_rows: int
    base: float
    delta: float
    interval: IntervalJson
    p_value: float = Field(ge=0, le=1)
    p_adjusted: float = Field(ge=0, le=1, description="by Benjamini and Yekutieli over all parts and steps")


class AgreementJson(Strict):
    """Kendall's tau-b of the effects by two learners, as seen."""

    tau: float | None = Field(description="lowered by the noise of both measurements, so without an interval")
    n: int = Field(description="steps measured by both")


class ConfirmationJson(Strict):
    """What a second learner found of the steps that the first left standing."""

    rule: str
    left: list[str]
    learner: str
    learner_config: dict[str, Any]
    base: dict[str, float]
    trusted: bool
    steps: list[EffectJson]
    aa: EffectJson
    agreement: AgreementJson | None


class ConfusionJson(Strict):
    """Test rows of a class that are given a class, mean over replicates."""

    label: str
    predicted: str
    base: float = Field(ge=0)
    full: float = Field(ge=0, description="with all steps")


class CurveJson(Strict):
    """One training of the base, at each look; the last four are empty where the learner does not keep them."""

    steps: list[int]
    train_loss: list[float | None]
    validation_loss: list[float | None] = Field(description="empty without validation rows")
    best: int = Field(description="the place of the look whose weights were kept")
    n_recoveries: int = Field(description="how often a loss that was not finite sent training back")
    start: float | None = Field(description="the training loss before the first step")
    learning_rate: list[float]
    gradient_norm: list[float | None] = Field(description="mean length of the gradient since the last look")
    weight_norm: list[float] = Field(description="length of the trained weights")
    metric: list[float] = Field(description="of the validation rows, beside the loss: for classes the accuracy")


class DiagnosisJson(Strict):
    """What the curves of the base say."""

    kind: Literal["divergence", "label noise", "overfitting", "underfitting"]
    n_replicates: int = Field(description="of how many replicates")
    evidence: str
    action: str


class TrainingJson(Strict):
    """How the base was trained."""

    curves: list[CurveJson]
    diagnosis: DiagnosisJson | None


class MeasureJson(Strict):
    """A measurement."""

    schema_: Literal["curate.measure/1"] = Field(alias="schema")
    metric: str
    direction: Literal["higher", "lower"]
    unit: str = Field(description="what the page counts in: points (shares times 100), nats, bits, a column's name")
    margin: float
    trusted: bool
    looks: int | None = Field(description="measurements made on this test set so far; null: not counted")
    base: dict[str, float]
    base_sd: dict[str, float | None]
    full: FullJson
    aa: EffectJson
    steps: list[EffectJson]
    apart: list[ApartJson]
    confusion: list[ConfusionJson]
    interactions: list[InteractionJson]
    sweeps: list[SweptJson]
    slices: list[SliceJson]
    closer: CloserJson | None
    training: TrainingJson | None
    confirmation: ConfirmationJson | None
    facts: dict[str, Any]
    notes: list[str]


def json_schema() -> dict[str, Any]:
    """The JSON schema of `measure.json`.

    Example:
        >>> sorted(json_schema()["required"])[:3]
        ['aa', 'apart', 'base']
    """
    return {"$id": "curate.measure/1", **MeasureJson.model_json_schema(by_alias=True)}

"""A training as a measurement keeps it: its curve beside what a diagnosis of it needs.

Made where a cell is trained, kept with its result, read by the page (`curate/measure/curves.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from curate.learn.examples import Examples
from curate.learn.learner import Fitted, Learner, TrainingCurve
from curate.learn.monitor import Diagnosis, Surest, chance_loss, diagnose

_OF_CHANCE = ("label_smoothing", "class_weights", "focal_gamma")


@dataclass(frozen=True)
class Monitored:
    """A training as it is kept: its curve and what is needed to diagnose it.

    Attributes:
        curve: losses of the looks.
        chance: see `chance_loss`: of the loss that was trained, its class weights and smoothing included.
        surest: see `Surest`; None without validation rows that have one class each.
        facts: counts that the model tells: its parameters, those trained, texts cut.
    """

    curve: TrainingCurve
    chance: float | None = None
    surest: Surest | None = None
    facts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Fitted, train: Examples, validation: Examples | None, learner: Learner) -> Monitored | None:
        """What a model that `learner` has fitted tells of its training; None where it has no curve."""
        if model.curve is None:
            return None
        judged = validation is not None and len(validation) > 0 and validation.task == "classification"
        surest = Surest.of(model.predict(validation), validation.targets) if judged and validation else None
        settings = getattr(learner, "training", learner)
        known = {name: getattr(settings, name) for name in _OF_CHANCE if hasattr(settings, name)}
        return cls(model.curve, chance_loss(train, **known), surest, getattr(model, "facts", {}))

    def diagnosis(self) -> Diagnosis | None:
        """The worst that it shows."""
        return diagnose(self.curve, chance=self.chance, surest=self.surest)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Monitored:
        """What `to_dict` gave, also after it was JSON.

        Example:
            >>> kept = Monitored(TrainingCurve((5,), (0.5,), (), 0), surest=Surest(4, 1))
            >>> Monitored.from_dict(kept.to_dict()) == kept
            True
        """
        curve, surest = plain["curve"], plain["surest"]
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list | tuple) else value for name, value in curve.items()
        }
        return cls(
            TrainingCurve(**fields),
            plain["chance"],
            None if surest is None else Surest(**surest),
            plain["facts"],
        )

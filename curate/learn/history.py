"""What a training did: loss, learning rate and norms of every step, losses and metric of every look, and recoveries.

The loop (`curate/learn/loop.py`) writes it down, `curate/learn/monitor.py` reads it; watchers hear it as it happens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from curate.learn.learner import TrainingCurve

NORMS_EVERY = 10
"""The norm of the weights is taken at every tenth step; between those it is nan."""


@dataclass(frozen=True)
class Step:
    """One optimiser step.

    Attributes:
        step: which, from 1.
        loss: the mean training loss of its rows before it.
        learning_rate: of the schedule; groups of parameters may have a fixed multiple of it.
        gradient_norm: the length of the gradient before it was shortened.
        weight_norm: the length of all trained weights before it; nan where it was not taken.
    """

    step: int
    loss: float
    learning_rate: float
    gradient_norm: float
    weight_norm: float


@dataclass(frozen=True)
class Look:
    """One look at the validation rows.

    Attributes:
        step: optimiser steps done.
        train_loss: the mean training loss since the last look.
        validation_loss: the mean validation loss; None without validation rows.
        metric: what the problem measures beside it, where it does; None else.
    """

    step: int
    train_loss: float
    validation_loss: float | None = None
    metric: float | None = None


@dataclass(frozen=True)
class Recovery:
    """A loss or gradient that was not finite, and what was done.

    Attributes:
        step: the step, from 1, at which it was seen.
        back_to: the steps done of the state that training went back to.
        rate_scale: what the learning rate is multiplied with from there on.
    """

    step: int
    back_to: int
    rate_scale: float


class Watcher(Protocol):
    """Who is told of a training as it goes. After a recovery the same step numbers come again."""

    def step(self, step: Step) -> None:
        """An optimiser step is done."""
        ...

    def look(self, look: Look) -> None:
        """A look at the validation rows is done."""
        ...

    def close(self) -> None:
        """Training has ended, well or not."""
        ...


@dataclass(frozen=True)
class History:
    """All of one training, in order; steps that a recovery undid are not in it."""

    steps: tuple[Step, ...] = ()
    looks: tuple[Look, ...] = ()
    recoveries: tuple[Recovery, ...] = ()

    def curve(self, best: int) -> TrainingCurve:
        """The looks as a curve; `best` is the place of the look whose weights were kept.

        Example:
            >>> History(looks=(Look(10, 0.7, 0.6), Look(20, 0.3, 0.5))).curve(1).validation_loss
            (0.6, 0.5)
        """
        return TrainingCurve(
            tuple(look.step for look in self.looks),
            tuple(look.train_loss for look in self.looks),
            tuple(look.validation_loss for look in self.looks if look.validation_loss is not None),
            best,
            len(self.recoveries),
            metric=tuple(look.metric for look in self.looks if look.metric is not None),
            **self._figures(),
        )

    def _figures(self) -> dict[str, Any]:
        """What a curve tells of the steps, look by look; nothing where the steps are not all there."""
        ends = [look.step for look in self.looks]
        if not ends or len(self.steps) < ends[-1]:
            return {}
        parts = [self.steps[low:high] for low, high in pairwise([0, *ends])]
        norms = [[each.gradient_norm for each in part if math.isfinite(each.gradient_norm)] for part in parts]
        taken = [self.steps[(end - 1) // NORMS_EVERY * NORMS_EVERY] for end in ends]
        return {
            "start": self.steps[0].loss,
            "learning_rate": tuple(part[-1].learning_rate for part in parts),
            "gradient_norm": tuple(math.fsum(some) / len(some) if some else None for some in norms),
            "weight_norm": tuple(step.weight_norm for step in taken),
        }

    def to_dict(self) -> dict[str, Any]:
        """Plain values; what is not a finite number stays as it is."""
        return {name: [vars(each) for each in getattr(self, name)] for name in ("steps", "looks", "recoveries")}


@dataclass(frozen=True)
class Trained:
    """What came of a training; the network holds the weights of the best look.

    Attributes:
        curve: losses of the looks, and which was best.
        history: every step and look.
        n_steps: optimiser steps done, those after the best look included.
    """

    curve: TrainingCurve
    history: History
    n_steps: int


class ByLoop:
    """A fitted model whose training the loop did, as `trained` tells."""

    trained: Trained

    @property
    def n_steps(self) -> int:
        """The optimiser steps done, those after the kept look included."""
        return self.trained.n_steps

    @property
    def curve(self) -> TrainingCurve:
        """How training went, look by look; the losses of numbers in squared standard deviations."""
        return self.trained.curve

    @property
    def history(self) -> History:
        """Every step and look of the training."""
        return self.trained.history


def replay(curve: TrainingCurve, watchers: Sequence[Watcher]) -> None:
    """Tell watchers a curve after the fact: for learners that train without the loop."""
    for at, step in enumerate(curve.steps):
        held_out = curve.validation_loss[at] if curve.validation_loss else None
        for each in watchers:
            each.look(Look(step, curve.train_loss[at], held_out))
    for each in watchers:
        each.close()

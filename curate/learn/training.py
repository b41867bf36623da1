"""The settings that every torch fine-tune shares: how fast, how long, how precisely, on which loss.

A field of `transformer` and `causal`; `curate/learn/loop.py` reads it. Imports no torch. AdamW is Loshchilov & Hutter
2019, "Decoupled Weight Decay Regularization".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from curate.data.digest import digest
from curate.errors import CurateError

Schedule = Literal["linear", "cosine", "plateau", "constant"]
Precision = Literal["float32", "bfloat16", "float16"]

PLATEAU_LOOKS = 2
"""Looks in a row without a lower loss after which the schedule `plateau` halves the learning rate."""


class Training(BaseModel, frozen=True, extra="forbid"):
    """How to train. The last four settings change no result and count in no fingerprint.

    Args:
        learning_rate: of AdamW, at its highest.
        betas: the decay of AdamW's two running means, each in [0, 1).
        weight_decay: of matrices; biases, norms and positions have none.
        warmup_fraction: the share of the steps in which the learning rate rises to its highest.
        schedule: what it does then: falls to 0 (`linear`, `cosine`), is halved after two looks in a row without a lower
            validation loss (`plateau`; without validation rows the training loss decides), or stays (`constant`).
        max_grad_norm: the gradient is shortened to this length; None for never.
        accumulate_steps: batches per optimiser step; with several processes they are dealt among them.
        precision: of the arithmetic; weights stay float32. float16 needs CUDA.
        n_epochs: passes over the rows, as far as `min_steps` and `max_steps` allow.
        min_steps: small training sets get at least so many steps.
        max_steps: exactly so many steps instead of `n_epochs`, for arms of different sizes on an equal budget.
        batch_rows: rows per batch.
        n_looks: looks at the validation rows, evenly spaced over the steps.
        patience: looks without a lower validation loss before stopping; None for never.
        label_smoothing: the share of each label's weight spread over all classes, in [0, 1).
        class_weights: `balanced` weighs each row by the inverse of its class's share; None: all classes by their rows.
        focal_gamma: how much rows that are right already count less (Lin et al. 2017); 0 is cross-entropy.
        logit_adjustment: how far rare classes are favoured, tau of Menon et al. 2021; 0 not at all, 1 in full.
        layer_decay: the learning rate of a layer is that of the layer above it times this, in (0, 1].
        threads: of the arithmetic on a CPU. Another number of them rounds sums elsewhere, so it counts in fingerprints.
        max_recoveries: how often a loss that is not finite sends training back, at half the learning rate, before it is
            an error; 0 also saves the memory of the state to go back to (three times the weights).
        checkpoint_every: optimiser steps between checkpoints; None for none.
        checkpoint_folder: where they lie; needed where `checkpoint_every` is set.
        tensorboard: a folder to which curves are written for TensorBoard.
        mlflow: a tracking URI to which curves are written for MLflow.

    Example:
        >>> training = Training(batch_rows=32, n_epochs=3)
        >>> training.n_steps(12_000), training.on_budget(12_000).n_steps(500)
        (1125, 1125)
    """

    learning_rate: float = Field(default=5e-5, gt=0)
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = Field(default=0.01, ge=0)
    warmup_fraction: float = Field(default=0.1, ge=0, lt=1)
    schedule: Schedule = "linear"
    max_grad_norm: float | None = Field(default=1.0, gt=0)
    accumulate_steps: int = Field(default=1, ge=1)
    precision: Precision = "float32"
    n_epochs: int = Field(default=3, ge=1)
    min_steps: int = Field(default=1, ge=1)
    max_steps: int | None = Field(default=None, ge=1)
    batch_rows: int = Field(default=32, ge=1)
    n_looks: int = Field(default=10, ge=1)
    patience: int | None = Field(default=3, ge=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: Literal["balanced"] | None = None
    focal_gamma: float = Field(default=0.0, ge=0)
    logit_adjustment: float = Field(default=0.0, ge=0)
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    threads: int = Field(default=1, ge=1)
    max_recoveries: int = Field(default=2, ge=0)
    checkpoint_every: int | None = Field(default=None, ge=1, exclude=True)
    checkpoint_folder: Path | None = Field(default=None, exclude=True)
    tensorboard: Path | None = Field(default=None, exclude=True)
    mlflow: str | None = Field(default=None, exclude=True)

    def n_steps(self, n_rows: int) -> int:
        """The optimiser steps planned for `n_rows` training rows."""
        if self.max_steps is not None:
            return self.max_steps
        n_batches = -(-n_rows // self.batch_rows)
        return max(self.min_steps, self.n_epochs * -(-n_batches // self.accumulate_steps))

    def on_budget(self, n_rows: int) -> Training:
        """These settings with exactly the steps that `n_rows` training rows would get."""
        return self.model_copy(update={"max_steps": self.n_steps(n_rows)})

    def checkpoint(self, *named: Any) -> Path | None:
        """The file for the checkpoints of one training, named after all that it hangs on; None for no checkpoints.

        Raises:
            CurateError: `checkpoint_every` is set, and there is no folder for them.
        """
        if self.checkpoint_folder is None:
            if self.checkpoint_every is not None:
                raise CurateError("checkpoint_every is set without a checkpoint_folder", hint="checkpoint_folder: PATH")
            return None
        return self.checkpoint_folder / f"{digest(*named)}.pt"

    def rate(self, step: int, n_steps: int) -> float:
        """The learning rate of a step (from 0) as a share of the highest, in [0, 1]; a plateau's halvings apart.

        Example:
            >>> [Training(warmup_fraction=0.5).rate(step, 4) for step in range(4)]
            [0.5, 1.0, 1.0, 0.5]
        """
        n_warm = round(self.warmup_fraction * n_steps)
        if step < n_warm:
            return (step + 1) / n_warm
        left = (n_steps - step) / max(1, n_steps - n_warm)
        if self.schedule == "linear":
            return left
        return (1 - math.cos(math.pi * left)) / 2 if self.schedule == "cosine" else 1.0


def halvings(losses: Sequence[float]) -> int:
    """How often the schedule `plateau` has halved the learning rate after looks with these losses.

    Example:
        >>> halvings([3, 2, 2.5, 2.4]), halvings([3, 2, 2.5, 1.9, 2.0])
        (1, 0)
    """
    lowest, stale, count = math.inf, 0, 0
    for loss in losses:
        stale = 0 if loss < lowest else stale + 1
        lowest = min(lowest, loss)
        if stale == PLATEAU_LOOKS:
            count, stale = count + 1, 0
    return count

"""The trainings of the `head` learner, look by look: each stops when its own validation loss no longer falls.

Over `curate.learn.mlp`, which does the steps. A training that has stopped leaves the batch, and changes no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from curate.errors import CurateError
from curate.learn.learner import TrainingCurve
from curate.learn.mlp import Layers, Networks, scores
from curate.learn.mlp_problem import Problem, Settings
from curate.learn.objective import Objective

N_LOOKS = 20
"""So many looks at the validation rows in one training."""
_BLOCK_ROWS = 256


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network: its layers as arrays, what its outputs mean, and how training went."""

    layers: tuple[NDArray[np.float32], ...]
    objective: Objective
    curve: TrainingCurve

    def predict(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """As `Fitted.predict`, of scaled vectors (n, d): in blocks of one size, so that all products are alike."""
        layers = [torch.from_numpy(layer).double() for layer in self.layers]
        made = np.zeros((len(vectors), len(self.layers[-1])))
        for low in range(0, len(vectors), _BLOCK_ROWS):
            part = torch.from_numpy(vectors[low : low + _BLOCK_ROWS])
            block = torch.zeros(_BLOCK_ROWS, vectors.shape[1], dtype=torch.float64)
            block[: len(part)] = part
            made[low : low + len(part)] = scores(layers, block)[: len(part)].numpy()
        return self.objective.predictions(made)


def train(
    table: NDArray[np.float32], problems: Sequence[Problem], settings: Settings, device: torch.device
) -> list[Network]:
    """Train a network for each problem; on a CPU each comes out as if it were alone.

    Args:
        table: the vectors of all rows, float32, shape (n_all, d).
        problems: what is to be learnt, all with the same number of outputs.
        settings: how, the same for all.
        device: where.

    Raises:
        CurateError: the weights of a network did not stay finite.
    """
    on_device = torch.from_numpy(table).to(device)
    networks = Networks(on_device, problems, settings)
    every = -(-settings.n_steps // N_LOOKS)
    runs = [_Run(problem, settings) for problem in problems]
    going = list(runs)
    for step in range(1, settings.n_steps + 1):
        networks.step(1 - (step - 1) / settings.n_steps)
        if step % every and step < settings.n_steps:
            continue
        losses = networks.losses()
        stay = [at for at, run in enumerate(going) if run.look(networks.layers_of(at), losses[at], on_device, step)]
        if not stay:
            break
        if len(stay) < len(going):
            going = [going[at] for at in stay]
            networks.keep(stay)
    return [run.network() for run in runs]


class _Run:
    """What is known of one training: the looks so far, and the best network."""

    def __init__(self, problem: Problem, settings: Settings) -> None:
        self.problem, self.settings = problem, settings
        self.steps: list[int] = []
        self.train_losses: list[float] = []
        self.losses: list[float] = []
        self.best = 0
        self.kept: Layers = []

    def look(self, layers: Layers, train_loss: float, table: torch.Tensor, step: int) -> bool:
        """Judge the network as it is now; False where it is time to stop."""
        if not all(bool(layer.isfinite().all()) for layer in layers):
            raise CurateError(
                f"the learner 'head': the weights are no longer finite at step {step}", hint="lower learning_rate"
            )
        self.steps.append(step)
        self.train_losses.append(train_loss)
        if self.problem.validation is not None:
            self.losses.append(self._validation_loss(layers, table))
        if not self.losses or self.losses[-1] <= min(self.losses):
            self.best = len(self.steps) - 1
            self.kept = [layer.clone() for layer in layers]
        patience = self.settings.patience
        waited = len(self.steps) - 1 - self.best
        return step < self.settings.n_steps and (patience is None or waited < patience)

    def _validation_loss(self, layers: Layers, table: torch.Tensor) -> float:
        held = self.problem.validation
        assert held is not None
        found = scores(layers, table[torch.from_numpy(held.places).to(table.device)]).cpu().numpy()
        return float(
            np.average(self.problem.objective.losses(found.astype(np.float64), held.goals), weights=held.weights)
        )

    def network(self) -> Network:
        """The best network there was."""
        rate, n_steps = self.settings.learning_rate, self.settings.n_steps
        rates = tuple(rate * (1 - (step - 1) / n_steps) for step in self.steps)
        looks = tuple(self.steps), tuple(self.train_losses), tuple(self.losses)
        curve = TrainingCurve(*looks, self.best, learning_rate=rates)
        return Network(tuple(layer.cpu().numpy() for layer in self.kept), self.problem.objective, curve)

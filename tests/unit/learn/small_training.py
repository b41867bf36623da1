"""A network of two layers on made-up rows, for the tests of the loop; also a program that other tests run and kill.

python small_training.py OUT.npz [--steps 60] [--accumulate 1] [--checkpoint FILE] [--every 5] [--pause 0.01]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from curate.learn.batching import epoch_batches
from curate.learn.history import Trained
from curate.learn.loop import train
from curate.learn.loss import ClassLoss, weighted
from curate.learn.problem import Judged, ParameterGroup, parameter_groups
from curate.learn.training import Training


@dataclass(eq=False)
class Small:
    """Rows of 8 numbers, of which the first two tell the class; a share `noise` of the labels is turned.

    `breaks` are the steps (by the number of the batch that is asked) whose loss is infinite; `pause` seconds per batch.
    """

    n_rows: int = 200
    noise: float = 0.1
    dropout: float = 0.1
    batch_rows: int = 16
    validated: bool = True
    breaks: frozenset[int] = frozenset()
    pause: float = 0.0
    n_asked: int = 0
    shares: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        draw = np.random.default_rng(5)
        rows = draw.normal(size=(2 * self.n_rows, 8)).astype(np.float32)
        labels = (rows[:, 0] + rows[:, 1] > 0) ^ (draw.random(len(rows)) < self.noise)
        self.rows, self.labels = torch.from_numpy(rows), torch.from_numpy(labels.astype(np.int64))
        with torch.random.fork_rng([]):
            torch.manual_seed(1)
            self.network = nn.Sequential(
                nn.Linear(8, 32), nn.LayerNorm(32), nn.ReLU(), nn.Dropout(self.dropout), nn.Linear(32, 2)
            )
        self.per_row = ClassLoss()

    def batches(self, epoch: int, seed: int) -> Iterator[Tensor]:
        lengths, keys = np.ones(self.n_rows, np.int64), np.arange(self.n_rows, dtype=np.uint64)
        for batch in epoch_batches(lengths, keys, self.batch_rows, seed=seed, epoch=epoch):
            yield torch.from_numpy(batch)

    def loss(self, batch: Tensor) -> tuple[Tensor, float]:
        time.sleep(self.pause)
        total, size = weighted(self.per_row(self.network(self.rows[batch]), self.labels[batch]), None)
        self.n_asked += 1
        return total * (float("inf") if self.n_asked in self.breaks else 1.0), size

    def validation(self) -> Judged | None:
        if not self.validated:
            return None
        scores, labels = self.network(self.rows[self.n_rows :]), self.labels[self.n_rows :]
        return Judged(
            float(self.per_row(scores, labels).mean().detach()), float((scores.argmax(1) == labels).float().mean())
        )

    def groups(self, training: Training) -> list[ParameterGroup]:
        return parameter_groups(self.network, training)

    def unfrozen(self, share_done: float) -> None:
        self.shares.append(share_done)

    def weights(self) -> np.ndarray:
        return torch.cat([part.detach().ravel() for part in self.network.parameters()]).numpy()


TRAINING = Training(learning_rate=0.01, batch_rows=16, patience=None, weight_decay=0.1)


def write(problem: Small, trained: Trained, place: Path) -> None:
    steps = [[step.loss, step.learning_rate, step.gradient_norm, step.weight_norm] for step in trained.history.steps]
    looks = [[look.step, look.train_loss, look.validation_loss, look.metric] for look in trained.history.looks]
    np.savez(place, weights=problem.weights(), steps=np.array(steps), looks=np.array(looks))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--accumulate", type=int, default=1)
    parser.add_argument("--checkpoint", type=Path)
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0.0)
    given = parser.parse_args()
    problem = Small(pause=given.pause)
    settings = {"accumulate_steps": given.accumulate, "checkpoint_every": given.every}
    trained = train(problem, TRAINING.model_copy(update=settings), given.steps, 3, checkpoint=given.checkpoint)
    rank = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
    write(problem, trained, given.out.with_name(f"{rank}-{given.out.name}"))


if __name__ == "__main__":
    main()

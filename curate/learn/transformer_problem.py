"""What the learner `transformer` gives to the loop: token rows with their targets, batches of like lengths, losses.

A `Problem` of `curate/learn/problem.py`; the losses are those of `curate/learn/loss.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from curate.learn.batching import Indices, epoch_batches, keys_of, pad
from curate.learn.examples import Examples
from curate.learn.loss import RowLoss, mean_one, weighted
from curate.learn.mixup import Mixer
from curate.learn.objective import Objective
from curate.learn.pretrained import Reader
from curate.learn.problem import Judged, ParameterGroup, parameter_groups
from curate.learn.strategies import Strategy
from curate.learn.training import Training
from curate.learn.transformer_network import HEAD, Mixture, Network

_POSITIONS = ("position_embeddings", "wpe.", "embed_positions", "pos_embed")


@dataclass(frozen=True, eq=False)
class TokenRows:
    """Rows to learn from or to judge by.

    Attributes:
        ids: token ids of each row.
        lengths: how many, int64, (n,).
        goals: as `Objective.goals` gives them.
        weights: of mean 1, float32, (n,).
        keys: of the rows, distinct, (n,).
        n_truncated: texts that are longer than what is read of them.
    """

    ids: Sequence[NDArray[np.int32]]
    lengths: Indices
    goals: Tensor
    weights: Tensor
    keys: NDArray[np.uint64]
    n_truncated: int

    @classmethod
    def of(cls, rows: Examples, reader: Reader, objective: Objective) -> TokenRows:
        """The rows in the order of their keys."""
        keys = keys_of(rows)
        order = np.argsort(keys)
        tokens = reader.read([rows.texts[at] for at in order.tolist()])
        lengths = np.array([len(row) for row in tokens.rows], np.int64)
        goals = torch.from_numpy(objective.goals(rows)[order])
        weights = torch.from_numpy(mean_one(rows.weights, len(rows))[order])
        return cls(tokens.rows, lengths, goals, weights, keys[order], tokens.n_truncated)


@dataclass(frozen=True, eq=False)
class SequenceProblem:
    """Classes, sets of classes or numbers of texts, by a network on its device."""

    network: Network
    train: TokenRows
    held_out: TokenRows | None
    objective: Objective
    row_loss: RowLoss
    strategy: Strategy
    batch_rows: int
    reader: Reader
    head_rate: float
    mixup: float = 0.0

    def batches(self, epoch: int, seed: int) -> Iterator[Indices]:
        """See `Problem`."""
        return iter(epoch_batches(self.train.lengths, self.train.keys, self.batch_rows, seed=seed, epoch=epoch))

    def loss(self, batch: Indices) -> tuple[Tensor, float]:
        """See `Problem`; with `mixup`, of mixed rows: what a mixed row loses is what it loses by either target."""
        if not self.mixup:
            losses, weights, _ = self._losses(self.train, batch)
            return weighted(losses, weights)
        device = self.network.bias.device
        mixer = Mixer(self.mixup, int(torch.randint(2**62, ()).item()))  # the loop keys torch's draws by the step
        partners, shares = (torch.from_numpy(each).to(device) for each in mixer.draw(len(batch)))
        losses, weights, scores = self._losses(self.train, batch, (partners, shares))
        goals = self.train.goals[batch].to(device)[partners]
        mixed = shares * weights * losses + (1 - shares) * weights[partners] * self.row_loss(scores, goals)
        return weighted(mixed, None)

    def validation(self) -> Judged | None:
        """The mean loss, and for classes the accuracy."""
        rows = self.held_out
        if rows is None:
            return None
        order = np.argsort(rows.lengths, kind="stable")
        total, right = 0.0, 0.0
        known = self.objective.task == "classification"
        for low in range(0, len(order), self.batch_rows):
            batch = order[low : low + self.batch_rows]
            losses, weights, scores = self._losses(rows, batch)
            total += float((losses * weights).sum())
            if known:
                right += float(((scores.argmax(1).cpu() == rows.goals[batch]) * rows.weights[batch]).sum())
        return Judged(total / len(order), right / len(order) if known else None)

    def groups(self, training: Training) -> list[ParameterGroup]:
        """See `Problem`."""
        levels = self.network.levels()
        top = max(levels.values())
        return parameter_groups(
            self.network,
            training,
            depth=lambda name: top - levels[name],
            undecayed=_POSITIONS,
            factors=dict.fromkeys(HEAD, self.head_rate),
        )

    def unfrozen(self, share_done: float) -> None:
        """See `Problem`: what gradual unfreezing lets learn; other strategies never change it."""
        self.strategy.unfreeze(self.network, self.network.levels, share_done)

    def _losses(self, rows: TokenRows, batch: Indices, mixture: Mixture | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Of the rows of a batch the losses (n,), the weights (n,) and the scores (n, k)."""
        scores = scores_of(self.network, [rows.ids[at] for at in batch.tolist()], self.reader.filler, mixture)
        goals = rows.goals[batch].to(scores.device, non_blocking=True)
        return self.row_loss(scores, goals), rows.weights[batch].to(scores.device, non_blocking=True), scores


def scores_of(network: Network, ids: Sequence[NDArray[Any]], filler: int, mixture: Mixture | None = None) -> Tensor:
    """The scores of some token rows, (n, k), on the network's device; with a mixture, of the mixed rows."""
    device = network.bias.device
    padded, real = pad(ids, filler)
    whole = bool(real.all())
    seen = None if whole else real.to(device, non_blocking=True)
    return network(padded.to(device, non_blocking=True), seen, mixture)  # type: ignore[no-any-return]

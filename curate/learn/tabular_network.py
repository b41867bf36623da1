"""The network of the `tabular` learner: an embedding for each category, numbers on one scale, hidden layers; in torch.

A `Problem` of `curate/learn/problem.py`, trained by `curate/learn/loop.py`. Embeddings: Guo & Berkhahn 2016, "Entity
Embeddings of Categorical Variables".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from curate.kernels.torch_device import plain_torch
from curate.learn.batching import Indices, epoch_batches, keys_of, named
from curate.learn.columns import Columns
from curate.learn.examples import Examples
from curate.learn.history import ByLoop, Trained
from curate.learn.loop import train
from curate.learn.loss import RowLoss, mean_one, row_loss, weighted
from curate.learn.numbers import Scale
from curate.learn.objective import Objective
from curate.learn.problem import Judged, ParameterGroup, parameter_groups
from curate.learn.training import Training

if TYPE_CHECKING:
    from curate.learn.tabular import Tabular

_WIDE_RATE = 10.0  # the learning rate of the linear model, in those of the layers
_SPREAD = 0.1  # standard deviation of embeddings at the start
_PREDICTED_AT_ONCE = 8192  # rows; bounds the memory


class Deep(nn.Module):
    """Embeddings and numbers side by side into hidden layers (each: linear, ReLU, dropout) and a linear layer, 0 at the
    start: what it was drawn as tells nothing in a short training.
    """

    def __init__(
        self, n_numbers: int, n_codes: Sequence[int], hidden: Sequence[int], dropout: float, n_outputs: int
    ) -> None:
        super().__init__()
        dims = [min(32, -(-n // 2)) for n in n_codes]
        self.tables = nn.ModuleList(nn.Embedding(n, dim) for n, dim in zip(n_codes, dims, strict=True))
        for weight in self.tables.parameters():
            nn.init.normal_(weight, std=_SPREAD)
        sizes = [n_numbers + sum(dims), *hidden]
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout)]
        last = nn.Linear(sizes[-1], n_outputs)
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(*layers, last)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Scores (n, k) of numbers (n, p) and codes (n, q)."""
        embedded = [table(codes[:, place]) for place, table in enumerate(self.tables)]
        return self.layers(torch.cat([numbers, *embedded], dim=1))  # type: ignore[no-any-return]


class Wide(nn.Module):
    """A linear model of numbers and categories, 0 at the start."""

    starts: Tensor

    def __init__(self, n_numbers: int, n_codes: Sequence[int], n_outputs: int) -> None:
        super().__init__()
        sizes = torch.tensor([0, *n_codes])
        self.register_buffer("starts", sizes.cumsum(0)[:-1])
        self.numbers = nn.Parameter(torch.zeros(n_numbers, n_outputs))
        self.codes = nn.Parameter(torch.zeros(int(sizes.sum()), n_outputs))

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Scores (n, k) of numbers (n, p) and codes (n, q)."""
        return numbers @ self.numbers + self.codes[codes + self.starts].sum(dim=1)


class Network(nn.Module):
    """The sum of a deep model and of a linear one, which few rows suffice for (Cheng et al. 2016, "Wide & Deep")."""

    def __init__(self, deep: Deep, wide: Wide) -> None:
        super().__init__()
        self.deep, self.wide = deep, wide

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        """Scores (n, k) of numbers (n, p) and codes (n, q)."""
        return self.deep(numbers, codes) + self.wide(numbers, codes)  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)
class Inputs:
    """What the network reads of rows, (n, p) and (n, q), with their goals and weights (n,) and keys (n,)."""

    numbers: Tensor
    codes: Tensor
    goals: Tensor
    weights: Tensor
    keys: NDArray[np.uint64]

    @classmethod
    def of(cls, columns: Columns, scale: Scale, rows: Examples, objective: Objective) -> Inputs:
        """The rows in the order of their keys: by what stands in them, whichever order they came in."""
        held = [] if rows.features is None else rows.features.to_pylist()
        keys = keys_of(replace(rows, texts=[repr(row) for row in held], features=None))
        order = np.argsort(keys)
        numbers, codes = read(columns, scale, rows)
        weights = torch.from_numpy(mean_one(rows.weights, len(rows)))
        goals = torch.from_numpy(objective.goals(rows))
        return cls(numbers[order].float(), codes[order], goals[order], weights[order], keys[order])


def read(columns: Columns, scale: Scale, rows: Examples) -> tuple[Tensor, Tensor]:
    """The scaled numbers, float64 (n, p), and the codes, int64 (n, q), of rows."""
    numbers = scale.apply(columns.read_numbers(rows.features))
    return torch.from_numpy(numbers), torch.from_numpy(columns.read_codes(rows.features))


@dataclass(frozen=True, eq=False)
class TabularProblem:
    """Classes, sets of classes or numbers of rows of a table."""

    network: Network
    train: Inputs
    held_out: Inputs | None
    row_loss: RowLoss
    batch_rows: int

    def batches(self, epoch: int, seed: int) -> Iterator[Indices]:
        """See `Problem`."""
        lengths = np.zeros(len(self.train.keys), np.int64)
        drawn = epoch_batches(lengths, self.train.keys, self.batch_rows, seed=seed, epoch=epoch, bucketed=False)
        return iter(drawn)

    def loss(self, batch: Indices) -> tuple[Tensor, float]:
        """See `Problem`."""
        return weighted(self._losses(self.train, batch), self.train.weights[batch])

    def validation(self) -> Judged | None:
        """The mean loss."""
        rows = self.held_out
        if rows is None:
            return None
        losses = self._losses(rows, np.arange(len(rows.keys))) * rows.weights
        return Judged(float(losses.double().sum() / rows.weights.double().sum()))

    def groups(self, training: Training) -> list[ParameterGroup]:
        """See `Problem`: the linear model has a rate of its own, and no weight decay."""
        wide = dict(self.network.wide.named_parameters())
        alone = ParameterGroup(tuple(wide), tuple(wide.values()), _WIDE_RATE, decays=False)
        return [*parameter_groups(self.network.deep, training), alone]

    def unfrozen(self, share_done: float) -> None:
        """See `Problem`: everything always learns."""

    def _losses(self, rows: Inputs, batch: Indices) -> Tensor:
        return self.row_loss(self.network(rows.numbers[batch], rows.codes[batch]), rows.goals[batch])


def fit(learner: Tabular, columns: Columns, rows: Examples, validation: Examples | None, seed: int) -> FittedNetwork:
    """Train a network on rows, which have features; see `Tabular`."""
    training = learner.training
    objective = Objective.of(rows)
    scale = Scale.of(columns.read_numbers(rows.features))
    judges = None if validation is None else validation.take(np.flatnonzero(objective.judges(validation)))
    with plain_torch(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed % 2**63)
        codes = [each.n_codes for each in columns.categories]
        n_numbers = 2 * len(columns.numbers) + len(scale.gaps)
        n_outputs = len(objective.classes)
        network = Network(
            Deep(n_numbers, codes, learner.hidden, learner.dropout, n_outputs), Wide(n_numbers, codes, n_outputs)
        )
        problem = TabularProblem(
            network,
            Inputs.of(columns, scale, rows, objective),
            Inputs.of(columns, scale, judges, objective) if judges else None,
            row_loss(training, objective, rows),
            training.batch_rows,
        )
        held = [named(part.keys, part.weights) for part in (problem.train, problem.held_out) if part is not None]
        place = training.checkpoint(learner.identity(), held, seed)
        trained = train(problem, training, training.n_steps(len(rows)), seed, checkpoint=place)
    return FittedNetwork(columns, scale, network.eval().double(), objective, trained)


@dataclass(frozen=True, eq=False)
class FittedNetwork(ByLoop):
    """A trained network with what it needs to read rows; `trained` tells how training went."""

    columns: Columns
    scale: Scale
    network: Network
    objective: Objective
    trained: Trained

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """Class probabilities, shape (n, n_classes), 0 for classes that training did not have; or numbers, (n, 1).

        In float64, so that the rows beside a row change no digit that a float32 can hold.
        """
        if not len(rows):
            return np.zeros((0, self.objective.n_classes or 1))
        numbers, codes = read(self.columns, self.scale, rows)
        with plain_torch(), torch.inference_mode():
            scores = [
                self.network(numbers[low : low + _PREDICTED_AT_ONCE], codes[low : low + _PREDICTED_AT_ONCE])
                for low in range(0, len(rows), _PREDICTED_AT_ONCE)
            ]
        return self.objective.predictions(torch.cat(scores).numpy())

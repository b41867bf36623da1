"""Training of the `head` learner: many small networks on one shared table of vectors, together, in torch.

A linear layer, or one hidden layer of rectified units, by AdamW (Loshchilov & Hutter 2019, "Decoupled weight decay
regularization"). Element-wise work is done for all networks at once; products of matrices network by network on a CPU,
where one batched product is no faster and its bits need not be those of a product by itself, and batched on a GPU.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.optim.adamw import adamw

from curate.kernels.embedding_bag import Loss
from curate.kernels.ngrams import mix
from curate.learn.mixup import Mixed, Mixer
from curate.learn.mlp_problem import Problem, Settings

Layers = list[torch.Tensor]
"""Weights and biases in turn: of one network (d, h), (h,), (h, k), (k,), or (d, k), (k,); stacked: (M, d, h), (M, 1, h)
and so on."""


class Networks:
    """The networks in training, their tensors stacked.

    Args:
        table: the vectors of all rows, float32, shape (n_all, d), on the device.
        problems: what each network learns, all with k outputs.
        settings: how, the same for all.
    """

    def __init__(self, table: torch.Tensor, problems: Sequence[Problem], settings: Settings) -> None:
        self.table, self.settings = table, settings
        self.draws = [torch.Generator().manual_seed(problem.seed % 2**63) for problem in problems]
        self.batches = [_batches(problem, settings.batch_rows) for problem in problems]
        self.mixers = [Mixer(settings.mixup, problem.seed) for problem in problems] if settings.mixup else []
        first = [
            _initial(problem, table.shape[1], settings.hidden, draw)
            for problem, draw in zip(problems, self.draws, strict=True)
        ]
        self.layers: Layers = [torch.stack(parts).to(table.device) for parts in zip(*first, strict=True)]
        self.moments: list[Layers] = [[torch.zeros_like(layer) for layer in self.layers] for _ in range(2)]
        self.counts = [torch.zeros(len(problems), device=table.device) for _ in self.layers]
        self._loss, self._n_steps = torch.zeros(len(problems), device=table.device), 0

    def layers_of(self, at: int) -> Layers:
        """The layers of one network."""
        return [layer[at, 0] if number % 2 else layer[at] for number, layer in enumerate(self.layers)]

    def losses(self) -> list[float]:
        """The mean training loss of each network since this was last asked."""
        found: list[float] = (self._loss / self._n_steps).tolist()
        self._loss.zero_()
        self._n_steps = 0
        return found

    def keep(self, at: list[int]) -> None:
        """Go on with the networks at these places alone."""
        self.batches, self.draws = [self.batches[one] for one in at], [self.draws[one] for one in at]
        self.mixers = [self.mixers[one] for one in at if self.mixers]
        index = torch.tensor(at, device=self.table.device)
        self.layers, self.counts, *self.moments = (
            [stack[index] for stack in stacks] for stacks in (self.layers, self.counts, *self.moments)
        )
        self._loss = self._loss[index]

    def step(self, share_left: float) -> None:
        """One step of every network; `share_left` of the steps are still to do, in (0, 1]."""
        loss = self.settings.loss
        places, goals, weights = self._rows()
        vectors, ones = self.table[places], torch.ones_like(weights).unsqueeze(1)
        mixed = Mixed.of(self.mixers, weights) if self.mixers else None
        if mixed is not None:
            vectors, weights = mixed.rows(vectors), mixed.weights
        scores, seen, kept = self._scores(vectors)
        targets = _targets(goals, scores, loss, self.settings.label_smoothing)
        if mixed is not None:
            targets = mixed.targets(targets)
        predicted = _predicted(scores, loss)
        self._loss += (_losses(predicted, targets, loss) * weights).mean(dim=1)
        self._n_steps += 1
        slope = (predicted - targets) * (weights / weights.shape[1]).unsqueeze(2)
        gradients = [_product(seen.mT, slope), _product(ones, slope)]
        if kept is not None:
            back = _product(slope, self.layers[2].mT).mul_(kept)
            gradients = [_product(vectors.mT, back), _product(ones, back), *gradients]
        self._descend(gradients, self.settings.learning_rate * share_left)

    def _rows(self) -> list[torch.Tensor]:
        """The next rows of each network: places in the table, goals, and weights, shape (M, B)."""
        parts = zip(*(next(batches) for batches in self.batches), strict=True)
        return [torch.from_numpy(np.stack(part)).to(self.table.device) for part in parts]

    def _scores(self, vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """The scores (M, B, k), what the last layer sees of each row, and the slope of the hidden units."""
        if len(self.layers) == 2:
            return _product(vectors, self.layers[0], self.layers[1]), vectors, None
        hidden = _product(vectors, self.layers[0], self.layers[1]).relu_()
        kept = (hidden > 0).float()
        if self.settings.dropout:
            dropped = self._dropped(hidden)
            hidden, kept = hidden * dropped, kept * dropped
        return _product(hidden, self.layers[2], self.layers[3]), hidden, kept

    def _dropped(self, hidden: torch.Tensor) -> torch.Tensor:
        """0 for a unit that is left out, else what makes up for those; in 256ths."""
        bound = round(256 * self.settings.dropout)
        drawn = [torch.empty(hidden.shape[1:], dtype=torch.uint8).random_(generator=draw) for draw in self.draws]
        return (torch.stack(drawn) >= bound).to(hidden.device, torch.float32).mul_(256 / (256 - bound))

    def _descend(self, gradients: Layers, rate: float) -> None:
        """AdamW; weights decay, biases do not."""
        stacks = (self.layers, gradients, *self.moments, self.counts)
        for start, decay in ((0, self.settings.weight_decay), (1, 0.0)):
            layers, slopes, means, squares, counts = (
                [one for stack in part[start::2] for one in stack.unbind()] for part in stacks
            )
            adamw(
                layers,
                slopes,
                means,
                squares,
                max_exp_avg_sqs=[],
                state_steps=counts,
                fused=True,
                amsgrad=False,
                beta1=0.9,
                beta2=0.999,
                lr=rate,
                weight_decay=decay,
                eps=1e-8,
                maximize=False,
            )


def scores(layers: Layers, vectors: torch.Tensor) -> torch.Tensor:
    """The scores of rows by one network, shape (n, k)."""
    for number in range(0, len(layers), 2):
        vectors = torch.addmm(layers[number + 1], vectors.relu() if number else vectors, layers[number])
    return vectors


def _initial(problem: Problem, width: int, n_hidden: int, draw: torch.Generator) -> Layers:
    """Layers to begin with: normal weights (He et al. 2015), the same for a class in every arm."""
    objective, last = problem.objective, torch.from_numpy(problem.bias).unsqueeze(0)
    if not n_hidden:
        return [torch.zeros(width, len(objective.classes)), last]
    first = torch.randn(width, n_hidden, generator=draw) * (2 / width) ** 0.5
    of_class = torch.randn(max(objective.n_classes, 1), n_hidden, generator=draw)[torch.from_numpy(objective.classes)]
    return [first, torch.zeros(1, n_hidden), of_class.T.contiguous() / n_hidden**0.5, last]


def _batches(problem: Problem, n: int) -> Iterator[tuple[NDArray[np.generic], ...]]:
    """Places, goals and weights of n rows, without end; each pass over the rows is in an order of its own, by key."""
    rows, passes, at = problem.train, 0, np.zeros(0, np.int64)
    while True:
        while len(at) < n:
            salt = mix(np.array([problem.seed % 2**64], dtype=np.uint64) + mix(np.array([passes], dtype=np.uint64)))
            at = np.concatenate([at, np.argsort(mix(rows.keys ^ salt))])
            passes += 1
        yield rows.places[at[:n]], rows.goals[at[:n]], rows.weights[at[:n]]
        at = at[n:]


def _product(left: torch.Tensor, right: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """Products of stacked matrices, (M, a, b) with (M, b, c), and a bias (M, 1, c) where there is one."""
    if left.device.type != "cpu":
        return torch.bmm(left, right) if bias is None else torch.baddbmm(bias, left, right)
    made = torch.empty(len(left), left.shape[1], right.shape[2])
    for at, one in enumerate(made.unbind()):
        if bias is None:
            torch.mm(left[at], right[at], out=one)
        else:
            torch.addmm(bias[at], left[at], right[at], out=one)
    return made


def _targets(goals: torch.Tensor, scores: torch.Tensor, loss: Loss, smoothing: float) -> torch.Tensor:
    """What the predictions should be, shape (M, B, k)."""
    if loss == "softmax":
        spread = smoothing / scores.shape[2]
        return torch.full_like(scores, spread).scatter_(2, goals.unsqueeze(2), 1 - smoothing + spread)
    return goals * (1 - smoothing) + smoothing / 2 if loss == "sigmoid" else goals


def _predicted(scores: torch.Tensor, loss: Loss) -> torch.Tensor:
    if loss == "squares":
        return scores
    if loss == "softmax":
        return torch.softmax(scores, dim=2)
    return torch.stack([torch.sigmoid(one) for one in scores])  # apart: the last numbers of an array round otherwise


def _losses(predicted: torch.Tensor, targets: torch.Tensor, loss: Loss) -> torch.Tensor:
    """What each row loses, shape (M, B); see `Objective.losses`."""
    if loss == "squares":
        return (predicted - targets).square().mean(dim=2)
    tiny = torch.finfo(torch.float32).eps
    right = targets * predicted.clamp_min(tiny).log()
    if loss == "softmax":
        return -right.sum(dim=2)
    return -(right + (1 - targets) * (1 - predicted).clamp_min(tiny).log()).mean(dim=2)

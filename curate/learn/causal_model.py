"""The language models behind the learner `causal`: the built-in GPT, or one of Hugging Face's, behind one protocol.

Takes windows of pieces, gives scores of the tokens to be predicted, and writes. What it learns from them is decided by
`LanguageProblem`, which `curate/learn/loop.py` trains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from curate.learn.batching import epoch_batches
from curate.learn.causal_rows import Piece, epoch_windows
from curate.learn.gpt import Gpt
from curate.learn.greedy import greedy
from curate.learn.problem import Judged, ParameterGroup, parameter_groups
from curate.learn.strategies import Full, TuningStrategy
from curate.learn.training import Training

Tokens = NDArray[np.int64]
Window = Sequence[Piece]


@dataclass(frozen=True, eq=False)
class Laid:
    """Windows as tensors, each as long as the fullest.

    Attributes:
        tokens: ids, (b, t); 0 where there is none.
        real: which places hold a token, bool, (b, t).
        places: of each token in its piece, (b, t).
        pieces: the number of the piece that each token is of, (b, t).
        at: the places, counted through all windows, whose next token is to be predicted, (m,).
        targets: those tokens, (m,).
        weights: of each, float32, (m,).
    """

    tokens: Tensor
    real: Tensor
    places: Tensor
    pieces: Tensor
    at: Tensor
    targets: Tensor
    weights: Tensor


def lay(windows: Sequence[Window], device: torch.device) -> Laid:
    """Put the pieces of each window side by side.

    Example:
        >>> laid = lay([[Piece(np.array([7, 8, 9]), first=2), Piece(np.array([5, 6]), first=1)]], torch.device("cpu"))
        >>> laid.tokens.tolist(), laid.places.tolist(), laid.at.tolist(), laid.targets.tolist()
        ([[7, 8, 5]], [[0, 1, 0]], [1, 2], [9, 6])
    """
    shape = len(windows), max(sum(map(len, window)) for window in windows)
    tokens, places, pieces = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.full(shape, -1, np.int64)
    at, targets, weights = [], [], []
    for line, window in enumerate(windows):
        begin = 0
        for number, piece in enumerate(window):
            end = begin + len(piece)
            tokens[line, begin:end], places[line, begin:end] = piece.tokens[:-1], np.arange(len(piece))
            pieces[line, begin:end] = number
            at.append(np.arange(begin + piece.first - 1, end) + line * shape[1])
            targets.append(piece.tokens[piece.first :])
            weights.append(np.full(end - begin - piece.first + 1, piece.weight, np.float32))
            begin = end
    joined = [np.concatenate(parts) for parts in (at, targets, weights)]
    return Laid(*(torch.from_numpy(each).to(device) for each in (tokens, pieces >= 0, places, pieces, *joined)))


class LanguageModel(Protocol):
    """A network that predicts tokens."""

    @property
    def network(self) -> Any:
        """What is trained."""
        ...

    @property
    def context(self) -> int:
        """Places of a window."""
        ...

    @property
    def packs(self) -> bool:
        """Whether a window may hold several pieces."""
        ...

    def scores(self, laid: Laid) -> Tensor:
        """The score of each token of the vocabulary for each token to be predicted, (m, v)."""
        ...

    def write(self, prompts: Sequence[Tokens], end: int, most: int) -> list[list[int]]:
        """What is written after each prompt, greedily, until the end or `most` tokens; no prompt feels another."""
        ...


@dataclass(frozen=True, eq=False)
class OwnModel:
    """The built-in GPT."""

    network: Gpt
    packs: bool = True

    @property
    def context(self) -> int:
        return self.network.shape.context

    def scores(self, laid: Laid) -> Tensor:
        alone = bool((laid.pieces <= 0).all())
        hidden = self.network(laid.tokens) if alone else self.network(laid.tokens, laid.places, laid.pieces)
        return self.network.logits(hidden.flatten(0, 1)[laid.at])

    def write(self, prompts: Sequence[Tokens], end: int, most: int) -> list[list[int]]:
        return greedy(self.network, prompts, end, most)


@dataclass(frozen=True, eq=False)
class HubModel:
    """A causal language model of `transformers`: one piece a window, padded to the longest of its batch."""

    network: Any
    context: int
    packs: bool = False

    def scores(self, laid: Laid) -> Tensor:
        found: Tensor = self.network(input_ids=laid.tokens, attention_mask=laid.real.long(), use_cache=False).logits
        found = found[:, -laid.tokens.shape[1] :]  # without those of learnt tokens before the text
        return found.flatten(0, 1)[laid.at]

    def write(self, prompts: Sequence[Tokens], end: int, most: int) -> list[list[int]]:
        return [self._written(prompt, end, most) for prompt in prompts]

    @torch.inference_mode()
    def _written(self, prompt: Tokens, end: int, most: int) -> list[int]:
        network, device = self.network, next(self.network.parameters()).device
        bare = network.get_base_model() if hasattr(network, "get_base_model") else network
        found: list[int] = []
        token, past = torch.from_numpy(prompt)[None].to(device), None
        while len(found) < min(most, self.context - len(prompt) + 1):
            made = network(input_ids=token, past_key_values=past, use_cache=True)
            network = bare  # learnt tokens before the text are in the past now
            past, token = made.past_key_values, made.logits[:, -1:].argmax(-1)
            if int(token) == end:
                break
            found.append(int(token))
        return found


@torch.inference_mode()
def surprise(model: LanguageModel, window: Piece) -> float:
    """The negative log likelihood of the tokens to be predicted in one window, nats, by itself."""
    laid = lay([[window]], next(model.network.parameters()).device)
    return float(functional.cross_entropy(model.scores(laid).double(), laid.targets, reduction="sum"))


@dataclass(frozen=True, eq=False)
class LanguageProblem:
    """What the loop trains: predict every token of every response from those before it.

    Attributes:
        model: the network.
        pieces: the training rows, cut; in an order that depends on their content alone.
        held_out: the validation rows, cut; none at all for none.
        training: the settings.
        depth: how far below the top a parameter lies, by its name, for `layer_decay`; None where all are alike.
        strategy: which weights learn, and when.
    """

    model: LanguageModel
    pieces: Sequence[Piece]
    held_out: Sequence[Piece]
    training: Training
    depth: Callable[[str], int] | None = None
    strategy: TuningStrategy = field(default_factory=Full)

    @property
    def network(self) -> nn.Module:
        return self.model.network  # type: ignore[no-any-return]

    def batches(self, epoch: int, seed: int) -> Iterator[list[Window]]:
        yield from self._batched(self.pieces, epoch, seed)

    def _batched(self, pieces: Sequence[Piece], epoch: int, seed: int) -> list[list[Window]]:
        size = self.training.batch_rows
        if self.model.packs:
            windows = epoch_windows(pieces, self.model.context, seed, epoch)
            return [list(windows[low : low + size]) for low in range(0, len(windows), size)]
        lengths = np.array([len(piece) for piece in pieces], np.int64)
        keys = np.array([piece.key for piece in pieces], np.uint64)
        return [[[pieces[at]] for at in some] for some in epoch_batches(lengths, keys, size, seed=seed, epoch=epoch)]

    def loss(self, batch: Sequence[Window]) -> tuple[Tensor, float]:
        laid = lay(batch, next(self.network.parameters()).device)
        losses = functional.cross_entropy(
            self.model.scores(laid).float(),
            laid.targets,
            reduction="none",
            label_smoothing=self.training.label_smoothing if self.network.training else 0.0,
        )
        return (losses * laid.weights).sum(), float(len(laid.targets))

    def validation(self) -> Judged | None:
        if not self.held_out:
            return None
        sums = [self.loss(batch) for batch in self._batched(self.held_out, 0, 0)]
        return Judged(sum(float(total) for total, _ in sums) / sum(size for _, size in sums))

    def groups(self, training: Training) -> list[ParameterGroup]:
        return parameter_groups(self.network, training, depth=self.depth, undecayed=("wpe", "position"))

    def unfrozen(self, share_done: float) -> None:
        self.strategy.unfreeze(self.network, self._levels, share_done)

    def _levels(self) -> dict[str, int]:
        """The level of each parameter: 0 the embeddings, the highest what comes after the layers."""
        depths = {name: self.depth(name) if self.depth else 0 for name, _ in self.network.named_parameters()}
        return {name: max(depths.values()) - depth for name, depth in depths.items()}

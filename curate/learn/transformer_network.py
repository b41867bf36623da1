"""A pretrained body, a pooling of its last states, and a new linear head: token ids in, scores out.

The body alone is taken from the pretrained model, never a head: so every model, encoder or decoder, and every task goes
one way, and the new weights are the same whichever the model. Mean pooling: Reimers & Gurevych 2019.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from curate.core.random import key
from curate.learn.strategies import layers
from curate.learn.training import Precision

Pooling = Literal["mean", "first", "last"]
Mixture = tuple[Tensor, Tensor]
"""The partner of each row of a batch, int64 (n,), and the share that the row itself has, float32 (n,)."""
HEAD = ("weight", "bias")
"""The parameters of the new head, by name."""
_STD = 0.02
_HEAD_DROPOUT = 0.1


class Network(nn.Module):
    """Scores of texts.

    Args:
        body: gives `last_hidden_state`, (n, t, width), with learnt tokens before those of the text or without.
        outputs: which of the `n_outputs` scores there are; each has the same initial weights whichever stand beside it.
        n_outputs: of all classes.
        pooling: `mean` of the tokens, the `first` or the `last` one.
        dropout: before the head; None for 0.1.
        precision: of the arithmetic; weights and pooling are float32.
        frozen_body: the body stays in evaluation mode and gets no gradient.
        seed: of the head.
    """

    def __init__(
        self,
        body: nn.Module,
        outputs: Any,
        n_outputs: int,
        pooling: Pooling,
        dropout: float | None,
        *,
        precision: Precision,
        frozen_body: bool,
        seed: int,
    ) -> None:
        super().__init__()
        width = int(body.config.hidden_size)  # type: ignore[union-attr, arg-type]
        generator = torch.Generator().manual_seed(key(seed, "head") % 2**63)
        self.body, self.pooling, self.frozen_body = body, pooling, frozen_body
        self.dropout = nn.Dropout(_HEAD_DROPOUT if dropout is None else dropout)
        self.weight = nn.Parameter(torch.randn(n_outputs, width, generator=generator)[outputs] * _STD)
        self.bias = nn.Parameter(torch.zeros(len(outputs)))
        self.dtype: torch.dtype = getattr(torch, precision)
        self.n_trained = sum(each.numel() for each in self.parameters() if each.requires_grad)

    def train(self, mode: bool = True) -> Network:
        """As of any module, but a frozen body has no dropout."""
        super().train(mode)
        if self.frozen_body:
            self.body.eval()
        return self

    def forward(self, ids: Tensor, real: Tensor | None, mixture: Mixture | None = None) -> Tensor:
        """Ids (n, t), padded on the right, and which are real, bool (n, t), None for all -> scores (n, k).

        With a mixture, those of the mixed pooled states.
        """
        mask = {} if real is None else {"attention_mask": real.long()}
        learns = torch.is_grad_enabled() and not self.frozen_body
        with self.arithmetic():
            with torch.set_grad_enabled(learns):
                states = self.body(input_ids=ids, **mask).last_hidden_state
            pooled = self._pool(states[:, -ids.shape[1] :].float(), real)
            if mixture is not None:
                partners, shares = mixture
                pooled = torch.lerp(pooled[partners], pooled, shares[:, None])
            return nn.functional.linear(self.dropout(pooled), self.weight, self.bias).float()

    def arithmetic(self) -> torch.autocast:
        """The precision's context: weights are cast once in the outermost one, so hold it open over many batches."""
        return torch.autocast(self.bias.device.type, self.dtype, enabled=self.dtype is not torch.float32)

    def _pool(self, states: Tensor, real: Tensor | None) -> Tensor:
        if self.pooling == "first":
            return states[:, 0]
        if self.pooling == "last":
            last = -1 if real is None else real.sum(1) - 1
            return states[torch.arange(len(states), device=states.device), last]
        if real is None:
            return states.mean(1)
        counted = real[:, :, None].to(states.dtype)
        return (states * counted).sum(1) / counted.sum(1)

    def levels(self) -> dict[str, int]:
        """The level of each parameter: 0 before the layers, i + 1 in layer i, one more for final norm and head."""
        prefix, found = layers(self)
        level, made = 0, {}
        for name, _ in self.body.named_parameters(prefix="body"):
            if name.startswith(prefix):
                level = int(name[len(prefix) :].split(".", 1)[0]) + 1
            elif level:
                level = len(found) + 1
            made[name] = level
        return {**made, **dict.fromkeys(HEAD, len(found) + 1)}

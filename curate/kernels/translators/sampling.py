"""Draws of the next token, from a stream of each row's own: what `generate` asks before it takes the likeliest.

Gumbel noise on the logarithms of probabilities makes the largest a draw from them (Maddison, Tarlow & Minka 2014). With
noise keyed by row, what is drawn for a text does not depend on the texts beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class GumbelDraws:
    """A logits processor: keeps the `top_k` likeliest tokens of each row, with noise on them.

    Args:
        seeds: of each row, in [0, 2**64).
        temperature: divides the logits.
        top_k: how many tokens may be drawn.
    """

    def __init__(self, seeds: Sequence[int], temperature: float, top_k: int) -> None:
        self._streams = [np.random.Generator(np.random.Philox(key=seed)) for seed in seeds]
        self._temperature = temperature
        self._top_k = top_k

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """The scores, shape (rows, vocabulary), with noise; minus infinity where a token may not be drawn."""
        import torch

        best, where = torch.topk(scores.float() / self._temperature, min(self._top_k, scores.shape[-1]), dim=-1)
        noise = np.stack([stream.gumbel(size=best.shape[-1]) for stream in self._streams])
        drawn = best + torch.from_numpy(noise).to(best.device, torch.float32)
        made = torch.full_like(scores, float("-inf"))
        return made.scatter(-1, where, drawn.to(scores.dtype))

"""Bottleneck adapters: two small matrices after a sublayer, of which alone a fine-tune learns.

After attention and feed-forward as in Houlsby et al. 2019, "Parameter-Efficient Transfer Learning for NLP", or after
feed-forward only as in Pfeiffer et al. 2021, "AdapterFusion". Places are found by shape, so any architecture serves.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_STD = 0.02


class Adapter(nn.Module):
    """A step down to `size` numbers, GELU, a step up, added to what came in; at first it changes nothing.

    Example:
        >>> adapter = Adapter(4, 2, torch.Generator().manual_seed(0))
        >>> adapter(torch.ones(1, 4)).tolist()
        [[1.0, 1.0, 1.0, 1.0]]
    """

    def __init__(self, width: int, size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(size, width, generator=generator) * _STD)
        self.down_bias = nn.Parameter(torch.zeros(size))
        self.up = nn.Parameter(torch.zeros(width, size))
        self.up_bias = nn.Parameter(torch.zeros(width))

    def forward(self, states: Tensor) -> Tensor:
        """States (…, width) -> states (…, width)."""
        inner = functional.gelu(functional.linear(states, self.down, self.down_bias))
        return states + functional.linear(inner, self.up, self.up_bias)


def add_adapters(layer: nn.Module, width: int, size: int, generator: torch.Generator, *, both: bool) -> int:
    """Put adapters behind the sublayers of one layer, before their output is added to what went in.

    Args:
        layer: a transformer layer.
        width: of its states.
        size: of the bottleneck.
        generator: of the initial weights.
        both: behind attention and feed-forward; False: behind feed-forward only.

    Returns:
        How many were put in; 0 where the layer has no matrix of that width.
    """
    places = _outputs(layer, width)[: 2 if both else 1]
    for linear in places:
        linear.add_module("adapter", Adapter(width, size, generator))
        linear.register_forward_hook(_through)
    return len(places)


def _outputs(layer: nn.Module, width: int) -> list[nn.Module]:
    """The matrices that end the feed-forward and the attention part, in this order.

    Layers name their matrices in the order of use: those of attention, its output, one or two that widen, and the last.
    So the last matrix is the feed-forward's, and the nearest before it that gives states of the same width ends
    attention.
    """
    linear = [module for module in layer.modules() if _gives(module) is not None]
    if not linear or _gives(linear[-1]) != width:
        return []
    return [linear[-1], *[module for module in reversed(linear[:-1]) if _gives(module) == width][:1]]


def _gives(module: nn.Module) -> int | None:
    """The width of what a matrix gives; None for other modules. GPT-2's `Conv1D` keeps it in `nf`."""
    given = getattr(module, "out_features", getattr(module, "nf", None))
    return given if isinstance(given, int) else None


def _through(linear: Any, inputs: Any, states: Tensor) -> Tensor:
    """The forward hook of a matrix: through its adapter."""
    return linear.adapter(states)  # type: ignore[no-any-return]

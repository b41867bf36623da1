"""A small GPT of our own: the network that the learner `causal` trains from scratch where no model is named.

Pre-norm decoder (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners") with rotary positions (Su
et al. 2021, "RoFormer") and tied embeddings. Several texts may stand in one window: a token sees its own text only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_STD = 0.02
_BASE = 10_000.0


@dataclass(frozen=True)
class Shape:
    """The sizes of a network: tokens of the vocabulary, tokens of a window, width, blocks, heads of attention."""

    n_tokens: int
    context: int
    dim: int
    n_layers: int
    n_heads: int
    dropout: float = 0.0


@dataclass
class Cache:
    """Keys and values of the tokens read so far, for `n_rows` texts written side by side.

    Every step reads the whole window, so that the shapes of all sums are the same whatever the texts.
    """

    keys: Tensor
    values: Tensor

    @classmethod
    def empty(cls, shape: Shape, n_rows: int, like: Tensor) -> Cache:
        """Room for a window of each text; both (n_layers, n_rows, n_heads, context, dim / n_heads)."""
        size = (shape.n_layers, n_rows, shape.n_heads, shape.context, shape.dim // shape.n_heads)
        return cls(like.new_zeros(size), like.new_zeros(size))


class Gpt(nn.Module):
    """Token ids in, a vector for each token out; `logits` scores the vocabulary by the embeddings.

    Args:
        shape: the sizes.
        seed: of the initial weights; the global random state is neither read nor changed.

    Example:
        >>> network = Gpt(Shape(n_tokens=9, context=4, dim=8, n_layers=1, n_heads=2), seed=0)
        >>> tuple(network.logits(network(torch.tensor([[1, 2, 3]]))).shape)
        (1, 3, 9)
    """

    blocks: Any
    turns: Tensor

    def __init__(self, shape: Shape, seed: int) -> None:
        super().__init__()
        self.shape = shape
        with torch.device("meta"):
            self.embedding = nn.Embedding(shape.n_tokens, shape.dim)
            self.blocks = nn.ModuleList(_Block(shape) for _ in range(shape.n_layers))
            self.norm = nn.LayerNorm(shape.dim)
        self.to_empty(device="cpu")
        self.register_buffer("turns", _turns(shape), persistent=False)
        self._start(torch.Generator().manual_seed(seed % 2**63))

    def _start(self, generator: torch.Generator) -> None:
        """Normal weights; those that write into the residual stream are smaller the more blocks there are."""
        narrow = _STD / (2 * self.shape.n_layers) ** 0.5
        for name, parameter in self.named_parameters():
            if name.endswith("norm.weight"):
                nn.init.ones_(parameter)
            elif parameter.dim() == 1:
                nn.init.zeros_(parameter)
            else:
                std = narrow if name.endswith(("out.weight", "down.weight")) else _STD
                nn.init.normal_(parameter, std=std, generator=generator)

    def forward(self, tokens: Tensor, places: Tensor | None = None, texts: Tensor | None = None) -> Tensor:
        """A vector for each token.

        Args:
            tokens: ids, int64, shape (b, t), t at most `context`.
            places: the place of each token in its text, (b, t); None: each line is one text from its start.
            texts: the number of the text that each token is of, (b, t); None: each line is one text.

        Returns:
            Shape (b, t, dim).
        """
        turns = self.turns[: tokens.shape[1]] if places is None else self.turns[places]
        mask = None if texts is None else _mask(texts, self.embedding.weight.dtype)
        hidden = functional.dropout(self.embedding(tokens), self.shape.dropout, self.training)
        for block in self.blocks:
            hidden = block(hidden, turns, mask)
        return self.norm(hidden)  # type: ignore[no-any-return]

    def logits(self, hidden: Tensor) -> Tensor:
        """The score of each token of the vocabulary, shape (..., n_tokens)."""
        return functional.linear(hidden, self.embedding.weight)

    def read(self, tokens: Tensor, cache: Cache, row: int) -> Tensor:
        """Read the start of a text into line `row` of a cache; tokens (t,); returns the last vector, (dim,)."""
        hidden = self.embedding(tokens[None])
        for number, block in enumerate(self.blocks):
            query, key, value = block.heads(hidden, self.turns[: len(tokens)])
            cache.keys[number, row, :, : len(tokens)] = key[0]
            cache.values[number, row, :, : len(tokens)] = value[0]
            hidden = block.onwards(hidden, functional.scaled_dot_product_attention(query, key, value, is_causal=True))
        return self.norm(hidden[0, -1])  # type: ignore[no-any-return]

    def step(self, tokens: Tensor, places: Tensor, cache: Cache) -> Tensor:
        """Read one more token of each text; tokens and their places (n_rows,); returns vectors (n_rows, dim)."""
        hidden = self.embedding(tokens[:, None])
        lines = torch.arange(len(tokens), device=tokens.device)
        seen = torch.arange(self.shape.context, device=tokens.device) <= places[:, None]
        for number, block in enumerate(self.blocks):
            query, key, value = block.heads(hidden, self.turns[places][:, None])
            cache.keys[number, lines, :, places] = key[:, :, 0]
            cache.values[number, lines, :, places] = value[:, :, 0]
            mixed = functional.scaled_dot_product_attention(
                query, cache.keys[number], cache.values[number], attn_mask=seen[:, None, None]
            )
            hidden = block.onwards(hidden, mixed)
        return self.norm(hidden[:, 0])  # type: ignore[no-any-return]


class _Block(nn.Module):
    """Attention, then two layers with GELU between them, each added to what came in."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.n_heads, self.dropout = shape.n_heads, shape.dropout
        self.attention_norm, self.mlp_norm = nn.LayerNorm(shape.dim), nn.LayerNorm(shape.dim)
        self.attention = nn.Linear(shape.dim, 3 * shape.dim)
        self.out = nn.Linear(shape.dim, shape.dim)
        self.up, self.down = nn.Linear(shape.dim, 4 * shape.dim), nn.Linear(4 * shape.dim, shape.dim)

    def forward(self, hidden: Tensor, turns: Tensor, mask: Tensor | None) -> Tensor:
        query, key, value = self.heads(hidden, turns)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, is_causal=mask is None)
        return self.onwards(hidden, mixed)

    def heads(self, hidden: Tensor, turns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Queries and keys, turned by their places, and values; each (b, n_heads, t, dim / n_heads)."""
        rows, length, dim = hidden.shape
        parts = self.attention(self.attention_norm(hidden)).view(rows, length, 3, self.n_heads, dim // self.n_heads)
        both = _turned(parts[:, :, :2], turns[..., None, :, :])
        query, key = both.transpose(1, 3).unbind(2)
        return query, key, parts[:, :, 2].transpose(1, 2)

    def onwards(self, hidden: Tensor, mixed: Tensor) -> Tensor:
        """The hidden vectors with what attention mixed, (b, n_heads, t, dim / n_heads), and the layers after it."""
        mixed = self.out(mixed.transpose(1, 2).reshape(hidden.shape))
        hidden = hidden + functional.dropout(mixed, self.dropout, self.training)
        made = self.down(functional.gelu(self.up(self.mlp_norm(hidden)), approximate="tanh"))
        return hidden + functional.dropout(made, self.dropout, self.training)


def _turns(shape: Shape) -> Tensor:
    """How far each place turns each pair of numbers: complex, of length 1, shape (context, 1, dim / n_heads / 2)."""
    half = shape.dim // shape.n_heads // 2
    rate = _BASE ** -(torch.arange(half, device="cpu") / half)
    angle = torch.arange(shape.context, device="cpu")[:, None, None] * rate
    return torch.polar(torch.ones_like(angle), angle)


def _turned(vectors: Tensor, turns: Tensor) -> Tensor:
    """Vectors (..., n_heads, d), pair by pair turned by (..., 1, d / 2)."""
    pairs = torch.view_as_complex(vectors.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * turns).flatten(-2).to(vectors.dtype)


def _mask(texts: Tensor, dtype: torch.dtype) -> Tensor:
    """0 where a token may see another, the same text and not later, else minus infinity; (b, 1, t, t)."""
    allowed = (texts[:, None, :, None] == texts[:, None, None, :]).tril()
    return torch.zeros(allowed.shape, dtype=dtype, device=texts.device).masked_fill_(~allowed, float("-inf"))

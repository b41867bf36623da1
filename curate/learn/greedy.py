"""Greedy writing with a cache of keys and values, many texts side by side, each as if it stood alone.

For the built-in network. The first token of a text comes from reading its prompt by itself; then a fixed number of
lines take a step together, empty ones included, so that every sum has one shape and no text feels its neighbours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from curate.learn.gpt import Cache, Gpt

LINES = 16
"""Texts written side by side."""


@dataclass
class _Line:
    """What one line is writing; `row` is -1 where it waits."""

    row: int = -1
    token: int = 0
    place: int = 0


@dataclass
class _Writer:
    network: Gpt
    end: int
    most: int
    cache: Cache
    lines: list[_Line] = field(default_factory=lambda: [_Line() for _ in range(LINES)])

    def take(self, written: list[int], token: int, line: _Line, place: int) -> None:
        """Note what a line writes next at a place, or free the line where its text is done."""
        if token == self.end:
            line.row = -1
            return
        written.append(token)
        line.token, line.place = token, place
        if len(written) == self.most or place == self.network.shape.context:
            line.row = -1

    def fill(self, prompts: Sequence[NDArray[np.int64]], waiting: deque[int], written: list[list[int]]) -> None:
        """Give each free line a prompt, as long as there are any."""
        device = self.cache.keys.device
        for number, line in enumerate(self.lines):
            while line.row < 0 and waiting:
                line.row = row = waiting.popleft()
                hidden = self.network.read(torch.from_numpy(prompts[row]).to(device), self.cache, number)
                token = int(self.network.logits(hidden[None]).argmax())
                self.take(written[row], token, line, len(prompts[row]))

    def step(self, written: list[list[int]]) -> None:
        """One token more for each line that writes; the others repeat what they did last, in vain."""
        device, last = self.cache.keys.device, self.network.shape.context - 1
        tokens = torch.tensor([line.token for line in self.lines], device=device)
        places = torch.tensor([min(line.place, last) for line in self.lines], device=device)
        best = self.network.logits(self.network.step(tokens, places, self.cache)).argmax(1).tolist()
        for line, token in zip(self.lines, best, strict=True):
            if line.row >= 0:
                self.take(written[line.row], token, line, line.place + 1)


def greedy(network: Gpt, prompts: Sequence[NDArray[np.int64]], end: int, most: int) -> list[list[int]]:
    """The likeliest token after each prompt, again and again, until the end, `most` tokens or the window is full.

    Args:
        network: the network, in evaluation mode.
        prompts: tokens, 1 to `context` of each.
        end: the token that ends a text; it is not returned.
        most: tokens to be written.

    Example:
        >>> from curate.learn.gpt import Shape
        >>> network = Gpt(Shape(n_tokens=9, context=8, dim=8, n_layers=1, n_heads=2), seed=0).eval()
        >>> [len(tokens) for tokens in greedy(network, [np.array([1, 2]), np.array([3])], end=9, most=4)]
        [4, 4]
    """
    written: list[list[int]] = [[] for _ in prompts]
    waiting = deque(range(len(prompts)))
    with torch.inference_mode():
        writer = _Writer(network, end, most, Cache.empty(network.shape, LINES, network.embedding.weight))
        while True:
            writer.fill(prompts, waiting, written)
            if all(line.row < 0 for line in writer.lines):
                return written
            writer.step(written)

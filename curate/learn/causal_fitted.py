"""A language model that the learner `causal` has trained: how likely it finds texts, and what it writes itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curate.kernels.torch_device import plain_torch
from curate.learn.causal_model import LanguageModel, surprise
from curate.learn.causal_rows import Row, kept_prompt, strides
from curate.learn.causal_tokens import Layout, plain
from curate.learn.examples import Examples
from curate.learn.history import ByLoop, Trained


@dataclass(frozen=True, eq=False)
class FittedCausal(ByLoop):
    """A trained language model.

    Attributes:
        model: the network.
        layout: how rows become tokens.
        max_new_tokens: written at most for a prompt.
        trained: how training went.
        n_cut_prompts: training rows whose prompt lost its beginning, as it did not fit into a window.
    """

    model: LanguageModel
    layout: Layout
    max_new_tokens: int
    trained: Trained
    n_cut_prompts: int

    @property
    def facts(self) -> dict[str, int]:
        """What the page of a measurement tells of it."""
        sizes = [(each.numel(), each.requires_grad) for each in self.model.network.parameters()]
        n_all, n_learnt = sum(size for size, _ in sizes), sum(size for size, learns in sizes if learns)
        return {"n_parameters": n_all, "n_trained": n_learnt, "n_cut_prompts": self.n_cut_prompts}

    def predict(self, rows: Examples) -> NDArray[np.float64]:
        """The negative log likelihood of each target after its text in nats, its tokens, its UTF-8 bytes; (n, 3).

        The end of a text is learnt, but not scored. A row is computed by itself, whatever stands beside it; one that is
        longer than a window in windows that overlap by half.
        """
        found = np.zeros((len(rows), 3))
        with plain_torch():
            for at, row in enumerate(self.layout.rows(rows.texts, rows.targets, ended=False)):
                found[at] = self._surprise(row), len(row.tokens) - row.first, len(plain(rows.targets[at]).encode())
        return found

    def _surprise(self, row: Row) -> float:
        return sum(surprise(self.model, window) for window in strides(row, self.model.context))

    def generate(self, texts: Sequence[str]) -> list[str]:
        """What it writes after each text, greedily, to the end or `max_new_tokens`.

        Of a prompt that leaves too little room in a window the beginning is left out.
        """
        prompts = [kept_prompt(each, self.model.context, self.max_new_tokens) for each in self.layout.prompts(texts)]
        with plain_torch():
            written = self.model.write(prompts, self.layout.vocabulary.end, self.max_new_tokens)
        return [self.layout.vocabulary.decode(tokens) for tokens in written]

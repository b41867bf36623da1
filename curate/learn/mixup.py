"""Mixup: a network learns from rows between rows, in the space of their vectors, with targets between theirs.

Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization"; of sentence vectors: Guo, Mao & Zhang 2019. Between the
batches of a learner (`mlp`, `transformer_problem`) and its loss. A mixed row has no text: so it is never a row of a
corpus (docs/decisions/0011-mixup-is-a-setting-of-a-learner.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Mixer:
    """The draws of one training: for each batch who is mixed with whom, and in which shares.

    Args:
        alpha: above 0; small: one of two rows has nearly everything; 1: every share alike.
        seed: of the training.

    Example:
        >>> partners, shares = Mixer(0.2, seed=0).draw(4)
        >>> sorted(partners.tolist()), bool(((shares >= 0.5) & (shares <= 1)).all())
        ([0, 1, 2, 3], True)
    """

    def __init__(self, alpha: float, seed: int) -> None:
        self.alpha = alpha
        self._draw = np.random.Generator(np.random.Philox(key=(seed ^ 0x6D69787570) % 2**64))

    def draw(self, n_rows: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The partner of each row of a batch, and the share that the row itself has, in [0.5, 1], shapes (n,).

        A row and its partner with shares the other way round are the same mixture, so the larger share is the row's.
        """
        shares = self._draw.beta(self.alpha, self.alpha, n_rows)
        return self._draw.permutation(n_rows), np.maximum(shares, 1 - shares).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Mixed:
    """How the rows of M batches are mixed.

    Attributes:
        partners: int64, shape (M, B).
        shares: of the rows themselves in their vectors, shape (M, B).
        mine: the same in the loss, where a row of a larger weight has a larger share, shape (M, B).
        weights: of the mixed rows, shape (M, B).
    """

    partners: Tensor
    shares: Tensor
    mine: Tensor
    weights: Tensor

    @classmethod
    def of(cls, mixers: Sequence[Mixer], weights: Tensor) -> Mixed:
        """The next draw of each mixer, for rows of these weights, (M, B), all above 0."""
        partners, shares = (
            torch.from_numpy(np.stack(parts)).to(weights.device)
            for parts in zip(*(mixer.draw(weights.shape[1]) for mixer in mixers), strict=True)
        )
        own, theirs = shares * weights, (1 - shares) * weights.gather(1, partners)
        return cls(partners, shares, own / (own + theirs), own + theirs)

    def rows(self, vectors: Tensor) -> Tensor:
        """The mixed vectors, (M, B, d)."""
        return torch.lerp(self._others(vectors), vectors, self.shares.unsqueeze(2))

    def targets(self, targets: Tensor) -> Tensor:
        """The mixed targets, (M, B, k): those of classes sum to 1 as before."""
        return torch.lerp(self._others(targets), targets, self.mine.unsqueeze(2))

    def _others(self, values: Tensor) -> Tensor:
        return values.gather(1, self.partners.unsqueeze(2).expand_as(values))

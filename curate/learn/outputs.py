"""What a model said of the test rows: what every metric is computed from.

Stands between a trained model and the metrics: kept per cell, so that any metric can be computed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a model said of n rows.

    Attributes:
        values: what `Fitted.predict` gave, shape (n, m): probabilities of classes, numbers, or likelihoods.
        texts: what the model wrote for each row, where it was asked to; else None.

    Example:
        >>> len(Outputs(np.zeros((3, 2))))
        3
    """

    values: NDArray[np.floating[Any]]
    texts: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, index: NDArray[np.int64]) -> Outputs:
        """What it said of the rows at the positions `index`, in that order."""
        texts = None if self.texts is None else tuple(self.texts[at] for at in index.tolist())
        return Outputs(self.values[index], texts)

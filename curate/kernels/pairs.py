"""Pairs of similar rows, and the twin that each row has: what every join of the library answers with.

The joins (`kernels.join`, `kernels.minhash`) make them; the dedup transforms and the checks read them. Both only hold positions of
rows, never their contents.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NO_TWIN = -1
"""What stands in `Twins.twin` for a row that has none."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of rows at or above a bound, each once: `left < right`, ascending by (left, right).

    Attributes:
        left: int64, shape (n_pairs,): the position of the earlier row.
        right: int64, shape (n_pairs,): the position of the later row.
        similarity: float64, shape (n_pairs,), in [0, 1].
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class Twins:
    """For each row the position of its twin, or -1, and how similar the two are.

    Attributes:
        twin: int64, shape (n,): a position, or -1 (`NO_TWIN`) for a row without one.
        similarity: float64, shape (n,), in [0, 1]; 0 for a row without a twin.
    """

    twin: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.twin)

"""Numbers of a training set on one scale: by their quantiles, where no tail and no unit matters, and as they are.

For the learner `tabular`, between `columns.py` and its models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

F64 = NDArray[np.float64]

N_KNOTS = 1000
FARTHEST = 10.0
"""No feature is farther from 0 than this, in standard deviations."""
_EDGE = 1e-4  # values beyond the least and the greatest of training stand at these quantiles, 3.7 deviations out


@dataclass(frozen=True)
class Scale:
    """How numbers become features: normal scores of their quantiles, and themselves, both of mean 0 and deviation 1.

    Args:
        knots: for each column the values at evenly spaced quantiles, ascending.
        means: of scores and numbers in training, shape (2, p).
        spreads: their standard deviations, above 0, shape (2, p).
        gaps: the columns in which training has missing numbers.

    Example:
        >>> numbers = np.array([[1.0], [2.0], [6.0], [np.nan]])
        >>> Scale.of(numbers).apply(numbers).round(2).tolist()
        [[-1.22, -0.93, 0.0], [-0.0, -0.46, 0.0], [1.22, 1.39, 0.0], [0.0, 0.0, 1.0]]
    """

    knots: tuple[F64, ...]
    means: F64
    spreads: F64
    gaps: NDArray[np.int64]

    @classmethod
    def of(cls, numbers: F64) -> Scale:
        """The scale of training rows, shape (n, p); each column has at least one number."""
        columns = [column[~np.isnan(column)] for column in numbers.T]
        knots = tuple(np.quantile(each, np.linspace(0, 1, min(N_KNOTS, len(each)))) for each in columns)
        both = [np.stack([_scores(each, at), each]) for each, at in zip(columns, knots, strict=True)]
        spreads = np.array([each.std(axis=1) for each in both]).reshape(-1, 2).T
        return cls(
            knots,
            np.array([each.mean(axis=1) for each in both]).reshape(-1, 2).T,
            np.where(spreads > 0, spreads, 1.0),
            np.flatnonzero(np.isnan(numbers).any(axis=0)),
        )

    def apply(self, numbers: F64) -> F64:
        """The features of rows, shape (n, 2 p + len(gaps)); a missing number stands at 0, the mean, with a 1 for it."""
        if not self.knots:
            return np.zeros((len(numbers), 0))
        scores = np.stack([_scores(column, at) for column, at in zip(numbers.T, self.knots, strict=True)], axis=1)
        missing = np.isnan(numbers)
        scaled = [
            np.where(missing, 0.0, np.clip((values - mean) / spread, -FARTHEST, FARTHEST))
            for values, mean, spread in zip((scores, numbers), self.means, self.spreads, strict=True)
        ]
        return np.hstack([*scaled, missing[:, self.gaps]])


def _scores(values: F64, knots: F64) -> F64:
    """Normal scores of the quantiles; of equal knots the middle one."""
    grid = np.linspace(0, 1, len(knots))
    up, down = np.interp(values, knots, grid), np.interp(-values, -knots[::-1], -grid[::-1])
    return np.asarray(ndtri(np.clip((up - down) / 2, _EDGE, 1 - _EDGE)))

"""Areas under the ROC and the precision-recall curve for many weightings of the same rows at once.

The rows are sorted once, into the gaps between the scores of the positive ones; a weighting then costs one sum per gap
and one running sum over the gaps. Ties count half in the ROC area (Mann & Whitney 1947) and share one threshold in the
precision-recall curve, which is summed as steps (average precision), as scikit-learn does both. Behind
`learn/metrics/ranking.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import sparse

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Area = Callable[[FloatArray], FloatArray]
"""Weights of the rows, (n, b), one column per draw -> areas, (b,), NaN where a draw has none."""

TINY = np.finfo(np.float64).tiny


def roc_area(scores: FloatArray, positive: BoolArray) -> Area | None:
    """The chance that a positive row scores above a negative one.

    Args:
        scores: shape (n,).
        positive: which rows are of the class, shape (n,).

    Returns:
        The area under weights; None where all rows are on one side.

    Example:
        >>> area = roc_area(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
        >>> area(np.ones((4, 1))).tolist(), area(np.array([[1.0], [3], [1], [1]])).tolist()
        ([0.75], [0.625])
    """
    negatives, positives = np.flatnonzero(~positive), np.flatnonzero(positive)
    if not len(negatives) or not len(positives):
        return None
    thresholds, place = np.unique(scores[positives], return_inverse=True)
    above, reached = (np.searchsorted(thresholds, scores[negatives], side) for side in ("right", "left"))
    gained = _gather(place, positives, len(thresholds), len(scores))
    gaps = (_gather(at, negatives, len(thresholds) + 1, len(scores)) for at in (above, reached))
    passed_by = sum(gaps, start=sparse.csr_array((len(thresholds) + 1, len(scores)))) / 2

    def area(weights: FloatArray) -> FloatArray:
        at, passed = gained @ weights, _running(passed_by @ weights)
        return _or_nan(np.einsum("pb,pb->b", at, passed[:-1]), at.sum(axis=0) * passed[-1])

    return area


def average_precision(scores: FloatArray, positive: BoolArray) -> Area | None:
    """The area under the precision-recall curve as steps: precision at each threshold, by the recall gained there.

    Args:
        scores: shape (n,).
        positive: which rows are of the class, shape (n,).

    Returns:
        The area under weights; None where no row is positive.

    Example:
        >>> area = average_precision(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
        >>> area(np.ones((4, 1))).round(4).tolist()
        [0.8333]
    """
    negatives, positives = np.flatnonzero(~positive), np.flatnonzero(positive)
    if not len(positives):
        return None
    falling, place = np.unique(-scores[positives], return_inverse=True)
    gained = _gather(place, positives, len(falling), len(scores))
    reached = np.searchsorted(falling, -scores[negatives], "left")
    every, gaps = np.concatenate([positives, negatives]), np.concatenate([place, reached])
    passed_by = _gather(gaps, every, len(falling) + 1, len(scores))

    def area(weights: FloatArray) -> FloatArray:
        at = gained @ weights
        hits, passed = _running(at.copy()), _running(passed_by @ weights)[:-1]
        precision = np.divide(hits, np.maximum(passed, TINY, out=passed), out=passed)
        return _or_nan(np.einsum("pb,pb->b", at, precision), hits[-1])

    return area


def _gather(places: IntArray, rows: IntArray, n_places: int, n_rows: int) -> sparse.csr_array:
    """What sums the weights of some rows by place, shape (n_places, n_rows)."""
    return sparse.csr_array((np.ones(len(rows)), (places, rows)), (n_places, n_rows))


def _running(sums: FloatArray) -> FloatArray:
    """Running sums from line to line, in place; line by line, which beats `np.cumsum` along columns."""
    for at in range(1, len(sums)):
        np.add(sums[at], sums[at - 1], out=sums[at])
    return sums


def _or_nan(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)

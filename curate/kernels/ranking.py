"""Areas under the ROC and the precision-recall curve for many weightings of the same rows at once.

The rows are sorted once; a weighting then costs one running sum. Ties count half in the ROC area (Mann & Whitney 1947)
and share one threshold in the precision-recall curve, which is summed as steps (average precision), as scikit-learn
does both. Behind `learn/metrics/ranking.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
TINY = np.finfo(np.float64).tiny
Area = Callable[[FloatArray], FloatArray] | None
"""Weights of the rows, (n, b), one column per draw -> areas, (b,), NaN where a draw has none; None: no draw has one."""


def roc_area(scores: FloatArray, positive: BoolArray) -> Area:
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
    order = np.argsort(scores, kind="stable")
    negatives, positives = order[~positive[order]], order[positive[order]]
    if not len(negatives) or not len(positives):
        return None
    below = np.searchsorted(scores[negatives], scores[positives], "left")
    upto = np.searchsorted(scores[negatives], scores[positives], "right")
    tied = bool((below != upto).any())

    def area(weights: FloatArray) -> FloatArray:
        passed, at = _running(weights[negatives]), weights[positives]
        ranks = (passed[below] + passed[upto]) / 2 if tied else passed[below]
        return _or_nan(np.einsum("pb,pb->b", at, ranks), at.sum(axis=0) * passed[-1])

    return area


def average_precision(scores: FloatArray, positive: BoolArray) -> Area:
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
    order = np.argsort(-scores, kind="stable")
    negatives, positives = order[~positive[order]], order[positive[order]]
    if not len(positives):
        return None
    wrong_at = np.searchsorted(-scores[negatives], -scores[positives], "right")
    hits_at = np.searchsorted(-scores[positives], -scores[positives], "right")

    def area(weights: FloatArray) -> FloatArray:
        at = weights[positives]
        running = _running(at)
        hits, passed = running[hits_at], _running(weights[negatives])[wrong_at]
        passed += hits
        hits /= np.maximum(passed, TINY, out=passed)
        return _or_nan(np.einsum("pb,pb->b", at, hits), running[-1])

    return area


def _running(weights: FloatArray) -> FloatArray:
    """Running sums from nothing to all, shape (n + 1, b); row by row, which beats `np.cumsum` along columns."""
    sums = np.zeros((len(weights) + 1, weights.shape[1]))
    for at, row in enumerate(weights):
        np.add(sums[at], row, out=sums[at + 1])
    return sums


def _or_nan(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)

"""Metrics as functions of sums over test rows, so that a bootstrap draw is one product of weights and contributions.

Feeds `bootstrap.SumsStatistic`: contributions are made once from predictions, then every draw costs a sparse product.
The values agree with scikit-learn's (macro-F1 over the classes given, 0 where a class has neither rows nor
predictions); calibration error is that of the top class in equal-width bins (Guo et al. 2017).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from curate.kernels.twoway import FloatArray

IntLike = npt.NDArray[np.integer]


def class_counts(labels: IntLike, predictions: IntLike, n_classes: int) -> sparse.csr_array:
    """What each row adds to (hits, predicted, actual) of each class: the sums that F1, recall and precision need.

    Args:
        labels: true class, shape (n,), in [0, n_classes).
        predictions: predicted class, shape (A, R, n): arm, replicate, row.
        n_classes: C; there are K = 3·C sums per arm and replicate: hits, predicted, actual, each by class.

    Returns:
        Shape (A·R·K, n), at most three numbers per arm, replicate and row.

    Example:
        >>> class_counts(np.array([0, 1]), np.array([[[0, 0]]]), 2).toarray().astype(int).tolist()
        [[1, 0], [0, 0], [1, 1], [0, 0], [1, 0], [0, 1]]
    """
    blocks = predictions.reshape(-1, labels.size)
    actual = np.broadcast_to(labels, blocks.shape)
    block, row = np.indices(blocks.shape)
    first, hit = 3 * n_classes * block, blocks == actual
    lines = np.concatenate([(first + blocks)[hit], (first + n_classes + blocks).ravel(), (first + actual).ravel()])
    lines[-blocks.size :] += 2 * n_classes
    rows = np.concatenate([row[hit], row.ravel(), row.ravel()])
    return sparse.csr_array((np.ones(lines.size), (lines, rows)), shape=(3 * n_classes * len(blocks), labels.size))


def class_f1(sums: FloatArray) -> FloatArray:
    """F1 of each class, shape (…, C), from the sums of `class_counts`, shape (…, 3·C).

    Example:
        >>> class_f1(np.array([3.0, 0.0, 4.0, 0.0, 4.0, 0.0])).tolist()
        [0.75, 0.0]
    """
    hits, predicted, actual = np.split(sums, 3, axis=-1)
    return np.asarray(2 * hits / np.maximum(predicted + actual, 1e-300), dtype=np.float64)


def macro_f1(sums: FloatArray) -> FloatArray:
    """Mean F1 over all classes, shape (…), from the sums of `class_counts`."""
    return np.asarray(class_f1(sums).mean(axis=-1), dtype=np.float64)


def bin_gaps(correct: npt.NDArray[np.bool_], confidence: FloatArray, n_bins: int = 15) -> sparse.csr_array:
    """What each row adds to (confidence − correct) of its bin, and to the number of rows: the sums of calibration.

    Args:
        correct: whether the top class was right, shape (A, R, n).
        confidence: probability of the top class, same shape, in [0, 1].
        n_bins: equal-width bins over [0, 1]; there are K = n_bins + 1 sums per arm and replicate.

    Returns:
        Shape (A·R·K, n), two numbers per arm, replicate and row.
    """
    n = correct.shape[-1]
    sure, right = confidence.reshape(-1, n), correct.reshape(-1, n)
    block, row = np.indices(sure.shape)
    first = (n_bins + 1) * block
    place = np.clip(np.ceil(sure * n_bins).astype(np.int64) - 1, 0, n_bins - 1)
    lines = np.concatenate([(first + place).ravel(), (first + n_bins).ravel()])
    values = np.concatenate([(sure - right).ravel(), np.ones(sure.size)])
    shape = ((n_bins + 1) * len(sure), n)
    return sparse.csr_array((values, (lines, np.concatenate([row.ravel(), row.ravel()]))), shape=shape)


def calibration_error(sums: FloatArray) -> FloatArray:
    """Expected calibration error, shape (…), from the sums of `bin_gaps`.

    Example:
        >>> calibration_error(np.array([0.5, -1.5, 10.0])).item()
        0.2
    """
    return np.asarray(np.abs(sums[..., :-1]).sum(axis=-1) / np.maximum(sums[..., -1], 1e-300), dtype=np.float64)

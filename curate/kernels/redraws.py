"""Replicates and clusters of test rows drawn again, independently of each other: the crossed bootstrap.

Each draw is the same for all arms (Multi-Bootstrap, Sellam et al. 2022; `scipy.stats.bootstrap` draws along one axis
only). For what has no standard error of its own: a curve that is fitted.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from curate.kernels.twoway import FloatArray, IntArray

CHUNK = 256  # weight vectors held at once


def crossed_weights(
    index: IntArray, n_clusters: int, n_replicates: int, generator: np.random.Generator, n_draws: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Draw clusters and replicates with replacement, independently, in chunks.

    Args:
        index: the number of each row's cluster, in [0, n_clusters), shape (n,).
        n_clusters: how many clusters there are.
        n_replicates: R.
        generator: where the draws come from.
        n_draws: draws in all.

    Yields:
        How often each row comes up, shape (b, n), and the share of each replicate, shape (b, R), whose lines sum to 1.
    """
    for start in range(0, n_draws, CHUNK):
        size = min(CHUNK, n_draws - start)
        weights = _multiplicities(generator, size, n_clusters)[:, index]
        yield weights, _multiplicities(generator, size, n_replicates) / n_replicates


def _multiplicities(generator: np.random.Generator, n_draws: int, n_items: int) -> FloatArray:
    """How often each item comes up in `n_items` draws with replacement, shape (n_draws, n_items)."""
    drawn = generator.integers(0, n_items, size=(n_draws, n_items)) + n_items * np.arange(n_draws)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=n_draws * n_items)
    return counts.reshape(n_draws, n_items).astype(np.float64)

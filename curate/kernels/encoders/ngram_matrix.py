"""Texts as sparse rows of hashed n-grams, what the offline encoders `lsa`, `terms` and `hashed` start from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from curate.kernels.encoders.encoder import Matrix
from curate.kernels.ngrams import hash_ngrams, mix

N_BUCKETS = 2**20


def ngram_matrix(texts: Sequence[str], words: tuple[int, int], characters: tuple[int, int] | None) -> sparse.csr_matrix:
    """1 + log(count) of each hashed n-gram, float32, shape (n, N_BUCKETS).

    Example:
        >>> ngram_matrix(["so so", ""], (1, 1), None).data.round().tolist()
        [2.0]
    """
    grams = hash_ngrams(texts, words=words, characters=characters, n_buckets=N_BUCKETS)
    values = 1 + np.log(grams.counts)
    return sparse.csr_matrix((values, grams.ids.astype(np.int32), grams.offsets), shape=(len(texts), N_BUCKETS))


def weighted(counts: sparse.csr_matrix, weights: NDArray[np.float64]) -> sparse.csr_matrix:
    """The rows, weighed, each of Euclidean length 1."""
    rows = sparse.csr_matrix(counts.multiply(weights))
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    scale = sparse.diags_array(1 / np.where(length > 0, length, 1))
    return sparse.csr_matrix(scale @ rows, dtype=np.float32)


def folded(rows: sparse.csr_matrix, n_dimensions: int) -> Matrix:
    """The columns folded into few by their hash, each with a sign of its own, so that products stay right on average.

    Feature hashing (Weinberger et al. 2009): dense float32, shape (n, n_dimensions).

    Example:
        >>> np.abs(folded(ngram_matrix(["so so"], (1, 1), None), 4)).sum().round()
        np.float32(2.0)
    """
    entries = rows.tocoo()
    drawn = mix(entries.col.astype(np.uint64) + np.uint64(1))
    column = ((drawn >> np.uint64(1)) % np.uint64(n_dimensions)).astype(np.int64)
    sign = np.where(drawn & np.uint64(1), -1.0, 1.0)
    place = entries.row.astype(np.int64) * n_dimensions + column
    sums = np.bincount(place, weights=entries.data * sign, minlength=rows.shape[0] * n_dimensions)
    return sums.astype(np.float32).reshape(rows.shape[0], n_dimensions)

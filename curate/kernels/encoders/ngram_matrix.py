"""Texts as sparse rows of hashed n-grams, what the offline encoders `lsa` and `hashed` start from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from curate.kernels.ngrams import hash_ngrams

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

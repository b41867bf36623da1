"""`terms`: TF-IDF of the most frequent words and pairs of words, each with a direction of its own, then turned.

What `lsa` forgets, rare words, tells many classes apart. The turn (signs, then a Walsh-Hadamard transform; Ailon &
Chazelle 2009, "The fast Johnson-Lindenstrauss transform") changes no product of two vectors; it spreads every word over
all numbers, as an optimiser with a step for each number (Adam) would else move rare words as far as frequent ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator
from scipy import sparse

from curate.kernels.encoders.encoder import Encoder, Encoding, Matrix
from curate.kernels.encoders.ngram_matrix import N_BUCKETS, ngram_matrix, weighted
from curate.kernels.ngrams import mix

_BLOCK_ROWS = 512
_ARRAYS = ("features", "weights")


class Terms(Encoder):
    """TF-IDF of the most frequent n-grams: texts are alike that share words. Deterministic, no model to load.

    Made for classifiers (`head`): a linear layer on it is a logistic regression on TF-IDF. It learns from the texts
    themselves which n-grams are frequent and how rare each is. Vectors are long: 16 KB a text.

    Attributes:
        n_dimensions: length of a vector, a power of two; so many n-grams count, those that most texts have.
        words: the shortest and longest n-gram of words.
        characters: the shortest and longest n-gram of characters; null for none.

    Example:
        >>> vectors = Terms(n_dimensions=8).fit(["so good", "bad"]).encode(["so good", "BAD", "new"])
        >>> vectors.shape, np.linalg.norm(vectors, axis=1).round(3).tolist()
        ((3, 8), [1.0, 1.0, 0.0])
    """

    name: ClassVar[str] = "terms"
    version: ClassVar[str] = "1"
    learns: ClassVar[bool] = True

    n_dimensions: int = Field(4096, ge=1, le=N_BUCKETS)
    words: tuple[int, int] = (1, 2)
    characters: tuple[int, int] | None = None

    @field_validator("n_dimensions")
    @classmethod
    def _doubled(cls, value: int) -> int:
        if value & (value - 1):
            raise ValueError("must be a power of two")
        return value

    def said(self) -> str:
        return f"terms, TF-IDF of up to {self.n_dimensions:,} n-grams, learnt on these texts"

    def fit(self, texts: Sequence[str]) -> Encoding:
        distinct = sorted(set(texts))
        n_texts = np.zeros(N_BUCKETS, np.int64)
        for low in range(0, len(distinct), _BLOCK_ROWS):
            n_texts += np.bincount(self._counts(distinct[low : low + _BLOCK_ROWS]).indices, minlength=N_BUCKETS)
        order = np.argsort(-n_texts, kind="stable")[: self.n_dimensions]
        features = np.sort(order[n_texts[order] > 0])
        return _Fitted(self, features, np.log((1 + len(distinct)) / (1 + n_texts[features])) + 1)

    def write(self, encoding: Encoding, folder: Path) -> None:
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(encoding, name))

    def read(self, folder: Path) -> Encoding:
        return _Fitted(self, *(np.load(folder / f"{name}.npy") for name in _ARRAYS))

    def _counts(self, texts: Sequence[str]) -> sparse.csr_matrix:
        return ngram_matrix(texts, self.words, self.characters)


@dataclass(frozen=True, eq=False)
class _Fitted:
    """The n-grams that count (v,), by their hash, and how much, shape (v,)."""

    encoder: Terms
    features: NDArray[np.int64]
    weights: NDArray[np.float64]

    def encode(self, texts: Sequence[str]) -> Matrix:
        width = self.encoder.n_dimensions
        signs = np.where(mix(np.arange(1, width + 1, dtype=np.uint64)) & np.uint64(1), -1, 1).astype(np.float32)
        made = np.zeros((len(texts), width), np.float32)
        for low in range(0, len(texts), _BLOCK_ROWS):
            counts = self.encoder._counts(texts[low : low + _BLOCK_ROWS])
            rows = made[low : low + _BLOCK_ROWS]
            rows[:, : len(self.features)] = weighted(counts[:, self.features], self.weights).toarray()
            rows *= signs
            made[low : low + _BLOCK_ROWS] = transformed(rows)
        return made


def transformed(rows: Matrix) -> Matrix:
    """The Walsh-Hadamard transform of each row, float32, shape (n, d), d a power of two; lengths stay.

    Example:
        >>> (2 * transformed(np.eye(1, 4, 1, dtype=np.float32))).tolist()
        [[1.0, -1.0, 1.0, -1.0]]
    """
    n, width = rows.shape
    turned, step = np.ascontiguousarray(rows.T), 1
    while step < width:
        pairs = turned.reshape(-1, 2, step, n)
        sums = pairs[:, 0] + pairs[:, 1]
        np.subtract(pairs[:, 0], pairs[:, 1], out=pairs[:, 1])
        pairs[:, 0] = sums
        step *= 2
    return np.ascontiguousarray(turned.T / np.float32(width**0.5), np.float32)

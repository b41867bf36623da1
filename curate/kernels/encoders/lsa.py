"""`lsa`: the offline default. TF-IDF of word and character n-grams, then a truncated singular value decomposition.

Latent semantic analysis (Deerwester et al. 1990), learnt on the very texts it encodes; the decomposition is the
randomised one of scikit-learn (Halko et al. 2011) with a fixed seed. The latent half of a vector says what a text is
about and forgets its rare words, so that two questions of one pattern look the same; the other half folds the n-grams
themselves (Weinberger et al. 2009), so that they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import sparse

from curate.kernels.encoders.encoder import Encoder, Encoding, Matrix
from curate.kernels.encoders.ngram_matrix import N_BUCKETS, folded, ngram_matrix, weighted
from curate.kernels.hashing import hash_texts
from curate.kernels.threads import one_thread_each

_BLOCK_ROWS = 4096
_MAX_FEATURES = 30_000
_ARRAYS = ("weights", "features", "directions")


class Lsa(Encoder):
    """Latent semantic analysis: texts are alike that use words which occur together. Deterministic, no model to load.

    It learns from the texts themselves, so that vectors of two corpora cannot be compared and a few hundred texts are
    the least. It knows neither synonyms that the texts do not show nor other languages.

    Attributes:
        n_dimensions: length of a vector: half of it latent (less where there are few texts), half folded.
        words: the shortest and longest n-gram of words.
        characters: the shortest and longest n-gram of characters; null for none.
        n_texts: learn from at most so many texts, chosen by their hash.
    """

    name: ClassVar[str] = "lsa"
    version: ClassVar[str] = "1"
    learns: ClassVar[bool] = True

    n_dimensions: int = Field(512, ge=2)
    words: tuple[int, int] = (1, 1)
    characters: tuple[int, int] | None = (3, 4)
    n_texts: int = Field(30_000, ge=1)

    def said(self) -> str:
        return f"lsa, {self.n_dimensions} dimensions, learnt on these texts"

    @one_thread_each()
    def fit(self, texts: Sequence[str]) -> Encoding:
        from sklearn.utils.extmath import randomized_svd

        distinct = sorted(set(texts))
        if len(distinct) > self.n_texts:
            chosen = np.sort(np.argsort(hash_texts(distinct), kind="stable")[: self.n_texts])
            distinct = [distinct[at] for at in chosen.tolist()]
        blocks = [self._counts(distinct[low : low + _BLOCK_ROWS]) for low in range(0, len(distinct), _BLOCK_ROWS)]
        counts = sparse.vstack([sparse.csr_matrix((0, N_BUCKETS), dtype=np.float32), *blocks], format="csr")
        n_texts = np.bincount(counts.indices, minlength=N_BUCKETS)
        weights = np.log((1 + len(distinct)) / (1 + n_texts)) + 1
        features = np.flatnonzero(n_texts > 1)
        features = np.sort(features[np.argsort(-n_texts[features], kind="stable")[:_MAX_FEATURES]])
        rows = weighted(counts[:, features], weights[features])
        count = min(self.n_dimensions // 2, *rows.shape)
        directions = np.zeros((len(features), 1), np.float32)
        if count and rows.nnz:
            directions = randomized_svd(rows, count, n_iter=4, random_state=0)[2].T.astype(np.float32)
        return _Fitted(self, weights, features, directions)

    def write(self, encoding: Encoding, folder: Path) -> None:
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(encoding, name))

    def read(self, folder: Path) -> Encoding:
        return _Fitted(self, *(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS))

    def _counts(self, texts: Sequence[str]) -> sparse.csr_matrix:
        return ngram_matrix(texts, self.words, self.characters)


@dataclass(frozen=True, eq=False)
class _Fitted:
    """The weight of every n-gram (N_BUCKETS,), those with a latent part (v,), and the directions, shape (v, d)."""

    encoder: Lsa
    weights: NDArray[np.float64]
    features: NDArray[np.int64]
    directions: Matrix

    @one_thread_each()
    def encode(self, texts: Sequence[str]) -> Matrix:
        width = self.encoder.n_dimensions - self.encoder.n_dimensions // 2
        made = np.zeros((len(texts), self.directions.shape[1] + width), np.float32)
        for low in range(0, len(texts), _BLOCK_ROWS):
            counts = self.encoder._counts(texts[low : low + _BLOCK_ROWS])
            latent = weighted(counts[:, self.features], self.weights[self.features]) @ self.directions
            halves = [_unit(latent), _unit(folded(weighted(counts, self.weights), width))]
            made[low : low + _BLOCK_ROWS] = np.concatenate(halves, axis=1)
        return made


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))

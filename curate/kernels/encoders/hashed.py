"""`hashed`: hashed n-grams folded into a dense vector with random signs. Learns nothing, needs nothing.

Feature hashing (Weinberger et al. 2009). A vector depends on its text alone, so those of two corpora can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from curate.kernels.encoders.encoder import Encoder, Matrix
from curate.kernels.encoders.ngram_matrix import folded, ngram_matrix

_BLOCK_ROWS = 4096


class Hashed(Encoder):
    """Hashed n-grams: texts are alike that share words and runs of characters, whatever they mean.

    Attributes:
        n_dimensions: length of a vector; the more, the fewer n-grams fall together.
        words: the shortest and longest n-gram of words.
        characters: the shortest and longest n-gram of characters; null for none.

    Example:
        >>> Hashed(n_dimensions=64).fit([]).encode(["the same", "The  same", ""]).tolist()[2] == [0.0] * 64
        True
    """

    name: ClassVar[str] = "hashed"
    version: ClassVar[str] = "1"

    n_dimensions: int = Field(1024, ge=1)
    words: tuple[int, int] = (1, 1)
    characters: tuple[int, int] | None = (3, 4)

    def said(self) -> str:
        return f"hashed n-grams, {self.n_dimensions} dimensions"

    def fit(self, texts: Sequence[str]) -> Hashed:
        """Nothing to learn."""
        return self

    def encode(self, texts: Sequence[str]) -> Matrix:
        """One vector for each text, shape (n, n_dimensions)."""
        made = np.zeros((len(texts), self.n_dimensions), np.float32)
        for low in range(0, len(texts), _BLOCK_ROWS):
            rows = ngram_matrix(texts[low : low + _BLOCK_ROWS], self.words, self.characters)
            made[low : low + _BLOCK_ROWS] = folded(rows, self.n_dimensions)
        return made

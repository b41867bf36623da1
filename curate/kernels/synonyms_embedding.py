"""Neighbours in an embedding as a source of other words: near vectors, the same ending, no function words.

Near is not the same: plain vectors have antonyms and words of one kind (*Monday*, *Friday*) near, too. Take vectors
that were fitted to a thesaurus, or a high `min_similarity`. `curate.kernels.word_vectors` reads the vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from curate.kernels.synonyms import Option
from curate.kernels.word_context import FUNCTION_WORDS, NEGATIONS, NEGATIONS_ELSEWHERE
from curate.kernels.word_vectors import WordVectors

_ENDINGS = ("ing", "ed", "ly", "est", "er", "s")
_LOOK = 4
"""How many times as many neighbours are looked at as are wanted, since some are left out."""


class EmbeddingSource:
    """The nearest words of a word.

    Args:
        vectors: the words with their vectors.
        min_similarity: the least cosine similarity, in [-1, 1].
        n_neighbors: so many words at most.
        english: leave out English function words and negations, words with another ending (-s, -ed, -ing, -ly, -er,
            -est) and other forms of the word.

    Example:
        >>> import numpy as np
        >>> vectors = WordVectors(["film", "films", "movie"], np.array([[1, 0], [1, 0], [0.8, 0.6]], np.float32), "")
        >>> EmbeddingSource(vectors, 0.7, 10).options("film", "the", "")
        (('movie', 0.8),)
    """

    def __init__(
        self, vectors: WordVectors, min_similarity: float = 0.7, n_neighbors: int = 10, *, english: bool = True
    ) -> None:
        self._vectors = vectors
        self._least = min_similarity
        self._n = n_neighbors
        self._english = english
        self._options: dict[str, tuple[Option, ...]] = {}
        said = f"{vectors.revision} {len(vectors.words)} {min_similarity} {n_neighbors} {english}"
        self.revision = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        found = self._options.get(word)
        if found is None:
            if word not in self._vectors.places:
                return ()
            found = self._options[word] = self._found(word)
        return found

    def _found(self, word: str) -> tuple[Option, ...]:
        if word in NEGATIONS_ELSEWHERE or (self._english and _is_fixed(word)):
            return ()
        near = self._vectors.nearest(word, _LOOK * self._n)
        kept = [
            (other, min(1.0, max(0.0, similarity)))
            for other, similarity in near
            if similarity >= self._least
            and other not in NEGATIONS_ELSEWHERE
            and not (self._english and (_is_fixed(other) or not _fits(other, word)))
        ]
        return tuple(kept[: self._n])


def _is_fixed(word: str) -> bool:
    return word in FUNCTION_WORDS or word in NEGATIONS


def _fits(other: str, word: str) -> bool:
    """Whether an English word has the ending of another and is no form of it."""
    if _ending(other) != _ending(word):
        return False
    shared = next((at for at, pair in enumerate(zip(other, word, strict=False)) if pair[0] != pair[1]), None)
    longest = max(len(other), len(word))
    return shared is not None and shared < max(4, longest - 3)


def _ending(word: str) -> str:
    if word.endswith("ss"):
        return ""
    return next((one for one in _ENDINGS if word.endswith(one) and len(word) > len(one) + 2), "")

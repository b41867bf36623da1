"""Texts of one corpus that stand in another: the finders behind `dedup.leakage`, the check `leakage` and `measure`.

A finder is made of the texts that are looked for (a held-out split), sums them up once and is then asked about others,
chunk by chunk. Positions are those of the texts it was made of; of equally good twins it names the earlier one.
Word runs: Brown et al. 2020 (GPT-3), appendix C.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from curate.kernels.cosine import nearest_across_cosine
from curate.kernels.cosine_index import Backend, best_backend
from curate.kernels.encoders.encoder import Encoder, Matrix
from curate.kernels.hashing import hash_texts_128
from curate.kernels.join import nearest_across
from curate.kernels.pairs import NO_TWIN, Twins
from curate.kernels.shingles import ShingleSets, Unit, shingle_sets
from curate.kernels.text import normaliser
from curate.kernels.word_edits import words_of

Texts = Sequence[str | None]
I64 = NDArray[np.int64]

_ROWS_AT_ONCE = 1000


class Finder(Protocol):
    """Finds for each text its twin among the texts that the finder was made of."""

    def find(self, texts: Texts) -> Twins: ...


class ExactFinder:
    """Texts that are the same ignoring case, white space, Unicode form and, where told, punctuation.

    A text that is nothing but punctuation is compared with it. Null and blank texts have no twin.

    Example:
        >>> ExactFinder(["Who is it?", None]).find(["who  is it", "it is who", ""]).twin.tolist()
        [0, -1, -1]
    """

    def __init__(self, texts: Texts, *, punctuation: bool = True) -> None:
        self._normal = normaliser()
        self._bare = normaliser(punctuation=True) if punctuation else self._normal
        self._place: dict[bytes, int] = {}
        for at, form in enumerate(self._forms(texts)):
            if form is not None:
                self._place.setdefault(form, at)

    def find(self, texts: Texts) -> Twins:
        places = (NO_TWIN if form is None else self._place.get(form, NO_TWIN) for form in self._forms(texts))
        twin = np.fromiter(places, np.int64, len(texts))
        return Twins(twin, (twin != NO_TWIN).astype(np.float64))

    def _forms(self, texts: Texts) -> list[bytes | None]:
        given = [None if text is None or not text.strip() else self._bare(text) or self._normal(text) for text in texts]
        hashes = hash_texts_128(given)
        return [None if form is None else row.tobytes() for form, row in zip(given, hashes, strict=True)]


@dataclass(frozen=True, eq=False)
class NearFinder:
    """Texts whose shingle sets are similar: by Jaccard, found exactly (`kernels.join`)."""

    sets: ShingleSets
    min_similarity: float
    size: int
    unit: Unit

    @classmethod
    def of(cls, texts: Texts, *, min_similarity: float, size: int, unit: Unit) -> NearFinder:
        return cls(shingle_sets(texts, size=size, unit=unit), min_similarity, size, unit)

    def find(self, texts: Texts) -> Twins:
        return nearest_across(shingle_sets(texts, size=self.size, unit=self.unit), self.sets, self.min_similarity)


class RunFinder:
    """Texts that share a run of at least `n_words` words.

    The similarity is the share of a text's words that stand in such a run of any of the texts looked for; the twin is
    the text in which most of its runs stand first. A text of fewer words is one run as a whole.

    Example:
        >>> finder = RunFinder(["to be or not to be"], n_words=4)
        >>> found = finder.find(["He said: to be, or not TO be there", "to be or what"])
        >>> found.twin.tolist(), found.similarity.tolist()
        ([0, -1], [0.6666666666666666, 0.0])
    """

    def __init__(self, texts: Texts, *, n_words: int, min_fraction: float = 0.0) -> None:
        self._n_words, self._min_fraction = n_words, min_fraction
        sets = shingle_sets(texts, size=n_words)
        self._runs, first = np.unique(sets.shingles, return_index=True)
        self._owner = np.repeat(np.arange(len(sets)), sets.sizes)[first]

    def find(self, texts: Texts) -> Twins:
        sets = shingle_sets(texts, size=self._n_words)
        twin, similarity = np.full(len(sets), NO_TWIN), np.zeros(len(sets))
        place = np.searchsorted(self._runs, sets.shingles)
        known = np.isin(sets.shingles, self._runs)
        if not known.any():
            return Twins(twin, similarity)
        owner = np.repeat(np.arange(len(sets)), sets.sizes)
        asked, best = _most_common(owner[known], self._owner[place[known]])
        parts = [self._covered([texts[at] or "" for at in part.tolist()]) for part in _cut(asked, _ROWS_AT_ONCE)]
        covered = np.concatenate(parts)
        told = covered >= self._min_fraction
        twin[asked[told]], similarity[asked[told]] = best[told], covered[told]
        return Twins(twin, similarity)

    def _covered(self, texts: list[str]) -> NDArray[np.float64]:
        """The share of each text's words that stand in a run that is looked for; each text has such a run."""
        words = [found or [""] for found in words_of(texts)]
        sizes = [min(self._n_words, len(found)) for found in words]
        windows = [
            [" ".join(found[at : at + n]) for at in range(len(found) - n + 1)]
            for found, n in zip(words, sizes, strict=True)
        ]
        runs = shingle_sets(list(chain.from_iterable(windows)), size=self._n_words)
        known = np.isin(runs.shingles[runs.offsets[:-1]], self._runs)
        ends = np.cumsum([len(part) for part in windows])
        shares = []
        for found, n, hit in zip(words, sizes, np.split(known, ends[:-1]), strict=True):
            inside = np.zeros(len(found), bool)
            inside[(np.flatnonzero(hit)[:, None] + np.arange(n)).ravel()] = True
            shares.append(max(int(inside.sum()), n) / len(found))
        return np.array(shares)


def _cut(array: I64, size: int) -> list[I64]:
    return [array[start : start + size] for start in range(0, len(array), size)]


@dataclass(frozen=True, eq=False)
class MeaningFinder:
    """Texts whose vectors point nearly the same way: by cosine, found exactly (`kernels.cosine`)."""

    values: Matrix
    place: Mapping[str, int]
    looked_for: I64
    min_similarity: float
    backend: Backend

    @classmethod
    def of(
        cls, texts: Texts, asked: Iterable[str | None], encoder: Encoder, bound: float, device: str
    ) -> MeaningFinder:
        """Encodes all texts at once, those looked for and those asked about, as an encoder may learn from them.

        Args:
            texts: those looked for.
            asked: all texts that will be asked about.
            encoder: makes the vectors.
            bound: the cosine from which two texts are twins.
            device: where the join runs.
        """
        known = sorted({text for text in chain(texts, asked) if text is not None and text.strip()})
        place = {text: at for at, text in enumerate(known)}
        looked_for = np.array([place.get(text or "", NO_TWIN) for text in texts], np.int64)
        return cls(encoder.fit(known).encode(known), place, looked_for, bound, best_backend(device))

    def find(self, texts: Texts) -> Twins:
        rows = np.array([self.place.get(text or "", NO_TWIN) for text in texts], np.int64)
        return nearest_across_cosine(
            self._vectors(rows), self._vectors(self.looked_for), self.min_similarity, backend=self.backend
        )

    def _vectors(self, rows: I64) -> Matrix:
        """The vector of each row, zero (nobody's twin) for one without a text."""
        return np.where((rows == NO_TWIN)[:, None], np.float32(0), self.values[np.maximum(rows, 0)])


def _most_common(asked: I64, found: I64) -> tuple[I64, I64]:
    """For each text asked about the one found most often with it, the earlier of equals."""
    pairs, count = np.unique(np.stack([asked, found], axis=1), axis=0, return_counts=True)
    order = np.lexsort((pairs[:, 1], -count, pairs[:, 0]))
    texts, first = np.unique(pairs[order, 0], return_index=True)
    return texts, pairs[order[first], 1]


@dataclass(frozen=True, eq=False)
class Exactly:
    """A finder that takes the same text for the best twin there is, and asks another for all others."""

    exact: ExactFinder
    beyond: Finder | None = None

    def find(self, texts: Texts) -> tuple[Twins, NDArray[np.bool_]]:
        """The twins, and which of them have the same text."""
        same = self.exact.find(texts)
        is_same = same.twin != NO_TWIN
        if self.beyond is None:
            return same, is_same
        other = self.beyond.find(texts)
        twin = np.where(is_same, same.twin, other.twin)
        return Twins(twin, np.where(is_same, 1.0, np.clip(other.similarity, 0.0, 1.0))), is_same

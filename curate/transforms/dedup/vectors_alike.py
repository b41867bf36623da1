"""Rows alike by the cosine of their vectors: how `dedup.semantic` finds twins, exactly or nearly so."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from curate.kernels.cosine import kept_twins_cosine, measured_recall, similar_pairs_cosine
from curate.kernels.cosine_index import Backend, NumpyBackend, best_backend
from curate.kernels.pairs import Pairs, Twins
from curate.kernels.unionfind import link
from curate.kernels.vectors import F32, F64, I64, Apart, Vectors, cosine

BackendName = Literal["auto", "numpy", "torch", "faiss_flat", "faiss_ivf", "faiss_hnsw", "kmeans"]
_SHOWN = {
    "faiss_flat": "FAISS, every row compared",
    "faiss_ivf": "FAISS IVF",
    "faiss_hnsw": "FAISS HNSW",
    "kmeans": "inside the clusters of k-means",
}


def backend_named(name: BackendName, device: str = "auto") -> Backend:
    """A backend of the cosine joins by its name.

    Example:
        >>> backend_named("kmeans").exact, backend_named("numpy").exact
        (False, True)
    """
    if name == "auto":
        return best_backend(device)
    if name == "numpy":
        return NumpyBackend()
    if name == "torch":
        from curate.kernels.cosine_torch import TorchBackend

        return TorchBackend(device=device)
    if name == "kmeans":
        from curate.kernels.cosine_kmeans import KMeansBackend

        return KMeansBackend(inside=best_backend(device, block_rows=256))
    from curate.kernels.faiss import FaissBackend

    kinds: dict[str, Literal["flat", "ivf", "hnsw"]] = {"faiss_flat": "flat", "faiss_ivf": "ivf", "faiss_hnsw": "hnsw"}
    return FaissBackend(kinds[name], device="cuda" if device.startswith("cuda") else "cpu")


@dataclass(frozen=True, eq=False)
class VectorsAlike:
    """Which of n rows are alike (`curate.transforms.dedup.cluster.Alike`).

    Attributes:
        values: the vector of each row, float32, shape (n, d); a zero one is like nothing.
        min_similarity: the bound.
        backend: how candidates are found.
        name: of the backend, for the notes of a run.
        apart: the masked and the raw form of each row, where the guard is on.
    """

    values: F32
    min_similarity: float
    backend: Backend
    name: BackendName = "auto"
    apart: Apart | None = None

    def told(self) -> str:
        """How twins are found; of an approximate backend how many it misses, measured on a sample of these rows."""
        if self.backend.exact:
            return "exact join: every pair is found"
        recall = measured_recall(self.values, self.min_similarity, self.backend)
        found = f"{recall.n_found} of the {recall.n_pairs} pairs of {recall.n_rows} rows"
        return f"{_SHOWN[self.name]}: finds {recall.share:.1%} of the pairs, measured: {found}"

    def kept_twins(self, order: I64) -> Twins:
        """See `curate.kernels.cosine.kept_twins_cosine`."""
        return kept_twins_cosine(self.values, order, self.min_similarity, backend=self.backend, apart=self.apart)

    def components(self) -> I64:
        """Linked directly or through others."""
        rows, first, group = self._distinct
        left = np.concatenate([rows[first[group]], rows[first[self._pairs.left]]])
        right = np.concatenate([rows, rows[first[self._pairs.right]]])
        return link(np.arange(len(self.values), dtype=np.int64), left, right)

    def centrality(self) -> F64:
        """The sum of the similarities of each row to its twins; those with the same vector count one each."""
        rows, first, group = self._distinct
        n_rows = np.bincount(group, minlength=len(first))
        total = (n_rows - 1).astype(np.float64)
        for ends, others in ((self._pairs.left, self._pairs.right), (self._pairs.right, self._pairs.left)):
            total += np.bincount(ends, weights=self._pairs.similarity * n_rows[others], minlength=len(first))
        found = np.zeros(len(self.values))
        found[rows] = total[group]
        return found

    def similarity(self, left: I64, right: I64) -> F64:
        """The cosine of some pairs, at or above the bound or not."""
        vectors = Vectors.of(self.values)
        place = np.full(len(self.values), -1, np.int64)
        place[vectors.rows] = np.arange(len(vectors))
        return np.maximum(cosine(vectors, place[left], vectors, place[right]), 0.0)

    @cached_property
    def _distinct(self) -> tuple[I64, I64, I64]:
        """The rows that are not zero; the place of the first of each group of equal ones; the group of each."""
        vectors = Vectors.of(self.values, apart=self.apart)
        return vectors.rows, *vectors.distinct()

    @cached_property
    def _pairs(self) -> Pairs:
        """Pairs of distinct vectors, by their groups."""
        rows, first, _ = self._distinct
        chosen = rows[first]
        apart = None if self.apart is None else (self.apart[0][chosen], self.apart[1][chosen])
        return similar_pairs_cosine(self.values[chosen], self.min_similarity, backend=self.backend, apart=apart)

"""Candidates of a cosine join inside the clusters of k-means: for more rows than a full join can take.

SemDeDup (Abbas et al. 2023) compares only rows of one cluster. A pair that a border divides is missed; looking into
several clusters a row brings most of them back. `kernels.cosine.measured_recall` says how many are still missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from curate.kernels.cosine_index import Backend, Index, NumpyBackend
from curate.kernels.vectors import F32, I64, Vectors

_TRAINING_ROWS = 50  # of each cluster
_ROUNDS = 10


@dataclass(frozen=True)
class KMeansBackend:
    """Another backend inside each cluster.

    Attributes:
        n_clusters: None for the root of the number of rows.
        n_probes: in how many clusters, the nearest ones, a row looks for its twins.
        inside: finds candidates inside a cluster.
    """

    n_clusters: int | None = None
    n_probes: int = 4
    inside: Backend = field(default_factory=NumpyBackend)
    exact: bool = False
    block_rows: int = 16384

    def index(self, vectors: Vectors, min_similarity: float) -> KMeansIndex:
        n_clusters = max(1, min(self.n_clusters or int(len(vectors) ** 0.5), len(vectors)))
        step = max(1, len(vectors) // (_TRAINING_ROWS * n_clusters))
        sample = vectors.take(np.arange(0, len(vectors), step)).units().astype(np.float32)
        first = self.inside.index(vectors, min_similarity)
        return KMeansIndex(vectors, first, _directions(sample, n_clusters), min(self.n_probes, n_clusters))


def _directions(sample: F32, n_clusters: int) -> F32:
    """Spherical k-means (Dhillon and Modha 2001): the mean directions, shape (n_clusters, d), begun at even steps."""
    if not len(sample):
        return np.zeros((1, sample.shape[1]), np.float32)
    means = sample[np.linspace(0, len(sample), n_clusters, endpoint=False).astype(np.int64)]
    for _ in range(_ROUNDS if n_clusters > 1 else 0):
        home = np.concatenate(
            [(sample[low : low + 4096] @ means.T).argmax(axis=1) for low in range(0, len(sample), 4096)]
        )
        sums = (
            sparse.csr_array((np.ones(len(home), np.float32), (home, np.arange(len(home)))), (n_clusters, len(home)))
            @ sample
        )
        length = np.linalg.norm(sums, axis=1, keepdims=True)
        means = np.where(length > 0, sums / np.maximum(length, 1e-12), means).astype(np.float32)
    return means


class KMeansIndex:
    """One index for each cluster."""

    def __init__(self, vectors: Vectors, first: Index, means: F32, n_probes: int) -> None:
        self.vectors, self.min_similarity = vectors, first.min_similarity
        self.first, self.means, self.n_probes = first, means, n_probes
        self.inside: dict[int, Index] = {}

    def empty(self) -> Index:
        return self.first.empty()

    def add(self, places: I64) -> None:
        home = self._nearest(self.vectors.take(places), 1)[:, 0]
        for cluster, at in _groups(home):
            self.inside.setdefault(cluster, self.first.empty()).add(places[at])

    def near(self, queries: Vectors) -> Iterator[tuple[I64, I64]]:
        probes = self._nearest(queries, self.n_probes)
        for cluster, at in _groups(probes.ravel()):
            if cluster in self.inside:
                asked = at // self.n_probes
                for found, there in self.inside[cluster].near(queries.take(asked)):
                    yield asked[found], there

    def _nearest(self, vectors: Vectors, count: int) -> I64:
        """The nearest clusters of each row, shape (n, count)."""
        parts = [np.zeros((0, count), np.int64)]
        for low in range(0, len(vectors), 4096):
            rows = vectors.take(np.arange(low, min(low + 4096, len(vectors)))).units().astype(np.float32)
            parts.append(np.argpartition(-(rows @ self.means.T), count - 1, axis=1)[:, :count].astype(np.int64))
        return np.concatenate(parts)


def _groups(labels: I64) -> Iterator[tuple[int, I64]]:
    """Each label with the positions that have it, ascending."""
    order = np.argsort(labels, kind="stable")
    values, begins = np.unique(labels[order], return_index=True)
    if len(values):
        yield from zip(values.tolist(), np.split(order, begins[1:]), strict=True)

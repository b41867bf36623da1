"""Candidates of a cosine join from FAISS: flat (exact), IVF and HNSW (approximate), on the CPU or moved to a GPU.

The index people save and query; for a join of a corpus with itself the torch backend is faster and exact. See Douze et
al. 2024, "The Faiss library". An approximate index misses pairs: `kernels.cosine.measured_recall` says how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from curate.errors import CurateError
from curate.kernels.cosine_index import NumpyIndex, blocks
from curate.kernels.vectors import F32, I64, Vectors
from curate.optional import require

_BY = "the FAISS backend of cosine joins"
_MOST_NEIGHBOURS = 2048  # of one search on a GPU


@dataclass(frozen=True)
class FaissBackend:
    """A FAISS index over the rows.

    Attributes:
        kind: `flat` compares with every row; `ivf` with those of the nearest lists; `hnsw` walks a graph.
        n_lists: of `ivf`; None for 4 times the root of the number of rows.
        n_probes: how many lists `ivf` looks through.
        breadth: how many rows `hnsw` keeps in view while it walks (efSearch, and efConstruction).
        device: `cuda` moves the index to a GPU (package faiss-gpu; there is no HNSW on a GPU).
    """

    kind: Literal["flat", "ivf", "hnsw"] = "flat"
    n_lists: int | None = None
    n_probes: int = 16
    breadth: int = 128
    device: Literal["cpu", "cuda"] = "cpu"
    block_rows: int = 2048

    @property
    def exact(self) -> bool:
        return self.kind == "flat"

    def index(self, vectors: Vectors, min_similarity: float) -> FaissIndex:
        faiss = require("faiss", extra="faiss", by=_BY)
        found = self._trained(faiss, vectors)
        on_gpu = self.device == "cuda"
        if on_gpu:
            found = _on_gpu(faiss, found)
        return FaissIndex(vectors, min_similarity, found, on_gpu)

    def _trained(self, faiss: Any, vectors: Vectors) -> Any:
        d, product = vectors.n_dimensions, faiss.METRIC_INNER_PRODUCT
        if self.kind == "flat" or not len(vectors):
            return faiss.IndexFlat(d, product)
        if self.kind == "hnsw":
            made = faiss.IndexHNSWFlat(d, 32, product)
            made.hnsw.efConstruction = made.hnsw.efSearch = self.breadth
            return made
        n_lists = self.n_lists or max(1, int(4 * len(vectors) ** 0.5))
        n_lists = max(1, min(n_lists, len(vectors) // 39))  # FAISS asks for 39 rows a list to train with
        made = faiss.IndexIVFFlat(faiss.IndexFlat(d, product), d, n_lists, product)
        made.nprobe, made.cp.min_points_per_centroid = min(self.n_probes, n_lists), 1
        made.train(_units(vectors.take(np.arange(0, len(vectors), max(1, len(vectors) // (64 * n_lists))))))
        return made


def _on_gpu(faiss: Any, index: Any) -> Any:
    if not hasattr(faiss, "StandardGpuResources") or not faiss.get_num_gpus():
        raise CurateError(
            "device is 'cuda' and FAISS finds no GPU", hint="pip install 'curate-data[gpu]', or device: cpu"
        )
    return faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)


class FaissIndex:
    """A FAISS index with the places of its rows."""

    def __init__(self, vectors: Vectors, min_similarity: float, index: Any, by_count: bool) -> None:
        self.vectors, self.min_similarity, self.index, self.by_count = vectors, min_similarity, index, by_count
        self.places = np.zeros(0, np.int64)
        self.bound = float(min_similarity - (vectors.n_dimensions + 8) * 2.0**-23 - 1e-9)

    def empty(self) -> NumpyIndex:
        return NumpyIndex(self.vectors, self.min_similarity)

    def add(self, places: I64) -> None:
        if not len(places):
            return
        faiss = require("faiss", extra="faiss", by=_BY)
        threads = faiss.omp_get_max_threads()
        if hasattr(self.index, "hnsw"):  # a graph grown by several threads at once is another one each time
            faiss.omp_set_num_threads(1)
        try:
            self.index.add(_units(self.vectors.take(places)))
        finally:
            faiss.omp_set_num_threads(threads)
        self.places = np.concatenate([self.places, places])

    def near(self, queries: Vectors) -> Iterator[tuple[I64, I64]]:
        if not len(self.places) or not len(queries):
            return
        wanted = _units(queries)
        if self.by_count:
            yield from self._by_count(queries, wanted)
            return
        for block in blocks(len(wanted), self._most_queries(len(wanted))):
            limits, _, found = self.index.range_search(wanted[block], self.bound)
            yield np.repeat(block, np.diff(limits.astype(np.int64))), self.places[found]

    def _most_queries(self, n: int) -> int:
        """How many queries one search by radius takes.

        FAISS 1.15 ends the process where a graph is asked more than it would answer between two looks for Ctrl-C.
        """
        if not hasattr(self.index, "hnsw"):
            return n
        faiss, graph = require("faiss", extra="faiss", by=_BY), self.index.hnsw
        return int(faiss.InterruptCallback.get_period_hint(graph.max_level * self.index.d * graph.efSearch))

    def _by_count(self, queries: Vectors, wanted: F32) -> Iterator[tuple[I64, I64]]:
        """Without a search by radius: ever more neighbours, until the last one of each query lies below the bound."""
        left, count, most = np.arange(len(wanted)), 64, min(_MOST_NEIGHBOURS, len(self.places))
        while len(left):
            count = min(count, most)
            products, found = self.index.search(wanted[left], count)
            done = (products[:, -1] < self.bound) | (count == len(self.places))
            at, column = np.nonzero((products >= self.bound) & (found >= 0) & done[:, None])
            yield left[at], self.places[found[at, column]]
            left = left[~done]
            if count == most:
                break
            count *= 4
        rest = self.empty()
        rest.add(self.places)
        for at, there in rest.near(queries.take(left)):
            yield left[at], there


def _units(vectors: Vectors) -> F32:
    """Rows of length 1, float32, shape (n, d), a few thousand at a time so that float64 stays small."""
    parts = [vectors.take(np.arange(low, min(low + 8192, len(vectors)))) for low in range(0, len(vectors), 8192)]
    return np.concatenate(
        [np.zeros((0, vectors.n_dimensions), np.float32), *(p.units().astype(np.float32) for p in parts)]
    )

"""Joins of vectors by cosine, by curate and by its peers: programs that read a .npy file and write the pairs they find.

    PYTHON tests/benchmarks/cosine_contenders.py NAME VECTORS.npy OUT.npz --min-similarity 0.9

`bench_cosine.py` runs each as a process of its own. Every contender is given the same unit vectors and both cores. What
FAISS is set to do by hand is what one would write for the task; lists, probes and neighbours are constants below.
`semhash` gives no pairs, only the rows it would keep.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

CORES = 2
BLOCK = 4096
PROBES = 16
GRAPH_LINKS, GRAPH_BUILD, GRAPH_SEARCH, NEIGHBOURS = 32, 80, 128, 64

Result = dict[str, Any]


def _pairs(blocks: Iterator[tuple[Any, Any]]) -> Result:
    """The pairs of blocks of (row, other), each once."""
    parts = [(left[left < right], right[left < right]) for left, right in blocks]
    return {"left": np.concatenate([left for left, _ in parts]), "right": np.concatenate([right for _, right in parts])}


def _ranges(index: Any, vectors: Any, min_similarity: float) -> Iterator[tuple[Any, Any]]:
    for begin in range(0, len(vectors), BLOCK):
        limits, _, found = index.range_search(vectors[begin : begin + BLOCK], min_similarity)
        yield np.repeat(np.arange(len(limits) - 1) + begin, np.diff(limits.astype(np.int64))), found


def faiss_flat(vectors: Any, min_similarity: float) -> Result:
    """Brute force by range search."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return _pairs(_ranges(index, vectors, min_similarity))


def faiss_ivf(vectors: Any, min_similarity: float) -> Result:
    """Inverted lists, 4 √n of them, 16 looked into."""
    import faiss

    faiss.omp_set_num_threads(CORES)
    lists = int(4 * len(vectors) ** 0.5)
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
    draw = np.random.default_rng(0)
    index.train(vectors[np.sort(draw.choice(len(vectors), min(len(vectors), 40 * lists), replace=False))])
    index.add(vectors)
    index.nprobe = PROBES
    return _pairs(_ranges(index, vectors, min_similarity))


def faiss_hnsw(vectors: Any, min_similarity: float) -> Result:
    """A graph, the 64 nearest of each row, those at or above the bound (it has no sound range search)."""
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], GRAPH_LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = GRAPH_BUILD, GRAPH_SEARCH
    index.add(vectors)
    near, found = index.search(vectors, NEIGHBOURS)
    row, place = np.nonzero(near >= min_similarity)
    left, right = row, found[row, place]
    keys = np.unique(np.minimum(left, right) * len(vectors) + np.maximum(left, right))  # either row may find the other
    return _pairs(iter([(keys // len(vectors), keys % len(vectors))]))


def semhash(vectors: Any, min_similarity: float) -> Result:
    """Its own index (usearch) over the given vectors; the texts are numbers."""
    from semhash import SemHash

    class Given:
        def encode(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("the vectors are given")

    rows = [str(row) for row in range(len(vectors))]
    held = SemHash.from_embeddings(vectors, rows, model=Given())
    kept = np.array([int(row) for row in held.self_deduplicate(threshold=min_similarity).selected])
    return {"kept": kept}


def curate_pairs(vectors: Any, min_similarity: float) -> Result:
    """Every pair, by the backend that is best for the machine."""
    from curate.kernels.cosine import similar_pairs_cosine

    pairs = similar_pairs_cosine(vectors, min_similarity)
    return {"left": pairs.left, "right": pairs.right}


def curate_numpy(vectors: Any, min_similarity: float) -> Result:
    """Every pair, with NumPy alone."""
    from curate.kernels.cosine import similar_pairs_cosine
    from curate.kernels.cosine_index import NumpyBackend

    pairs = similar_pairs_cosine(vectors, min_similarity, backend=NumpyBackend())
    return {"left": pairs.left, "right": pairs.right}


def curate_kept(vectors: Any, min_similarity: float) -> Result:
    """The rows that stay, which is what semhash answers."""
    from curate.kernels.cosine import kept_twins_cosine

    return {"kept": np.flatnonzero(kept_twins_cosine(vectors, np.arange(len(vectors)), min_similarity).twin < 0)}


CONTENDERS: dict[str, tuple[str, Callable[[Any, float], Result]]] = {
    "curate": ("", curate_pairs),
    "curate-kept": ("", curate_kept),
    "curate-numpy": ("", curate_numpy),
    "faiss-flat": ("faiss", faiss_flat),
    "faiss-ivf": ("faiss", faiss_ivf),
    "faiss-hnsw": ("faiss", faiss_hnsw),
    "semhash": ("semhash", semhash),
}
"""Name → the environment of `peers.py` it runs in ("" for curate's own), and the program."""


def main() -> None:
    """Run one contender and write what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=list(CONTENDERS))
    parser.add_argument("vectors", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--min-similarity", type=float, default=0.9)
    given = parser.parse_args()
    np.savez(given.out, **CONTENDERS[given.name][1](np.load(given.vectors), given.min_similarity))


if __name__ == "__main__":
    main()

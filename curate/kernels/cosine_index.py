"""What finds candidates in a cosine join: the protocol of an index and its backend, and the one in NumPy.

An index may propose too much and, where it is exact, never too little; `found` then keeps what is a pair by
`kernels.vectors.cosine`. The other backends: `kernels.cosine_torch`, `kernels.faiss`, `kernels.cosine_kmeans`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Protocol

import numpy as np

from curate.kernels.threads import in_turn
from curate.kernels.vectors import F32, F64, I64, Vectors, cosine

Candidates = tuple[I64, I64]


class Index(Protocol):
    """Rows of one set of vectors that queries are compared with."""

    vectors: Vectors
    min_similarity: float

    def add(self, places: I64) -> None:
        """Let these places be found from now on."""

    def near(self, queries: Vectors) -> Iterator[Candidates]:
        """Positions in `queries` with places of the index: all pairs at or above the bound, and others beside them."""

    def empty(self) -> Index:
        """An index over the same vectors that holds nothing yet, for a few thousand rows; never an approximate one."""


class Backend(Protocol):
    """A way to find candidates. `exact` ones miss nothing; `block_rows` is how many queries suit it at once."""

    @property
    def exact(self) -> bool: ...

    @property
    def block_rows(self) -> int: ...

    def index(self, vectors: Vectors, min_similarity: float) -> Index: ...


@dataclass(frozen=True)
class NumpyBackend:
    """Products of blocks in float32, with NumPy alone: the reference, and the fallback where torch is missing."""

    exact: bool = True
    block_rows: int = 1024

    def index(self, vectors: Vectors, min_similarity: float) -> NumpyIndex:
        return NumpyIndex(vectors, min_similarity)


class NumpyIndex:
    """Compares every query with every row added."""

    def __init__(self, vectors: Vectors, min_similarity: float) -> None:
        self.vectors, self.min_similarity = vectors, min_similarity
        self.places: list[I64] = []
        # A sum of d products of float32 unit vectors is off by less than (d + 2) * 2**-24 (Higham 2002, section 3.1).
        self.bound = min_similarity - (vectors.n_dimensions + 8) * 2.0**-23 - 1e-9

    def add(self, places: I64) -> None:
        self.places += [places[at : at + 4096] for at in range(0, len(places), 4096)]

    def near(self, queries: Vectors) -> Iterator[Candidates]:
        wanted = _float32(queries)

        def hits(number: int) -> Candidates:
            places = self.places[number]
            asked, at = np.nonzero(wanted @ _float32(self.vectors.take(places)).T >= self.bound)
            return asked, places[at]

        yield from in_turn(hits, len(self.places))

    def empty(self) -> NumpyIndex:
        return NumpyIndex(self.vectors, self.min_similarity)


def _float32(vectors: Vectors) -> F32:
    return vectors.units().astype(np.float32)


def best_backend(device: str = "auto", block_rows: int = 2048) -> Backend:
    """The exact backend for this machine: torch where it is installed, else NumPy. Both give the same answers."""
    if find_spec("torch") is None:
        return NumpyBackend()
    from curate.kernels.cosine_torch import TorchBackend

    return TorchBackend(device=device, block_rows=block_rows)


def blocks(n: int, size: int) -> Iterator[I64]:
    """The places from 0 to n, at most `size` at once."""
    yield from (np.arange(low, min(low + size, n)) for low in range(0, n, size))


def found(index: Index, queries: Vectors) -> Iterator[tuple[I64, I64, F64]]:
    """The candidates that are twins: position in `queries`, place in the index, cosine."""
    for at, there in index.near(queries):
        similarity = cosine(queries, at, index.vectors, there)
        true = similarity >= index.min_similarity
        if queries.apart is not None:
            masked, raw = (form[queries.rows[at]] == form[index.vectors.rows[there]] for form in queries.apart)
            true &= ~masked | raw
        yield at[true], there[true], similarity[true]

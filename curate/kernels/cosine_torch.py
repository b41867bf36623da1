"""Candidates of a cosine join by blocked products in torch: on the CPU, in bfloat16 where it has units for it, or CUDA.

A row is shortened to its principal components and the length of what they leave out: by Cauchy and Schwarz the product
of two such rows is never below the true cosine. Rounding is bounded row by row, so nothing at or above the bound is
missed; `kernels.vectors.cosine` then decides every candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from curate.kernels.threads import in_turn
from curate.kernels.torch_device import cpu_has_bfloat16, plain_torch, torch_device
from curate.kernels.vectors import F64, I64, Vectors
from curate.optional import require

if TYPE_CHECKING:
    import torch

_BY = "the torch backend of cosine joins"
_SAMPLE_ROWS = 3000
_GROUP = 256  # products looked at together; blocks are multiples of it
_PROJECT_ROWS = 8192
_NS_PER_COLUMN = {"bfloat16": 0.001, "float32": 0.011}  # of one product, seen on two cores; they steer, no more
_NS_PER_CANDIDATE = 5000.0
_TYPICAL_ERROR = {"bfloat16": 2.0**-9, "float32": 2.0**-24}


@dataclass(frozen=True)
class TorchBackend:
    """Blocked products with a projection bound; exact on every device and in both precisions.

    Attributes:
        device: `auto` takes CUDA where there is a GPU.
        precision: of the products that find candidates, never of the answer; `auto` takes bfloat16 on a GPU and on a
            CPU with AMX or AVX-512 BF16.
        block_rows: rows on each side of one product.
    """

    device: str = "auto"
    precision: Literal["auto", "bfloat16", "float32"] = "auto"
    block_rows: int = 2048
    exact: bool = True

    def index(self, vectors: Vectors, min_similarity: float) -> TorchIndex:
        torch = require("torch", extra="train", by=_BY)
        device = torch_device(self.device, _BY)
        precision: str = self.precision
        if precision == "auto":
            precision = "bfloat16" if device.type == "cuda" or cpu_has_bfloat16() else "float32"
        projection = Projection.of(vectors, min_similarity, precision)
        block_rows = -(-self.block_rows // _GROUP) * _GROUP
        return TorchIndex(vectors, min_similarity, projection, device, getattr(torch, precision), block_rows)


@dataclass(frozen=True, eq=False)
class Projection:
    """Orthonormal columns, float64, shape (d, k); None to keep the rows as they are."""

    columns: F64 | None

    @classmethod
    def of(cls, vectors: Vectors, min_similarity: float, precision: str) -> Projection:
        """The principal directions of a sample, as many as make the join cheapest on that sample."""
        places = np.arange(0, len(vectors), max(1, len(vectors) // _SAMPLE_ROWS))
        if len(vectors) < _SAMPLE_ROWS or vectors.n_dimensions <= 48:
            return cls(None)
        fitted, sample = (vectors.take(places[part::2]).units() for part in (0, 1))  # a fit flatters its own rows
        directions = np.linalg.eigh(fitted.T @ fitted)[1][:, ::-1]
        bound = min_similarity - 2 * _TYPICAL_ERROR[precision]
        upper = np.triu_indices(len(sample), 1)
        costs = {}
        for width in (32, 64, 96, 128, 192, 256, vectors.n_dimensions):
            if width > vectors.n_dimensions:
                break
            projection = cls(directions[:, : width - 1] if width < vectors.n_dimensions else None)
            rows = projection.rows(sample).astype(np.float32)
            share = float((np.matmul(rows, rows.T)[upper] >= bound).mean())
            costs[width] = (width * _NS_PER_COLUMN[precision] + share * _NS_PER_CANDIDATE, projection)
        return min(costs.values(), key=lambda cost: cost[0])[1]

    def rows(self, units: F64) -> F64:
        """Rows of length 1 as their components and what is left: length 1 again, shape (n, k + 1)."""
        if self.columns is None:
            return units
        short = units @ self.columns
        left = np.sqrt(np.maximum(0.0, 1 - np.square(short).sum(axis=1)) + 1e-12)
        return np.concatenate([short, left[:, None]], axis=1)


class TorchIndex:
    """Rows as tensors on the device, a block after the other."""

    def __init__(
        self,
        vectors: Vectors,
        min_similarity: float,
        projection: Projection,
        device: torch.device,
        dtype: torch.dtype,
        block_rows: int,
    ) -> None:
        self.vectors, self.min_similarity, self.projection = vectors, min_similarity, projection
        self.device, self.dtype, self.block_rows = device, dtype, block_rows
        self.blocks: list[torch.Tensor] = []
        self.places = np.zeros(block_rows, np.int64)
        self.n_rows, self.error = 0, 0.0

    def empty(self) -> TorchIndex:
        return TorchIndex(self.vectors, self.min_similarity, self.projection, self.device, self.dtype, self.block_rows)

    def add(self, places: I64) -> None:
        for low in range(0, len(places), _PROJECT_ROWS):
            part = places[low : low + _PROJECT_ROWS]
            with plain_torch():
                rows, error = self._rounded(self.vectors.take(part))
                self._append(rows, part)
            self.error = max(self.error, error)

    def _append(self, rows: torch.Tensor, places: I64) -> None:
        """Fill the last block, then open new ones; what is not filled yet stays 0, below every bound."""
        if self.n_rows + len(places) > len(self.places):
            more = max(len(self.places), self.n_rows + len(places))
            self.places = np.concatenate([self.places, np.zeros(more, np.int64)])
        self.places[self.n_rows : self.n_rows + len(places)] = places
        done = 0
        while done < len(rows):
            at = self.n_rows % self.block_rows
            if at == 0:
                self.blocks.append(rows.new_zeros((self.block_rows, rows.shape[1])))
            n = min(self.block_rows - at, len(rows) - done)
            self.blocks[-1][at : at + n] = rows[done : done + n]
            self.n_rows, done = self.n_rows + n, done + n

    def near(self, queries: Vectors) -> Iterator[tuple[I64, I64]]:
        if not self.n_rows or not len(queries):
            return
        with plain_torch():
            wanted, error = self._rounded(queries)
        bound = self._bound(error, wanted.shape[1])

        def hits(number: int) -> tuple[I64, I64]:
            return self._hits(wanted, number, bound)

        threads = 1 if self.device.type == "cuda" else None
        yield from in_turn(hits, len(self.blocks), threads, around=plain_torch)

    def _hits(self, wanted: torch.Tensor, number: int, bound: float) -> tuple[I64, I64]:
        filled = min(self.block_rows, self.n_rows - number * self.block_rows)
        block = self.blocks[number][: -(-filled // _GROUP) * _GROUP]
        at, there = _at_least(wanted @ block.T, bound)
        inside = there < filled
        return at[inside], self.places[number * self.block_rows + there[inside]]

    def _rounded(self, vectors: Vectors) -> tuple[torch.Tensor, float]:
        """Rows as they are multiplied, and the largest distance that rounding moved one of them."""
        import torch

        exact = torch.from_numpy(self.projection.rows(vectors.units()))
        rounded = exact.to(self.dtype)
        moved = torch.linalg.vector_norm(rounded.double() - exact, dim=1)
        return rounded.to(self.device), float(moved.max()) if len(moved) else 0.0

    def _bound(self, error: float, width: int) -> float:
        """No product of a pair at or above `min_similarity` comes out below this.

        |x'y' - xy| <= |x' - x| |y'| + |x| |y' - y|; a sum of `width` products in float32, in whatever order, adds less
        than 2 (width + 8) 2**-24 (Higham 2002, section 3.1, with room for other ways of rounding).
        """
        lengths = (1 + error) * (1 + self.error)
        return self.min_similarity - error - self.error * (1 + error) - (width + 8) * 2.0**-23 * lengths - 1e-9


def _at_least(products: torch.Tensor, bound: float) -> tuple[I64, I64]:
    """Where a product is at least the bound, rounded as the products are: rounding keeps the order."""
    import torch

    least = torch.tensor(bound, dtype=products.dtype)
    if products.dtype == torch.bfloat16 and bound > 0:  # above 0 they stand in the order of their bits
        products, least = products.view(torch.int16), least.view(torch.int16)
    least, groups = least.to(products.device), products.view(-1, _GROUP)
    hits = (groups.amax(1) >= least).nonzero()[:, 0]
    inner = (groups[hits] >= least).nonzero()
    flat = (hits[inner[:, 0]] * _GROUP + inner[:, 1]).cpu().numpy()
    return flat // products.shape[1], flat % products.shape[1]

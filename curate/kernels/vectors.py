"""Vectors and their cosine: what the joins of `kernels.cosine` work on; here alone a similarity is decided.

The backends (NumPy, torch, FAISS) only propose candidates; `cosine` then says how similar two rows are, in float64 and
always in the same order of operations. So every exact backend answers with the same pairs and the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import ArrayLike, NDArray

from curate.errors import ColumnError
from curate.kernels.native import in_threads

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Apart = tuple[NDArray[np.uint64], NDArray[np.uint64]]

_CHUNK_ROWS = 8192
_CHUNK_PAIRS = 4096


@dataclass(frozen=True, eq=False)
class Vectors:
    """Some rows of a matrix, in an order; a position in `rows` is called a place.

    Attributes:
        values: float32, shape (n_all, d), finite; may be memory-mapped. Never copied.
        rows: int64, shape (n,): which rows of `values`, none of them zero.
        squares: float64, shape (n,): their squared lengths.
        apart: two arrays uint64, shape (n_all,): rows equal in the first and not in the second are never twins.
    """

    values: F32
    rows: I64
    squares: F64
    apart: Apart | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def n_dimensions(self) -> int:
        return int(self.values.shape[1])

    @classmethod
    def of(cls, values: ArrayLike, order: ArrayLike | None = None, apart: Apart | None = None) -> Vectors:
        """The rows that are not zero, in the order given (positions of `values`) or as they stand.

        A zero vector has no direction, so it is similar to nothing: it is left out.

        Raises:
            ColumnError: `values` is no matrix, or a vector holds NaN or infinity.

        Example:
            >>> Vectors.of([[3, 4], [0, 0], [1, 0]]).rows.tolist()
            [0, 2]
        """
        matrix = np.asarray(values)
        if matrix.ndim != 2 or matrix.dtype.kind not in "fiu":
            raise ColumnError(f"vectors must be a matrix of numbers, not {matrix.dtype} of shape {matrix.shape}")
        with np.errstate(over="ignore"):
            matrix = matrix.astype(np.float32, order="C", copy=False)
        squares = _squares(matrix)
        bad = np.flatnonzero(~np.isfinite(squares))
        if len(bad):
            raise ColumnError(
                f"the vector of row {bad[0]} holds a number that is not finite ({len(bad)} such rows)",
                hint="drop those rows, or compute the vectors again",
            )
        rows = np.arange(len(matrix)) if order is None else np.asarray(order, dtype=np.int64)
        rows = rows[squares[rows] > 0]
        return cls(matrix, rows, squares[rows], apart)

    def take(self, places: I64) -> Vectors:
        """The rows at some places."""
        return Vectors(self.values, self.rows[places], self.squares[places], self.apart)

    def units(self) -> F64:
        """The rows scaled to length 1, float64, shape (n, d): for a block of rows, not for all."""
        return np.asarray(self.values[self.rows] / np.sqrt(self.squares)[:, None])

    def distinct(self) -> tuple[I64, I64]:
        """The place of the first of each group of equal rows, ascending, and for each row the number of its group."""
        data = self.values.view(np.uint8).reshape(len(self.values), 4 * self.n_dimensions)
        keys: Iterable[object] = (xxhash.xxh3_128_digest(data[row]) for row in self.rows.tolist())
        if self.apart is not None:
            keys = zip(keys, *(form[self.rows].tolist() for form in self.apart), strict=True)
        seen: dict[object, int] = {}
        group = np.fromiter((seen.setdefault(key, len(seen)) for key in keys), np.int64, len(self))
        first = np.full(len(seen), len(self), np.int64)
        np.minimum.at(first, group, np.arange(len(self)))
        return first, group


def cosine(one: Vectors, at: I64, other: Vectors, there: I64) -> F64:
    """The cosine of pairs of rows: those of `one` at the places `at` with those of `other` at `there`; at most 1.

    Products of float32 are exact in float64, and a row's are summed in one order whatever stands beside it; equal rows
    have exactly 1.

    Example:
        >>> rows = Vectors.of([[3, 4], [6, 8], [4, -3]])
        >>> cosine(rows, np.array([0, 0]), rows, np.array([1, 2])).tolist()
        [1.0, 0.0]
    """

    def work(start: int, stop: int) -> F64:
        left, right = at[start:stop], there[start:stop]
        dots = _dots(one.values[one.rows[left]], other.values[other.rows[right]])
        return np.asarray(dots / np.sqrt(one.squares[left] * other.squares[right]))

    bounds = [*range(0, len(at), _CHUNK_PAIRS), len(at)]
    return np.asarray(np.minimum(np.concatenate([np.zeros(0), *in_threads(work, bounds, None)]), 1.0))


def _dots(left: F32, right: F32) -> F64:
    """Row by row: exact products, summed pairwise along the row."""
    return np.asarray(np.multiply(left, right, dtype=np.float64).sum(axis=1))


def _squares(matrix: F32) -> F64:
    def work(start: int, stop: int) -> F64:
        with np.errstate(invalid="ignore", over="ignore"):
            return _dots(matrix[start:stop], matrix[start:stop])

    return np.concatenate([np.zeros(0), *in_threads(work, [*range(0, len(matrix), _CHUNK_ROWS), len(matrix)], None)])


def matrix_of(values: pa.ChunkedArray | pa.Array, row_ids: NDArray[np.uint64]) -> F32:
    """A column of lists of numbers as a matrix, float32, shape (n, d); zero for a null, which is similar to nothing.

    Raises:
        ColumnError: it holds no lists of numbers, lists of two lengths, a null inside one, or a number that is not
            finite.

    Example:
        >>> matrix_of(pa.array([[1, 2], None, [3, 4]]), np.array([0, 1, 2], np.uint64)).tolist()
        [[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]]
    """
    kind = values.type
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if not lists or not (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        raise ColumnError(f"a vector must be a list of numbers, not {kind}", hint="name a column of lists of floats")
    given = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    sizes = pc.list_value_length(values).drop_null().to_numpy(zero_copy_only=False)
    odd = given[sizes != sizes[0]] if len(sizes) else given
    if len(odd):
        raise ColumnError(
            f"the vector of row {row_ids[odd[0]]} has another length than that of row {row_ids[given[0]]}",
            hint="vectors of one column come from one encoder",
        )
    flat = pc.list_flatten(values).cast(pa.float32(), safe=False).to_numpy(zero_copy_only=False)
    if not len(given) or not sizes[0]:
        return np.zeros((len(values), 1), np.float32)
    found = flat.reshape(len(given), -1)
    bad = given[~np.isfinite(found).all(axis=1)]
    if len(bad):
        raise ColumnError(
            f"the vector of row {row_ids[bad[0]]} holds a number that is null or not finite ({len(bad)} such rows)",
            hint="drop those rows, or compute the vectors again",
        )
    if len(given) == len(values):
        return np.ascontiguousarray(found)
    made = np.zeros((len(values), found.shape[1]), np.float32)
    made[given] = found
    return made

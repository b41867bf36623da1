"""Shares: a part of a whole for each text, and as an Arrow column, null where there is no whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Share:
    """A part of a whole for each of n texts, both of shape (n,).

    Example:
        >>> Share(np.array([1, 0]), np.array([4, 0])).fraction().to_pylist()
        [0.25, None]
    """

    part: I64
    whole: I64

    def fraction(self) -> pa.Array:
        """The part divided by the whole; null where the whole is 0."""
        held = self.whole > 0
        return column(np.divide(self.part, self.whole, out=np.zeros(len(self.part)), where=held), held)


def column(values: npt.NDArray[Any], held: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Numbers as an Arrow array, null where they do not hold; without pandas, which `pa.array` would import.

    Example:
        >>> column(np.array([1, 2]), np.array([True, False])).to_pylist(), column(np.array([0.5])).to_pylist()
        ([1, None], [0.5])
    """
    valid = None if held is None else pa.py_buffer(np.packbits(held, bitorder="little"))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(np.ascontiguousarray(values))])

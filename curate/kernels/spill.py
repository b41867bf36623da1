"""Arrays that are too large to hold: one after the other in a mapped file, which the system writes out and reads again
as it needs its memory.

For what a decision over all rows reads here and there, the shingle sets above all. The file has no name and is gone
with the array; it lies in `TMPDIR`, which should not itself be in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from curate.errors import CurateError

IN_MEMORY = 2**26  # bytes


def joined(
    parts: Sequence[npt.NDArray[Any]], kind: type[np.generic], *, in_memory: int = IN_MEMORY
) -> npt.NDArray[Any]:
    """Arrays of one dimension as one; of more than `in_memory` bytes in a mapped file.

    Args:
        parts: the arrays, all of type `kind`.
        kind: their type.
        in_memory: up to how many bytes they are held in memory; what stands in the array does not depend on it.

    Example:
        >>> parts = [np.arange(3), np.arange(2)]
        >>> joined(parts, np.int64).tolist(), joined(parts, np.int64, in_memory=0).tolist()
        ([0, 1, 2, 0, 1], [0, 1, 2, 0, 1])
    """
    n_items = sum(map(len, parts))
    if n_items * np.dtype(kind).itemsize <= in_memory or not n_items:
        return np.concatenate([np.empty(0, kind), *parts])
    with spilling(), tempfile.TemporaryFile(prefix="curate-") as file:
        for part in parts:
            file.write(np.ascontiguousarray(part).data)
        file.flush()
        return np.asarray(np.memmap(file, dtype=kind, mode="r+", shape=(n_items,)))


@contextmanager
def spilling() -> Iterator[None]:
    """Turn what the operating system says about temporary files into one clear line."""
    try:
        yield
    except OSError as error:
        place = tempfile.gettempdir()
        hint = "free space, or set TMPDIR to a folder on a larger disk"
        raise CurateError(f"cannot write temporary files to {place}: {error.strerror or error}", hint=hint) from error

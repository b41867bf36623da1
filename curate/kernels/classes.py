"""Labels as class numbers, and how many rows each class has."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.errors import ColumnError


def class_codes(labels: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Class numbers in [0, k) for labels of any plain type, -1 for null or NaN, and the k class names in order.

    Numbers are ordered as numbers, all else as text, so the codes do not depend on the order of the rows.

    Example:
        >>> codes, names = class_codes(pa.array(["b", None, "a", "b"]))
        >>> codes.tolist(), names
        ([1, -1, 0, 1], ['a', 'b'])
    """
    if isinstance(labels, pa.ChunkedArray):
        labels = labels.combine_chunks()
        labels = pa.concat_arrays(labels.chunks) if isinstance(labels, pa.ChunkedArray) else labels
    if pa.types.is_dictionary(labels.type):
        labels = labels.dictionary_decode()
    if pa.types.is_nested(labels.type):
        raise ColumnError(f"the labels are of type {labels.type}", hint="name a column with one class a row: --label")
    if pa.types.is_floating(labels.type):
        labels = pc.if_else(pc.is_nan(labels), pa.scalar(None, labels.type), labels)
    if pa.types.is_null(labels.type):
        return np.full(len(labels), -1), []
    if not pa.types.is_boolean(labels.type) and not pa.types.is_primitive(labels.type):
        labels = labels.cast(pa.large_string())
    values = pc.unique(labels).drop_null()
    values = values.take(pc.sort_indices(values.cast(pa.uint8()) if pa.types.is_boolean(values.type) else values))
    codes = pc.fill_null(pc.index_in(labels, value_set=values), -1)
    names = [str(name) for name in values.to_pylist()]
    return np.asarray(codes.to_numpy(zero_copy_only=False), dtype=np.int64), names


def rows_of_share(fraction: float, sizes: NDArray[np.int64]) -> int:
    """The whole rows that are a share of the largest class's; 0 where there is no class.

    Args:
        fraction: the share, above 0.
        sizes: the rows of each class, shape (k,).

    Example:
        >>> rows_of_share(0.29, np.array([100, 3])), rows_of_share(0.5, np.array([3]))
        (29, 1)
    """
    return int(np.floor(fraction * sizes.max(initial=0) + 1e-9))  # 0.29 * 100 is less than 29 as a float

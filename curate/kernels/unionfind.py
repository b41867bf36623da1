"""Groups from links: rows that are linked, directly or through others, get one label, the smallest position among them.

The search for connected components is SciPy's; here are the labels that every family in curate goes by.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]


def smallest_members(groups: npt.NDArray[np.integer]) -> I64:
    """Name each group after its first position: shape (n,) to shape (n,).

    Args:
        groups: group number per position, in [0, n).

    Example:
        >>> smallest_members(np.array([2, 0, 2, 1])).tolist()
        [0, 1, 0, 3]
    """
    first = np.zeros(int(groups.max(initial=-1)) + 1, dtype=np.int64)
    first[groups[::-1]] = np.arange(groups.size - 1, -1, -1)  # of equal places the last written stays: the smallest
    return np.asarray(first[groups], dtype=np.int64)


def link(labels: I64, left: I64, right: I64) -> I64:
    """Join the groups that links connect.

    Args:
        labels: smallest position of the group of each position, shape (n,); `np.arange(n)` where there are none yet.
        left: one end of each link, a position, shape (m,).
        right: the other end, shape (m,).

    Returns:
        The new labels, shape (n,); they do not depend on the order of the links.

    Example:
        >>> link(np.arange(5), np.array([4, 1]), np.array([3, 4])).tolist()
        [0, 1, 2, 1, 1]
    """
    if left.size == 0:
        return labels
    from scipy import sparse  # a fifth of a second, which a step without links need not wait for
    from scipy.sparse import csgraph

    ends = (np.ones(left.size, dtype=np.int8), (labels[left], labels[right]))
    _, groups = csgraph.connected_components(sparse.coo_array(ends, shape=(labels.size, labels.size)), directed=False)
    return smallest_members(groups)[labels]

"""Near-duplicate families of texts: families in folds, clusters of test rows, rows that must not be parted.

Similarity is Jaccard's, between sets of word shingles (`kernels.shingles`), and the families are exact: single linkage
over every pair at the bound (`kernels.join.components`). They go by content and do not depend on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.join import components
from curate.kernels.shingles import shingle_sets


def near_duplicate_families(
    texts: pa.Array | pa.ChunkedArray | Sequence[str | None], *, min_similarity: float = 0.8, shingle_size: int = 3
) -> npt.NDArray[np.int64]:
    """Group texts that are nearly the same; a family is closed under "nearly the same as one of its members".

    Args:
        texts: any strings. Case, punctuation and white space do not count.
        min_similarity: Jaccard similarity of the shingle sets from which two texts are of one family, in (0, 1].
        shingle_size: words per shingle, 1 to 16; a character of a script without spaces counts as a word. A text with
            fewer words is one shingle.

    Returns:
        Family of each text, named after the smallest position in it, shape (n,). Texts without content (null or blank)
        are one family.

    Raises:
        CurateError: an option is outside its range.

    Example:
        >>> texts = ["a b c d e f g h", "other words here", "a b c d e f g", "A b  c d e f g h"]
        >>> near_duplicate_families(texts).tolist()
        [0, 1, 0, 0]
    """
    sets = shingle_sets(texts, size=shingle_size)
    families = components(sets, min_similarity)
    blank = np.flatnonzero(sets.sizes == 0)
    families[blank] = blank[:1]
    return families

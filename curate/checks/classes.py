"""The labels of a corpus as classes under the names people know, and the corpora whose labels are no classes at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.core.check import Skip
from curate.data.corpus import Corpus
from curate.data.rows import Ids
from curate.kernels.classes import class_codes
from curate.report.display import number

MAX_FRACTIONS = 20
"""More different numbers with a fraction than this are measurements, not classes (a ten-star scale in halves has 19).
"""
FEW_ROWS = 20
"""Up to this many rows each may have a class of its own; above, labels of which more than half stand once are no
classes.
"""

UNDECLARED = " (not declared)"
"""Behind a class number that the `ClassLabel` has no name for; -1 often stands for an unknown label."""


@dataclass(frozen=True)
class Classes:
    """The class of every row.

    Attributes:
        row_ids: all rows, shape (n,).
        codes: class numbers in [0, k), -1 for a null or NaN label; shape (n,).
        names: the k names, as a `ClassLabel` gives them, else the values as text.
        empty: names a `ClassLabel` declares that no row has.
    """

    row_ids: Ids
    codes: NDArray[np.int64]
    names: tuple[str, ...]
    empty: tuple[str, ...] = ()

    def sizes(self) -> NDArray[np.int64]:
        """Rows of each class, shape (k,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.names))

    def counts(self) -> dict[str, int]:
        """Rows of each class by name, the largest first; declared classes without rows last."""
        pairs = sorted(zip(self.names, self.sizes().tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
        return {**dict(pairs), **dict.fromkeys(self.empty, 0)}


def read_classes(corpus: Corpus) -> Classes:
    """The classes of a corpus.

    Raises:
        Skip: no row has a label, or the labels are lists or measurements and no classes.
    """
    labels = corpus.labels()
    kind = labels.type.value_type if pa.types.is_dictionary(labels.type) else labels.type
    if pa.types.is_nested(kind):
        raise Skip(f"the label column holds {kind}: one class for each row is expected")
    codes, values = class_codes(labels)
    if not values:
        raise Skip("no row has a label")
    _check_classes(labels, codes, values)
    known = corpus.class_names()
    names = tuple(values if known is None else (_named(value, known) for value in values))
    empty = () if known is None else tuple(name for name in known if name not in names)
    return Classes(corpus.row_ids(), codes, names, empty)


def _check_classes(labels: pa.ChunkedArray, codes: NDArray[np.int64], values: Sequence[str]) -> None:
    n_rows = int((codes >= 0).sum())
    if pa.types.is_floating(labels.type) and len(values) > MAX_FRACTIONS:
        given = labels.drop_null()
        if not pc.all(pc.equal(given, pc.floor(given))).as_py():
            raise Skip(f"the labels are {number(len(values))} different numbers with fractions: a target, not classes")
    once = int((np.bincount(codes[codes >= 0]) == 1).sum())
    if n_rows > FEW_ROWS and once > n_rows / 2:
        raise Skip(f"{number(once)} of {number(n_rows)} labels stand only once: they are no classes")


def _named(value: str, names: Sequence[str]) -> str:
    """The name of a class number; a number outside the names says so."""
    at = int(float(value))
    return names[at] if 0 <= at < len(names) else value + UNDECLARED

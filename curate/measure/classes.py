"""The classes of a measurement: labels as the words people know them by, so that train and test rows agree on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.corpus import Corpus
from curate.errors import CurateError
from curate.kernels.classes import class_codes
from curate.learn.learner import Examples


def label_names(corpus: Corpus) -> pa.Array:
    """The label of each row in words: the name a `ClassLabel` gives it, a whole number without its `.0`, else as text.

    A null, a NaN and a number outside a `ClassLabel` (-1, by custom) are null.
    """
    labels, names = corpus.labels(), corpus.class_names()
    if pa.types.is_dictionary(labels.type):
        labels = labels.cast(labels.type.value_type)
    if names is not None and pa.types.is_integer(labels.type):
        known = [None if code is None or not 0 <= code < len(names) else names[code] for code in labels.to_pylist()]
        return pa.array(known, pa.string())
    return pa.array([_word(value) for value in labels.to_pylist()], pa.string())


def _word(value: object) -> str | None:
    if value is None or value != value:
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True, eq=False)
class Classes:
    """The class names of a measurement, and how labels become numbers."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, train: Corpus, test: Corpus) -> Classes:
        """The classes of the training rows, then those that only the test rows have.

        Raises:
            CurateError: they have none in common, there is but one, or there are too many to be classes.
        """
        trained, tested = (class_codes(label_names(corpus))[1] for corpus in (train, test))
        names = dict.fromkeys([*trained, *tested])
        if trained and tested and not set(trained) & set(tested):
            raise CurateError(
                f"no class of the test rows ({', '.join(tested[:3])}) is one of training ({', '.join(trained[:3])})",
                hint="write the labels of both alike",
            )
        if len(names) < 2:
            raise CurateError(
                f"the label has {len(names)} class, so a model has nothing to tell apart",
                hint="measure needs 2 or more",
            )
        if len(names) > len(train) / 2:
            raise CurateError(
                f"the label has {len(names):,} classes for {len(train):,} rows; it does not look like a class",
                hint="name the label column with --label",
            )
        return cls(tuple(names))

    def unseen(self, train: Corpus, test: Corpus) -> list[str]:
        """Classes of the test rows that no training row has."""
        trained, tested = (set(class_codes(label_names(corpus))[1]) for corpus in (train, test))
        return sorted(tested - trained)

    def codes(self, corpus: Corpus) -> NDArray[np.int64]:
        """The class number of each row, shape (n,), -1 for a row without a label."""
        names = label_names(corpus)
        found = pc.index_in(names, value_set=pa.array(self.names, pa.string()))
        unknown = names.filter(pc.and_(found.is_null(), names.is_valid()))
        if len(unknown):
            raise CurateError(f"a step sets the label {unknown[0].as_py()!r}, which no training or test row had")
        return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)

    def examples(self, corpus: Corpus) -> Examples:
        """The rows with a label as a learner sees them."""
        codes = self.codes(corpus)
        weights = None
        if corpus.roles.weight is not None:
            weights = corpus.table().column(corpus.roles.weight).fill_null(1.0).to_numpy().astype(np.float64)
        rows = Examples(corpus.texts(), np.maximum(codes, 0), weights, len(self.names))
        return rows if (codes >= 0).all() else rows.take(np.flatnonzero(codes >= 0))

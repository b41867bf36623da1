"""The signal `embedding`: a vector for each row, from an encoder or from a column of the user's; cached by fingerprint.

Equal texts are encoded once, and all in the order of the texts themselves, so that neither the order of the rows nor
copies of them change a vector.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyarrow as pa

from curate.core.fingerprint import config
from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.errors import ColumnError, did_you_mean
from curate.kernels.encoders.encoder import Encoder, EncoderSpec, Matrix, encoder_named
from curate.kernels.vectors import matrix_of

_BATCH_ROWS = 10_000


class Embedding(Provider):
    """A vector for each row; null for a row without text, or without a vector in the column.

    Attributes:
        encoder: the registry name of the encoder, or a mapping with `name` and settings of that encoder; ignored where
            `column` is given.
        model: the model of an encoder that has one: a folder, or a name on the Hub.
        revision: the revision of a model on the Hub.
        column: take the vectors from this column (lists of numbers, all of one length) instead.
        device: where a model runs: `auto`, `cpu` or `cuda`.

    Example:
        >>> from curate.core.examples import example_corpus
        >>> str(Embedding(encoder="hashed").compute(example_corpus(), 0).schema.field("value").type)
        'fixed_size_list<item: float>[1024]'
    """

    name: ClassVar[str] = "embedding"
    version: ClassVar[str] = "1"
    uncounted: ClassVar[frozenset[str]] = frozenset({"device"})

    encoder: EncoderSpec = "lsa"
    model: str | None = None
    revision: str | None = None
    column: str | None = None
    device: str = "auto"

    def inputs(self, corpus: Corpus) -> list[str]:
        if self.column is not None:
            return []
        made = encoder_named(self.encoder, self.model, self.revision, self.device)
        return [digest(made.name, made.version, config(made), made.identity())]

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        if self.column is not None:
            vectors = as_vectors(_column(corpus, self.column))
        else:
            vectors = _encoded(corpus, encoder_named(self.encoder, self.model, self.revision, self.device))
        return pa.table({"row_id": corpus.row_ids(), "value": vectors})


def _encoded(corpus: Corpus, encoder: Encoder) -> pa.Array:
    texts: list[str | None] = []
    for batch in corpus.batches(_BATCH_ROWS):
        texts += [text if text is not None and text.strip() else None for text in batch.texts()]
    distinct = sorted({text for text in texts if text is not None})
    encoding = encoder.fit(distinct)
    at = {text: number for number, text in enumerate(distinct)}
    taken = pa.array([None if text is None else at[text] for text in texts], pa.int64())
    return as_vectors(encoding.encode(distinct)).take(taken)


def _column(corpus: Corpus, name: str) -> Matrix:
    if name not in corpus.column_names:
        raise ColumnError(
            f"there is no column {name!r} to take vectors from", hint=did_you_mean(name, corpus.column_names)
        )
    return matrix_of(corpus.table().column(name), corpus.row_ids())


def as_vectors(matrix: Matrix) -> pa.Array:
    """The rows of a matrix as fixed-size lists of float32.

    Example:
        >>> as_vectors(np.ones((1, 2), np.float32)).to_pylist()
        [[1.0, 1.0]]
    """
    flat = pa.array(np.ascontiguousarray(matrix, dtype=np.float32).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, max(1, matrix.shape[1]))

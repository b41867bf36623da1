"""The signal `embedding`: a vector for each row, from an encoder or from a column of the user's; cached by fingerprint.

Equal texts are encoded once, and all in the order of the texts themselves, so that neither the order of the rows nor
copies of them change a vector.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import ValidationError

from curate import registry
from curate.core.fingerprint import config
from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.errors import ColumnError, CurateError, did_you_mean
from curate.kernels.encoders.encoder import Encoder, Matrix
from curate.kernels.vectors import matrix_of

_BATCH_ROWS = 10_000


class Embedding(Provider):
    """A vector for each row; null for a row without text, or without a vector in the column.

    Attributes:
        encoder: the registry name of the encoder; ignored where `column` is given.
        model: the model of an encoder that has one: a folder, or a name on the Hub.
        revision: the revision of a model on the Hub.
        column: take the vectors from this column (lists of numbers, all of one length) instead.

    Example:
        >>> from curate.core.examples import example_corpus
        >>> str(Embedding(encoder="hashed").compute(example_corpus(), 0).schema.field("value").type)
        'fixed_size_list<item: float>[1024]'
    """

    name: ClassVar[str] = "embedding"
    version: ClassVar[str] = "1"

    encoder: str = "lsa"
    model: str | None = None
    revision: str | None = None
    column: str | None = None

    def inputs(self, corpus: Corpus) -> list[str]:
        if self.column is not None:
            return []
        made = encoder_named(self.encoder, self.model, self.revision)
        return [digest(made.name, made.version, config(made), made.identity())]

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        if self.column is not None:
            vectors = as_vectors(_column(corpus, self.column))
        else:
            vectors = _encoded(corpus, encoder_named(self.encoder, self.model, self.revision))
        return pa.table({"row_id": corpus.row_ids(), "value": vectors})


def encoder_named(name: str, model: str | None = None, revision: str | None = None, **settings: Any) -> Encoder:
    """The encoder of a registry name, with a model where it has one.

    Raises:
        UnknownName: no encoder has that name.
        CurateError: it needs a model and none is given, or has none.

    Example:
        >>> encoder_named("hashed", n_dimensions=64).said()
        'hashed n-grams, 64 dimensions'
    """
    kind: type[Encoder] = registry.get("encoders", name)
    given = {key: value for key, value in (("model", model), ("revision", revision)) if value is not None}
    try:
        return kind(**given, **settings)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"]))
        raise CurateError(
            f"the encoder {name!r}: {field}: {fault['msg'].lower()}", hint=f"curate show {name}"
        ) from error


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

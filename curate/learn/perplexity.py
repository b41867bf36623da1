"""The signals `perplexity` and `own_perplexity`: how surprising each text is to an n-gram model of a reference, or of
the rest of the corpus.

`filter.perplexity` reads them. The model (`curate.kernels.ngram_model`) is trained once per process, deterministically;
a few seconds for the most that is read of a reference.
"""

from __future__ import annotations

from functools import cached_property, lru_cache, partial
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from curate.core.signals import Provider, RowSignal
from curate.data.corpus import Corpus
from curate.data.rows import Batch
from curate.kernels.hashing import hash_texts
from curate.kernels.ngram_model import NgramModel
from curate.learn.reference import Source, content, sampled, texts_of
from curate.transforms.filter.perplexity import NgramSettings


class Perplexity(NgramSettings, RowSignal):
    """The perplexity per character under a model of a reference; null where there is no character.

    Attributes:
        reference: a file, folder, glob or Hub id, or a list of texts.
        reference_text: the text column of the reference, where it cannot be told.
    """

    name: ClassVar[str] = "perplexity"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "characters that the model chose among, as it were; 1 or more"

    reference: str | tuple[str, ...] = Field(min_length=1)
    reference_text: str | None = None

    def revision(self) -> str:
        return content(self.reference, self.reference_text)

    @cached_property
    def _read(self) -> str:
        return self.revision()

    def values(self, batch: Batch) -> pa.Array:
        return _nullable(self._model.perplexities(batch.text_array()))

    @property
    def _model(self) -> NgramModel:
        return _trained(self._read, self.reference, self.reference_text, self.order, self.max_reference_bytes)


@lru_cache(maxsize=4)
def _trained(revision: str, source: Source, text: str | None, order: int, max_bytes: int) -> NgramModel:
    return NgramModel.fit(texts_of(source, text, max_bytes=max_bytes), order)


class OwnPerplexity(NgramSettings, Provider):
    """The perplexity per character under a model of the other half of the corpus; null where there is no character.

    The half of a text hangs on the text alone, so that a text is never judged by a model that has read it.
    """

    name: ClassVar[str] = "own_perplexity"
    version: ClassVar[str] = "1"

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        models = [
            NgramModel.fit(sampled(corpus, self.max_reference_bytes, taken=partial(_is_of, other)), self.order)
            for other in (1, 0)
        ]
        tables = [pa.schema([("row_id", pa.uint64()), ("value", pa.float64())]).empty_table()]
        for batch in corpus.batches(1 << 12):
            texts, halves = batch.text_array(), _half(hash_texts(batch.texts()))
            value = np.empty(len(batch))
            for half, model in enumerate(models):
                at = np.flatnonzero(halves == half)
                value[at] = model.perplexities(texts.take(pa.array(at)))
            tables.append(pa.table({"row_id": pa.array(batch.row_ids), "value": _nullable(value)}))
        return pa.concat_tables(tables)


def _half(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """0 or 1, by the lowest bit; a sample of a corpus takes its texts by the highest."""
    return (keys & np.uint64(1)).astype(np.int64)


def _is_of(half: int, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    return _half(keys) == half


def _nullable(values: NDArray[np.float64]) -> pa.Array:
    made = pa.array(values, pa.float64())
    return pc.if_else(pc.is_nan(made), pa.scalar(None, pa.float64()), made)

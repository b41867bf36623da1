"""`dedup.semantic`: of rows that mean nearly the same, keep one. Meaning is what an encoder makes of a text.

The vectors come as the signal `embedding`, from the encoder named here or from a column of the user's; rows are twins
from a cosine on, found by an exact join without a cap on the neighbours. The guide `semantic-duplicates` says which
bound suits which encoder, and on what that was measured. Abbas et al. 2023, "SemDeDup".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from curate.core.random import StepRandom
from curate.core.transform import by_row_id
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels.encoders.encoder import EncoderSpec, encoder_named
from curate.kernels.spill import joined
from curate.kernels.vectors import F32, matrix_of
from curate.transforms.dedup.cluster import CHAINED, ClusterRule
from curate.transforms.dedup.keep import CONFLICTING
from curate.transforms.dedup.vectors_alike import BackendName, VectorsAlike, backend_named


class DropSemanticDuplicates(ClusterRule):
    """Drops all but one of the rows whose vectors point nearly the same way; the row kept is the `ref` of each row
    dropped, their cosine its score.

    A row goes only if a row that stays is its twin. A row without text has no twin. A column named `embedding` takes
    the place of the encoder.

    Attributes:
        min_similarity: the cosine from which two rows are twins. There is no bound for all encoders: the default is
            that of `lsa`, and any other encoder wants one of its own.
        encoder: `lsa`, learnt on the texts themselves; `hashed`, n-grams; `sentence`, a sentence-transformers model;
            `static`, a model2vec model; or one of a plugin; or a mapping with `name` and settings of that encoder.
        model: the model of an encoder that has one: a folder, or a name on the Hub.
        model_revision: of a model on the Hub: a commit, tag or branch.
        column: take the vectors from this column instead of an encoder.
        backend: how twins are found. `auto`, `numpy`, `torch` and `faiss_flat` are exact and give the same rows;
            `faiss_ivf`, `faiss_hnsw` and `kmeans` miss some, and the notes of the run say how many.
        device: where a model and torch run: `auto`, `cpu` or `cuda`.

    Example:
        >>> DropSemanticDuplicates().signals()["embedding"]["encoder"]
        'lsa'
    """

    name: ClassVar[str] = "dedup.semantic"
    version: ClassVar[str] = "1"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = {
        "semantic_duplicate": "a row that stays means nearly the same",
        CHAINED: "other rows that go link it to the row that stays, which is not its twin",
        CONFLICTING: "it and a row that means nearly the same have different labels, and neither stays",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "embedding"})
    uncounted: ClassVar[frozenset[str]] = frozenset({"device"})

    min_similarity: float = Field(0.95, gt=0, le=1)
    encoder: EncoderSpec = "lsa"
    model: str | None = None
    model_revision: str | None = None
    column: str | None = None
    backend: BackendName = "auto"
    device: str = "auto"

    @model_validator(mode="after")
    def _bound_of_its_own(self) -> Self:
        if "min_similarity" not in self.model_fields_set and (self.column is not None or self.encoder != "lsa"):
            what = "vectors of a column" if self.column is not None else f"the encoder {self.encoder!r}"
            raise ValueError(f"min_similarity has no default for {what}: see the guide to semantic duplicates")
        return self

    def signals(self) -> dict[str, dict[str, Any]]:
        chosen = self.model_dump(include={"encoder", "model", "column", "device"}) | {"revision": self.model_revision}
        return {name: chosen if name == "embedding" else given for name, given in super().signals().items()}

    def summarize(self, batch: Batch) -> pa.Table:
        values = batch.signals["embedding"]
        matrix = matrix_of(values, batch.row_ids)
        offsets = np.arange(len(batch) + 1) * matrix.shape[1]
        vectors = pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(matrix.reshape(-1)))
        table = pa.table({"row_id": batch.row_ids, "vector": vectors, **self.gathered(batch)})
        return table.filter(values.is_valid())

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        summary = by_row_id(summary)
        values = as_matrix(summary.column("vector"))
        alike = VectorsAlike(
            values, self.min_similarity, backend_named(self.backend, self.device), self.backend, self.apart(summary)
        )
        edits = self.clustered(summary, alike, "semantic_duplicate")
        chained = edits.reasons().get(CHAINED, 0)
        more = (f"components: {chained} rows went without a kept twin",) if self.clusters == "component" else ()
        return replace(edits, notes=(self._encoded_by(), alike.told(), *more))

    def _encoded_by(self) -> str:
        if self.column is not None:
            return f"vectors: column {self.column}"
        return "vectors: " + encoder_named(self.encoder, self.model, self.model_revision, self.device).said()


def as_matrix(vectors: pa.ChunkedArray) -> F32:
    """A column of lists, none of them null, as a matrix; of several chunks, and large, in a mapped file.

    Raises:
        ColumnError: lists of two lengths.

    Example:
        >>> as_matrix(pa.chunked_array([[[1.0, 2.0]], [[3.0, 4.0]]], pa.large_list(pa.float32()))).shape
        (2, 2)
    """
    parts = [chunk.flatten().to_numpy() for chunk in vectors.chunks]
    sizes = {size for chunk in vectors.chunks for size in np.unique(np.diff(chunk.offsets.to_numpy())).tolist()}
    if len(sizes) > 1:
        found = " and ".join(map(str, sorted(sizes)[:2]))
        raise ColumnError(f"there are vectors of {found} numbers", hint="vectors of one column come from one encoder")
    flat = parts[0] if len(parts) == 1 else joined(parts, np.float32)
    return flat.reshape(len(vectors), -1) if len(vectors) else np.zeros((0, 1), np.float32)

"""The signals `made_from` and `parent_similarity`: what a row that a step added was made from, and how near it is.

`augment.constrain` reads them. The engine keeps who made which row (`curate.data.origin`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.core.behind import PARENTS, parents_of
from curate.core.fingerprint import config, corpus_fingerprint
from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.data.digest import batches_digest, digest
from curate.kernels.encoders.encoder import EncoderSpec, encoder_named

_ROWS_AT_ONCE = 10_000
MADE_FROM = pa.struct([PARENTS.field(name) for name in PARENTS.names if name != "row_id"])


def _origin(corpus: Corpus) -> list[str]:
    """What stands behind the rows, for fingerprints."""
    if corpus.origin is None:
        return []
    made = corpus.origin.made
    return [corpus_fingerprint(corpus.origin.source), batches_digest(made.schema, made.to_batches())]


class MadeFrom(Provider):
    """For each row that a step added `parent, step, reason, text`, the text being its first parent's; null for others.

    Only the id of a row that was added before it was written to a file says that it was: then all four are null.

    Example:
        >>> rows = Corpus.from_table(pa.table({"text": ["a"]}))
        >>> MadeFrom().compute(rows, 0).to_pylist()
        [{'row_id': 0, 'value': None}]
    """

    name: ClassVar[str] = "made_from"
    version: ClassVar[str] = "1"

    def inputs(self, corpus: Corpus) -> list[str]:
        return _origin(corpus)

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        found = parents_of(corpus, _ROWS_AT_ONCE)
        columns = [found.column(field.name).combine_chunks() for field in MADE_FROM]
        told = pa.StructArray.from_arrays(columns, fields=list(MADE_FROM))
        row_ids = corpus.row_ids()
        at = pc.index_in(pa.array(row_ids), value_set=found.column("row_id").combine_chunks())
        return pa.table({"row_id": row_ids, "value": told.take(at)})


class ParentSimilarity(Provider):
    """The cosine of a row that a step added and its first parent, by an encoder; null for others.

    The rows' own `embedding` column, where they have one, is not asked: an added row has its parent's.

    Attributes:
        encoder: the registry name of the encoder, or a mapping with `name` and settings of that encoder.
        model: the model of an encoder that has one: a folder, or a name on the Hub.
        revision: the revision of a model on the Hub.
        device: where a model runs: `auto`, `cpu` or `cuda`.
    """

    name: ClassVar[str] = "parent_similarity"
    version: ClassVar[str] = "1"
    uncounted: ClassVar[frozenset[str]] = frozenset({"device"})

    encoder: EncoderSpec = "lsa"
    model: str | None = None
    revision: str | None = None
    device: str = "auto"

    def inputs(self, corpus: Corpus) -> list[str]:
        made = encoder_named(self.encoder, self.model, self.revision, self.device)
        return [*_origin(corpus), digest(made.name, made.version, config(made), made.identity())]

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        row_ids = corpus.row_ids()
        behind = parents_of(corpus, _ROWS_AT_ONCE)
        parent = dict(zip(*(behind.column(name).to_pylist() for name in ("row_id", "text")), strict=True))
        own = dict(zip(row_ids.tolist(), corpus.texts(), strict=True)) if parent else {}
        pairs = {row: (own[row], text) for row, text in parent.items() if text is not None and text.strip()}
        found = self._cosines(pairs, own)
        return pa.table({"row_id": row_ids, "value": pa.array(map(found.get, row_ids.tolist()), pa.float64())})

    def _cosines(self, pairs: Mapping[int, tuple[str, str]], own: Mapping[int, str]) -> dict[int, float]:
        """The cosine of each pair of texts; an encoder that learns does so from every text there is."""
        known = sorted({text for text in (*own.values(), *(text for _, text in pairs.values())) if text.strip()})
        encoding = encoder_named(self.encoder, self.model, self.revision, self.device).fit(known)
        asked = sorted({text for both in pairs.values() for text in both if text.strip()})
        if not asked:
            return {}
        vectors = encoding.encode(asked).astype(np.float64)
        length = np.sqrt((vectors**2).sum(axis=1))
        place = {text: at for at, text in enumerate(asked)}

        def cosine(mine: str, theirs: str) -> float:
            if mine == theirs:
                return 1.0
            if mine not in place:
                return 0.0
            one, other = place[mine], place[theirs]
            size = length[one] * length[other]
            return float(np.clip(vectors[one] @ vectors[other] / size, -1, 1)) if size else 0.0

        return {row: cosine(*both) for row, both in pairs.items()}

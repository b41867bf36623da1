"""Signals: per-row derived values that a transform declares it needs and the verb supplies, cached by fingerprint.

A signal is a column the user already has under the signal's name, else what the provider registered for it computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel

from curate.data.corpus import Corpus
from curate.data.rows import Ids


class Provider(BaseModel, frozen=True, extra="forbid"):
    """Computes one signal for all rows of a corpus. Its fields are its settings."""

    name: ClassVar[str]
    version: ClassVar[str]

    def inputs(self, corpus: Corpus) -> list[str]:
        """Fingerprints of what it reads beside the corpus (the sealed test split, say)."""
        return []

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        """A table `row_id, value` with one row for each row of the corpus, in any order."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Signal:
    """The values of one signal, found by row id."""

    row_ids: Ids
    values: pa.Array

    @classmethod
    def of(cls, table: pa.Table) -> Signal:
        row_ids = table.column("row_id").to_numpy()
        if (row_ids[1:] < row_ids[:-1]).any():  # else nothing is copied: the values may be as large as embeddings
            table = table.take(pa.array(np.argsort(row_ids, kind="stable")))
        values = table.column("value")
        whole = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
        return cls(table.column("row_id").to_numpy(), whole)

    def at(self, row_ids: Ids) -> pa.Array:
        """The values for these rows; null for a row the signal does not know (one that was added later)."""
        place = np.searchsorted(self.row_ids, row_ids)
        place = np.minimum(place, max(0, len(self.row_ids) - 1))
        known = self.row_ids[place] == row_ids if len(self.row_ids) else np.zeros(len(row_ids), bool)
        return self.values.take(pa.array(place, mask=~known))

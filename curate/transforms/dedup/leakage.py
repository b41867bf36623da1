"""`dedup.leakage`: drop training rows whose text stands in a held-out split; the split itself is never changed.

The signal `leaked_from` is the one place where the sealed test split is read on behalf of a transform, and it says no
more than which row is the twin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curate.core.fingerprint import corpus_fingerprint
from curate.core.random import StepRandom
from curate.core.signals import Provider
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.errors import InputError
from curate.kernels.hashing import hash_texts_128
from curate.kernels.text import normaliser


class DropLeakedRows(RowTransform):
    """Drops training rows with the same normalised text as a row of a held-out split, which is the `ref` of the edit.

    Attributes:
        split: the held-out split.

    Example:
        >>> DropLeakedRows().signals()
        {'leaked_from': {'split': 'test'}}
    """

    name: ClassVar[str] = "dedup.leakage"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "leaked": "a row of the held-out split has the same text; ref is that row's id there"
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "leaked_from"})

    split: str = "test"

    def signals(self) -> dict[str, dict[str, Any]]:
        return {"leaked_from": {"split": self.split}}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        twin = batch.signals["leaked_from"]
        found = np.flatnonzero(twin.is_valid().to_numpy(zero_copy_only=False))
        if not len(found):
            return Edits()
        ref = twin.take(pa.array(found)).cast(pa.uint64())
        return Edits.drop(batch.row_ids[found], "leaked", ref=ref, ref_split=self.split)


class LeakedFrom(Provider):
    """For each training row the id of the first row of a held-out split with the same normalised text; null where
    there is none.
    """

    name: ClassVar[str] = "leaked_from"
    version: ClassVar[str] = "1"

    split: str = "test"

    def _held_out(self, corpus: Corpus) -> Corpus:
        if self.split not in corpus.held_out:
            has = ", ".join(corpus.held_out) or "none"
            raise InputError(
                f"there is no held-out split {self.split!r} to look for leaks; there is: {has}",
                hint="give --test SOURCE",
            )
        return corpus.held_out[self.split]

    def inputs(self, corpus: Corpus) -> list[str]:
        return [corpus_fingerprint(self._held_out(corpus))]

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        seen: dict[bytes, int] = {}
        for batch in self._held_out(corpus).batches():
            for form, row_id in zip(_forms(batch), batch.row_ids.tolist(), strict=True):
                if form is not None:
                    seen[form] = min(row_id, seen.get(form, row_id))
        ids, twins = [], []
        for batch in corpus.batches():
            ids.append(batch.row_ids)
            twins += [None if form is None else seen.get(form) for form in _forms(batch)]
        row_ids = np.concatenate(ids) if ids else np.empty(0, np.uint64)
        return pa.table({"row_id": row_ids, "value": pa.array(twins, pa.uint64())})


def _forms(batch: Batch) -> list[bytes | None]:
    """The hash of each text's normal form; None where there is no text."""
    normal = normaliser()
    given = [None if text is None or not text.strip() else normal(text) for text in batch.texts()]
    hashes = hash_texts_128(given)
    return [None if form is None else row.tobytes() for form, row in zip(given, hashes, strict=True)]

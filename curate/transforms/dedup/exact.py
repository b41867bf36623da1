"""`dedup.exact`: of rows with the same text, keep one. The same means equal after a normalisation that each setting
names.

Texts are compared by 128-bit hashes of their normal forms. Nothing that carries meaning is removed to compare: no
stop words, no numbers and no punctuation unless told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curate.core.random import StepRandom
from curate.core.transform import DatasetTransform
from curate.data.edits import Edits
from curate.data.rows import Batch, as_strings
from curate.kernels.hashing import hash_texts, hash_texts_128
from curate.kernels.text import n_characters, normaliser


class DropExactDuplicates(DatasetTransform):
    """Drops all but one of the rows with the same text; the row kept is the `ref` of each row dropped.

    A row whose text is null or blank is no duplicate of anything. Rows of one text with different labels are still
    duplicates; with `conflicts: drop` none of them stays, for nobody knows which label is right.

    Attributes:
        keep: which row stays: the `first` or `last` by row id, or the `longest` before normalisation (then the first).
        conflicts: what happens to equal texts with different labels: `keep_one` like any other, or `drop` them all.
        case: ignore upper and lower case.
        space: ignore the amount and kind of white space.
        unicode: ignore compatibility forms (NFKC).
        punctuation: ignore punctuation and symbols.
        digits: take every number for the same.

    Example:
        >>> DropExactDuplicates(keep="longest").reasons["exact_duplicate"]
        'another row that stays has the same text'
    """

    name: ClassVar[str] = "dedup.exact"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "exact_duplicate": "another row that stays has the same text",
        "conflicting_label": "other rows have the same text and another label, and none of them stays",
    }

    keep: Literal["first", "last", "longest"] = "first"
    conflicts: Literal["keep_one", "drop"] = "keep_one"
    case: bool = True
    space: bool = True
    unicode: bool = True
    punctuation: bool = False
    digits: bool = False

    def summarize(self, batch: Batch) -> pa.Table:
        texts = batch.texts()
        normal = normaliser(
            case=self.case, space=self.space, unicode=self.unicode, punctuation=self.punctuation, digits=self.digits
        )
        forms = [None if text is None or not text.strip() else normal(text) for text in texts]
        hashes = hash_texts_128(forms)
        given = [form is not None for form in forms]
        label = np.zeros(len(batch), np.uint64)
        if batch.roles.label is not None:
            label = hash_texts(as_strings(batch.labels()))
        columns = {
            "row_id": batch.row_ids,
            "high": hashes[:, 0],
            "low": hashes[:, 1],
            "label": label,
            "length": n_characters(pa.array(texts, pa.large_string())),
        }
        return pa.table(columns).filter(pa.array(given, pa.bool_()))

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        ids = summary.column("row_id").to_numpy()
        if len(ids) < 2:
            return Edits()
        high, low, label = (summary.column(name).to_numpy() for name in ("high", "low", "label"))
        rank = self._rank(ids, summary.column("length").to_numpy())
        order = np.lexsort((*rank, low, high))
        group = np.concatenate([[True], (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)])
        first = np.maximum.accumulate(np.where(group, np.arange(len(order)), 0))
        ref = ids[order[first]]
        conflict = _conflicting(first, label[order]) if self.conflicts == "drop" else np.zeros(len(order), bool)
        gone = ~group | conflict
        reasons = np.where(conflict, "conflicting_label", "exact_duplicate")[gone]
        refs = pa.array(ref[gone], mask=(ref == ids[order])[gone])
        return Edits.drop(ids[order][gone], reasons.tolist(), ref=refs) if gone.any() else Edits()

    def _rank(self, ids: NDArray[np.uint64], length: NDArray[np.int64]) -> tuple[NDArray[np.generic], ...]:
        if self.keep == "longest":
            return ids, -length
        return (ids,) if self.keep == "first" else (~ids,)


def _conflicting(first: NDArray[np.int64], label: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether a row's group (named by the position of its first row) has more than one label; a null is no label."""
    known = label != hash_texts([None])[0]
    order = np.lexsort((label[known], first[known]))
    groups, labels = first[known][order], label[known][order]
    differs = (groups[1:] == groups[:-1]) & (labels[1:] != labels[:-1])
    return np.isin(first, groups[1:][differs])

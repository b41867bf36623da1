"""`dedup.exact`: of rows with the same text, keep one. The same means equal after a normalisation that each setting
names.

Texts are compared by 128-bit hashes of their normal forms, or byte for byte where that is asked for. Nothing that
carries meaning is removed to compare: no stop words, no numbers and no punctuation unless told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import field_validator

from curate.core.random import StepRandom
from curate.core.transform import by_row_id
from curate.data.edits import Edits
from curate.data.lineage import as_text
from curate.data.roles import is_text
from curate.data.rows import Batch, as_strings
from curate.errors import ColumnError, did_you_mean
from curate.kernels.hashing import hash_texts_128
from curate.kernels.text import normaliser
from curate.transforms.dedup.keep import CONFLICTING, KeepRule, first_of_each

I64 = NDArray[np.int64]


class DropExactDuplicates(KeepRule):
    """Drops all but one of the rows with the same text; the row kept is the `ref` of each row dropped.

    A row whose text is null or blank is no duplicate of anything. Rows of one text with different labels are still
    duplicates; with `conflicts: drop` none of them stays, for nobody knows which label is right.

    Attributes:
        keep: which row stays: the `first` or `last` by row id, the `longest` before normalisation, the `newest` or
            `highest` by the column or signal `by`, or one of the `majority_label`. Of equal ones the first by row id.
        columns: the columns that must all be equal, text or not; the text columns unless given. Text is compared by
            its normal form, anything else as it is; a null equals a null.
        compare: `hash` takes equal 128-bit hashes for equal texts: among a thousand million rows two different ones
            agree by accident with a chance below 1e-20. `bytes` compares the normal forms themselves, for texts that
            somebody may have made to collide (XXH3 is no cryptographic hash); it holds every text on disk or in
            memory until all are compared.
        case: ignore upper and lower case.
        space: ignore the amount and kind of white space.
        unicode: ignore compatibility forms (NFKC).
        punctuation: ignore punctuation and symbols, except where a text holds nothing else.
        digits: take every number for the same.

    Example:
        >>> DropExactDuplicates(keep="longest").reasons["exact_duplicate"]
        'another row that stays has the same text'
    """

    name: ClassVar[str] = "dedup.exact"
    version: ClassVar[str] = "3"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = {
        "exact_duplicate": "another row that stays has the same text",
        CONFLICTING: "other rows have the same text and another label, and none of them stays",
    }

    keep: Literal["first", "last", "longest", "newest", "highest", "majority_label"] = "first"
    columns: tuple[str, ...] = ()
    compare: Literal["hash", "bytes"] = "hash"
    case: bool = True
    space: bool = True
    unicode: bool = True
    punctuation: bool = False
    digits: bool = False

    @field_validator("columns", mode="before")
    @classmethod
    def _one_or_many(cls, given: str | Sequence[str]) -> tuple[str, ...]:
        return (given,) if isinstance(given, str) else tuple(given)

    def needed(self) -> frozenset[str]:
        return super().needed() - ({"text"} if self.columns and self.keep != "longest" else set())

    def summarize(self, batch: Batch) -> pa.Table:
        forms = self._forms(batch)
        hashes = hash_texts_128(forms)
        columns = {
            "row_id": batch.row_ids,
            "high": hashes[:, 0],
            "low": hashes[:, 1],
            **self.gathered(batch),
        }
        if self.compare == "bytes":
            columns["form"] = pa.array(forms, pa.large_string())
        return pa.table(columns).filter(pa.array([form is not None for form in forms], pa.bool_()))

    def _forms(self, batch: Batch) -> list[str | None]:
        """The normal form of each row; None for a row that has nothing to compare."""
        names = self.columns or batch.roles.text
        for name in names:
            if name not in batch.rows.schema.names:
                hint = did_you_mean(name, batch.rows.schema.names)
                raise ColumnError(f"columns names {name!r}, which is no column", hint=hint)
        cells = [self._cells(batch.column(name)) for name in names]
        return cells[0] if len(cells) == 1 else [_joined(row) for row in zip(*cells, strict=True)]

    def _cells(self, values: pa.Array) -> list[str | None]:
        if not is_text(values.type):
            return as_strings(as_text(values))
        options = {"case": self.case, "space": self.space, "unicode": self.unicode, "digits": self.digits}
        normal, unstripped = normaliser(**options, punctuation=self.punctuation), normaliser(**options)

        def form(text: str | None) -> str | None:
            if text is None or not text.strip():
                return None
            short = normal(text)
            return short if short.strip() else unstripped(text)

        return [form(text) for text in as_strings(values)]

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        if len(summary) < 2:
            return Edits()
        summary = by_row_id(summary)
        groups = equal_groups(*(summary.column(name).to_numpy() for name in ("high", "low")))
        if self.compare == "bytes":
            groups = refined(groups, summary.column("form"))
        return self.dropped(summary, first_of_each(groups, self.order(summary, lambda: groups)), "exact_duplicate")


def _joined(cells: Iterable[str | None]) -> str | None:
    """Several cells as one text that no other cells give; None where all are null or blank."""
    parts = ["" if cell is None else f"{len(cell)}:{cell}" for cell in cells]
    return "\x1f".join(parts) if any(parts) else None


def equal_groups(high: NDArray[np.uint64], low: NDArray[np.uint64]) -> I64:
    """Groups of rows with equal hashes: the smallest position among the equal ones, shape (n,).

    Example:
        >>> equal_groups(np.array([7, 7, 1, 7], np.uint64), np.array([0, 1, 0, 0], np.uint64)).tolist()
        [0, 1, 2, 0]
    """
    order = np.lexsort((low, high))  # stable: the smallest position of a group comes first in it
    starts = np.concatenate([[True], (np.diff(high[order]) != 0) | (np.diff(low[order]) != 0)])
    groups = np.empty(len(order), np.int64)
    groups[order] = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
    return groups


def refined(groups: I64, forms: pa.ChunkedArray) -> I64:
    """Groups of equal hashes split where the texts differ byte for byte; `forms` holds the text of each row.

    Example:
        >>> refined(np.array([0, 0, 0, 0]), pa.chunked_array([["a", "b", "a", "b"]])).tolist()
        [0, 1, 0, 1]
    """
    groups = groups.copy()
    rest = np.arange(len(groups))
    while len(rest):
        equal = pc.equal(forms.take(pa.array(rest)), forms.take(pa.array(groups[rest]))).to_numpy()
        rest = rest[~np.asarray(equal, bool)]
        _, first, of = np.unique(groups[rest], return_index=True, return_inverse=True)
        groups[rest] = rest[first][of]
    return groups

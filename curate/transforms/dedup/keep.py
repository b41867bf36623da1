"""The keep rule: which row of a group of duplicates stays. Shared by every `dedup.*` step that keeps one row of many.

A step sums up what its rule reads (`gathered`), finds twins in the order the rule gives (`order`), and turns them into
edits (`dropped`). Ties always go by row id, so the rows that stay never depend on how the rows came.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import model_validator

from curate import registry
from curate.core.transform import ROLE_NAMES, DatasetTransform
from curate.data.edits import Edits
from curate.data.roles import is_text
from curate.data.rows import Batch, as_strings
from curate.errors import ColumnError
from curate.kernels.hashing import hash_texts
from curate.kernels.pairs import NO_TWIN, Twins
from curate.kernels.text import n_characters

Keep = Literal["first", "last", "longest", "newest", "highest", "central", "majority_label"]
I64 = NDArray[np.int64]

CONFLICTING = "conflicting_label"
_NO_LABEL = hash_texts([None])[0]
_YEAR = re.compile(r"\d{4}(-\d{2})?")


class KeepRule(DatasetTransform):
    """A step that keeps one row of each group of duplicates.

    Attributes:
        keep: which row stays: the `first` or `last` by row id, the `longest` text, the `newest` or `highest` by the
            column or signal `by`, the most `central` (highest sum of similarities to its twins), or one of the
            `majority_label` of its group. Of equal ones the first by row id.
        by: the column or signal that `newest` and `highest` read: timestamps, dates, ISO 8601 text (without a zone:
            UTC) or numbers. Rows without a value come last.
        conflicts: what happens to duplicates with different labels: `keep_one` like any other, or `drop` them all.
    """

    keep: Keep = "first"
    by: str | None = None
    conflicts: Literal["keep_one", "drop"] = "keep_one"

    @model_validator(mode="after")
    def _by_where_it_is_read(self) -> Self:
        if self.keep in ("newest", "highest") and self.by is None:
            raise ValueError(f"keep: {self.keep} needs by, the column or signal that says which row that is")
        if self.by is not None and self.keep not in ("newest", "highest"):
            raise ValueError(f"by is read by keep: newest and keep: highest, not by keep: {self.keep}")
        return self

    def needed(self) -> frozenset[str]:
        more = {"label"} if self.keep == "majority_label" else set()
        return self.needs | more | ({self.by} - ROLE_NAMES if self.by is not None else set())

    def signals(self) -> dict[str, dict[str, Any]]:
        """A column is read from the rows as they pass; only what no column holds is a signal."""
        known = registry.names("signals")
        return {name: given for name, given in super().signals().items() if name != self.by or name in known}

    def gathered(self, batch: Batch) -> dict[str, Any]:
        """The columns of the summary that the rule reads, for each row of a batch."""
        columns: dict[str, Any] = {}
        if self.keep == "longest":
            columns["length"] = n_characters(batch.text_array())
        if self.by is not None:
            columns["by"] = sortable(self.by, self._values(batch))
        if self.keep == "majority_label" or (self.conflicts == "drop" and batch.roles.label is not None):
            columns["label"] = hash_texts(as_strings(batch.labels()))
        return columns

    def _values(self, batch: Batch) -> pa.Array:
        assert self.by is not None
        if self.by in batch.rows.schema.names:
            return batch.column(self.by)
        if self.by in batch.signals:
            return batch.signals[self.by]
        names = ", ".join(batch.rows.schema.names)
        raise ColumnError(f"by names {self.by!r}, which is no column or signal", hint=f"the columns are {names}")

    def order(
        self, summary: pa.Table, groups: Callable[[], I64], centrality: Callable[[], NDArray[np.float64]] | None = None
    ) -> I64:
        """All rows of a summary, which stands in the order of its row ids, the most wanted first: shape (n,).

        Args:
            summary: the columns of `gathered`, at least.
            groups: gives the group of each row; asked only for `majority_label`.
            centrality: gives how central each row is; asked only for `central`.
        """
        at = np.arange(len(summary), dtype=np.int64)
        if self.keep == "last":
            return at[::-1].copy()
        if self.keep == "longest":
            return np.argsort(-summary.column("length").to_numpy(), kind="stable")
        if self.by is not None:
            wanted = pa.table({"by": summary.column("by"), "at": at})
            keys = [("by", "descending"), ("at", "ascending")]  # nulls come last
            return np.asarray(pc.sort_indices(wanted, keys)).astype(np.int64)
        if self.keep == "majority_label":
            return np.argsort(-_votes(groups(), summary.column("label").to_numpy()), kind="stable")
        if self.keep == "central":
            assert centrality is not None
            return np.argsort(-np.round(centrality(), 9), kind="stable")
        return at

    def dropped(self, summary: pa.Table, twins: Twins, reason: str | NDArray[np.str_]) -> Edits:
        """Drop every row with a kept twin, which is the `ref` of the edit as their similarity is its score.

        `reason` is one for all rows or one a row. With `conflicts: drop` a kept row and its twins all go where they
        have more than one label.
        """
        ids = summary.column("row_id").to_numpy()
        at = np.arange(len(ids))
        has_twin = twins.twin >= 0
        head = np.where(has_twin, twins.twin, at)
        conflict = np.zeros(len(ids), bool)
        if self.conflicts == "drop" and "label" in summary.column_names:
            conflict = conflicting(head, summary.column("label").to_numpy())
        gone = np.flatnonzero(has_twin | conflict)
        reasons = np.where(conflict[gone], CONFLICTING, reason if isinstance(reason, str) else reason[gone])
        score = np.where(has_twin, twins.similarity, 1.0)[gone]
        refs = pa.array(ids[head[gone]], pa.uint64(), mask=~has_twin[gone])
        return Edits.drop(ids[gone], reasons.tolist(), score=score, ref=refs) if len(gone) else Edits()


def sortable(name: str, values: pa.Array) -> pa.Array:
    """The values of a column as values that Arrow can order: text is read as a time, NaN as null.

    Raises:
        ColumnError: the column holds neither numbers nor times, nor text that can be read as a time.

    Example:
        >>> sortable("day", pa.array(["2024-05-31", None, "2024-05-31T12:00+02:00"])).to_pylist()[2].hour
        10
    """
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    if pa.types.is_floating(kind):
        numbers = values.cast(pa.float64())
        return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    if pa.types.is_null(kind):
        return values.cast(pa.float64())
    ordered = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_decimal, pa.types.is_temporal)
    if any(matches(kind) for matches in ordered):
        return values
    if is_text(kind):
        return pa.array([_time(name, text) for text in as_strings(values)], pa.timestamp("us"))
    raise ColumnError(
        f"the column {name!r} holds {kind}, which has no order",
        hint="name a column of numbers, dates, timestamps or ISO 8601 text",
    )


def _time(name: str, text: str | None) -> datetime | None:
    """A text as a time in UTC; None where it is null or blank."""
    written = (text or "").strip()
    if not written:
        return None
    missing = "-01-01"[len(written) - 4 :] if _YEAR.fullmatch(written) else ""
    try:
        time = datetime.fromisoformat(written + missing)
    except ValueError as error:
        raise ColumnError(
            f"the column {name!r} cannot be ordered: {written[:60]!r} is no date",
            hint="dates as text are read in ISO 8601, such as 2024-05-31 or 2024-05-31T12:00Z",
        ) from error
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo is not None else time


def _votes(groups: I64, label: NDArray[np.uint64]) -> I64:
    """How many rows of its group have the label of each row; 0 for a row without a label."""
    order = np.lexsort((label, groups))
    starts = (np.diff(groups[order]) != 0) | (np.diff(label[order]) != 0)
    number = np.concatenate([np.zeros(min(1, len(order)), np.int64), np.cumsum(starts)])
    votes = np.empty(len(order), np.int64)
    votes[order] = np.bincount(number)[number] if len(order) else 0
    votes[label == _NO_LABEL] = 0
    return votes


def conflicting(groups: I64, label: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether the group of each row has more than one label; a null is no label.

    Args:
        groups: the group of each row, shape (n,).
        label: hash of the label of each row, shape (n,).
    """
    known = label != _NO_LABEL
    order = np.lexsort((label[known], groups[known]))
    of, labels = groups[known][order], label[known][order]
    differs = (of[1:] == of[:-1]) & (labels[1:] != labels[:-1])
    return np.isin(groups, of[1:][differs])


def first_of_each(groups: I64, order: I64) -> Twins:
    """Of each group the row that comes first in `order` stays, and is the twin of all others."""
    _, first, of = np.unique(groups[order], return_index=True, return_inverse=True)
    twin = np.empty(len(order), np.int64)
    twin[order] = order[first][of]
    stays = twin == np.arange(len(order))
    return Twins(np.where(stays, NO_TWIN, twin), np.where(stays, 0.0, 1.0))

"""Drafts: rows that an augmenter may add, filled in column by column, and the edits they become.

Between `augmenter`, which asks for variants, and `Edits`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from curate.core.random import StepRandom
from curate.data.edits import CHANGE, CHANGES, Edits
from curate.data.rows import Batch
from curate.kernels.replacing import Replacement, moved, relocated, replaced
from curate.transforms.augment.spans import SpanLayout

BETWEEN = "\n\n"
"""What stands between texts that are told together."""


class Variant(NamedTuple):
    """A variant of one text.

    Attributes:
        replacements: what to put where; ascending, none overlaps another (`ordered`).
        reason: a declared reason; empty: the first one.
        score: how sure the augmenter is of it, in [0, 1].
        cells: other cells of the row that change with it, by column: a label that an antonym turns round.
        moves: where the replacements put whole stretches elsewhere: `(start, end, new start)` of each that may hold
            marked spans; those inside one move with it.
    """

    replacements: Sequence[Replacement]
    reason: str = ""
    score: float = 1.0
    cells: Mapping[str, Any] = {}
    moves: Sequence[tuple[int, int, int]] = ()


@dataclass(eq=False, slots=True)
class Draft:
    """A row that may be added.

    Attributes:
        place: the position of its parent in the batch.
        parent: the id of its parent.
        copy: which of its parent's variants it is, from 0.
        refused: why it has no variant of a column; empty: it has one of each so far.
        reason: that of its first variant; empty: the augmenter's default.
        score: the least of its variants'.
        cells: what differs from its parent, by column.
        changes: how its texts differ: the fields of each entry of `CHANGES`, one after the other. An object for each
            would cost more than the rest.
    """

    place: int
    parent: int
    copy: int
    refused: str = ""
    reason: str = ""
    score: float = 1.0
    cells: dict[str, Any] = field(default_factory=dict)
    changes: list[str | int] = field(default_factory=list)

    def texts(self) -> list[tuple[str, str]]:
        """The text columns that differ from its parent's, and what they say."""
        return [(column, self.cells[column]) for column in dict.fromkeys(map(str, self.changes[:: len(CHANGE)]))]

    def refuse(self, reason: str) -> None:
        """Make no row of it, whatever has been written."""
        self.refused = reason
        self.changes = []

    def take_parts(
        self,
        columns: Sequence[str],
        cells: Sequence[str],
        variant: Variant,
        marked: Mapping[str, tuple[SpanLayout, list[Any]]],
    ) -> None:
        """Take in the variant of several columns told together; nothing of one that reaches over their borders."""
        parts: list[tuple[str, str, list[Replacement]]] = []
        start = n_placed = 0
        for column, cell in zip(columns, cells, strict=True):
            end = start + len(cell)
            own = [edit for edit in variant.replacements if start <= edit[0] and edit[1] <= end]
            parts.append((column, cell, [(low - start, high - start, new) for low, high, new in own]))
            n_placed += len(own)
            start = end + len(BETWEEN)
        if n_placed < len(variant.replacements):
            self.refused = self.refused or "protected"
            return
        for column, cell, edits in parts:
            if edits:
                self.take(column, cell, variant._replace(replacements=edits), {} if column != columns[0] else marked)

    def take(
        self, column: str, text: str, variant: Variant, marked: Mapping[str, tuple[SpanLayout, list[Any]]]
    ) -> None:
        """Take in the variant of one column, with the spans that are marked in it; nothing of one that loses a span."""
        new = replaced(text, variant.replacements)
        if new == text:
            self.refused = self.refused or "unchanged"
            return
        carried = self._carried(text, new, variant, marked) if marked else {}
        if carried is None:
            self.refused = self.refused or "protected"
            return
        self.cells[column] = new
        if carried or variant.cells:
            self.cells.update({**carried, **variant.cells})
        for start, end, said in variant.replacements:
            self.changes += (column, start, end, text[start:end], said)
        self.reason = self.reason or variant.reason
        if variant.score < self.score:
            self.score = variant.score

    def _carried(
        self, text: str, new: str, variant: Variant, marked: Mapping[str, tuple[SpanLayout, list[Any]]]
    ) -> dict[str, Any] | None:
        """The cells that mark spans of a text as they are for its variant; None where a span is lost."""
        told: dict[str, Any] = {}
        for name, (layout, cells) in marked.items():
            before = layout.spans(cells[self.place], name, text)
            found = relocated(before, variant.moves) if variant.moves else moved(before, variant.replacements)
            whole = [span for span in found if span is not None]
            if len(whole) != len(found):
                return None
            if found:
                told[name] = layout.moved(cells[self.place], whole, new)
        return told


def told_together(columns: Sequence[list[str | None]]) -> list[str | None]:
    r"""The texts of one column, or of several with an empty line between them; None where all are null.

    Example:
        >>> told_together([["a", None, None], ["b", "c", None]])
        ['a\n\nb', '\n\nc', None]
    """
    if len(columns) == 1:
        return columns[0]
    rows = zip(*columns, strict=True)
    return [None if all(cell is None for cell in row) else BETWEEN.join(cell or "" for cell in row) for row in rows]


def edits_of(
    batch: Batch, drafts: Sequence[Draft], random: StepRandom, *, in_place: bool, default_reason: str
) -> Edits:
    """The edits that drafts become, with what was refused counted by reason.

    A draft without any change is refused, and one that says the same as an earlier one of its parent.
    """
    kept: list[Draft] = []
    refused: dict[str, int] = {}
    seen: set[tuple[Any, ...]] = set()
    several = any(draft.copy for draft in drafts)
    for draft in drafts:
        cause = "" if draft.changes else draft.refused or "unchanged"
        if not cause and several:
            told = (draft.parent, *draft.texts())
            cause = "repeated" if told in seen else ""
            seen.add(told)
        if cause:
            refused[cause] = refused.get(cause, 0) + 1
        else:
            kept.append(draft)
    if not kept:
        return Edits(refused=refused)
    made = _sets(batch, kept, default_reason) if in_place else _adds(batch, kept, random, default_reason)
    return Edits.concat([made, Edits(refused=refused)])


def _adds(batch: Batch, drafts: Sequence[Draft], random: StepRandom, default_reason: str) -> Edits:
    parents = np.array([draft.parent for draft in drafts], np.uint64)
    copies = np.array([draft.copy for draft in drafts])
    names = dict.fromkeys(chain.from_iterable(draft.cells for draft in drafts))
    return Edits.add(
        random.derive(parents, copies),
        parents,
        [draft.reason or default_reason for draft in drafts],
        score=np.array([draft.score for draft in drafts]),
        cells={name: _column(batch, name, drafts) for name in sorted(names)},
        changes=_changes(drafts),
    )


def _sets(batch: Batch, drafts: Sequence[Draft], default_reason: str) -> Edits:
    names = dict.fromkeys(chain.from_iterable(draft.cells for draft in drafts))
    parts = []
    for name in sorted(names):
        mine = [draft for draft in drafts if name in draft.cells]
        ids = np.array([draft.parent for draft in mine], np.uint64)
        reasons, scores = [draft.reason or default_reason for draft in mine], np.array([draft.score for draft in mine])
        parts.append(Edits.set(name, ids, _column(batch, name, mine), reasons, score=scores))
    return Edits.concat(parts)


def _column(batch: Batch, name: str, drafts: Sequence[Draft]) -> pa.Array:
    """The cells of one column, of its own type; a draft that does not change it has its parent's."""
    kind = batch.rows.schema.field(name).type
    flat = kind.value_type if pa.types.is_dictionary(kind) else kind
    try:
        said = [draft.cells[name] for draft in drafts]
    except KeyError:
        old = batch.column(name)
        said = [draft.cells[name] if name in draft.cells else old[draft.place].as_py() for draft in drafts]
    return pa.array(said, flat).cast(kind)


def _changes(drafts: Sequence[Draft]) -> pa.Array:
    n_fields = len(CHANGE)
    ends = np.cumsum([0, *(len(draft.changes) for draft in drafts)], dtype=np.int32) // n_fields
    every = list(chain.from_iterable(draft.changes for draft in drafts))
    columns = [pa.array(every[at::n_fields], field.type) for at, field in enumerate(CHANGE)]
    flat = pa.StructArray.from_arrays(columns, fields=list(CHANGE))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), flat).cast(CHANGES)

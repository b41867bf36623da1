"""Rewriting text: the base of every transform that puts one text in another's place, cell by cell."""

from __future__ import annotations

from typing import ClassVar

import pyarrow as pa

from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import text_columns
from curate.data.rows import Batch, as_strings


class RewriteText(RowTransform):
    """Sets the text columns, and a target that is text, to `rewrite(text)` where that differs. Nulls stay null.

    Attributes:
        reason: the reason code of its edits; the only one, unless `why` tells several kinds of repair apart.
        idempotent: cleaning what is clean changes nothing: `rewrite(rewrite(text)) == rewrite(text)` for any text.
    """

    reason: ClassVar[str]
    idempotent: ClassVar[bool] = False

    def suspects(self, column: pa.Array) -> pa.Array | None:
        """A mask of the cells that `rewrite` could change, found faster than by rewriting them; None: all of them."""
        return None

    def rewrite(self, text: str) -> str:
        """The new text; the same text where there is nothing to change."""
        raise NotImplementedError

    def why(self, text: str) -> str:
        """The reason for changing `text`, which `rewrite` does change; one text has one reason."""
        return self.reason

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        return Edits.concat([self._plan_column(batch, name) for name in text_columns(batch.roles, batch.rows.schema)])

    def _plan_column(self, batch: Batch, name: str) -> Edits:
        column, ids = batch.column(name), batch.row_ids
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        mask = self.suspects(column)
        if mask is not None:
            ids = ids[mask.fill_null(False).to_numpy(zero_copy_only=False)]
            if not len(ids):
                return Edits()
            column = column.filter(mask) if len(ids) < len(column) else column
        rewrite = self.rewrite
        changed: list[int] = []
        values: list[str] = []
        reasons: list[str] = []
        for at, text in enumerate(as_strings(column)):
            if text is not None:
                new = rewrite(text)
                if new != text:
                    changed.append(at)
                    values.append(new)
                    reasons.append(self.why(text))
        if not changed:
            return Edits()
        kind = batch.rows.schema.field(name).type
        return Edits.set(name, ids[changed], pa.array(values, column.type).cast(kind), reasons)

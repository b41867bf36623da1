"""`filter.missing`: drop rows without a text, a label or a target, and rows where a placeholder stands in their place.

First of the filters in a recipe: what it drops would be a duplicate, an outlier and a label of its own to all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.buffers import as_bools
from curate.kernels.placeholders import is_placeholder
from curate.kernels.text import is_blank


class DropMissing(RowTransform):
    """Drops rows that have no text or no label: null, empty, or a placeholder such as `N/A`, `[deleted]`, lorem ipsum.

    A cell is a placeholder only as a whole: a text that contains such a word stays. With several text columns a row
    goes only where none of them holds a text. Words that are a fair text in many data sets (`none`, `?`, `test`) stay
    unless `placeholders` is `all`; an empty *answer* to a prompt is the affair of `filter.answers`.

    Attributes:
        blank: drop texts that are empty or only white space too, not only nulls.
        label: drop rows with a null (or NaN) label or a placeholder for one, where a column has the role label.
        target: drop rows with a null (or NaN) target, where a column has the role target.
        placeholders: which words count: `sure` (hardly ever meant as text), `all` (also none, ?, test, …), or `off`.
        words: further words that count as placeholders, for texts and labels alike.

    Example:
        >>> DropMissing(label=False, words=["see above"]).placeholders
        'sure'
    """

    name: ClassVar[str] = "filter.missing"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {
        "null_text": "the text is null",
        "blank_text": "the text is empty or only white space",
        "placeholder_text": "the text is a placeholder: a word for no text at all",
        "null_label": "the label is null",
        "placeholder_label": "the label is a placeholder: a word for no label",
        "null_target": "the target is null",
    }
    languages: ClassVar[str] = "any; words for *not available* in 19 languages, all others by `words`"
    examples: ClassVar[Mapping[str, Example]] = {
        "null_text": Example(({"text": None, "label": "a"}, {"text": "fine", "label": "a"})),
        "blank_text": Example(" \t"),
        "placeholder_text": Example(("[deleted]", "The word [deleted] in a text does no harm.")),
        "null_label": Example(({"text": "good", "label": None}, {"text": "bad", "label": "negative"})),
        "placeholder_label": Example(({"text": "good", "label": "#N/A"}, {"text": "bad", "label": "negative"})),
        "null_target": Example(({"text": "good", "target": None}, {"text": "bad", "target": 0.25})),
    }
    keeps_cells: ClassVar[bool] = True

    blank: bool = True
    label: bool = True
    target: bool = True
    placeholders: Literal["sure", "all", "off"] = "sure"
    words: tuple[str, ...] = ()

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        reason = np.full(len(batch), "", dtype=object)
        roles = batch.roles
        if self.target and roles.target is not None:
            reason[_is_null(batch.column(roles.target))] = "null_target"
        if self.label and roles.label is not None:
            reason[self._stands_for_none(batch.labels(), label=True)] = "placeholder_label"
            reason[_is_null(batch.labels())] = "null_label"
        if roles.text:
            self._texts([batch.column(name) for name in roles.text], reason)
        gone = np.flatnonzero(reason != "")
        return Edits.drop(batch.row_ids[gone], reason[gone].tolist()) if len(gone) else Edits()

    def _texts(self, columns: list[pa.Array], reason: NDArray[np.object_]) -> None:
        """A row has no text where no column has one; of null, placeholder and blank the first is told."""
        columns = [column.cast(pa.large_string()) for column in columns]
        null = np.array([_is_null(column) for column in columns])
        blank = np.array([is_blank(column) for column in columns]) if self.blank else null
        stand_in = np.array([self._stands_for_none(column) for column in columns])
        empty = (blank | stand_in).all(axis=0)
        reason[empty] = "blank_text"
        reason[empty & stand_in.any(axis=0)] = "placeholder_text"
        reason[null.all(axis=0)] = "null_text"

    def _stands_for_none(self, cells: pa.Array, *, label: bool = False) -> NDArray[np.bool_]:
        level = None if self.placeholders == "off" else self.placeholders
        return is_placeholder(cells, level, self.words, label=label)


def _is_null(cells: pa.Array) -> NDArray[np.bool_]:
    return as_bools(pc.is_null(cells, nan_is_null=True))

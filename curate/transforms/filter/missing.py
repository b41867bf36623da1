"""`filter.missing`: drop rows without a text or without a label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.text import is_blank


class DropMissing(RowTransform):
    """Drops rows whose text is null, empty or only white space, and rows whose label is null.

    Attributes:
        blank: drop texts that are empty or only white space too, not only nulls.
        label: drop rows with a null (or NaN) label, where a column has the role label.

    Example:
        >>> DropMissing(label=False).blank
        True
    """

    name: ClassVar[str] = "filter.missing"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "null_text": "the text is null",
        "blank_text": "the text is empty or only white space",
        "null_label": "the label is null",
    }

    keeps_cells: ClassVar[bool] = True

    blank: bool = True
    label: bool = True

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        texts = pa.array(batch.texts(), pa.large_string())
        reason = np.full(len(batch), "", dtype=object)
        if self.label and batch.roles.label is not None:
            reason[pc.is_null(batch.labels(), nan_is_null=True).to_numpy(zero_copy_only=False)] = "null_label"
        if self.blank:
            reason[is_blank(texts)] = "blank_text"
        reason[texts.is_null().to_numpy(zero_copy_only=False)] = "null_text"
        gone = np.flatnonzero(reason != "")
        return Edits.drop(batch.row_ids[gone], reason[gone].tolist()) if len(gone) else Edits()

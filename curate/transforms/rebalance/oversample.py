"""`rebalance.oversample`: copy rows of the rarer classes until each class has its share of the largest one's rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from curate.core.random import StepRandom
from curate.core.transform import DatasetTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.classes import class_codes, rows_of_share


class Oversample(DatasetTransform):
    """Adds plain copies of rows of rare classes; every row of a class is copied once before any is copied twice.

    A copy's parent is its original, so that both always stand on one side of a split. Rows with a null label are left
    alone.

    Attributes:
        to_fraction: bring each class to this share of the largest class's rows, in (0, 1].
        max_copies: the most copies of one row; None: as many as it takes.

    Example:
        >>> Oversample(to_fraction=0.5).to_fraction
        0.5
    """

    name: ClassVar[str] = "rebalance.oversample"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {"rare_class": "a copy of a row of a rare class"}
    needs: ClassVar[frozenset[str]] = frozenset({"label"})
    placebo: ClassVar[Literal["matched", "resample"]] = "resample"

    to_fraction: float = Field(1.0, gt=0, le=1)
    max_copies: int | None = Field(None, ge=1)

    def summarize(self, batch: Batch) -> pa.Table:
        return pa.table({"row_id": batch.row_ids, "label": batch.labels()})

    def decide(self, summary: pa.Table, random: StepRandom) -> Edits:
        codes, names = class_codes(summary.column("label"))
        ids = summary.column("row_id").to_numpy()
        if not names:
            return Edits()
        sizes = np.bincount(codes[codes >= 0], minlength=len(names))
        wanted = rows_of_share(self.to_fraction, sizes)
        parents, copies = [], []
        for number, size in enumerate(sizes.tolist()):
            n_more = wanted - size
            if self.max_copies is not None:
                n_more = min(n_more, self.max_copies * size)
            if n_more > 0:
                members = ids[codes == number]
                members = members[random.order(members)]
                each = np.arange(n_more)
                parents.append(members[each % size])
                copies.append(each // size)
        if not parents:
            return Edits()
        parent, copy = np.concatenate(parents), np.concatenate(copies)
        new = random.derive(parent, copy)
        while (taken := np.isin(new, ids)).any():  # copies that an earlier run of this step made
            copy[taken] += len(ids)
            new = random.derive(parent, copy)
        return Edits.add(new, parent, "rare_class")

"""Pairs of rows as evidence: a few of those a finding names, with how similar they are; reports show both texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SHOWN_PAIRS = 6
TRAIN = "train"


def examples(rows: pa.Table) -> list[dict[str, Any]]:
    """A few pairs of a row and its twin, from the least alike to the most, as evidence; equal ones only where there is
    nothing else.
    """
    unequal = rows.filter(pc.less(rows.column("score"), 1.0))
    rows = (unequal if len(unequal) else rows).sort_by([("score", "ascending"), ("row_id", "ascending")])
    if not len(rows):
        return []
    shown = rows.take(pa.array(np.unique(np.linspace(0, len(rows) - 1, SHOWN_PAIRS).astype(np.int64)))).to_pylist()
    return [_pair(row) for row in shown]


def _pair(row: dict[str, Any]) -> dict[str, Any]:
    ends = {"row_id": row["row_id"], "ref": row["ref"]}
    if row["ref_split"] not in (None, TRAIN):
        ends["ref_split"] = row["ref_split"]
    return {**ends, "similarity": round(float(row["score"]), 4)}

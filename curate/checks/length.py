"""`length`: texts far shorter or longer than the rest, and the bounds that would leave them out.

Lengths are skewed, so nothing normal is assumed: on each side by itself, the fence stands `reach` times as far from
the median as the outer 5 % do, in log length (an asymmetric form of Tukey's fences, "Exploratory Data Analysis",
1977).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from curate.checks.remedy import of_rows, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, Skip, edited_rows
from curate.data.rows import Ids
from curate.kernels.text import is_blank, n_characters
from curate.report.display import number

QUANTILES = {"shortest": 0.0, "lower_5_percent": 0.05, "median": 0.5, "upper_5_percent": 0.95, "longest": 1.0}
N_BINS = 40


class LengthOutliers(Check):
    """Texts far shorter or longer than the rest: fragments, headers, whole files pasted into one cell.

    Attributes:
        reach: how many times as far from the median as the outer 5 % a text must lie. At 2.5 a normal log length has
            0.004 % of its rows outside; the bell curve only says what the number means, nothing rests on it.
        least_factor: a text within this factor of the median is never an outlier (where all texts are about as long).
        share: bounds on the share of such texts. They are seldom harmful: any is `low`, above 1 % `medium`, and never
            `high`. House figures.
    """

    name: ClassVar[str] = "length"
    version: ClassVar[str] = "1"

    reach: float = Field(2.5, gt=1)
    least_factor: float = Field(4.0, gt=1)
    share: Bounds = Bounds(low=0, medium=0.01)

    def look(self, context: CheckContext) -> list[Finding]:
        ids, lengths = measured(context)
        if not len(lengths):
            raise Skip("no row has a text")
        low, high = fences(lengths, self.reach, self.least_factor)
        settings: dict[str, int] = {}
        if lengths.min() < low:
            settings["min_characters"] = low
        if lengths.max() > high:
            settings["max_characters"] = high
        evidence = {**_quantiles(lengths), "histogram": _histogram(lengths, settings)}
        if not settings:
            span = f"{number(int(lengths.min()))} to {number(int(lengths.max()))} characters"
            title = f"No text is far shorter or longer than the rest: {span}"
            return [Finding(self.name, title, "none", 0.0, self.share.low, evidence=evidence)]
        plan, remedy = propose(context, "filter.length", **settings)
        rows = _with_lengths(edited_rows(plan), ids, lengths)
        share = len(rows) / len(lengths)
        title = f"Texts far {_which(settings)} than the rest: {of_rows(len(rows), len(lengths), 'text')}"
        severity = self.share.severity(share)
        return [Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)]


def measured(context: CheckContext) -> tuple[Ids, NDArray[np.int64]]:
    """The ids of all rows that have a text, in order of id, and the length of each in characters."""
    ids, lengths = [np.empty(0, np.uint64)], [np.empty(0, np.int64)]
    for batch in context.corpus.batches(1 << 13):
        texts = pa.array(batch.texts(), pa.large_string())
        given = ~is_blank(texts)
        ids.append(batch.row_ids[given])
        lengths.append(n_characters(texts)[given])
    all_ids = np.concatenate(ids)
    order = np.argsort(all_ids)
    return all_ids[order], np.concatenate(lengths)[order]


def fences(lengths: NDArray[np.int64], reach: float, least_factor: float) -> tuple[int, int]:
    """The shortest and the longest length that is no outlier; lengths at least 1.

    Example:
        >>> fences(np.array([90, 95, 100, 105, 110]), 2.5, 4.0)
        (25, 400)
    """
    logs = np.log(lengths)
    low, middle, high = np.quantile(logs, [0.05, 0.5, 0.95])
    room = math.log(least_factor)
    below, above = max(reach * (middle - low), room), max(reach * (high - middle), room)
    return math.ceil(math.exp(middle - below) - 1e-9), math.floor(math.exp(middle + above) + 1e-9)


def _which(settings: Mapping[str, int]) -> str:
    return " or ".join(
        word for key, word in (("min_characters", "shorter"), ("max_characters", "longer")) if key in settings
    )


def _with_lengths(rows: pa.Table, ids: Ids, lengths: NDArray[np.int64]) -> pa.Table:
    """The rows that have a text, with their lengths, the farthest from the others' first; blank ones are the check
    `missing`'s.
    """
    wanted = rows.column("row_id").to_numpy()
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    known = np.flatnonzero(ids[at] == wanted)
    own = lengths[at[known]]
    distance = np.abs(np.log(own) - np.log(np.median(lengths)))
    order = np.lexsort((wanted[known], -distance))
    rows = rows.take(pa.array(known[order]))
    detail = pc.binary_join_element_wise(pa.array(own[order]).cast(pa.string()), "characters", " ")
    return rows.set_column(rows.column_names.index("detail"), "detail", detail)


def _quantiles(lengths: NDArray[np.int64]) -> dict[str, int]:
    values = np.quantile(lengths, list(QUANTILES.values()), method="inverted_cdf")
    return dict(zip(QUANTILES, values.astype(int).tolist(), strict=True))


def _histogram(lengths: NDArray[np.int64], marks: Mapping[str, int]) -> dict[str, Any]:
    """Counts in bins of equal width in log length, with whole edges; the last bin holds its upper edge."""
    top = int(lengths.max()) + 1
    edges = np.unique(np.geomspace(max(1, int(lengths.min())), top, N_BINS + 1).round().astype(np.int64))
    if len(edges) < 2:
        edges = np.array([edges[0], edges[0] + 1])
    counts, _ = np.histogram(lengths, edges)
    middle = {"median": int(np.median(lengths))}
    return {
        "edges": edges.tolist(),
        "counts": counts.tolist(),
        "marks": {**middle, **marks},
        "axis": "characters (log scale)",
    }

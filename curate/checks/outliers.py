"""`outliers`: texts far from the rest in any statistic that a filter knows, and the bounds that would leave them out.

Statistics of text are skewed, so nothing normal is assumed: on each side by itself, the fence stands `reach` times as
far from the median as the outer 5 % do (an asymmetric form of Tukey's fences, "Exploratory Data Analysis", 1977).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from curate import registry
from curate.checks.remedy import of_rows, propose
from curate.checks.severity import Bounds
from curate.core.bounds import DropOutside
from curate.core.check import Check, CheckContext, Finding, Skip, edited_rows
from curate.core.signals import RowSignal
from curate.data.rows import Ids
from curate.errors import CurateError
from curate.kernels.text import is_blank
from curate.report.display import number

F64 = NDArray[np.float64]

QUANTILES = {"lowest": 0.0, "lower_5_percent": 0.05, "median": 0.5, "upper_5_percent": 0.95, "highest": 1.0}
N_BINS = 40
N_BESIDE = 5
_FARTHEST = 700.0  # e to that is a number yet


class Outliers(Check):
    """Texts far from the rest in a statistic: too short, too many symbols, one word again and again.

    Every filter that holds a signal against bounds is looked at, plugins' too: the bounds it proposes are those of its
    remedy, and the rows on both sides of each bound are shown. What is far is no fault yet: look before you drop.

    Attributes:
        reach: how many times as far from the median as the outer 5 % a text must lie. At 4 a normal statistic would
            have none outside; the bell curve only says what the number means, nothing rests on it.
        filters: the filters whose statistics are looked at; null: all that need no setting.
        share: bounds on the share of such texts: from one in a thousand `low` and never more, for what is far is
            seldom harmful; fewer stand in the table of what is usual only.
    """

    name: ClassVar[str] = "outliers"
    version: ClassVar[str] = "1"

    reach: float = Field(4.0, gt=1)
    filters: tuple[str, ...] | None = None
    share: Bounds = Bounds(low=0.001)

    def look(self, context: CheckContext) -> list[Finding]:
        ids = _with_text(context)
        if not len(ids):
            raise Skip("no row has a text")
        found, usual = [], []
        for use, signal, bounds in self._statistics():
            values = _numbers(context.signal(signal.name, **signal.model_dump()).at(ids))
            known = values[np.isfinite(values)]
            if not len(known):
                continue
            proposed = _beyond(known, fences(known, self.reach, signal), bounds)
            n_beyond = _n_beyond(known, proposed)
            told = ", ".join(f"{name} {number(at)}" for name, at in proposed.items())
            usual.append({"signal": signal.name, **_quantiles(known), "n_beyond": n_beyond, "bounds": told})
            if self.share.severity(n_beyond / len(ids)) != "none" and _allowed(use, proposed):
                found.append(self._finding(context, use, signal, ids, values, proposed))
        found.sort(key=lambda finding: -(finding.value or 0.0))
        title = f"What is usual here: {len(usual)} statistics of {number(len(ids))} texts"
        return [*found, Finding(self.name, title, "none", 0.0, self.share.low, evidence={"usual": usual})]

    def _statistics(self) -> Iterator[tuple[str, RowSignal, dict[str, str]]]:
        """Each filter with one of its signals and the names of the bounds it holds against it, by side."""
        known = registry.names("signals")
        for use, kind in self._filters():
            for name in dict.fromkeys(signal for signal, _ in kind.bounds.values()):
                own = {bound[:3]: bound for bound, (of, _) in kind.bounds.items() if of == name}
                if name in kind.unprofiled or name not in known:
                    continue
                signal = registry.get("signals", name)
                if issubclass(signal, RowSignal):
                    yield use, signal(), own

    def _filters(self) -> Iterator[tuple[str, type[DropOutside]]]:
        """The filters to look at.

        Raises:
            CurateError: one that was named holds no statistic against bounds, or has none without a setting.
        """
        if self.filters is None:
            kinds = {use: registry.get("transforms", use) for use in registry.names("transforms")}
            yield from ((use, kind) for use, kind in kinds.items() if issubclass(kind, DropOutside) and kind.profiled)
            return
        for use in self.filters:
            kind = registry.get("transforms", use)
            required = [name for name, field in kind.model_fields.items() if field.is_required()]
            if not issubclass(kind, DropOutside) or required:
                why = f"needs {', '.join(required)}" if required else "holds no statistic against bounds"
                raise CurateError(f"{self.name} cannot look at {use}: it {why}", hint="filters: [filter.length]")
            yield use, kind

    def _finding(
        self, context: CheckContext, use: str, signal: RowSignal, ids: Ids, values: F64, proposed: dict[str, float]
    ) -> Finding:
        plan, remedy = propose(context, use, **proposed)
        rows = _with_values(edited_rows(plan), ids, values, signal)
        known = values[np.isfinite(values)]
        evidence = {
            **_quantiles(known),
            "next_to_the_bound": [row for at in proposed.values() for row in _beside(ids, values, at)],
            "histogram": _histogram(known, proposed, signal),
        }
        share = len(rows) / len(ids)
        title = f"{_said(signal, proposed)}: {of_rows(len(rows), len(ids), 'text')}"
        severity = self.share.severity(share)
        return Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)


def _with_text(context: CheckContext) -> Ids:
    """The ids of all rows that have a text, in order of id."""
    parts = [np.empty(0, np.uint64)]
    for batch in context.corpus.batches(1 << 13):
        parts.append(batch.row_ids[~is_blank(batch.text_array())])
    return np.sort(np.concatenate(parts))


def _numbers(values: pa.Array) -> F64:
    """Values as numbers, nan for a row without one; only a column of the user's holds what is not finite."""
    numbers: F64 = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return numbers


def _allowed(use: str, proposed: Mapping[str, float]) -> bool:
    """Whether the filter takes such bounds; not where a column of the user's holds per cents, say, for a share."""
    try:
        registry.get("transforms", use)(**proposed)
    except ValidationError:
        return False
    return True


def fences(values: F64, reach: float, signal: RowSignal) -> tuple[float, float]:
    """The lowest and the highest value that is no outlier.

    Example:
        >>> from curate.transforms.filter.length import Characters
        >>> fences(np.array([90.0, 95, 100, 105, 110]), 2.5, Characters())
        (25.0, 400.0)
    """
    log = signal.scale == "log"
    placed = np.log(np.maximum(values, 1e-9)) if log else values
    low, middle, high = np.quantile(placed, [0.05, 0.5, 0.95])
    room = math.log(signal.room) if log else signal.room
    below, above = middle - max(reach * (middle - low), room), middle + max(reach * (high - middle), room)
    ends = (math.exp(below), math.exp(min(above, _FARTHEST))) if log else (below, above)
    if pa.types.is_integer(signal.kind):
        return float(math.ceil(ends[0] - 1e-9)), float(math.floor(ends[1] + 1e-9))
    return _rounded(ends[0], math.floor), _rounded(ends[1], math.ceil)


def _rounded(value: float, to: Any) -> float:
    """Three digits, away from the rest: rounding drops no row more."""
    if value == 0 or not math.isfinite(value):
        return value
    digits = 2 - math.floor(math.log10(abs(value)))
    return float(to(value * 10.0**digits) / 10.0**digits)


def _beyond(values: F64, ends: tuple[float, float], bounds: Mapping[str, str]) -> dict[str, float]:
    """The bounds that some value lies beyond, by the name of the setting."""
    low, high = ends
    proposed: dict[str, float] = {}
    if "min" in bounds and values.min() < low:
        proposed[bounds["min"]] = low
    if "max" in bounds and values.max() > high:
        proposed[bounds["max"]] = high
    return {name: int(at) if at == int(at) else at for name, at in proposed.items()}


def _n_beyond(values: F64, proposed: Mapping[str, float]) -> int:
    """How many values lie beyond the bounds."""
    beyond = [values < at if name.startswith("min_") else values > at for name, at in proposed.items()]
    return int(np.any(beyond, axis=0).sum()) if beyond else 0


def _said(signal: RowSignal, proposed: Mapping[str, float]) -> str:
    sides = {"min": "below", "max": "above"}
    where = " or ".join(sides[name[:3]] for name in proposed)
    return f"{signal.name.removeprefix('n_').replace('_', ' ').capitalize()} far {where} the rest"


def _with_values(rows: pa.Table, ids: Ids, values: F64, signal: RowSignal) -> pa.Table:
    """The rows that have a text, with their values, the farthest from the median first; blank ones are the check
    `missing`'s.
    """
    wanted = rows.column("row_id").to_numpy()
    at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    known = np.flatnonzero(ids[at] == wanted)
    own, middle = values[at[known]], np.nanmedian(values)
    placed = (np.log(np.maximum(own, 1e-9)), math.log(max(middle, 1e-9))) if signal.scale == "log" else (own, middle)
    far = np.abs(placed[0] - placed[1])
    order = np.lexsort((wanted[known], -far))
    rows = rows.take(pa.array(known[order]))
    detail = pa.array([f"{number(_plain(value))} {_noun(signal)}" for value in own[order].tolist()], pa.string())
    return rows.set_column(rows.column_names.index("detail"), "detail", detail)


def _noun(signal: RowSignal) -> str:
    return signal.name.removeprefix("n_").replace("_", " ")


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(value, 4)


def _beside(ids: Ids, values: F64, bound: float) -> list[dict[str, Any]]:
    """The rows nearest to a bound on both sides, those nearest below it first."""
    order = np.argsort(values, kind="stable")
    order = order[np.isfinite(values[order])]
    place = int(np.searchsorted(values[order], bound))
    near = order[max(0, place - N_BESIDE) : place + N_BESIDE]
    return [{"row_id": int(ids[at]), "value": _plain(float(values[at])), "bound": _plain(bound)} for at in near]


def _quantiles(values: F64) -> dict[str, float]:
    found = np.quantile(values, list(QUANTILES.values()), method="inverted_cdf")
    return {name: _plain(value) for name, value in zip(QUANTILES, found.tolist(), strict=True)}


def _histogram(values: F64, proposed: Mapping[str, float], signal: RowSignal) -> dict[str, Any]:
    """Counts in bins of equal width on the signal's scale; the last bin holds its upper edge."""
    least, top = float(values.min()), float(values.max())
    if pa.types.is_integer(signal.kind):
        least, top = max(1.0, least), top + 1
    if signal.scale == "log" and least > 0:
        edges = np.geomspace(least, max(top, least * 1.01), N_BINS + 1)
    else:
        edges = np.linspace(least, max(top, least + 1e-6), N_BINS + 1)
    edges = np.unique(edges.round()) if pa.types.is_integer(signal.kind) else edges
    edges = np.array([edges[0], edges[0] + 1]) if len(edges) < 2 else edges
    counts, _ = np.histogram(values, edges)
    axis = f"{signal.unit or _noun(signal)}{' (log scale)' if signal.scale == 'log' else ''}"
    marks = {"median": _plain(float(np.median(values))), **proposed}
    return {"edges": [_plain(edge) for edge in edges.tolist()], "counts": counts.tolist(), "marks": marks, "axis": axis}

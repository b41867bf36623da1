"""What would resolve it: how many replicates, or how many test rows, a measurement would need to be enough.

Used by `measure` where the verdict is "cannot tell". The variance components come from the mean squares seen, the
future mean squares are their expectations (Cornfield & Tukey 1956); a plan, not a promise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from curate.kernels.twoway import TwoWay

MOST_REPLICATES = 256
MOST_ROWS = 10_000_000


@dataclass(frozen=True, slots=True)
class Needed:
    """The smallest larger design that is enough, changing one thing; None: that alone does not get there.

    Args:
        n_replicates: replicates in all, with the test rows there are.
        n_rows: test rows in all, with the replicates there are.
    """

    n_replicates: int | None
    n_rows: int | None


def needed(layouts: Sequence[TwoWay], enough: Callable[[Sequence[TwoWay]], bool]) -> Needed:
    """Plan the smallest larger design that is enough.

    Args:
        layouts: what was seen, of contrasts on the same replicates and test rows.
        enough: whether such contrasts are, as they are to be expected of a design; once met it stays met.

    Example:
        >>> seen = TwoWay(0.0, 0.09, 0.25, 0.09, n_replicates=5, n_units=400, n_rows=400, df_unit=399)
        >>> needed([seen], lambda layouts: layouts[0].on_new_data().detectable() <= 0.03)
        Needed(n_replicates=8, n_rows=468)
    """
    first = layouts[0]
    if first.n_replicates < 2 or first.n_units < 2:
        return Needed(None, None)
    rows_per_unit = first.n_rows / first.n_units

    def by_replicates(n_replicates: int) -> bool:
        return enough([expected(each, n_replicates, each.n_units) for each in layouts])

    def by_units(n_units: int) -> bool:
        return enough([expected(each, each.n_replicates, n_units) for each in layouts])

    units = _smallest(by_units, first.n_units + 1, int(MOST_ROWS / rows_per_unit))
    return Needed(
        n_replicates=_smallest(by_replicates, first.n_replicates + 1, MOST_REPLICATES),
        n_rows=None if units is None else math.ceil(units * rows_per_unit),
    )


def expected(layout: TwoWay, n_replicates: int, n_units: int) -> TwoWay:
    """The layout to be expected from another number of replicates and units of the same kind."""
    residual = layout.ms_residual
    replicate = max(0.0, layout.ms_replicate - residual) / layout.n_units
    unit = max(0.0, layout.ms_unit - residual) / layout.n_replicates
    return TwoWay(
        delta=layout.delta,
        ms_replicate=n_units * replicate + residual,
        ms_unit=n_replicates * unit + residual,
        ms_residual=residual,
        n_replicates=n_replicates,
        n_units=n_units,
        n_rows=round(layout.n_rows * n_units / layout.n_units),
        df_unit=max((layout.df_unit + 1) * n_units / layout.n_units - 1, 1.0),
    )


def _smallest(enough: Callable[[int], bool], low: int, high: int) -> int | None:
    """The smallest number from `low` to `high` that is enough, for a condition that once met stays met."""
    if not enough(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low

"""What would resolve it: the planned design finds the target, one less does not, and what cannot help is None."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from curate.kernels.plan import Needed, expected
from curate.kernels.plan import needed as designs
from curate.kernels.twoway import TwoWay, two_way


def seen(replicate: float, row: float, residual: float, shape: tuple[int, int] = (5, 500)) -> TwoWay:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(shape[0], 1)) * replicate + rng.normal(size=shape[1]) * row
    return two_way(values + rng.normal(size=shape) * residual)


def needed(layout: TwoWay, target: float, *, alpha: float = 0.05, power: float = 0.8) -> Needed:
    """The designs that would find an effect as large as the target."""

    def enough(layouts: Sequence[TwoWay]) -> bool:
        return layouts[0].on_new_data().detectable(alpha, power) <= target

    return designs([layout], enough)


def test_the_plan_is_the_smallest_that_is_enough() -> None:
    layout = seen(0.02, 0.3, 0.3)
    target = 0.8 * layout.on_new_data().detectable()
    plan = needed(layout, target)
    assert plan.n_rows is not None
    for n_rows, enough in ((plan.n_rows, True), (plan.n_rows - 1, False)):
        assert (expected(layout, 5, n_rows).on_new_data().detectable() <= target) is enough


def test_more_of_the_same_noise_does_not_help() -> None:
    rows_rule, replicates_rule = seen(0.0, 1.0, 0.01), seen(0.5, 0.1, 0.1)
    assert needed(rows_rule, 0.5 * rows_rule.on_new_data().detectable()).n_replicates is None
    plan = needed(replicates_rule, 0.3 * replicates_rule.on_new_data().detectable())
    assert plan.n_rows is None
    assert plan.n_replicates is not None
    assert 5 < plan.n_replicates < 100


def test_what_is_there_is_never_proposed() -> None:
    layout = seen(0.02, 0.3, 0.3)
    assert needed(layout, 10.0) == Needed(n_replicates=6, n_rows=501)


def test_the_same_size_expects_the_same_mean_squares() -> None:
    layout = seen(0.1, 0.5, 0.2)
    again = expected(layout, 5, 500)
    assert (again.ms_replicate, again.ms_unit) == pytest.approx((layout.ms_replicate, layout.ms_unit))


def test_a_stricter_level_needs_more() -> None:
    layout = seen(0.1, 0.5, 0.3)
    target = layout.on_new_data().detectable()
    loose, strict = needed(layout, target), needed(layout, target, alpha=0.005)
    assert loose.n_replicates is not None
    assert strict.n_replicates is not None
    assert loose.n_replicates < strict.n_replicates


def test_nothing_to_plan_from() -> None:
    assert needed(two_way(np.ones((1, 20))), 0.01) == Needed(None, None)

"""The smallest effect that is promised to be found is found, beside other steps and against a placebo, too."""

from __future__ import annotations

import numpy as np
import pytest

from curate.kernels.intervals import Estimate
from curate.kernels.plan import Needed, expected
from curate.kernels.twoway import TwoWay
from curate.measure.power import detectable, resolving
from curate.measure.verdict import Contrast, judge

N_REPLICATES, SE = 10, 0.01
DF = N_REPLICATES - 1


@pytest.mark.parametrize(("n_steps", "placebo"), [(1, False), (1, True), (4, True)])
def test_it_is_found_in_four_of_five_worlds(n_steps: int, placebo: bool) -> None:
    """The other steps do nothing; base, arm and placebo are equally noisy."""
    rng, n_worlds = np.random.default_rng(2), 1500
    size = detectable([Estimate(0.0, SE, DF)] * (2 if placebo else 1), n_steps, 0.05)
    found = 0
    for _ in range(n_worlds):
        noise = rng.normal(scale=SE * np.sqrt(N_REPLICATES / 2), size=(n_steps, 3, N_REPLICATES))
        contrasts = []
        for step, (arm, base, other) in enumerate(noise):
            over = [arm - base + size * (step == 0), arm - other + size * (step == 0)][: 1 + placebo]
            contrasts.append(Contrast(*(Estimate(d.mean(), d.std(ddof=1) / np.sqrt(N_REPLICATES), DF) for d in over)))
        found += judge(contrasts, n_replicates=N_REPLICATES)[0].verdict == "helps"
    assert 0.76 <= found / n_worlds <= 0.88


def layout(delta: float, scale: float = 1.0, n_units: int = 400) -> TwoWay:
    return TwoWay(delta, 0.09 * scale, 0.25 * scale, 0.09 * scale, 5, n_units, n_units, n_units - 1)


def would_take(*contrasts: TwoWay, resolution: float = 0.0, higher: bool = True, margin: float = 0.005) -> Needed:
    return resolving(contrasts, margin=margin, resolution=resolution, higher=higher, n_judged=1, alpha=0.05)


def test_what_would_tell_is_more_than_there_was_and_enough() -> None:
    """Planned from what was seen, the design finds that effect in four of five worlds."""
    seen = layout(0.02)
    plan = would_take(seen)
    assert plan.n_rows is not None
    assert plan.n_replicates is None, "test rows rule"
    assert (would_take(TwoWay(0.03, 0.9, 0.1, 0.09, 5, 400, 400, 399)).n_replicates or 0) > 5
    coming = expected(seen, 5, plan.n_rows).on_new_data()
    assert coming.detectable() <= 0.02 < expected(seen, 5, plan.n_rows - 1).on_new_data().detectable()


def test_beside_a_placebo_both_must_show() -> None:
    alone, against = would_take(layout(0.02)), would_take(layout(0.02), layout(0.02, scale=2.0))
    assert alone.n_rows is not None
    assert against.n_rows is not None
    assert against.n_rows > 2 * alone.n_rows
    assert would_take(layout(0.02), layout(-0.001)) == Needed(None, None), "a better placebo is not beaten"
    harm = would_take(layout(-0.02), layout(0.01))
    assert harm == alone, "harm is not held against the placebo"
    assert would_take(layout(0.02), layout(-0.01), higher=False) == harm


def test_nothing_seen_takes_the_test_rows_that_no_effect_takes() -> None:
    """No answer changed in 100 rows: the rule of three asks for 600, and no number of replicates helps."""
    nothing = TwoWay(0.0, 0.0, 0.0, 0.0, 5, 100, 100, 99)
    assert would_take(nothing, resolution=0.03) == Needed(n_replicates=None, n_rows=600)

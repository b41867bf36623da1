"""The smallest effect that is promised to be found is found, beside other steps and against a placebo, too."""

from __future__ import annotations

import numpy as np
import pytest

from curate.kernels.intervals import Estimate
from curate.kernels.plan import Needed, needed
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


def test_what_would_resolve_it_resolves_every_contrast() -> None:
    over_base = TwoWay(0.0, 0.09, 0.25, 0.09, n_replicates=5, n_units=400, n_rows=400, df_unit=399)
    over_placebo = TwoWay(0.0, 0.18, 0.5, 0.18, n_replicates=5, n_units=400, n_rows=400, df_unit=399)
    assert resolving([over_base], 0.03, 1, 0.05) == needed(over_base, 0.03)
    both = resolving([over_base, over_placebo], 0.03, 2, 0.05)
    assert both == needed(over_placebo, 0.03, alpha=0.025, power=0.9)
    rows_rule = TwoWay(0.0, 0.09, 9.0, 0.09, n_replicates=5, n_units=400, n_rows=400, df_unit=399)
    assert resolving([over_base, rows_rule], 0.03, 1, 0.05).n_replicates is None
    assert resolving([over_base], 0.03, 1, 0.05) != Needed(None, None)

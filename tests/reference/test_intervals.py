"""The statistics against answers found elsewhere: SciPy, published tables, simulated worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_array
from scipy.special import ndtri

from curate.kernels.intervals import Estimate, wilson
from curate.kernels.jackknife import WeighedStatistic, jackknife
from curate.kernels.multiplicity import benjamini_yekutieli
from curate.kernels.sequential import nominal_alphas
from curate.kernels.twoway import two_way
from curate.learn.metrics import MACRO_F1, metric
from curate.learn.outputs import Outputs
from curate.measure.estimate import sums_statistic


def test_the_boundaries_of_o_brien_and_fleming_as_spent_by_lan_and_demets() -> None:
    """Five equal looks, two-sided 5 %: the table every textbook prints."""
    boundaries = -ndtri(np.array(nominal_alphas(looks=(1, 2, 3, 4, 5), maximum=5)) / 2)
    assert boundaries == pytest.approx([4.877, 3.357, 2.680, 2.290, 2.031], abs=6e-4)


def test_replicates_on_this_test_set_are_a_t_test() -> None:
    differences = np.random.default_rng(0).normal(0.1, 1, size=(9, 30))
    ours = two_way(differences).on_this_test_set()
    theirs = stats.ttest_1samp(differences.mean(axis=1), 0.0)
    interval = theirs.confidence_interval(0.9)
    assert ours.p_value() == pytest.approx(theirs.pvalue)
    assert ours.interval(0.9) == pytest.approx((interval.low, interval.high))


def test_the_mean_squares_are_those_of_an_analysis_of_variance() -> None:
    """Fitted as a linear model with dummies for replicates and rows, by least squares."""
    rng = np.random.default_rng(1)
    values = rng.normal(size=(4, 7)) + rng.normal(size=7)
    replicate, row = (index.ravel() for index in np.indices(values.shape))

    def left(*factors: np.ndarray) -> float:
        design = np.column_stack([np.ones(28), *(factor[:, None] == np.unique(factor) for factor in factors)])
        return float(((values.ravel() - design @ np.linalg.lstsq(design, values.ravel(), rcond=None)[0]) ** 2).sum())

    layout = two_way(values)
    assert layout.ms_residual == pytest.approx(left(replicate, row) / 18)
    assert layout.ms_replicate == pytest.approx((left(row) - left(replicate, row)) / 3)
    assert layout.ms_unit == pytest.approx((left(replicate) - left(replicate, row)) / 6)


def test_proportions_and_false_discovery_by_their_formulas() -> None:
    z, share, trials = 1.959964, 3 / 40, 40
    centre, half = share + z**2 / 80, z * np.sqrt(share * (1 - share) / trials + z**2 / 6400)
    assert wilson(3, 40) == pytest.approx(((centre - half) / (1 + z**2 / 40), (centre + half) / (1 + z**2 / 40)))
    harmonic = 1 + 1 / 2 + 1 / 3
    assert benjamini_yekutieli([0.01, 0.5, 0.012]) == pytest.approx(
        [0.018 * harmonic, 0.5 * harmonic, 0.018 * harmonic]
    )


@pytest.mark.parametrize("df", [4.0, 9.0, 60.0])
def test_the_detectable_effect_is_found_in_four_of_five_worlds(df: float) -> None:
    size = Estimate(0.0, 1.0, df).detectable()
    bound = stats.t.ppf(0.975, df)
    power = stats.nct.sf(bound, df, size) + stats.nct.cdf(-bound, df, size)
    assert power == pytest.approx(0.8, abs=0.025)


WORLDS = {  # standard deviations of replicate, row (or cluster) and residual effects
    "rows rule": (0.0, 1.0, 0.5),
    "replicates rule": (0.2, 0.0, 0.5),
    "nothing but noise": (0.0, 0.0, 1.0),
    "all three": (0.05, 0.5, 1.0),
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("n_replicates", [5, 10])
def test_the_two_way_interval_covers_the_truth(world: str, n_replicates: int) -> None:
    """1,500 worlds of 150 test rows: false alarms at 5 % nominal lie in 3–7 %."""
    replicate, row, residual = WORLDS[world]
    rng = np.random.default_rng(n_replicates)
    shape = (n_replicates, 150)
    missed = 0
    for _ in range(1500):
        effects = rng.normal(size=(n_replicates, 1)) * replicate + rng.normal(size=150) * row
        missed += two_way(0.3 + effects + rng.normal(size=shape) * residual).on_new_data().p_value(0.3) < 0.05
    assert 0.03 <= missed / 1500 <= 0.07


def test_clusters_keep_false_alarms_down_where_rows_would_not() -> None:
    """Near duplicates of up to eight rows share their effect: rows taken as independent cry wolf."""
    rng = np.random.default_rng(0)
    alarms = np.zeros(2)
    for _ in range(1000):
        clusters = np.repeat(np.arange(100), rng.choice([1, 1, 1, 2, 4, 8], 100))
        differences = rng.normal(size=100)[clusters] + rng.normal(size=(5, clusters.size)) * 0.5
        differences += rng.normal(size=(5, 1)) * 0.03
        for place, labels in enumerate((clusters, None)):
            alarms[place] += two_way(differences, labels).on_new_data().p_value() < 0.05
    clustered, naive = alarms / 1000
    assert 0.03 <= clustered <= 0.07
    assert naive > 0.2


def macro_f1_world(rng: np.random.Generator, n_replicates: int, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Two arms of equal worth on unbalanced classes, which differ from row to row and from replicate to replicate."""
    labels = rng.choice(4, size=n_rows, p=[0.5, 0.3, 0.12, 0.08])
    truth = rng.normal(size=(n_rows, 4)) + 2.0 * np.eye(4)[labels]
    row = rng.normal(size=(n_rows, 4)) * 0.5
    noise = rng.normal(size=(2, n_replicates, 1, 4)) * 0.1 + rng.normal(size=(2, n_replicates, n_rows, 4)) * 0.4
    return labels, (truth + row * np.array([-0.5, 0.5])[:, None, None, None] + noise).argmax(axis=-1)


def false_alarms(n_worlds: int, n_replicates: int, n_rows: int) -> float:
    """Share of worlds in which macro-F1 is said to differ at 5 % where both arms are of equal worth."""
    rng, alarms = np.random.default_rng(n_replicates), 0
    for _ in range(n_worlds):
        labels, predicted = macro_f1_world(rng, n_replicates, n_rows)
        rows = [
            [csr_array(MACRO_F1.statistics(Outputs(np.eye(4)[part]), labels).T) for part in arm] for arm in predicted
        ]
        statistic = sums_statistic(rows, (1.0, -1.0), MACRO_F1)
        result = jackknife(statistic, n_rows=n_rows)
        alarms += result.on_new_data().p_value() < 0.05
    return alarms / n_worlds


def test_false_alarms_of_the_jackknife() -> None:
    """Four standard errors wide; the slow test is the narrow one."""
    assert 0.01 <= false_alarms(n_worlds=300, n_replicates=5, n_rows=200) <= 0.1


@pytest.mark.slow
@pytest.mark.parametrize("n_replicates", [5, 10])
def test_false_alarms_of_the_jackknife_closely(n_replicates: int) -> None:
    assert 0.03 <= false_alarms(n_worlds=1500, n_replicates=n_replicates, n_rows=200) <= 0.07


@pytest.mark.slow
@pytest.mark.parametrize("name", ["roc_auc", "pr_auc"])
def test_false_alarms_on_areas_under_curves(name: str) -> None:
    """400 worlds of two arms of equal worth, which differ from row to row and from replicate to replicate."""
    each, rng, alarms = metric(name), np.random.default_rng(11), 0
    for _ in range(400):
        labels = (rng.random(200) < 0.3).astype(np.int64)
        rows, own = rng.normal(size=(2, 1, 200)) * 0.4, rng.normal(size=(2, 6, 200)) * 0.4
        scores = labels * 1.2 + rng.normal(size=200) + rows + own + rng.normal(size=(2, 6, 1)) * labels * 0.1
        probs = 1 / (1 + np.exp(-scores))
        cells = [tuple(each.under(Outputs(np.stack([1 - p, p], axis=1)), labels) for p in arm) for arm in probs]
        statistic = WeighedStatistic(tuple(cells), (1.0, -1.0))
        result = jackknife(statistic, n_rows=200)
        alarms += result.on_new_data().p_value() < 0.05
    assert 0.025 <= alarms / 400 <= 0.08, alarms / 400

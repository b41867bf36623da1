"""The two-way layout: shapes, clusters as units, and a defined answer to every degenerate input."""

from __future__ import annotations

import math

import numpy as np
import pytest

from curate.kernels.twoway import cluster_sums, two_way


def test_one_row_per_cluster_is_no_clustering() -> None:
    differences = np.random.default_rng(0).normal(size=(5, 30))
    plain, singles = two_way(differences), two_way(differences, np.arange(30)[::-1])
    assert plain.on_new_data().se == pytest.approx(singles.on_new_data().se, rel=1e-12)
    assert plain.df_unit == singles.df_unit == 29


def test_copies_of_test_rows_add_no_certainty() -> None:
    """Each test row five times over: the same estimate and the same standard error as without the copies."""
    differences = np.random.default_rng(1).normal(size=(6, 40))
    once = two_way(differences).on_new_data()
    copied = two_way(np.repeat(differences, 5, axis=1), np.repeat(np.arange(40), 5)).on_new_data()
    assert (copied.delta, copied.se, copied.df) == pytest.approx((once.delta, once.se, once.df), rel=1e-9)


def test_labels_and_order_of_clusters_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    differences, clusters = rng.normal(size=(4, 60)), rng.integers(0, 12, 60)
    order = rng.permutation(60)
    one = two_way(differences, clusters).on_new_data()
    other = two_way(differences[:, order], 1000 - 7 * clusters[order]).on_new_data()
    assert (one.delta, one.se, one.df) == pytest.approx((other.delta, other.se, other.df), rel=1e-9)


def test_cluster_sums() -> None:
    sums, sizes = cluster_sums(np.array([[1.0, 2, 4, 8]]), [7, 3, 7, 3])
    assert sums.tolist() == [[10.0, 5.0]]
    assert sizes.tolist() == [2.0, 2.0]


def test_the_test_rows_widen_the_interval_on_new_data() -> None:
    rng = np.random.default_rng(3)
    layout = two_way(rng.normal(size=(10, 1)) * 0.02 + rng.normal(size=50) + rng.normal(size=(10, 50)) * 0.1)
    assert layout.on_new_data().se > 3 * layout.on_this_test_set().se
    assert layout.on_this_test_set().df == 9
    assert layout.on_new_data().df > 30


@pytest.mark.parametrize("shape", [(5, 40), (2, 2), (5, 3)])
def test_no_difference_anywhere(shape: tuple[int, int]) -> None:
    for estimate in (two_way(np.zeros(shape)).on_new_data(), two_way(np.zeros(shape)).on_this_test_set()):
        assert (estimate.delta, estimate.se, estimate.p_value(), estimate.interval()) == (0.0, 0.0, 1.0, (0.0, 0.0))


def test_the_same_difference_everywhere_has_no_variance_left_by_rounding() -> None:
    estimate = two_way(np.full((5, 77), 0.1)).on_new_data()
    assert estimate.se == 0.0
    assert estimate.p_value() == 0.0


def test_a_design_that_cannot_tell_says_so() -> None:
    one_replicate, one_row = two_way(np.ones((1, 50))), two_way(np.arange(5.0)[:, None])
    for estimate in (one_replicate.on_new_data(), one_replicate.on_this_test_set(), one_row.on_new_data()):
        assert math.isinf(estimate.se)
        assert estimate.p_value() == 1.0
        assert estimate.interval() == (-math.inf, math.inf)
    assert math.isfinite(one_row.on_this_test_set().se)
    assert two_way(np.random.default_rng(0).normal(size=(5, 9)), np.zeros(9)).on_new_data().p_value() == 1.0


def test_replicates_that_are_all_alike_leave_the_rows() -> None:
    """A learner without randomness on one pool: everything known comes from the test rows."""
    row = np.random.default_rng(4).normal(size=200)
    estimate = two_way(np.tile(row, (5, 1))).on_new_data()
    assert estimate.se == pytest.approx(row.std(ddof=1) / math.sqrt(200))
    assert estimate.df == pytest.approx(199)


def test_replicates_that_agree_by_chance_are_no_certainty() -> None:
    """Each of five replicates gains one row, another one each: equal means, but five rows are no proof."""
    gained = np.zeros((5, 500))
    gained[np.arange(5), 7 * np.arange(5)] = 1
    layout = two_way(gained)
    assert layout.ms_replicate == 0
    for estimate in (layout.on_new_data(), layout.on_this_test_set()):
        assert estimate.se == pytest.approx(np.sqrt(5) / 2500, rel=0.01)  # five events of 2,500, as Poisson counts vary


@pytest.mark.parametrize("bad", [np.zeros(3), np.zeros((0, 4)), np.zeros((3, 0)), [[0.0, np.nan]]])
def test_bad_input(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="differences must"):
        two_way(bad)


def test_clusters_of_the_wrong_length() -> None:
    with pytest.raises(ValueError, match="one label per row"):
        two_way(np.zeros((3, 4)), [0, 1, 2])

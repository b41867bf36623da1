"""Flip rates: the intervals hold the share that is expected, however the rows are spread over families."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from curate.kernels.flip_rate import FlipRate, flip_rate
from curate.kernels.intervals import wilson

Sizes = Callable[[np.random.Generator], NDArray[np.int64]]


def rate(turned: NDArray[np.bool_], parents: NDArray[np.bool_], sizes: NDArray[np.int64]) -> FlipRate:
    return flip_rate(turned, parents, np.repeat(np.arange(len(sizes)), sizes))


def test_where_each_parent_has_one_row_the_shares_have_wilsons_interval() -> None:
    turned, parents = np.arange(200) % 5 == 0, np.arange(200) % 10 == 0
    found = flip_rate(turned, parents, np.arange(200, dtype=np.uint64))
    assert (found.added.low, found.added.high) == pytest.approx(wilson(40, 200))
    assert (found.parents.low, found.parents.high) == pytest.approx(wilson(20, 200))
    tenfold = flip_rate(*(np.repeat(each, 10) for each in (turned, parents, np.arange(200, dtype=np.uint64))))
    assert tenfold.n_rows == 2000
    assert (tenfold.added.low, tenfold.added.high) == pytest.approx(wilson(40, 200), abs=2e-3), "they say nothing more"


def test_the_difference_is_newcombes_for_pairs() -> None:
    turned, parents = np.arange(200) % 5 == 0, np.arange(200) % 10 == 0
    found = flip_rate(turned, parents, np.arange(200))
    phi = np.corrcoef(turned, parents)[0, 1] * (1 - 1 / 199)
    (low, high), (parents_low, parents_high) = wilson(40, 200), wilson(20, 200)

    def far(one: float, other: float) -> float:
        return math.sqrt(one**2 + other**2 - 2 * phi * one * other)

    assert found.flipped.value == pytest.approx(0.1)
    assert found.flipped.low == pytest.approx(0.1 - far(0.2 - low, parents_high - 0.1))
    assert found.flipped.high == pytest.approx(0.1 + far(high - 0.2, 0.1 - parents_low))
    assert 0.05 < found.flipped.low < found.flipped.high < 0.15


def test_nothing_seen_is_not_nothing_known() -> None:
    none = flip_rate(np.zeros(20, bool), np.zeros(20, bool), np.arange(20))
    assert none.flipped.value == 0
    assert none.flipped.high == pytest.approx(wilson(0, 20)[1])
    same = flip_rate(np.arange(20) < 10, np.arange(20) < 10, np.arange(20))
    assert same.flipped.high == pytest.approx(wilson(0, 20)[1]), "no row differs from its parent"


def test_of_a_single_family_nothing_is_known_however_many_rows_it_has() -> None:
    for turned in (np.zeros(100, bool), np.arange(100) % 2 == 0):
        one = flip_rate(turned, np.zeros(100, bool), np.zeros(100, int))
        assert (one.flipped.low, one.flipped.high) == (-1.0, 1.0)
        assert one.added.high - one.added.low > 0.95


def test_one_large_family_leaves_the_interval_wide() -> None:
    uneven, even = np.r_[60, np.ones(40, int)], np.full(25, 4)
    turned = np.arange(100) >= 92
    wide, narrow = (rate(turned, np.zeros(100, bool), sizes) for sizes in (uneven, even))
    assert wide.added.high - wide.added.low > 2 * (narrow.added.high - narrow.added.low)
    assert wide.flipped.high > 0.5


@pytest.mark.parametrize(
    ("sizes", "most"),
    [
        (lambda _: np.ones(100, int), 0.98),
        (lambda _: np.full(40, 4), 0.99),
        (lambda _: np.full(200, 3), 0.98),
        (lambda draw: draw.integers(1, 11, 200), 0.98),
        (lambda _: np.r_[60, np.ones(40, int)], 1.0),
        (lambda draw: np.maximum(1, np.round(np.exp(1.5 * draw.standard_normal(40)))).astype(int), 1.0),
        (lambda _: np.array([50, 50]), 1.0),
    ],
    ids=["rows", "40 of 4", "200 of 3", "200 of 1 to 10", "one of 60 and 40 rows", "log-normal", "two"],
)
@pytest.mark.parametrize("judge_errs", [0.0, 0.2])
def test_intervals_hold_the_expected_share(sizes: Sizes, most: float, judge_errs: float) -> None:
    """All rows of a family turned or none, a fifth of them expected: the hardest case, at 95 %."""
    draw, n_draws = np.random.default_rng(4), 500
    added = flipped = 0
    for _ in range(n_draws):
        each = sizes(draw)
        wrong, turned = (np.repeat(draw.random(len(each)) < share, each) for share in (judge_errs, 0.2))
        found = rate(wrong ^ turned, wrong, each)
        share = 0.2 + judge_errs - 2 * 0.2 * judge_errs
        added += found.added.low <= share <= found.added.high
        flipped += found.flipped.low <= share - judge_errs <= found.flipped.high
    for held in (added, flipped):
        assert 0.92 <= held / n_draws <= most

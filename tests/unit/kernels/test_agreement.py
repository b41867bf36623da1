"""Rank agreement: tau as scipy has it, an interval that is wide where effects are noise, narrow where they are not."""

from __future__ import annotations

import numpy as np
import pytest

from curate.kernels.agreement import Effects, agreement, tau_b
from curate.kernels.twoway import FloatArray


def effects_of(per_replicate: FloatArray) -> Effects:
    """Effects, shape (k, R), that do not hang on the rows."""
    return lambda replicates, units: replicates @ per_replicate.T


def test_equal_ranks_agree_and_turned_ones_do_not() -> None:
    clear = np.arange(5)[:, None] + 0.01 * np.random.default_rng(0).normal(size=(5, 10))
    options = {"n_replicates": 10, "n_units": 3}
    same = agreement(effects_of(clear), effects_of(clear), generator=np.random.default_rng(1), **options)
    assert (same.tau, same.low, same.high, same.n) == (1.0, 1.0, 1.0, 5)
    turned = agreement(effects_of(clear), effects_of(-clear), generator=np.random.default_rng(1), **options)
    assert (turned.tau, turned.high) == (-1.0, -1.0)


def test_noise_ranks_nothing() -> None:
    noise = np.random.default_rng(2).normal(size=(2, 5, 10))
    found = agreement(
        *map(effects_of, noise), n_replicates=10, n_units=3, generator=np.random.default_rng(1), n_draws=300
    )
    assert found.low < 0 < found.high


def test_the_interval_holds_what_was_seen() -> None:
    """Draws of many things that lie close by agree less than what was seen."""
    draw = np.random.default_rng(0)
    means = np.linspace(0, 1, 30)[:, None]
    ways = [means + (noise - noise.mean(axis=1, keepdims=True)) for noise in draw.normal(0, 1, (2, 30, 10))]
    found = agreement(*map(effects_of, ways), n_replicates=10, n_units=1, generator=draw, n_draws=300)
    assert found.tau == 1.0
    assert found.low < 0.8 < found.high == 1.0


def test_ties_count_as_ties_and_all_equal_is_no_ranking() -> None:
    assert tau_b([1, 1, 2], [1, 2, 3]) == pytest.approx(2 / np.sqrt(6))
    flat = np.zeros((3, 4))
    found = agreement(effects_of(flat), effects_of(flat), n_replicates=4, n_units=2, generator=np.random.default_rng(0))
    assert (found.tau, found.low, found.high) == (None, -1.0, 1.0)

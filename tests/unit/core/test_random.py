"""Draws are keyed by seed, step, row and draw number: uniform, unrelated, and the same in any order and company."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from curate.core.random import StepRandom, key
from curate.data.rows import TOP_BIT
from curate.kernels.draws import mix

IDS = np.arange(50_000, dtype=np.uint64)


@pytest.mark.parametrize("ids", [IDS, IDS * np.uint64(1 << 40), IDS | TOP_BIT], ids=["small", "wide", "derived"])
def test_draws_are_uniform(ids: np.ndarray) -> None:
    random = StepRandom(0, "step")
    draws = random.uniform(ids)
    assert draws.min() >= 0
    assert draws.max() < 1
    assert stats.kstest(draws, "uniform").pvalue > 1e-3
    counts = np.bincount(random.integers(ids, 20), minlength=20)
    assert stats.chisquare(counts).pvalue > 1e-3
    bits = random.bits(ids)
    ones = [int(((bits >> np.uint64(bit)) & np.uint64(1)).sum()) for bit in range(64)]
    assert max(abs(n - len(ids) / 2) for n in ones) < 5 * np.sqrt(len(ids) / 4)


def test_draws_of_other_seeds_steps_numbers_and_neighbours_are_unrelated() -> None:
    first = StepRandom(0, "step").uniform(IDS)
    others = [
        StepRandom(1, "step").uniform(IDS),
        StepRandom(0, "stepp").uniform(IDS),
        StepRandom(0, "step").uniform(IDS, 1),
        StepRandom(0, "step").uniform(IDS + np.uint64(1)),
        StepRandom(-1, "step").uniform(IDS),
    ]
    for other in others:
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.02


def test_a_row_draws_the_same_in_any_company_and_order() -> None:
    random = StepRandom(3, "s")
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(IDS))
    assert (random.uniform(IDS)[order] == random.uniform(IDS[order])).all()
    assert random.uniform([7])[0] == random.uniform(IDS)[7]
    assert (IDS[random.order(IDS)] == IDS[order][random.order(IDS[order])]).all()


def test_an_order_is_random() -> None:
    order = StepRandom(0, "s").order(IDS)
    assert sorted(order.tolist()) == IDS.tolist()
    assert abs(stats.spearmanr(order, np.arange(len(order))).statistic) < 0.02


def test_a_generator_per_row() -> None:
    random = StepRandom(0, "s")
    assert random.generator(5).random() == random.generator(5).random()
    assert len({random.generator(row).random() for row in range(100)}) == 100
    assert random.generator(5, draw=1).random() != random.generator(5).random()


def test_derived_ids_tell_parent_step_and_copy_and_not_the_seed() -> None:
    random = StepRandom(0, "s")
    ids = np.concatenate([random.derive(IDS, copy) for copy in range(4)] + [StepRandom(0, "t").derive(IDS)])
    assert (ids & TOP_BIT).all()
    assert len(np.unique(ids)) == len(ids)
    assert (StepRandom(9, "s").derive(IDS) == random.derive(IDS)).all()
    again = random.derive(random.derive(IDS))
    assert not np.isin(again, ids).any()


def test_the_mixer_is_splitmix64() -> None:
    """The first outputs of SplitMix64 seeded with 0, as published with the xoshiro generators."""
    golden = 0x9E3779B97F4A7C15
    states = np.array([k * golden % 2**64 for k in range(3)], dtype=np.uint64)
    assert mix(states).tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_nothing_depends_on_the_process() -> None:
    code = "from curate.core.random import StepRandom; print(StepRandom(0, 's').bits([1, 2]).tolist())"
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {f"{StepRandom(0, 's').bits([1, 2]).tolist()}\n"}
    assert key("a", 1) != key("a1") != key("a", "1")

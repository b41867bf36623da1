"""The power law finds a law that was planted, and its interval for twice the rows holds as often as it says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from curate.kernels.power_law import draws_interval, extrapolate

SIZES = np.array([250.0, 500.0, 1000.0, 2000.0])
LAWS = {
    "with a floor": lambda n: 0.05 + 3 * n**-0.5,
    "without": lambda n: 1.5 * n**-0.3,
    "flat": lambda n: 0.2 + 0 * n,
    "steep": lambda n: 0.1 + 60 / n,
}


@pytest.mark.parametrize("law", [name for name in LAWS if name != "flat"])
def test_a_law_without_noise_is_found(law: str) -> None:
    error, _ = extrapolate([LAWS[law](SIZES)], SIZES, 4000)
    assert error[0] == pytest.approx(LAWS[law](4000.0), abs=3e-4)


def test_an_error_that_rises_with_the_rows_is_told_as_flat_and_none_is_below_the_lowest() -> None:
    rising, _ = extrapolate([[0.1, 0.11, 0.12, 0.13]], SIZES, 4000)
    assert 0.1 < rising[0] < 0.13
    falling, _ = extrapolate([[0.3, 0.2, 0.1, 0.0]], SIZES, 1e9)
    assert falling[0] >= 0
    unbounded, _ = extrapolate([[0.3, 0.2, 0.1, 0.0]], SIZES, 1e9, lowest=-np.inf)
    assert unbounded[0] < 0


def coverage(law: Callable[[np.ndarray], np.ndarray], n_replicates: int, n_runs: int) -> tuple[float, float]:
    """How often the intervals of the error at twice the rows, and of the gain, hold the truth."""
    draw, held = np.random.default_rng(n_replicates), []
    truth, now = float(law(np.array([4000.0]))[0]), float(law(SIZES)[-1])
    for _ in range(n_runs):
        shared = draw.normal(0, 0.005, (n_replicates, 1))
        curves = law(SIZES) + shared + draw.normal(0, 0.01 * np.sqrt(2000 / SIZES), (n_replicates, 4))
        mean = curves.mean(axis=0)
        again = curves[draw.integers(0, n_replicates, (400, n_replicates))].mean(axis=1)
        value, drawn = extrapolate([mean], SIZES, 4000)[0][0], extrapolate(again, SIZES, 4000)[0]
        low, high = draws_interval(value, drawn, n_replicates)
        gain = value - extrapolate([mean], SIZES, 2000)[0][0]
        less, more = draws_interval(gain, drawn - again[:, -1], n_replicates)
        held.append((low <= truth <= high, less <= truth - now <= more))
    at_twice, of_gain = np.mean(held, axis=0).tolist()
    return at_twice, of_gain


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("n_replicates", [5, 10])
def test_intervals_hold_the_planted_law_as_often_as_they_say(law: str, n_replicates: int) -> None:
    for share in coverage(LAWS[law], n_replicates, 400):
        assert 0.92 <= share <= 1.0

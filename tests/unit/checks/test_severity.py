from __future__ import annotations

import pytest
from pydantic import ValidationError

from curate.checks.severity import Bounds


@pytest.mark.parametrize(
    ("value", "severity"),
    [(0.0, "none"), (0.01, "low"), (0.010001, "medium"), (0.05, "medium"), (0.06, "high")],
)
def test_a_figure_must_be_above_its_bound(value: float, severity: str) -> None:
    assert Bounds(low=0, medium=0.01, high=0.05).severity(value) == severity


def test_a_bound_that_is_not_there_is_never_reached() -> None:
    assert Bounds(low=0).severity(1e9) == "low"


def test_equal_bounds_go_straight_to_the_worst() -> None:
    assert Bounds(low=0, medium=0, high=0).severity(1e-9) == "high"


def test_bounds_rise() -> None:
    with pytest.raises(ValidationError, match="must rise"):
        Bounds(low=0.1, medium=0.01)

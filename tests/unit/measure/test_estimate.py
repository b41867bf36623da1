"""Contrasts of predictions: which models count as equal."""

from __future__ import annotations

import numpy as np
import pytest

from curate.learn.outputs import Outputs
from curate.measure.estimate import Predictions

STEP = (("a", False),)


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
@pytest.mark.parametrize(("off", "equal"), [(1e-8, True), (1e-3, False)])
def test_models_are_equal_to_a_millionth_of_what_they_say(scale: float, off: float, equal: bool) -> None:
    """Rounding is no difference; a small one of small numbers is."""
    said = np.linspace(0.1, 1.0, 20)[:, None] * scale
    predictions = Predictions({(): [Outputs(said)], STEP: [Outputs(said + off * scale)]}, said[:, 0], np.arange(20), 0)
    assert predictions.cancels({STEP: 1.0, (): -1.0}) is equal

"""Metrics of sets of classes that ask about a row as a whole: all of it right, or how much of it wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.learn.metrics.base import Floats, SumsMetric, mean_of, with_ones
from curate.learn.metrics.counts import named
from curate.learn.outputs import Outputs


def _all_right(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    predicted, actual = named(outputs, targets)
    return with_ones((predicted == actual).all(axis=1))


def _wrong(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    predicted, actual = named(outputs, targets)
    return with_ones(np.asarray((predicted != actual).mean(axis=1)))


SUBSET_ACCURACY = SumsMetric("subset_accuracy", "higher", _all_right, mean_of, mean=True, tasks=("multilabel",))
"""The share of rows that are given exactly the classes they have."""
HAMMING_LOSS = SumsMetric("hamming_loss", "lower", _wrong, mean_of, mean=True, tasks=("multilabel",))
"""The share of wrong answers to "has this row this class?"."""

"""Metrics of how likely a model finds the test texts: bits per byte, perplexity.

A ratio of sums over rows, so a long row counts for more. Bits per byte do not depend on the tokens that a model cuts
text into; perplexity does, and compares only models of one tokenizer.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curate.errors import CurateError
from curate.learn.metrics.base import Floats, SumsMetric, share
from curate.learn.outputs import Outputs

MOST_NATS = 700.0
"""Per token; beyond it the perplexity would be no finite number."""


def _likelihoods(outputs: Outputs, targets: NDArray[Any]) -> Floats:
    """Nats, tokens and bytes of each row, (n, 3)."""
    if outputs.values.shape != (len(targets), 3):
        raise CurateError(f"likelihoods of shape {outputs.values.shape} do not fit {len(targets)} texts")
    return outputs.values.astype(np.float64)


def _bits(sums: Floats) -> Floats:
    return share(sums[..., 0], sums[..., 2]) / math.log(2)


def _perplexity(sums: Floats) -> Floats:
    return np.exp(np.minimum(share(sums[..., 0], sums[..., 1]), MOST_NATS))


BITS_PER_BYTE = SumsMetric("bits_per_byte", "lower", _likelihoods, _bits, unit="bits", tasks=("generation",))
PERPLEXITY = SumsMetric("perplexity", "lower", _likelihoods, _perplexity, unit="", tasks=("generation",))

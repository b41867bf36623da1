"""A small corpus whose classes words tell apart, with wrong labels where a test wants them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from curate.data.corpus import Corpus

WORDS = {
    "sport": "goal match team league coach win score cup".split(),
    "money": "bank stock price market fund cash".split(),
}


def _corpus(n_rows: int, *, noise: float = 0.0, seed: int = 0) -> Corpus:
    draw = np.random.default_rng(seed)
    labels = np.where(draw.random(n_rows) < 0.5, "sport", "money")
    texts = []
    for at, label in enumerate(labels):
        other = "money" if label == "sport" else "sport"
        words = [*draw.choice(WORDS[label], 3), *draw.choice(WORDS[other], 1), f"n{seed}x{at}"]
        texts.append(" ".join(draw.permutation(words)))
    wrong = draw.random(n_rows) < noise
    given = np.where(wrong, np.where(labels == "sport", "money", "sport"), labels)
    return Corpus.from_table(pa.table({"text": texts, "label": given}), name="small")


@pytest.fixture(scope="session")
def small() -> Callable[..., Corpus]:
    """A corpus of `n_rows` rows, a share `noise` of them mislabelled."""
    return _corpus

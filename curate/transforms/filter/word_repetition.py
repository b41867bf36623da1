"""`filter.word_repetition`: drop rows whose text says the same words again and again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.repetition import repeated_terms
from curate.kernels.terms import terms


class RepeatedWordFraction(RowSignal):
    """Runs of n words that stand more than once among all such runs of the text; null for a shorter text."""

    name: ClassVar[str] = "repeated_word_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the runs of n_words words, 0 to 1"

    n_words: int = Field(10, ge=1, le=1000)

    def values(self, batch: Batch) -> pa.Array:
        return repeated_terms(terms(batch.text_array()), self.n_words).fraction()


class DropByWordRepetition(DropOutside):
    """Drops texts by how much of them is runs of words that come again.

    Of all runs of `n_words` words, the share that stands more than once in the text, every time it stands; case and the
    signs around words do not count. The definition of ROOTS (Laurençon et al. 2022), with the length of 10 of
    data-juicer's word_repetition_filter. In scripts written without spaces each character is a word. A text of fewer
    words than `n_words` has no value.

    Attributes:
        n_words: words in a run.
        min_fraction: the smallest share a row may have, from 0 to 1.
        max_fraction: the largest.

    Example:
        >>> DropByWordRepetition(max_fraction=0.2, n_words=5).signals()
        {'repeated_word_fraction': {'n_words': 5}}
    """

    name: ClassVar[str] = "filter.word_repetition"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_little_repetition": "a smaller share of repeated runs of words than min_fraction",
        "repeated_words": "a larger share of repeated runs of words than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("repeated_word_fraction", "too_little_repetition"),
        "max_fraction": ("repeated_word_fraction", "repeated_words"),
    }
    typical: ClassVar[dict[str, str]] = {
        "repeated_word_fraction": "1st to 99th percentile: AG News 0, IMDB 0, SST-2 0, Chinese reviews 0",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "too_little_repetition": Example("Nothing is said twice here.", settings={"min_fraction": 0.1, "n_words": 2}),
        "repeated_words": Example(
            "Buy it now. Buy it now! Buy it now!! Why wait?", settings={"max_fraction": 0.5, "n_words": 3}
        ),
    }

    n_words: int = Field(10, ge=1, le=1000)
    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(None, ge=0, le=1)

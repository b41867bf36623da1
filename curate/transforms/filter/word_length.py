"""`filter.word_length`: drop rows whose words are too short or too long on average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.share import Share
from curate.kernels.text_statistics import text_counts


class MeanWordLength(RowSignal):
    """Characters per word between spaces; null without words, and where a third are of a script without."""

    name: ClassVar[str] = "mean_word_length"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "characters per word"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 1.5

    def values(self, batch: Batch) -> pa.Array:
        counts = text_counts(batch.text_array())
        runs = counts.words - counts.unspaced
        return Share(counts.in_words, np.where(2 * counts.unspaced >= runs, 0, runs)).fraction()


class DropByWordLength(DropOutside):
    """Drops texts by the mean length of their words, in characters.

    A word is a run between white space with the signs on it. Lists of abbreviations, broken text ("s p a c e d") and
    rows of symbols have a low mean, long runs without spaces such as web addresses, code and base64 a high one. Rae et
    al. ("Gopher", 2021) keep web pages from 3 to 10. In Chinese, Japanese, Thai, Lao, Khmer and Burmese words cannot be
    told by spaces: a text of which a third of the words are single characters of those scripts has no value.

    Attributes:
        min_mean: the shortest mean a row may have.
        max_mean: the longest.

    Example:
        >>> DropByWordLength(min_mean=3, max_mean=10).given()
        {'min_mean': 3.0, 'max_mean': 10.0}
    """

    name: ClassVar[str] = "filter.word_length"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "words_too_short": "words shorter than min_mean on average",
        "words_too_long": "words longer than max_mean on average",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_mean": ("mean_word_length", "words_too_short"),
        "max_mean": ("mean_word_length", "words_too_long"),
    }
    typical: ClassVar[dict[str, str]] = {
        "mean_word_length": "1st to 99th percentile: AG News 4.3 to 8.2, IMDB 3.9 to 5.5, SST-2 3 to 7.5",
    }
    languages: ClassVar[str] = "languages with spaces between words; others are left alone"
    examples: ClassVar[Mapping[str, Example]] = {
        "words_too_short": Example("T h i s  i s  b r o k e n", settings={"min_mean": 3}),
        "words_too_long": Example("see https://example.org/a/very/long/path", settings={"max_mean": 10}),
    }

    min_mean: float | None = Field(None, ge=0)
    max_mean: float | None = Field(None, ge=0)

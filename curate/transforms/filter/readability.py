"""`filter.readability`: drop rows whose text is too hard or too easy to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.share import column
from curate.kernels.terms import Reading, reading
from curate.kernels.text_statistics import text_counts
from curate.kernels.units import n_sentences

_FEWEST_WORDS = 5


class ReadingEase(RowSignal):
    """Flesch reading ease; null below five words, and for a text that is not mostly in plain Latin letters."""

    name: ClassVar[str] = "reading_ease"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "Flesch reading ease: 100 is very easy, 0 very hard, and both may be passed"
    room: ClassVar[float] = 20.0

    def values(self, batch: Batch) -> pa.Array:
        texts = batch.text_array()
        found, held, sentences = _read(texts)
        words = np.maximum(found.words, 1)
        ease = 206.835 - 1.015 * words / sentences - 84.6 * found.syllables / words
        return column(ease, held & (2 * found.plain_letters > text_counts(texts).letters))


class Lix(RowSignal):
    """LIX; null below five words, and where a third are of a script without spaces."""

    name: ClassVar[str] = "lix"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "LIX: words per sentence and long words in a hundred; 20 is very easy, 60 very hard"
    room: ClassVar[float] = 10.0

    def values(self, batch: Batch) -> pa.Array:
        found, held, sentences = _read(batch.text_array())
        words = np.maximum(found.words, 1)
        return column(words / sentences + 100 * found.long_words / words, held)


def _read(texts: pa.Array) -> tuple[Reading, npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    """What makes each text hard to read, whether that says anything, and its sentences."""
    found = reading(texts)
    held = (found.words >= _FEWEST_WORDS) & (found.words > 2 * found.unspaced)
    return found, held, np.maximum(n_sentences(texts), 1)


class DropByReadability(DropOutside):
    """Drops texts by how hard they are to read: Flesch reading ease for English, LIX for any language with spaces.

    Reading ease (Flesch 1948) falls with the words of a sentence and the syllables of a word, which are counted by the
    spelling of English; a text of other letters has no value, but one in another language of Latin letters has, and it
    means nothing. LIX (Björnsson 1968) adds the words of a sentence to the percentage of words of more than six
    characters. Sentences end as in `dedup.lines`. Text without stops counts as one sentence, so a list looks hard.

    Attributes:
        min_ease: the lowest reading ease a row may have.
        max_ease: the highest.
        min_lix: the lowest LIX a row may have.
        max_lix: the highest.

    Example:
        >>> DropByReadability(min_ease=0, max_lix=70).given()
        {'min_ease': 0.0, 'max_lix': 70.0}
    """

    name: ClassVar[str] = "filter.readability"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "reading_too_hard": "reading ease below min_ease",
        "reading_too_easy": "reading ease above max_ease",
        "lix_too_low": "LIX below min_lix",
        "lix_too_high": "LIX above max_lix",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_ease": ("reading_ease", "reading_too_hard"),
        "max_ease": ("reading_ease", "reading_too_easy"),
        "min_lix": ("lix", "lix_too_low"),
        "max_lix": ("lix", "lix_too_high"),
    }
    typical: ClassVar[dict[str, str]] = {
        "reading_ease": "1st to 99th percentile: AG News -25 to 74, IMDB -72 to 88, SST-2 -11 to 104",
        "lix": "1st to 99th percentile: AG News 30 to 89, IMDB 20 to 169, SST-2 6 to 73",
    }
    languages: ClassVar[str] = "reading ease: English; LIX: languages with spaces between words; others are left alone"
    unprofiled: ClassVar[frozenset[str]] = frozenset({"reading_ease"})
    examples: ClassVar[Mapping[str, Example]] = {
        "reading_too_hard": Example(
            "Heteroscedasticity-consistent estimators accommodate unequal residual variability.",
            settings={"min_ease": 0},
        ),
        "reading_too_easy": Example("The cat sat on the mat. It ate the rat.", settings={"max_ease": 100}),
        "lix_too_low": Example("The cat sat on the mat. It ate the rat.", settings={"min_lix": 20}),
        "lix_too_high": Example(
            "Heteroscedasticity-consistent estimators accommodate unequal residual variability.",
            settings={"max_lix": 70},
        ),
    }

    min_ease: float | None = None
    max_ease: float | None = None
    min_lix: float | None = Field(None, ge=0)
    max_lix: float | None = Field(None, ge=0)

    def settings_of(self, signal: str, rest: dict[str, Any]) -> dict[str, Any]:
        return {}

"""`filter.lexical_diversity`: drop rows whose text uses few different words, or hardly any word twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.repetition import different_terms, different_terms_by_window
from curate.kernels.terms import terms


class LexicalDiversity(RowSignal):
    """The share of different words in a window, on average over all windows; null for a text shorter than one."""

    name: ClassVar[str] = "lexical_diversity"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "different words of a window, as a share of its words, 0 to 1"

    window: int = Field(50, ge=1, le=100_000)

    def values(self, batch: Batch) -> pa.Array:
        return different_terms_by_window(terms(batch.text_array()), self.window).fraction()


class DistinctWordFraction(RowSignal):
    """The share of different words among all words of the text; null for a text without words."""

    name: ClassVar[str] = "distinct_word_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "different words as a share of all words, 0 to 1"

    def values(self, batch: Batch) -> pa.Array:
        return different_terms(terms(batch.text_array())).fraction()


class DropByLexicalDiversity(DropOutside):
    """Drops texts by how many of their words are different.

    `diversity` is the moving-average type-token ratio (Covington and McFall 2010): the share of different words in
    every window of `window` words, averaged, so that texts of different length can be compared; a text shorter than a
    window has no value. `distinct` is the share in the whole text, which falls as a text grows. Case and the signs
    around words do not count; in scripts written without spaces each character is a word, so bounds differ.

    Attributes:
        window: words in a window. 50 is where Covington and McFall begin.
        min_diversity: the smallest diversity a row may have, from 0 to 1.
        max_diversity: the largest.
        min_distinct: the smallest share of different words in the whole text, from 0 to 1.
        max_distinct: the largest.

    Example:
        >>> DropByLexicalDiversity(min_diversity=0.5).signals()
        {'lexical_diversity': {'window': 50}}
    """

    name: ClassVar[str] = "filter.lexical_diversity"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "diversity_too_low": "fewer different words in a window than min_diversity",
        "diversity_too_high": "more different words in a window than max_diversity",
        "few_distinct_words": "fewer different words in the text than min_distinct",
        "many_distinct_words": "more different words in the text than max_distinct",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_diversity": ("lexical_diversity", "diversity_too_low"),
        "max_diversity": ("lexical_diversity", "diversity_too_high"),
        "min_distinct": ("distinct_word_fraction", "few_distinct_words"),
        "max_distinct": ("distinct_word_fraction", "many_distinct_words"),
    }
    typical: ClassVar[dict[str, str]] = {
        "lexical_diversity": "1st to 99th percentile: AG News 0.7 to 0.93, IMDB 0.72 to 0.91, "
        "Chinese reviews 0.64 to 0.93",
        "distinct_word_fraction": "1st to 99th percentile: AG News 0.7 to 1, IMDB 0.44 to 0.88, SST-2 0.75 to 1, "
        "Chinese reviews 0.59 to 1",
    }
    unprofiled: ClassVar[frozenset[str]] = frozenset({"distinct_word_fraction"})
    examples: ClassVar[Mapping[str, Example]] = {
        "diversity_too_low": Example("ha ha ha ha ha ha", settings={"window": 5, "min_diversity": 0.5}),
        "diversity_too_high": Example("alpha beta gamma delta epsilon", settings={"window": 5, "max_diversity": 0.9}),
        "few_distinct_words": Example("ha ha ha ha ha ha", settings={"min_distinct": 0.5}),
        "many_distinct_words": Example("alpha beta gamma delta epsilon", settings={"max_distinct": 0.9}),
    }

    window: int = Field(50, ge=1, le=100_000)
    min_diversity: float | None = Field(None, ge=0, le=1)
    max_diversity: float | None = Field(None, ge=0, le=1)
    min_distinct: float | None = Field(None, ge=0, le=1)
    max_distinct: float | None = Field(None, ge=0, le=1)

    def settings_of(self, signal: str, rest: dict[str, Any]) -> dict[str, Any]:
        return rest if signal == LexicalDiversity.name else {}

"""`filter.special_characters`: drop rows whose text is full of punctuation and symbols, or has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.share import Share
from curate.kernels.text_statistics import text_counts


class SpecialCharacterFraction(RowSignal):
    """Punctuation, symbols, emoji and control characters among the characters; null for an empty text."""

    name: ClassVar[str] = "special_character_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the characters, 0 to 1"

    def values(self, batch: Batch) -> pa.Array:
        counts = text_counts(batch.text_array())
        return Share(counts.specials, counts.characters).fraction()


class DropBySpecialCharacters(DropOutside):
    """Drops texts by their share of special characters.

    Special is what is neither letter, mark, digit nor white space in any script: punctuation, symbols, emoji, control
    and unassigned characters. Markup, code, tables and broken encodings have a high share.

    Attributes:
        min_fraction: the smallest share a row may have, from 0 to 1.
        max_fraction: the largest.

    Example:
        >>> DropBySpecialCharacters(max_fraction=0.25).given()
        {'max_fraction': 0.25}
    """

    name: ClassVar[str] = "filter.special_characters"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_special_characters": "a smaller share of special characters than min_fraction",
        "too_many_special_characters": "a larger share of special characters than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("special_character_fraction", "too_few_special_characters"),
        "max_fraction": ("special_character_fraction", "too_many_special_characters"),
    }
    typical: ClassVar[dict[str, str]] = {
        "special_character_fraction": "1st to 99th percentile: AG News 0.005 to 0.11, IMDB 0.01 to 0.09, "
        "SST-2 0 to 0.08, Chinese reviews 0 to 0.42",
    }
    languages: ClassVar[str] = "any"
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_special_characters": Example("not one stop in it", settings={"min_fraction": 0.01}),
        "too_many_special_characters": Example("$$$ >>> click <<< $$$", settings={"max_fraction": 0.25}),
    }

    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(None, ge=0, le=1)

"""`filter.character_repetition`: drop rows whose text says the same characters again and again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.repetition import LONGEST_RUN, repeated_characters


class RepeatedCharacterFraction(RowSignal):
    """The most frequent runs of n characters among all such runs of the text; null for a shorter text."""

    name: ClassVar[str] = "repeated_character_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the runs of n_characters characters, 0 to 1"

    n_characters: int = Field(10, ge=1, le=LONGEST_RUN)

    def values(self, batch: Batch) -> pa.Array:
        return repeated_characters(batch.text_array(), self.n_characters).fraction()


class DropByCharacterRepetition(DropOutside):
    """Drops texts by how much of them is the same runs of characters.

    Of all runs of `n_characters` characters, the share that the most frequent ones have: as many of them as the root
    of the number of different runs, and none that stands once. The definition of ROOTS (Laurençon et al. 2022), with
    the length of 10 of data-juicer's character_repetition_filter. Spam, menus and text of models that loop have a high
    share. A text shorter than `n_characters` has no value.

    Attributes:
        n_characters: characters in a run.
        min_fraction: the smallest share a row may have, from 0 to 1.
        max_fraction: the largest.

    Example:
        >>> DropByCharacterRepetition(max_fraction=0.2).signals()
        {'repeated_character_fraction': {'n_characters': 10}}
    """

    name: ClassVar[str] = "filter.character_repetition"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_little_repetition": "a smaller share of repeated characters than min_fraction",
        "repeated_characters": "a larger share of repeated characters than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("repeated_character_fraction", "too_little_repetition"),
        "max_fraction": ("repeated_character_fraction", "repeated_characters"),
    }
    typical: ClassVar[dict[str, str]] = {
        "repeated_character_fraction": "1st to 99th percentile: AG News 0 to 0.13, IMDB 0 to 0.09, SST-2 0 to 0.08, "
        "Chinese reviews 0",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "too_little_repetition": Example("Nothing is said twice here.", settings={"min_fraction": 0.1}),
        "repeated_characters": Example("click here click here click here click here", settings={"max_fraction": 0.2}),
    }

    n_characters: int = Field(10, ge=1, le=LONGEST_RUN)
    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(None, ge=0, le=1)

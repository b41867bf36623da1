"""`filter.flagged_words`: drop rows whose text holds words of a list, such as curses or brand names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.random import StepRandom
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.phrases import Phrases
from curate.transforms.filter.word_list import ListedWords, WordList, read_words


class FlaggedWordFraction(ListedWords):
    """Words of a list among the words of the text; null for a text without words."""

    name: ClassVar[str] = "flagged_word_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the words, 0 to 1"

    words: WordList

    def listed(self) -> tuple[str, ...]:
        return read_words(self.words)


class DropByFlaggedWords(DropOutside):
    """Drops texts by how many of their words stand in a list: curses, slurs, names that must not occur.

    The list is yours; none comes with the library. Words are found whole and in any case ("class" holds no "ass"), a
    phrase word by word; in scripts written without spaces each character is a word. What begins or ends with a sign
    ("a$$") cannot be found. Lists of curses also hit quotations, medicine and the speech of those they insult: look at
    what goes.

    Attributes:
        words: words and phrases, or the path of a text file with one on each line.
        min_fraction: the smallest share a row may have, from 0 to 1; to keep texts about something.
        max_fraction: the largest; at 0 a single one is too many.

    Example:
        >>> DropByFlaggedWords(words=["darn"]).given()
        {'max_fraction': 0.0}
    """

    name: ClassVar[str] = "filter.flagged_words"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_flagged_words": "a smaller share of words of the list than min_fraction",
        "flagged_words": "a larger share of words of the list than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("flagged_word_fraction", "too_few_flagged_words"),
        "max_fraction": ("flagged_word_fraction", "flagged_words"),
    }
    typical: ClassVar[dict[str, str]] = {
        "flagged_word_fraction": "1st to 99th percentile: AG News 0 to 0.02, IMDB 0 to 0.02, SST-2 0 to 0.05, "
        "Chinese reviews 0 to 0.06 (lists of some hundred curses)",
    }
    profiled: ClassVar[bool] = False
    languages: ClassVar[str] = "any, with a list in that language"
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_flagged_words": Example(
            "A text about something else", settings={"words": ("engine",), "min_fraction": 0.01, "max_fraction": None}
        ),
        "flagged_words": Example("Darn it, not again!", settings={"words": ("darn", "heck")}),
    }

    words: WordList
    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(0.0, ge=0, le=1)

    @cached_property
    def _not_found(self) -> tuple[str, ...]:
        """One sentence where the list holds what no word can be."""
        n = len(Phrases.of(read_words(self.words)).left_out)
        return (f"{n} phrases of the list begin or end with a sign and are never found",) if n else ()

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        return replace(super().plan(batch, random), notes=self._not_found)

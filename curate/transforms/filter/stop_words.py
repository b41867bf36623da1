"""`filter.stop_words`: drop rows whose text has hardly any of the common words of its language, or little else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.kernels.stop_words import STOP_WORDS
from curate.transforms.filter.word_list import ListedWords, WordList, read_words

Language = Literal["ar", "de", "en", "es", "fr", "ha", "hi", "it", "nl", "pt", "ru", "zh"]


class StopWordFraction(ListedWords):
    """Stop words among the words of the text; null for a text without words."""

    name: ClassVar[str] = "stop_word_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the words, 0 to 1"

    language: Language = "en"
    words: WordList | None = None

    def listed(self) -> tuple[str, ...]:
        return tuple(STOP_WORDS[self.language].split()) if self.words is None else read_words(self.words)


class DropByStopWords(DropOutside):
    """Drops texts by their share of stop words: the articles, pronouns and prepositions that sentences are made of.

    Lists of names, keywords, menus and code have hardly any; Rae et al. ("Gopher", 2021) look for them for that reason.
    A text in another language than the list has none either: tell languages apart first, with `filter.language`. Case
    and the signs around words do not count; a phrase of the list counts with all its words. In scripts written without
    spaces each character is a word.

    Attributes:
        language: whose list to take: one of about 60 words that comes with the library.
        words: a list of your own in its place, or the path of a text file with one word or phrase on each line.
        min_fraction: the smallest share a row may have, from 0 to 1.
        max_fraction: the largest.

    Example:
        >>> DropByStopWords(min_fraction=0.05, language="de").signals()
        {'stop_word_fraction': {'language': 'de', 'words': None}}
    """

    name: ClassVar[str] = "filter.stop_words"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_stop_words": "a smaller share of stop words than min_fraction",
        "too_many_stop_words": "a larger share of stop words than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("stop_word_fraction", "too_few_stop_words"),
        "max_fraction": ("stop_word_fraction", "too_many_stop_words"),
    }
    typical: ClassVar[dict[str, str]] = {
        "stop_word_fraction": "1st to 99th percentile: AG News 0.1 to 0.43, IMDB 0.29 to 0.5, "
        "SST-2 0 to 0.6, Chinese reviews 0 to 0.58 (lists en and zh)",
    }
    profiled: ClassVar[bool] = False
    languages: ClassVar[str] = f"that of the list: {', '.join(STOP_WORDS)}, or any with a list of your own"
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_stop_words": Example("shoes boots sandals sneakers cheap sale", settings={"min_fraction": 0.05}),
        "too_many_stop_words": Example("it was as it was and so it is", settings={"max_fraction": 0.8}),
    }

    language: Language = "en"
    words: WordList | None = None
    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(None, ge=0, le=1)

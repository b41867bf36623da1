"""`filter.length`: drop rows whose text is too short or too long, in characters, words, sentences or tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.errors import CurateError
from curate.kernels.share import column
from curate.kernels.text import n_characters, n_words
from curate.kernels.tokenizer import tokenizer
from curate.kernels.units import n_sentences


class Characters(RowSignal):
    """Code points in the text; a null text has 0."""

    name: ClassVar[str] = "n_characters"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "characters (code points)"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    def values(self, batch: Batch) -> pa.Array:
        return column(n_characters(batch.text_array()))


class Words(RowSignal):
    """Words in the text: runs between white space; in scripts without spaces each character; a null text has 0."""

    name: ClassVar[str] = "n_words"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "words"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    def values(self, batch: Batch) -> pa.Array:
        return column(n_words(batch.text_array()))


class Sentences(RowSignal):
    """Sentences in the text, as the stops of its script and blank lines end them; a null text has 0."""

    name: ClassVar[str] = "n_sentences"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "sentences"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    def values(self, batch: Batch) -> pa.Array:
        return column(n_sentences(batch.text_array()))


class Tokens(RowSignal):
    """Tokens in the text, by a tokenizer, without special tokens; a null text has 0."""

    name: ClassVar[str] = "n_tokens"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "tokens"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    tokenizer: str | None = None

    def revision(self) -> str:
        return "" if self.tokenizer is None else tokenizer(self.tokenizer, self.name).revision

    def values(self, batch: Batch) -> pa.Array:
        if self.tokenizer is None:
            raise CurateError(f"{self.name} without a tokenizer", hint="tokenizer: a tokenizer.json or a model's name")
        return column(tokenizer(self.tokenizer, self.name).counts(batch.texts()))


class DropByLength(DropOutside):
    """Drops texts outside the given lengths. A null text has length 0.

    In scripts written without spaces (Chinese, Japanese, Thai, …) each character counts as a word. Sentences end as in
    `dedup.lines`: at the stops of their script, not behind abbreviations, and at blank lines.

    Attributes:
        min_characters: the fewest code points a row may have.
        max_characters: the most.
        min_words: the fewest words a row may have.
        max_words: the most.
        min_sentences: the fewest sentences a row may have.
        max_sentences: the most.
        min_tokens: the fewest tokens a row may have.
        max_tokens: the most.
        tokenizer: what makes the tokens: the name of a model on the Hub, its folder, or its `tokenizer.json`;
            not needed where a column `n_tokens` tells.

    Example:
        >>> DropByLength(min_words=3).min_words
        3
    """

    name: ClassVar[str] = "filter.length"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_characters": "fewer characters than min_characters",
        "too_many_characters": "more characters than max_characters",
        "too_few_words": "fewer words than min_words",
        "too_many_words": "more words than max_words",
        "too_few_sentences": "fewer sentences than min_sentences",
        "too_many_sentences": "more sentences than max_sentences",
        "too_few_tokens": "fewer tokens than min_tokens",
        "too_many_tokens": "more tokens than max_tokens",
    }
    unprofiled: ClassVar[frozenset[str]] = frozenset({"n_words", "n_sentences", "n_tokens"})
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_characters": ("n_characters", "too_few_characters"),
        "max_characters": ("n_characters", "too_many_characters"),
        "min_words": ("n_words", "too_few_words"),
        "max_words": ("n_words", "too_many_words"),
        "min_sentences": ("n_sentences", "too_few_sentences"),
        "max_sentences": ("n_sentences", "too_many_sentences"),
        "min_tokens": ("n_tokens", "too_few_tokens"),
        "max_tokens": ("n_tokens", "too_many_tokens"),
    }
    typical: ClassVar[dict[str, str]] = {
        "n_characters": "1st to 99th percentile: AG News 109 to 501, IMDB 235 to 5213, "
        "SST-2 13 to 233, Chinese reviews 5 to 126",
        "n_words": "1st to 99th percentile: AG News 16 to 76, IMDB 42 to 913, SST-2 2 to 43, Chinese reviews 5 to 121",
        "n_sentences": "1st to 99th percentile: AG News 1 to 4, IMDB 1 to 40, SST-2 1, Chinese reviews 1 to 6",
        "n_tokens": "1st to 99th percentile: AG News 24 to 130, IMDB 57 to 1184, SST-2 3 to 50, "
        "Chinese reviews 5 to 126 (WordPiece of BERT)",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_characters": Example("ok", settings={"min_characters": 5}),
        "too_many_characters": Example("a" * 30, settings={"max_characters": 20}),
        "too_few_words": Example("Just this.", settings={"min_words": 3}),
        "too_many_words": Example("one two three four five", settings={"max_words": 4}),
        "too_few_sentences": Example("One sentence, by Dr. Who.", settings={"min_sentences": 2}),
        "too_many_sentences": Example("One. Two. Three.", settings={"max_sentences": 2}),
        "too_few_tokens": Example(({"text": "ok", "n_tokens": 1},), settings={"min_tokens": 2}),
        "too_many_tokens": Example(
            ({"text": "antidisestablishmentarianism", "n_tokens": 6},), settings={"max_tokens": 5}
        ),
    }

    min_characters: int | None = Field(None, ge=0)
    max_characters: int | None = Field(None, ge=0)
    min_words: int | None = Field(None, ge=0)
    max_words: int | None = Field(None, ge=0)
    min_sentences: int | None = Field(None, ge=0)
    max_sentences: int | None = Field(None, ge=0)
    min_tokens: int | None = Field(None, ge=0)
    max_tokens: int | None = Field(None, ge=0)
    tokenizer: str | None = None

    def settings_of(self, signal: str, rest: dict[str, Any]) -> dict[str, Any]:
        return rest if signal == Tokens.name else {}

"""`filter.length`: drop rows whose text is shorter or longer than its bounds, in characters or in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.text import n_characters, n_words


class Characters(RowSignal):
    """Code points in the text; a null text has 0."""

    name: ClassVar[str] = "n_characters"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "characters (code points)"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    def values(self, batch: Batch) -> pa.Array:
        return pa.array(n_characters(batch.text_array()))


class Words(RowSignal):
    """Words in the text: runs between white space; in scripts without spaces each character; a null text has 0."""

    name: ClassVar[str] = "n_words"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "words"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    def values(self, batch: Batch) -> pa.Array:
        return pa.array(n_words(batch.text_array()))


class DropByLength(DropOutside):
    """Drops texts outside the given lengths. A null text has length 0.

    In scripts written without spaces (Chinese, Japanese, Thai, …) each character counts as a word.

    Attributes:
        min_characters: the fewest code points a row may have.
        max_characters: the most.
        min_words: the fewest words a row may have.
        max_words: the most.

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
    }
    unprofiled: ClassVar[frozenset[str]] = frozenset({"n_words"})
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_characters": ("n_characters", "too_few_characters"),
        "max_characters": ("n_characters", "too_many_characters"),
        "min_words": ("n_words", "too_few_words"),
        "max_words": ("n_words", "too_many_words"),
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_characters": Example("ok", settings={"min_characters": 5}),
        "too_many_characters": Example("a" * 30, settings={"max_characters": 20}),
        "too_few_words": Example("Just this.", settings={"min_words": 3}),
        "too_many_words": Example("one two three four five", settings={"max_words": 4}),
    }

    min_characters: int | None = Field(None, ge=0)
    max_characters: int | None = Field(None, ge=0)
    min_words: int | None = Field(None, ge=0)
    max_words: int | None = Field(None, ge=0)

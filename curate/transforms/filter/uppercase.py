"""`filter.uppercase`: drop rows whose text shouts, or has no capital at all."""

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


class UppercaseFraction(RowSignal):
    """Letters in upper case among the letters of the text; null for a text without letters."""

    name: ClassVar[str] = "uppercase_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the letters, 0 to 1"

    def values(self, batch: Batch) -> pa.Array:
        counts = text_counts(batch.text_array())
        return Share(counts.uppers, counts.letters).fraction()


class DropByUppercase(DropOutside):
    """Drops texts by the share of their letters that are capitals.

    All letters count, so a Chinese or Arabic text with one brand name in capitals has a low share. Titles, headings
    and shouting have a high one.

    Attributes:
        min_fraction: the smallest share a row may have, from 0 to 1.
        max_fraction: the largest.

    Example:
        >>> DropByUppercase(max_fraction=0.5).given()
        {'max_fraction': 0.5}
    """

    name: ClassVar[str] = "filter.uppercase"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_capitals": "a smaller share of capitals than min_fraction",
        "too_many_capitals": "a larger share of capitals than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("uppercase_fraction", "too_few_capitals"),
        "max_fraction": ("uppercase_fraction", "too_many_capitals"),
    }
    typical: ClassVar[dict[str, str]] = {
        "uppercase_fraction": "1st to 99th percentile: AG News 0.02 to 0.19, IMDB 0.007 to 0.11, "
        "SST-2 0, Chinese reviews 0",
    }
    languages: ClassVar[str] = (
        "scripts with upper and lower case (Latin, Greek, Cyrillic, …); a text of another script has 0"
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_capitals": Example("all of it in lower case", settings={"min_fraction": 0.01}),
        "too_many_capitals": Example("BUY NOW and SAVE!!!", settings={"max_fraction": 0.5}),
    }

    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(None, ge=0, le=1)

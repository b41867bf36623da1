"""`filter.digits`: drop rows whose text is mostly numbers, or has none."""

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


class DigitFraction(RowSignal):
    """Digits and other numbers of any script among the characters of the text; null for an empty text."""

    name: ClassVar[str] = "digit_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the characters, 0 to 1"

    def values(self, batch: Batch) -> pa.Array:
        counts = text_counts(batch.text_array())
        return Share(counts.digits, counts.characters).fraction()


class DropByDigits(DropOutside):
    """Drops texts by their share of digits.

    Digits of every script count (3, ٣, ३, ３), and other numbers (½, ④, Ⅷ); number words do not, nor do the Chinese
    ones (三). Price lists, tables, logs and telephone lists have a high share.

    Attributes:
        min_fraction: the smallest share a row may have, from 0 to 1.
        max_fraction: the largest.

    Example:
        >>> DropByDigits(max_fraction=0.3).given()
        {'max_fraction': 0.3}
    """

    name: ClassVar[str] = "filter.digits"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_digits": "a smaller share of digits than min_fraction",
        "too_many_digits": "a larger share of digits than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("digit_fraction", "too_few_digits"),
        "max_fraction": ("digit_fraction", "too_many_digits"),
    }
    typical: ClassVar[dict[str, str]] = {
        "digit_fraction": "1st to 99th percentile: AG News 0 to 0.06, IMDB 0 to 0.02, SST-2 0 to 0.03, "
        "Chinese reviews 0 to 0.2",
    }
    languages: ClassVar[str] = "any"
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_digits": Example("No number here", settings={"min_fraction": 0.01}),
        "too_many_digits": Example("2024-01-05 17:31:09 4411", settings={"max_fraction": 0.3}),
    }

    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(None, ge=0, le=1)

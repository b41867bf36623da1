"""`filter.alphanumeric`: drop rows whose text has too few letters and digits, or nothing else."""

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


class AlphanumericFraction(RowSignal):
    """Letters, marks and digits of any script among the characters of the text; null for an empty text."""

    name: ClassVar[str] = "alphanumeric_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the characters, 0 to 1"

    def values(self, batch: Batch) -> pa.Array:
        counts = text_counts(batch.text_array())
        return Share(counts.letters + counts.marks + counts.digits, counts.characters).fraction()


class DropByAlphanumeric(DropOutside):
    """Drops texts by their share of letters and digits.

    Letters and digits of every script count, and the marks that Indic, Thai, Arabic and Hebrew writing puts on them;
    white space and signs do not. Tables, code, drawings made of signs and markup have a low share; a text of one long
    run of characters, such as base64, has a share of nearly 1.

    Attributes:
        min_fraction: the smallest share a row may have, from 0 to 1.
        max_fraction: the largest.

    Example:
        >>> DropByAlphanumeric(min_fraction=0.5).given()
        {'min_fraction': 0.5}
    """

    name: ClassVar[str] = "filter.alphanumeric"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_alphanumeric": "a smaller share of letters and digits than min_fraction",
        "too_many_alphanumeric": "a larger share of letters and digits than max_fraction",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_fraction": ("alphanumeric_fraction", "too_few_alphanumeric"),
        "max_fraction": ("alphanumeric_fraction", "too_many_alphanumeric"),
    }
    typical: ClassVar[dict[str, str]] = {
        "alphanumeric_fraction": "1st to 99th percentile: AG News 0.76 to 0.86, IMDB 0.73 to 0.82, "
        "SST-2 0.71 to 0.92, Chinese reviews 0.58 to 1",
    }
    languages: ClassVar[str] = "any"
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_alphanumeric": Example("=== *** --- | >> 1 << | --- *** ===", settings={"min_fraction": 0.5}),
        "too_many_alphanumeric": Example("TWFuIGlzIGRpc3Rpbmd1aXNoZWQ", settings={"max_fraction": 0.95}),
    }

    min_fraction: float | None = Field(None, ge=0, le=1)
    max_fraction: float | None = Field(None, ge=0, le=1)

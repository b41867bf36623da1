"""`filter.pii`: drop rows by how many pieces of personal data their text holds; `clean.pii` takes them out instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside, without_text
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.pii.find import PATTERNS, REGIONS, Kind, detectors, find, versions
from curate.kernels.pii.mask import concealed
from curate.kernels.pii.span import Detector


class PiiCount(RowSignal):
    """Pieces of personal data and secrets in the text: addresses, numbers, keys; a null text has no count."""

    name: ClassVar[str] = "n_pii"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "pieces of personal data"

    kinds: tuple[Kind, ...] = PATTERNS
    regions: tuple[str, ...] = REGIONS
    private_addresses: bool = False
    written_out: bool = False
    model: str | None = None

    def setup(self) -> None:
        _chosen(self)

    def revision(self) -> str:
        self.setup()
        return ", ".join(versions(self.kinds, self.model))

    def values(self, batch: Batch) -> pa.Array:
        texts = batch.text_array()
        counts = np.zeros(len(texts), np.int64)
        for row, spans in find(texts, _chosen(self)).items():
            counts[row] = len(spans)
        return without_text(pa.array(counts), texts)


class DropByPii(DropOutside):
    """Drops texts that hold more, or fewer, pieces of personal data than the bounds; a null text stays.

    Attributes:
        min_findings: the fewest pieces of personal data a row may have.
        max_findings: the most; 0 drops every row that has any.
        kinds: what to look for; everything but `person` unless given.
        regions: the countries (ISO 3166) whose national phone numbers count; `+…` numbers count from anywhere.
        private_addresses: IP addresses of private, loopback and documentation networks count too.
        written_out: e-mail addresses written out (`name at example dot org`) count too.
        model: the spaCy model for `person` (`en_core_web_sm`; an installed one, or a folder); without one, names
            are found behind titles and introductions alone.

    Example:
        >>> DropByPii(max_findings=2, kinds=("email",)).given()
        {'max_findings': 2.0}
    """

    name: ClassVar[str] = "filter.pii"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_pii": "fewer pieces of personal data than min_findings",
        "too_many_pii": "more pieces of personal data than max_findings",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_findings": ("n_pii", "too_few_pii"),
        "max_findings": ("n_pii", "too_many_pii"),
    }
    typical: ClassVar[dict[str, str]] = {
        "n_pii": "0 in 99.9 % of 12,000 news items (AG News) and of 3,000 film reviews (IMDB)"
    }
    private: ClassVar[bool] = True
    profiled: ClassVar[bool] = False
    languages: ClassVar[str] = "any; words that say what a number is are known in a dozen languages"
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_pii": Example("Nothing personal here.", settings={"min_findings": 1, "max_findings": None}),
        "too_many_pii": Example("jane@example.org, joe@example.org", settings={"max_findings": 1}),
    }

    min_findings: int | None = Field(None, ge=0)
    max_findings: int | None = Field(0, ge=0)
    kinds: tuple[Kind, ...] = PATTERNS
    regions: tuple[str, ...] = REGIONS
    private_addresses: bool = False
    written_out: bool = False
    model: str | None = None

    def conceal(self, texts: pa.Array) -> pa.Array:
        return concealed(texts, _chosen(self))


def _chosen(of: PiiCount | DropByPii) -> tuple[Detector, ...]:
    return detectors(of.kinds, of.regions, of.private_addresses, of.written_out, of.model)

"""`filter.line_length`: drop rows whose lines are too short or too long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from curate.core.bounds import DropOutside
from curate.core.example import Example
from curate.core.signals import RowSignal
from curate.data.rows import Batch
from curate.kernels.share import Share, column
from curate.kernels.text_statistics import text_counts


class MeanLineLength(RowSignal):
    """Characters per line; blank lines are not counted, and a text without any other has null."""

    name: ClassVar[str] = "mean_line_length"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "characters per line"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    def values(self, batch: Batch) -> pa.Array:
        counts = text_counts(batch.text_array())
        return Share(counts.in_lines, counts.lines - counts.blank_lines).fraction()


class MaxLineLength(RowSignal):
    """Characters of the longest line; a text of blank lines only has null."""

    name: ClassVar[str] = "max_line_length"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.int64()
    unit: ClassVar[str] = "characters of the longest line"
    scale: ClassVar[Literal["linear", "log"]] = "log"
    room: ClassVar[float] = 4.0

    def values(self, batch: Batch) -> pa.Array:
        counts = text_counts(batch.text_array())
        return column(counts.longest_line, counts.longest_line > 0)


class DropByLineLength(DropOutside):
    """Drops texts by the length of their lines, in characters: the mean, or the longest.

    A line ends at any line break of Unicode; blank lines are not counted. Menus and lists have a low mean; minified
    code and data without line breaks have one very long line. Chen et al. ("Codex", 2021) keep source files with a mean
    up to 100 and a longest line up to 1000. In prose a line is often a whole paragraph: take bounds from your data.

    Attributes:
        min_mean: the shortest mean a row may have.
        max_mean: the longest mean.
        min_longest: the shortest that the longest line of a row may be.
        max_longest: the longest it may be.

    Example:
        >>> DropByLineLength(max_mean=100, max_longest=1000).given()
        {'max_mean': 100.0, 'max_longest': 1000.0}
    """

    name: ClassVar[str] = "filter.line_length"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "lines_too_short": "lines shorter than min_mean on average",
        "lines_too_long": "lines longer than max_mean on average",
        "no_long_line": "no line as long as min_longest",
        "one_line_too_long": "a line longer than max_longest",
    }
    bounds: ClassVar[dict[str, tuple[str, str]]] = {
        "min_mean": ("mean_line_length", "lines_too_short"),
        "max_mean": ("mean_line_length", "lines_too_long"),
        "min_longest": ("max_line_length", "no_long_line"),
        "max_longest": ("max_line_length", "one_line_too_long"),
    }
    typical: ClassVar[dict[str, str]] = {
        "mean_line_length": "1st to 99th percentile: AG News 109 to 501, IMDB 233 to 5158, "
        "SST-2 13 to 233, Chinese reviews 5 to 126",
        "max_line_length": "1st to 99th percentile: AG News 109 to 501, IMDB 235 to 5163, "
        "SST-2 13 to 233, Chinese reviews 5 to 126",
    }
    unprofiled: ClassVar[frozenset[str]] = frozenset({"max_line_length"})
    examples: ClassVar[Mapping[str, Example]] = {
        "lines_too_short": Example("Home\nNews\nShop\nLog in", settings={"min_mean": 10}),
        "lines_too_long": Example("one line of some length\nand another one", settings={"max_mean": 15}),
        "no_long_line": Example("Home\nNews\nShop\nLog in", settings={"min_longest": 20}),
        "one_line_too_long": Example("x = 1\ndata = [0, 1, 1, 2, 3, 5, 8, 13]", settings={"max_longest": 30}),
    }

    min_mean: float | None = Field(None, ge=0)
    max_mean: float | None = Field(None, ge=0)
    min_longest: int | None = Field(None, ge=0)
    max_longest: int | None = Field(None, ge=0)

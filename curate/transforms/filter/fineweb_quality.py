"""`filter.fineweb_quality`: FineWeb's rules for lines, with the decisions of datatrove's implementation.

Penedo et al., "The FineWeb datasets: decanting the web for the finest text data at scale", 2024, section 3.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.core.example import Example
from curate.data.rows import Batch
from curate.kernels.buffers import as_bools
from curate.kernels.rule_statistics import SHAPES, fineweb_quality, struct_of
from curate.kernels.word_kinds import END_MARKS
from curate.transforms.filter.rules import DropByRules, Rule, RuleStatistics


class LineShapeStatistics(RuleStatistics):
    """What FineWeb's rules look at; null for a null text.

    `n_lines` counts lines that are not blank, of which `terminal_line_fraction` end with a mark and
    `short_line_fraction` are short; `duplicate_character_fraction` is the share of characters, line feeds aside, in
    lines that came before; `line_break_fraction` is line feeds per word.

    Attributes:
        end_marks: the characters that end a line as a sentence ends; those of every script unless given.
        short_line_characters: the most characters of a short line.
    """

    name: ClassVar[str] = "fineweb_quality_statistics"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = struct_of(SHAPES)
    unit: ClassVar[str] = "lines, shares of lines and characters (0 to 1), line feeds per word"

    end_marks: str | None = None
    short_line_characters: int = Field(30, ge=0)

    def values(self, batch: Batch) -> pa.Array:
        marks = "".join(END_MARKS) if self.end_marks is None else self.end_marks
        return fineweb_quality(batch.text_array(), self.table(), marks, self.short_line_characters)


class DropByFineWebQuality(DropByRules):
    """Drops texts whose lines look like lists, menus or repeated parts of a page, by FineWeb's rules.

    With `judge_unspaced` the decisions are those of datatrove's `FineWebQualityFilter`. Set a bound to null to leave
    its rule out.

    Attributes:
        min_lines: the fewest lines that are not blank; an empty text goes.
        min_terminal_line_fraction: the fewest lines that end as sentences end.
        keep_unpunctuated: a text in which no line at all ends so passes that rule.
        max_short_line_fraction: the most short lines.
        max_duplicate_character_fraction: the most characters in lines that came before.
        max_line_break_fraction: the most line feeds per word.
        end_marks: the characters that end a line as a sentence ends; those of every script unless given.
        short_line_characters: the most characters of a short line.

    Example:
        >>> DropByFineWebQuality().max_short_line_fraction
        0.67
    """

    name: ClassVar[str] = "filter.fineweb_quality"
    version: ClassVar[str] = "1"
    signal: ClassVar[str] = "fineweb_quality_statistics"
    measured: ClassVar[tuple[str, ...]] = ("words", "language", "end_marks", "short_line_characters")
    reasons: ClassVar[Mapping[str, str]] = {
        "empty": "fewer lines that are not blank than min_lines",
        "unpunctuated_lines": "a smaller share of lines that end as sentences end than min_terminal_line_fraction",
        "short_lines": "a larger share of short lines than max_short_line_fraction",
        "duplicate_characters": "more characters in repeated lines than max_duplicate_character_fraction",
        "too_many_lines": "more line feeds per word than max_line_break_fraction",
    }
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("min_lines", "n_lines", "empty"),
        Rule("min_terminal_line_fraction", "terminal_line_fraction", "unpunctuated_lines"),
        Rule("max_short_line_fraction", "short_line_fraction", "short_lines"),
        Rule("max_duplicate_character_fraction", "duplicate_character_fraction", "duplicate_characters"),
        Rule("max_line_break_fraction", "line_break_fraction", "too_many_lines"),
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "empty": Example(" \n "),
        "unpunctuated_lines": Example(
            "Boats for sale in the harbour of the old town\nOars, masts and sails, new and used"
        ),
        "short_lines": Example("The harbour.\nThe boats.\nThe nets."),
        "duplicate_characters": Example("Subscribe to the letter of the harbour.\n" * 2),
        "too_many_lines": Example("Unterwasserarchäologischesinstitut.\nDonaudampfschifffahrtsgesellschaft!\n"),
    }

    min_lines: int | None = Field(1, ge=0)
    min_terminal_line_fraction: float | None = Field(0.12, ge=0, le=1)
    keep_unpunctuated: bool = False
    max_short_line_fraction: float | None = Field(0.67, ge=0, le=1)
    max_duplicate_character_fraction: float | None = Field(0.01, ge=0, le=1)
    max_line_break_fraction: float | None = Field(0.3, ge=0)
    end_marks: str | None = None
    short_line_characters: int = Field(30, ge=0)

    def breaks(self, rule: Rule, held: pa.Array) -> npt.NDArray[np.bool_]:
        if rule.setting == "min_terminal_line_fraction" and self.keep_unpunctuated:
            return as_bools(pc.fill_null(pc.not_equal(held, 0), False))
        return super().breaks(rule, held)

"""`filter.gopher_repetition`: the Gopher paper's rules against repetition, with datatrove's decisions.

Rae et al., "Scaling language models: methods, analysis & insights from training Gopher", 2021, table A1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from curate.core.example import Example
from curate.data.rows import Batch
from curate.kernels.rule_statistics import REPETITION, gopher_repetition, struct_of
from curate.transforms.filter.rules import DropByRules, Rule, RuleStatistics

_BOAT = "A boat lies on the sand, its mast is gone and nobody mends it any more."
_GULLS = "Gulls sit along the keel, where the paint has come off in the wind and the rain of many a hard year."
_OFF: dict[str, Any] = {
    **dict.fromkeys(f"max_top_{n}gram_fraction" for n in (2, 3, 4)),
    **dict.fromkeys(f"max_duplicate_{n}gram_fraction" for n in range(5, 11)),
}


def _runs(n: int) -> Example:
    """A text that repeats a sentence, held against the rule for runs of n words alone."""
    name = f"max_duplicate_{n}gram_fraction"
    return Example(f"{_BOAT} {_GULLS} {_BOAT}", settings={**_OFF, name: 0.1})


class RepetitionStatistics(RuleStatistics):
    """What Gopher's rules against repetition look at, as shares (0 to 1); null for a null text.

    Shares of characters are of all characters of the text. `top_2gram_fraction` is that of the most frequent run of two
    words (the first such run where several are as frequent), `duplicate_5gram_fraction` that of runs of five words that
    came before; a run is null where a text has too few words.
    """

    name: ClassVar[str] = "gopher_repetition_statistics"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = struct_of(REPETITION)
    unit: ClassVar[str] = "characters, and shares of lines, paragraphs and characters (0 to 1)"

    def values(self, batch: Batch) -> pa.Array:
        return gopher_repetition(batch.text_array(), self.table())


class DropByGopherRepetition(DropByRules):
    """Drops texts that repeat lines, paragraphs or runs of words more than the Gopher paper allows.

    With `judge_unspaced` the decisions are those of datatrove's `GopherRepetitionFilter`. Set a bound to null to leave
    its rule out.

    Attributes:
        min_characters: the fewest characters; an empty text goes.
        max_duplicate_paragraph_fraction: the most paragraphs that came before.
        max_duplicate_paragraph_character_fraction: the most characters in them.
        max_duplicate_line_fraction: the most lines that came before.
        max_duplicate_line_character_fraction: the most characters in them.
        max_top_2gram_fraction: the most characters in the most frequent run of 2 words.
        max_top_3gram_fraction: the same of 3 words.
        max_top_4gram_fraction: the same of 4 words.
        max_duplicate_5gram_fraction: the most characters in runs of 5 words that came before.
        max_duplicate_6gram_fraction: the same of 6 words.
        max_duplicate_7gram_fraction: the same of 7 words.
        max_duplicate_8gram_fraction: the same of 8 words.
        max_duplicate_9gram_fraction: the same of 9 words.
        max_duplicate_10gram_fraction: the same of 10 words.

    Example:
        >>> DropByGopherRepetition().max_top_2gram_fraction
        0.2
    """

    name: ClassVar[str] = "filter.gopher_repetition"
    version: ClassVar[str] = "1"
    signal: ClassVar[str] = "gopher_repetition_statistics"
    reasons: ClassVar[Mapping[str, str]] = {
        "empty": "fewer characters than min_characters",
        "duplicate_paragraphs": "a larger share of repeated paragraphs than max_duplicate_paragraph_fraction",
        "duplicate_paragraph_characters": "more characters in repeated paragraphs than "
        "max_duplicate_paragraph_character_fraction",
        "duplicate_lines": "a larger share of repeated lines than max_duplicate_line_fraction",
        "duplicate_line_characters": "more characters in repeated lines than max_duplicate_line_character_fraction",
        **{
            f"top_{n}gram": f"more characters in the most frequent run of {n} words than max_top_{n}gram_fraction"
            for n in (2, 3, 4)
        },
        **{
            f"duplicate_{n}gram": f"more characters in repeated runs of {n} words than max_duplicate_{n}gram_fraction"
            for n in range(5, 11)
        },
    }
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("min_characters", "n_characters", "empty"),
        *(
            Rule(f"max_{part}_fraction", f"{part}_fraction", f"{part}s")
            for part in (
                "duplicate_paragraph",
                "duplicate_paragraph_character",
                "duplicate_line",
                "duplicate_line_character",
            )
        ),
        *(Rule(f"max_top_{n}gram_fraction", f"top_{n}gram_fraction", f"top_{n}gram") for n in (2, 3, 4)),
        *(
            Rule(f"max_duplicate_{n}gram_fraction", f"duplicate_{n}gram_fraction", f"duplicate_{n}gram")
            for n in range(5, 11)
        ),
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "empty": Example(""),
        "duplicate_paragraphs": Example(f"{_BOAT}\n\nAh!\n\n{_GULLS}\n\nAh!\n\nAh!"),
        "duplicate_paragraph_characters": Example(f"{_BOAT}\n\n{_GULLS}\n\nWait for it.\n\n{_BOAT}"),
        "duplicate_lines": Example(f"{_BOAT}\nAh!\n{_GULLS}\nAh!\nAh!"),
        "duplicate_line_characters": Example(f"{_BOAT}\n{_GULLS}\nWait for it.\n{_BOAT}"),
        "top_2gram": Example("the boat and the boat then the boat or the boat"),
        "top_3gram": Example("the old boat lies near the old boat", settings={"max_top_2gram_fraction": None}),
        "top_4gram": Example(
            "down by the sea we sat down by the sea", settings={**_OFF, "max_top_4gram_fraction": 0.16}
        ),
        **{f"duplicate_{n}gram": _runs(n) for n in range(5, 11)},
    }

    min_characters: int | None = Field(1, ge=0)
    max_duplicate_paragraph_fraction: float | None = Field(0.3, ge=0, le=1)
    max_duplicate_paragraph_character_fraction: float | None = Field(0.2, ge=0, le=1)
    max_duplicate_line_fraction: float | None = Field(0.3, ge=0, le=1)
    max_duplicate_line_character_fraction: float | None = Field(0.2, ge=0, le=1)
    max_top_2gram_fraction: float | None = Field(0.2, ge=0)
    max_top_3gram_fraction: float | None = Field(0.18, ge=0)
    max_top_4gram_fraction: float | None = Field(0.16, ge=0)
    max_duplicate_5gram_fraction: float | None = Field(0.15, ge=0)
    max_duplicate_6gram_fraction: float | None = Field(0.14, ge=0)
    max_duplicate_7gram_fraction: float | None = Field(0.13, ge=0)
    max_duplicate_8gram_fraction: float | None = Field(0.12, ge=0)
    max_duplicate_9gram_fraction: float | None = Field(0.11, ge=0)
    max_duplicate_10gram_fraction: float | None = Field(0.1, ge=0)

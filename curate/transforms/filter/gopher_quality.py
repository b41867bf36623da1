"""`filter.gopher_quality`: the rules of quality of the Gopher paper, with the decisions of datatrove's implementation.

Rae et al., "Scaling language models: methods, analysis & insights from training Gopher", 2021, appendix A1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
from pydantic import Field

from curate.core.example import Example
from curate.data.rows import Batch
from curate.kernels.rule_statistics import QUALITY, gopher_quality, struct_of
from curate.transforms.filter.rules import DropByRules, Rule, RuleStatistics

STOP_WORDS = ("the", "be", "to", "of", "and", "that", "have", "with")
"""The English stop words of the paper."""

_PROSE = "The boat that we have to mend lies with the others, and the wind is to turn. "


class QualityStatistics(RuleStatistics):
    """What Gopher's rules of quality look at; null for a null text.

    `n_words` and `mean_word_length` are of words that are more than symbols; `hash_fraction`, `ellipsis_fraction` and
    `alphabetic_word_fraction` are per token, `bullet_line_fraction` and `ellipsis_line_fraction` per line;
    `n_stop_words` counts different ones.

    Attributes:
        stop_words: the stop words.
    """

    name: ClassVar[str] = "gopher_quality_statistics"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = struct_of(QUALITY)
    unit: ClassVar[str] = "counts of words, characters per word, shares of words and of lines (0 to 1)"

    stop_words: tuple[str, ...] = STOP_WORDS

    def values(self, batch: Batch) -> pa.Array:
        return gopher_quality(batch.text_array(), self.table(), self.stop_words)


class DropByGopherQuality(DropByRules):
    """Drops texts that break a rule of quality of the Gopher paper.

    With `judge_unspaced` and the English stop words (the default for `language: en`) the decisions are those of
    datatrove's `GopherQualityFilter`. Set a bound to null to leave its rule out.

    Attributes:
        min_words: the fewest words that are more than symbols.
        max_words: the most.
        min_mean_word_length: the fewest characters a word has on average.
        max_mean_word_length: the most.
        max_hash_fraction: the most number signs (#) per word.
        max_ellipsis_fraction: the most ellipses per word.
        max_bullet_line_fraction: the most lines that begin with a bullet (• or -).
        max_ellipsis_line_fraction: the most lines that end with an ellipsis.
        min_alphabetic_word_fraction: the fewest words with a letter.
        min_stop_words: the fewest different stop words.
        stop_words: the stop words; the eight of the paper for English, and no rule for another language, unless given.

    Example:
        >>> DropByGopherQuality().min_words
        50
    """

    name: ClassVar[str] = "filter.gopher_quality"
    version: ClassVar[str] = "1"
    signal: ClassVar[str] = "gopher_quality_statistics"
    languages: ClassVar[str] = (
        "English; for another language with spaces between words set `language`, which leaves the English stop words "
        "out, and `stop_words`; texts mostly in scripts without spaces are left alone unless judge_unspaced is set"
    )
    reasons: ClassVar[Mapping[str, str]] = {
        "too_few_words": "fewer words that are more than symbols than min_words",
        "too_many_words": "more words that are more than symbols than max_words",
        "short_words": "words shorter on average than min_mean_word_length",
        "long_words": "words longer on average than max_mean_word_length",
        "too_many_hashes": "more number signs per word than max_hash_fraction",
        "too_many_ellipses": "more ellipses per word than max_ellipsis_fraction",
        "too_many_bullets": "a larger share of lines that begin with a bullet than max_bullet_line_fraction",
        "too_many_ellipsis_lines": "a larger share of lines that end with an ellipsis than max_ellipsis_line_fraction",
        "too_few_alphabetic_words": "a smaller share of words with a letter than min_alphabetic_word_fraction",
        "too_few_stop_words": "fewer different stop words than min_stop_words",
    }
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("min_words", "n_words", "too_few_words"),
        Rule("max_words", "n_words", "too_many_words"),
        Rule("min_mean_word_length", "mean_word_length", "short_words"),
        Rule("max_mean_word_length", "mean_word_length", "long_words"),
        Rule("max_hash_fraction", "hash_fraction", "too_many_hashes"),
        Rule("max_ellipsis_fraction", "ellipsis_fraction", "too_many_ellipses"),
        Rule("max_bullet_line_fraction", "bullet_line_fraction", "too_many_bullets"),
        Rule("max_ellipsis_line_fraction", "ellipsis_line_fraction", "too_many_ellipsis_lines"),
        Rule("min_alphabetic_word_fraction", "alphabetic_word_fraction", "too_few_alphabetic_words"),
        Rule("min_stop_words", "n_stop_words", "too_few_stop_words"),
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "too_few_words": Example("Home | About us | Contact"),
        "too_many_words": Example(_PROSE * 5, settings={"max_words": 60}),
        "short_words": Example("x y z = a b; " * 20),
        "long_words": Example("Donaudampfschifffahrtsgesellschaft " * 50),
        "too_many_hashes": Example("the best day with #sun #sea #sand " * 12),
        "too_many_ellipses": Example("Nobody knows … perhaps tomorrow … perhaps never … " * 10),
        "too_many_bullets": Example("- the oars that we have to mend\n" * 12),
        "too_many_ellipsis_lines": Example("The boat that we have to mend lies with the others and ...\n" * 8),
        "too_few_alphabetic_words": Example("The price of a boat: 1200 1350 1475 1580. " * 8),
        "too_few_stop_words": Example("Mending nets takes patience and good light, says every old sailor here. " * 5),
    }

    min_words: int | None = Field(50, ge=0)
    max_words: int | None = Field(100_000, ge=0)
    min_mean_word_length: float | None = Field(3, ge=0)
    max_mean_word_length: float | None = Field(10, ge=0)
    max_hash_fraction: float | None = Field(0.1, ge=0)
    max_ellipsis_fraction: float | None = Field(0.1, ge=0)
    max_bullet_line_fraction: float | None = Field(0.9, ge=0, le=1)
    max_ellipsis_line_fraction: float | None = Field(0.3, ge=0, le=1)
    min_alphabetic_word_fraction: float | None = Field(0.8, ge=0, le=1)
    min_stop_words: int | None = Field(2, ge=0)
    stop_words: tuple[str, ...] | None = None

    def signals(self) -> dict[str, dict[str, object]]:
        words = self.stop_words if self.stop_words is not None else STOP_WORDS
        return {self.signal: {**super().signals()[self.signal], "stop_words": words}}

    def bound(self, rule: Rule) -> float | bool | None:
        foreign = rule.setting == "min_stop_words" and self.stop_words is None and self.language != "en"
        return None if foreign else super().bound(rule)

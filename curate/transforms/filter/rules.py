"""Named rule sets: one signal gives every statistic of a set, and rules in a fixed order hold bounds against them.

The base of `filter.gopher_quality`, `filter.gopher_repetition`, `filter.c4` and `filter.fineweb_quality`. The first
rule that a row breaks is its reason, as in the implementations that the sets are known by; the statistics do not depend
on any bound, so moving one computes nothing again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curate import optional
from curate.core.random import StepRandom
from curate.core.signals import RowSignal
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.buffers import as_bools
from curate.kernels.word_table import ChunkTable, table

MOSTLY_UNSPACED = 0.3
"""From this share of its characters on, a text counts as one in scripts without spaces: most of its words are."""

UNJUDGED = "some texts are mostly in scripts without spaces and were not judged; judge_unspaced: true judges them"

Mask = npt.NDArray[np.bool_]


class RuleStatistics(RowSignal):
    """The statistics of a rule set: a struct a row. A base.

    Attributes:
        words: how texts split into words: `spacy`, by the rules of a spaCy language (the extra `nlp`), as the
            reference implementations do; `plain`, between white space, each character of a script without spaces.
        language: the language of these rules, by its code in spaCy.
    """

    words: Literal["spacy", "plain"] = "spacy"
    language: str = "en"

    def setup(self) -> None:
        self.table()

    def table(self) -> ChunkTable:
        """What splits the texts of this process."""
        return _table(self)

    def revision(self) -> str:
        if self.words == "plain":
            return ""
        optional.check("spacy", extra="nlp", by="words: spacy")
        return f"spacy {version('spacy')}"


class Rule(NamedTuple):
    """A rule: the setting of its bound (`min_…`, `max_…`, or a switch: more than 0), the statistic, the reason."""

    setting: str
    statistic: str
    reason: str


class DropByRules(RowTransform):
    """Drops rows that break a rule, the first one being the reason. A row without a value for a rule passes it.

    A text mostly in scripts without spaces (Chinese, Japanese, Thai, …) stays as it is: rules that count words by
    spaces would drop it whatever it says.

    Attributes:
        signal: the name of its signal.
        measured: the settings that are the signal's; every other one leaves the statistics as they are.
        rules: its rules, in order.
        words: how texts split into words: `spacy`, by the rules of a spaCy language (the extra `nlp`), or `plain`,
            between white space.
        language: the language of these rules, by its code in spaCy.
        judge_unspaced: hold texts in scripts without spaces against the rules too, as the reference does.
    """

    keeps_cells: ClassVar[bool] = True
    signal: ClassVar[str]
    measured: ClassVar[tuple[str, ...]] = ("words", "language")
    rules: ClassVar[tuple[Rule, ...]]
    languages: ClassVar[str] = (
        "languages with spaces between words (set `language`); texts mostly in scripts without spaces are left alone "
        "unless judge_unspaced is set"
    )

    words: Literal["spacy", "plain"] = "spacy"
    language: str = "en"
    judge_unspaced: bool = False

    def needed(self) -> frozenset[str]:
        return self.needs | {self.signal}

    def table(self) -> ChunkTable:
        """What splits the texts of this process."""
        return _table(self)

    def signals(self) -> dict[str, dict[str, Any]]:
        return {self.signal: self.model_dump(include=set(self.measured))}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        gone, reasons = self.broken(batch)
        at = np.flatnonzero(gone)
        edits = Edits.drop(batch.row_ids[at], reasons[at].tolist()) if len(at) else Edits()
        return replace(edits, notes=self.told(batch))

    def told(self, batch: Batch) -> tuple[str, ...]:
        """That texts were let be, where some were: a table of zeros must not look like good data."""
        unjudged = as_bools(batch.signals[self.signal].is_valid()) & ~self.judged(batch)
        return (UNJUDGED,) if unjudged.any() else ()

    def judged(self, batch: Batch) -> Mask:
        """The rows that the rules are for."""
        values = batch.signals[self.signal]
        judged = as_bools(values.is_valid())
        if not self.judge_unspaced:
            unspaced = pc.struct_field(values, "unspaced_fraction")
            judged &= ~as_bools(pc.fill_null(pc.greater_equal(unspaced, MOSTLY_UNSPACED), False))
        return judged

    def broken(self, batch: Batch) -> tuple[Mask, npt.NDArray[np.object_]]:
        """Which rows break a rule, and the reason of the first one that each breaks."""
        open_, reasons = self.judged(batch), np.full(len(batch), "", dtype=object)
        judged = open_.copy()
        for outside, reason in self._outside(batch.signals[self.signal]):
            reasons[outside & open_] = reason
            open_ &= ~outside
        return judged & ~open_, reasons

    def _outside(self, values: pa.Array) -> Iterator[tuple[Mask, str]]:
        for rule in self.rules:
            at = self.bound(rule)
            if at is None or at is False:
                continue
            held = pc.struct_field(values, rule.statistic)
            beyond = pc.less(held, at) if rule.setting.startswith("min_") else pc.greater(held, 0 if at is True else at)
            yield as_bools(pc.fill_null(beyond, False)) & self.breaks(rule, held), rule.reason

    def bound(self, rule: Rule) -> float | bool | None:
        """The bound of a rule; None where it does not hold."""
        bound: float | bool | None = getattr(self, rule.setting)
        return bound

    def breaks(self, rule: Rule, held: pa.Array) -> Mask:
        """Of rows outside the bound of a rule, those that it is for: all, unless a subclass says otherwise."""
        return np.ones(len(held), bool)


def _table(settings: RuleStatistics | DropByRules) -> ChunkTable:
    return table(settings.words, settings.language if settings.words == "spacy" else "en")

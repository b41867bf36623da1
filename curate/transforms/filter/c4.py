"""`filter.c4`: the rules of the C4 corpus for lines and for texts, with the decisions of datatrove's implementation.

Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer", 2020, section 2.2.
Lines that break a rule are cut from the text; the text goes where too little is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.buffers import as_bools, as_mask
from curate.kernels.c4_lines import LINES, LineRules, c4_lines, judge_lines
from curate.kernels.rule_statistics import struct_of
from curate.transforms.filter.rules import DropByRules, Rule, RuleStatistics

_LINE_SETTINGS = (
    *("split_by", "citations", "end_mark", "min_words_per_line", "max_word_characters", "lorem_ipsum", "javascript"),
    *("curly_bracket", "policy"),
)
_CUT = ("long_word_lines", "unpunctuated_lines", "short_lines", "javascript_lines", "policy_lines")
_FIVE = "The boat lies here. The nets are dry. The wind has turned. Nobody is out. We wait for the tide."


class LineStatistics(RuleStatistics):
    """What C4's rules make of the lines of a text; null for a null text.

    `n_lines` and `n_kept_lines`, how many were cut by each rule, the sentences in the kept ones (null where the text is
    given up at a line), and 1 for a text given up for `lorem_ipsum` or a `curly_bracket`.

    Attributes:
        split_by: what is judged: each `line` or each `sentence`.
        citations: take marks of citation out ([1], [edit], [citation needed]).
        end_mark: cut a line that does not end with . ? ! or a quotation mark, or that ends with an ellipsis.
        min_words_per_line: the fewest words of a line.
        max_word_characters: the longest a word of a line may be.
        lorem_ipsum: give a text with "lorem ipsum" up.
        javascript: cut a line that names JavaScript.
        curly_bracket: give a text with an opening curly bracket up.
        policy: cut a line about cookies, terms of use or a privacy policy.
    """

    name: ClassVar[str] = "c4_statistics"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = struct_of(LINES)
    unit: ClassVar[str] = "lines and sentences; 0 or 1 for a text that is given up"

    split_by: Literal["line", "sentence"] = "line"
    citations: bool = True
    end_mark: bool = True
    min_words_per_line: int | None = Field(3, ge=0)
    max_word_characters: int | None = Field(1000, ge=1)
    lorem_ipsum: bool = True
    javascript: bool = True
    curly_bracket: bool = True
    policy: bool = True

    def values(self, batch: Batch) -> pa.Array:
        return c4_lines(batch.text_array(), self.table(), _line_rules(self))


class KeepC4Lines(DropByRules):
    """Cuts the lines that break a rule of the C4 corpus, and drops texts of which too little is left.

    A line is cut where it does not end as a sentence ends, has too few words or too long a word, or is about
    JavaScript, cookies, terms of use or privacy; marks of citation are taken out, and the kept lines are joined by line
    feeds. A text goes where it has "lorem ipsum" or a curly bracket in a line that would stay, or too few sentences
    left. With `judge_unspaced` decisions and texts are those of datatrove's `C4QualityFilter`. The reason of a changed
    text is the rule that cut most of its lines. Set a bound to null to leave its rule out.

    Attributes:
        min_sentences: the fewest sentences in the lines that are kept.
        split_by: what is judged: each `line` or each `sentence`.
        citations: take marks of citation out ([1], [edit], [citation needed]).
        end_mark: cut a line that does not end with . ? ! or a quotation mark, or that ends with an ellipsis.
        min_words_per_line: the fewest words of a line.
        max_word_characters: the longest a word of a line may be.
        lorem_ipsum: give a text with "lorem ipsum" up.
        javascript: cut a line that names JavaScript.
        curly_bracket: give a text with an opening curly bracket up.
        policy: cut a line about cookies, terms of use or a privacy policy.

    Example:
        >>> KeepC4Lines().min_sentences
        5
    """

    name: ClassVar[str] = "filter.c4"
    version: ClassVar[str] = "1"
    keeps_cells: ClassVar[bool] = False
    signal: ClassVar[str] = "c4_statistics"
    measured: ClassVar[tuple[str, ...]] = ("words", "language", *_LINE_SETTINGS)
    languages: ClassVar[str] = (
        "languages that end sentences with . ? ! and have spaces between words; texts mostly in scripts without spaces "
        "are left alone unless judge_unspaced is set; the phrases about JavaScript, cookies and terms are English"
    )
    reasons: ClassVar[Mapping[str, str]] = {
        "lorem_ipsum": 'the placeholder text "lorem ipsum" in a line that would stay',
        "curly_bracket": "an opening curly bracket, as in program code, in a line that would stay",
        "too_few_sentences": "fewer sentences in the kept lines than min_sentences",
        "long_word_lines": "cut: lines with a word of more than max_word_characters",
        "unpunctuated_lines": "cut: lines that do not end as a sentence ends",
        "short_lines": "cut: lines of fewer words than min_words_per_line",
        "javascript_lines": "cut: lines that name JavaScript",
        "policy_lines": "cut: lines about cookies, terms of use or a privacy policy",
        "citations": "taken out: marks of citation",
        "line_breaks": "blank lines and white space around lines taken out, lines joined by line feeds",
    }
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("lorem_ipsum", "lorem_ipsum", "lorem_ipsum"),
        Rule("curly_bracket", "curly_bracket", "curly_bracket"),
        Rule("min_sentences", "n_sentences", "too_few_sentences"),
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "lorem_ipsum": Example(f"{_FIVE}\nLorem ipsum dolor sit amet."),
        "curly_bracket": Example(f"{_FIVE}\nThen we write if (wind) {{ sail(); }} and wait."),
        "too_few_sentences": Example("Only one sentence is here.\nHome | Boats | Contact"),
        "long_word_lines": Example(f"{_FIVE}\nSee {'x' * 40} for the rest.", settings={"max_word_characters": 30}),
        "unpunctuated_lines": Example(f"Home | Boats | Contact\n{_FIVE}"),
        "short_lines": Example(f"{_FIVE}\nRead more."),
        "javascript_lines": Example(f"{_FIVE}\nPlease enable JavaScript to see the map."),
        "policy_lines": Example(f"{_FIVE}\nBy sailing on you accept our terms of use."),
        "citations": Example(f"{_FIVE} It was built in 1911.[3]"),
        "line_breaks": Example(f"{_FIVE}\r\nThe oars are gone."),
    }

    min_sentences: int | None = Field(5, ge=0)
    split_by: Literal["line", "sentence"] = "line"
    citations: bool = True
    end_mark: bool = True
    min_words_per_line: int | None = Field(3, ge=0)
    max_word_characters: int | None = Field(1000, ge=1)
    lorem_ipsum: bool = True
    javascript: bool = True
    curly_bracket: bool = True
    policy: bool = True

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        gone, _ = self.broken(batch)
        left = np.flatnonzero(self.judged(batch) & ~gone)
        rewritten = [self._rewrite(batch, name, left) for name in batch.roles.text] if len(left) else []
        return Edits.concat([super().plan(batch, random), *rewritten])

    def _rewrite(self, batch: Batch, name: str, rows: npt.NDArray[np.int64]) -> Edits:
        """The cells of one column that lose a line or a mark, without it."""
        at = pa.array(rows)
        column = batch.column(name).take(at)
        texts = column.cast(pa.large_string())
        judged = judge_lines(texts, self.table(), _line_rules(self))
        new = judged.texts()
        changed = as_bools(pc.fill_null(pc.not_equal(new, texts), False))
        if not changed.any():
            return Edits()
        mask = as_mask(changed)
        reasons = [_reason(row) for row in judged.outcomes[changed].tolist()]
        return Edits.set(name, batch.row_ids[rows[changed]], new.filter(mask).cast(column.type), reasons)


def _reason(outcomes: list[int]) -> str:
    """Why a text changed: the rule that cut most lines, the first one of several."""
    cut = outcomes[1:6]
    if any(cut):
        return _CUT[cut.index(max(cut))]
    return "citations" if outcomes[9] else "line_breaks"


def _line_rules(settings: LineStatistics | KeepC4Lines) -> LineRules:
    return LineRules(
        by_sentence=settings.split_by == "sentence",
        min_words=settings.min_words_per_line,
        **settings.model_dump(include=set(_LINE_SETTINGS) - {"split_by", "min_words_per_line"}),
    )

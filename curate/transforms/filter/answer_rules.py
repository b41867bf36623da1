"""The rules of `filter.answers`: each says of prompts and answers for which rows it holds, and how surely.

Arrow's RE2 finds the few rows to look at; only those are looked at one by one (`curate.kernels.answers`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.data.roles import is_text
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels import answers, refusals
from curate.kernels.buffers import as_bools
from curate.kernels.language import SURE, identify
from curate.kernels.language_codes import base
from curate.kernels.placeholders import is_placeholder
from curate.kernels.text import is_blank

Mask = NDArray[np.bool_]
Scores = NDArray[np.floating[Any]]
"""For each row how sure it is that the rule holds; 0: it does not."""

CERTAIN, SELDOM_WRONG, LIKELY = 1.0, 0.9, 0.6
SPARE = 100
"""Characters by which an answer that merely repeats the prompt may be longer, all of them white space."""
LEAST = 40
"""Characters a prompt and an answer must have for their languages to be compared."""
_MAY_BREAK_OFF = r"```|[\p{L},，、(\[{（［｛「『《【]\s*$|[(\[{（［｛「『《【][^)\]}）］｝」』》】\n]*$"


class Rows:
    """Prompts and answers of a batch: `parts` of the prompt, the whole `prompt` and the `answer` as large strings.

    Raises:
        ColumnError: there is no prompt beside the answer, or the answers are no texts.
    """

    def __init__(self, batch: Batch) -> None:
        target = batch.roles.target
        names = [name for name in batch.roles.text if name != target]
        if target is None or not names:
            raise ColumnError("filter.answers needs a prompt and an answer", hint="name them: --text P --target A")
        if not is_text(batch.rows.schema.field(target).type):
            kind = batch.rows.schema.field(target).type
            raise ColumnError(
                f"the target {target!r} holds {kind}, but filter.answers reads answers", hint="leave it out"
            )
        self.parts = [batch.column(name).cast(pa.large_string()) for name in names]
        self.answer = batch.column(target).cast(pa.large_string())
        filled = [pc.fill_null(part, "") for part in self.parts]
        self.prompt = (
            filled[0] if len(filled) == 1 else pc.binary_join_element_wise(*filled, pa.scalar("\n", pa.large_string()))
        )

    def about(self, topic: refusals.Topic) -> Mask:
        return as_bools(refusals.about(self.prompt, topic))


def _no_prompt(rows: Rows) -> Scores:
    empty = np.array([is_blank(part) | is_placeholder(part, "sure") for part in rows.parts])
    return np.where(empty.all(axis=0), CERTAIN, 0.0)


def _no_answer(rows: Rows) -> Scores:
    stand_in = is_placeholder(rows.answer, "sure")
    for at in np.flatnonzero(stand_in).tolist():
        stand_in[at] = rows.answer[at].as_py().strip().casefold() not in rows.prompt[at].as_py().casefold()
    return np.maximum(CERTAIN * is_blank(rows.answer), SELDOM_WRONG * stand_in)


def _echo(rows: Rows) -> Scores:
    scores = np.zeros(len(rows.answer))
    short = _where(pc.less_equal(pc.utf8_length(rows.answer), pc.add(pc.utf8_length(rows.prompt), SPARE)))
    for at in np.flatnonzero(short).tolist():
        which = answers.echoes(rows.answer[at].as_py(), [part[at].as_py() for part in rows.parts])
        if which is not None:
            scores[at] = LIKELY if 0 < which < len(rows.parts) else SELDOM_WRONG
    return scores


def _refusal(rows: Rows) -> Scores:
    quoted = rows.about("translation") & ~_where(refusals.about(rows.answer, "translation"))
    return SELDOM_WRONG * (_where(refusals.refuses(rows.answer)) & ~rows.about("refusal") & ~quoted)


def _disclaimer(rows: Rows) -> Scores:
    return SELDOM_WRONG * (_where(refusals.disclaims(rows.answer)) & ~rows.about("ai"))


def _beyond_text(rows: Rows) -> Scores:
    seen = _where(refusals.beyond_text(rows.prompt)) & ~rows.about("files")
    linked = np.array([_where(refusals.only_link(part)) for part in rows.parts]).any(axis=0) & ~rows.about("links")
    return np.maximum(SELDOM_WRONG * seen, LIKELY * linked)


def _other_script(rows: Rows) -> Scores:
    scores = np.zeros(len(rows.answer))
    mixed = _where(refusals.beyond_latin(rows.prompt)) | _where(refusals.beyond_latin(rows.answer))
    for at in np.flatnonzero(mixed & ~rows.about("languages")).tolist():
        scores[at] = SELDOM_WRONG * answers.other_script(rows.prompt[at].as_py(), rows.answer[at].as_py() or "")
    return scores


def other_language(rows: Rows) -> Scores:
    """Whether prompt and answer are surely in different languages: for `language: true`, as it takes a model."""
    scores = np.zeros(len(rows.answer))
    long = _where(pc.greater_equal(pc.utf8_length(rows.answer), LEAST)) & ~rows.about("languages")
    at = np.flatnonzero(long & _where(pc.greater_equal(pc.utf8_length(rows.prompt), LEAST)))
    texts = [column.take(pa.array(at)).to_pylist() for column in (rows.answer, rows.prompt, *rows.parts)]
    told = zip(*(identify(column) for column in texts), strict=True)
    for row, text, (answer, prompt, *parts) in zip(at.tolist(), texts[0], told, strict=True):
        if answer is None or prompt is None or min(answer[1], prompt[1]) < SURE:
            continue
        asked = {base(one[0]) for one in (prompt, *parts) if one is not None}
        if base(answer[0]) not in asked and not answers.looks_like_code(text):
            scores[row] = SELDOM_WRONG
    return scores


def _breaks_off(rows: Rows) -> Scores:
    scores = np.zeros(len(rows.answer))
    for at in np.flatnonzero(_where(pc.match_substring_regex(rows.answer, _MAY_BREAK_OFF))).tolist():
        how = answers.breaks_off(rows.answer[at].as_py())
        scores[at] = 0 if how is None else LIKELY if how == "sentence" else SELDOM_WRONG
    return scores


def _where(mask: pa.Array) -> Mask:
    return as_bools(pc.fill_null(mask, False))


RULES: dict[str, Callable[[Rows], Scores]] = {
    "prompt_missing": _no_prompt,
    "empty_answer": _no_answer,
    "echoes_prompt": _echo,
    "refusal": _refusal,
    "ai_disclaimer": _disclaimer,
    "needs_image_or_web": _beyond_text,
    "wrong_language": _other_script,
    "truncated_answer": _breaks_off,
}

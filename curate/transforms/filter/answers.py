"""`filter.answers`: drop rows of instruction data whose answer teaches nothing, or the wrong thing.

The prompt is what has the role text (several columns are one prompt, in their order), the answer what has the role
target. How much the rules flag in data judged good and in random data stands in docs/guides/instruction-data.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import is_text
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels import answers, refusals
from curate.kernels.buffers import as_bools
from curate.kernels.placeholders import is_placeholder
from curate.kernels.text import is_blank

Mask = NDArray[np.bool_]
Scores = NDArray[np.floating[Any]]
"""For each row how sure it is that the rule holds; 0: it does not."""

_CERTAIN, _SURE, _LIKELY = 1.0, 0.9, 0.6
SPARE = 100
"""Characters by which an answer that merely repeats the prompt may be longer, all of them white space."""
_MAY_BREAK_OFF = r"```|[\p{L},，、(\[{（［｛「『《【]\s*$|[(\[{（［｛「『《【][^)\]}）］｝」』》】\n]*$"


def _pair(prompt: str | None, answer: str | None, **settings: object) -> Example:
    return Example(({"text": prompt, "target": answer},), settings=settings)


class DropBadAnswers(RowTransform):
    """Drops prompts whose answer is empty, a refusal, an echo, broken off, or about something no text can show.

    Each rule can be switched off. A row gets the reason of the first rule that holds, in the order below. The score is
    1 where nothing is to be judged, 0.9 where the wording is hardly ever innocent, and 0.6 where it may be.

    Attributes:
        prompt_missing: no prompt, or a placeholder for one.
        empty_answer: no answer, or a placeholder such as `N/A`, unless the prompt has that very word.
        echoes_prompt: the answer is the prompt or a part of it, word for word.
        refusal: the answer begins by refusing, or by asking for what the prompt did not give; not where the prompt is
            about apologies or refusals.
        ai_disclaimer: the answer says that a language model gives it; not where the prompt is about such models.
        needs_image_or_web: the prompt refers to an image, a recording, an attachment, today's date or news, or to a
            page of which it holds nothing but the link: whatever the answer says is made up.
        wrong_language: prompt and answer are in different scripts, and the prompt is about no language.
        truncated_answer: the answer ends in an open code block or bracket, or in mid-sentence.

    Example:
        >>> DropBadAnswers(truncated_answer=False).refusal
        True
    """

    name: ClassVar[str] = "filter.answers"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "prompt_missing": "there is no prompt",
        "empty_answer": "the answer is null, empty, white space or a placeholder",
        "echoes_prompt": "the answer merely repeats the prompt",
        "refusal": "the answer begins with a refusal",
        "ai_disclaimer": "the answer says that a language model gives it",
        "needs_image_or_web": "the prompt refers to something that is not in the text",
        "wrong_language": "the answer is written in another script than the prompt",
        "truncated_answer": "the answer breaks off",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "target"})
    keeps_cells: ClassVar[bool] = True
    languages: ClassVar[str] = (
        "any; refusals and disclaimers of 15 languages, images and links in English and Chinese; script, echo and code "
        "blocks in all; broken sentences where a script has full stops"
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "prompt_missing": _pair(" ", "The capital of France is Paris."),
        "empty_answer": _pair("Draw a flow chart of a web browser.", ""),
        "echoes_prompt": _pair("Write three lines about a river.", "Write three lines about a river."),
        "refusal": _pair("How deep is Lake Como?", "I'm sorry, I cannot retrieve that information."),
        "ai_disclaimer": _pair("Describe your house.", "As an AI, I don't have a house. May I describe another?"),
        "needs_image_or_web": _pair("Caption this painting.\n[Image of two people in a boat]", "Two friends at dusk."),
        "wrong_language": _pair(
            "请写一段关于秋天的短文，说明树叶为什么会变红。", "In autumn the leaves turn red and fall."
        ),
        "truncated_answer": _pair("Why do leaves fall?", "Days grow shorter. The tree saves water and the"),
    }

    prompt_missing: bool = True
    empty_answer: bool = True
    echoes_prompt: bool = True
    refusal: bool = True
    ai_disclaimer: bool = True
    needs_image_or_web: bool = True
    wrong_language: bool = True
    truncated_answer: bool = True

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        rows = _Rows(batch)
        reason, score = np.full(len(batch), "", dtype=object), np.zeros(len(batch))
        for name in self.reasons:
            if getattr(self, name):
                found = _RULES[name](rows)
                new = (found > 0) & (reason == "")
                reason[new], score[new] = name, found[new]
        at = np.flatnonzero(reason != "")
        return Edits.drop(batch.row_ids[at], reason[at].tolist(), score=score[at]) if len(at) else Edits()


class _Rows:
    """Prompts and answers of a batch, as the rules read them: parts, prompt and answer are arrays of large strings."""

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


def _no_prompt(rows: _Rows) -> Scores:
    empty = np.array([is_blank(part) | is_placeholder(part, "sure") for part in rows.parts])
    return np.where(empty.all(axis=0), _CERTAIN, 0.0)


def _no_answer(rows: _Rows) -> Scores:
    stand_in = is_placeholder(rows.answer, "sure")
    for at in np.flatnonzero(stand_in).tolist():
        stand_in[at] = rows.answer[at].as_py().strip().casefold() not in rows.prompt[at].as_py().casefold()
    return np.maximum(_CERTAIN * is_blank(rows.answer), _SURE * stand_in)


def _echo(rows: _Rows) -> Scores:
    scores = np.zeros(len(rows.answer))
    short = _where(pc.less_equal(pc.utf8_length(rows.answer), pc.add(pc.utf8_length(rows.prompt), SPARE)))
    for at in np.flatnonzero(short).tolist():
        which = answers.echoes(rows.answer[at].as_py(), [part[at].as_py() for part in rows.parts])
        if which is not None:
            scores[at] = _LIKELY if 0 < which < len(rows.parts) else _SURE
    return scores


def _refusal(rows: _Rows) -> Scores:
    return _SURE * (_where(refusals.refuses(rows.answer)) & ~rows.about("refusal"))


def _disclaimer(rows: _Rows) -> Scores:
    return _SURE * (_where(refusals.disclaims(rows.answer)) & ~rows.about("ai"))


def _beyond_text(rows: _Rows) -> Scores:
    seen = _where(refusals.beyond_text(rows.prompt)) & ~rows.about("files")
    linked = np.array([_where(refusals.only_link(part)) for part in rows.parts]).any(axis=0) & ~rows.about("links")
    return np.maximum(_SURE * seen, _LIKELY * linked)


def _other_script(rows: _Rows) -> Scores:
    scores = np.zeros(len(rows.answer))
    mixed = _where(refusals.beyond_latin(rows.prompt)) | _where(refusals.beyond_latin(rows.answer))
    for at in np.flatnonzero(mixed & ~rows.about("languages")).tolist():
        scores[at] = _SURE * answers.other_script(rows.prompt[at].as_py(), rows.answer[at].as_py() or "")
    return scores


def _breaks_off(rows: _Rows) -> Scores:
    scores = np.zeros(len(rows.answer))
    for at in np.flatnonzero(_where(pc.match_substring_regex(rows.answer, _MAY_BREAK_OFF))).tolist():
        how = answers.breaks_off(rows.answer[at].as_py())
        scores[at] = 0 if how is None else _LIKELY if how == "sentence" else _SURE
    return scores


def _where(mask: pa.Array) -> Mask:
    return as_bools(pc.fill_null(mask, False))


_RULES: dict[str, Callable[[_Rows], Scores]] = {
    "prompt_missing": _no_prompt,
    "empty_answer": _no_answer,
    "echoes_prompt": _echo,
    "refusal": _refusal,
    "ai_disclaimer": _disclaimer,
    "needs_image_or_web": _beyond_text,
    "wrong_language": _other_script,
    "truncated_answer": _breaks_off,
}

"""`filter.answers`: drop rows of instruction data whose answer teaches nothing, or the wrong thing.

The prompt is what has the role text (several columns are one prompt, in their order), the answer what has the role
target. How much the rules flag in data judged good and in random data stands in docs/guides/instruction-data.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.kernels.language import identify, model_identity
from curate.transforms.filter.answer_rules import RULES, Rows, other_language


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
            about apologies or refusals, or wants a translation and the answer does not speak of one.
        ai_disclaimer: the answer says that a language model gives it; not where the prompt is about such models.
        needs_image_or_web: the prompt refers to an image, a recording, an attachment, today's date or news, or to a
            page of which it holds nothing but the link: whatever the answer says is made up.
        wrong_language: prompt and answer are in different scripts, and the prompt is about no language; for English
            answers to German prompts see `language`.
        truncated_answer: the answer ends in an open code block or bracket, or in mid-sentence.
        language: `wrong_language` compares languages too, not only scripts, with the model of `filter.language`; where
            both texts have 40 characters and the model is sure of both.

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
        "wrong_language": "the answer is in another script, or language, than the prompt",
        "truncated_answer": "the answer breaks off",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "target"})
    keeps_cells: ClassVar[bool] = True
    languages: ClassVar[str] = (
        "any; refusals of 15 languages, disclaimers of 13, images and links in English and Chinese; script, echo and "
        "code blocks in all; broken sentences where a script has full stops"
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
    language: bool = False

    def setup(self) -> None:
        if self.language:
            identify(["a first text"])

    def revision(self) -> str:
        return model_identity("langid") if self.language else ""

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        rows = Rows(batch)
        reason, score = np.full(len(batch), "", dtype=object), np.zeros(len(batch))
        for name in self.reasons:
            if getattr(self, name):
                found = RULES[name](rows)
                if name == "wrong_language" and self.language:
                    found = np.maximum(found, other_language(rows))
                new = (found > 0) & (reason == "")
                reason[new], score[new] = name, found[new]
        at = np.flatnonzero(reason != "")
        return Edits.drop(batch.row_ids[at], reason[at].tolist(), score=score[at]) if len(at) else Edits()

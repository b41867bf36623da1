"""`augment.paraphrase`: what a text says, said in other words by a language model.

Any OpenAI-compatible server (`curate.kernels.llm`); the texts are sent there. Asked for by row and copy, each with a
seed of its own; every answer is looked at before it becomes a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from curate.kernels.draws import Draws
from curate.kernels.llm.faults import Bounds
from curate.kernels.replacing import Span
from curate.transforms.augment.asking import Ask, Asking
from curate.transforms.augment.augmenter import RewriteAugmenter
from curate.transforms.augment.draft import Variant


class AugmentParaphrase(Asking, RewriteAugmenter):
    """Adds paraphrases of rows, written by a language model; the texts are sent to its server.

    A paraphrase becomes a row only where it passes every check: it is whole, in the form asked for, no refusal, in the
    language of its parent, neither much longer nor shorter, neither a copy nor something else. What fails is counted.

    Attributes:
        max_distance: its greatest distance from the text, 0 to 1, measured as `min_distance` is.

    Example:
        >>> AugmentParaphrase(model="qwen3:8b", base_url="http://localhost:11434/v1", style="as a tweet").style
        ('as a tweet',)
    """

    name: ClassVar[str] = "augment.paraphrase"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"paraphrased": "said in other words by a language model"}
    refusals: ClassVar[Mapping[str, str]] = {**RewriteAugmenter.refusals, **Asking.refusals}
    languages: ClassVar[str] = "those of the model; the prompt is in English and asks for the language of the text"
    own_prompt: ClassVar[str] = "paraphrase.jinja"
    names: ClassVar[tuple[str, ...]] = ("text", "style", "length", "keep")

    max_distance: float = Field(1.0, ge=0, le=1)

    def bounds(self) -> Bounds:
        return super().bounds()._replace(max_distance=self.max_distance)

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Sequence[Variant | str]:
        told = [at for at, text in enumerate(texts) if any(letter.isalnum() for letter in text)]
        asks = [self._ask(texts[at], protected[at], draws[at]) for at in told]
        variants: list[Variant | str] = ["unchanged"] * len(texts)
        for at, written in zip(told, self.written(asks, ("text",)), strict=True):
            if isinstance(written, str):
                variants[at] = written
            else:
                variants[at] = self._variant(texts[at], written["text"], protected[at])
        return variants

    def _ask(self, text: str, protected: Sequence[Span], draws: Draws) -> Ask:
        keep = list(dict.fromkeys(text[start:end] for start, end in protected if end > start))
        return Ask({"text": text, "keep": keep, **self.controls(draws)}, (text,), draws)

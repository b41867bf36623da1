"""What translators of sequence-to-sequence models share: the settings of the model, its rows, how much is said.

`marian` computes with transformers, `ctranslate2` with the package of that name; both read the same models.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from curate.errors import CurateError
from curate.kernels.translators.translator import Pair, Translator

_LEAST_SHAPE = 8
_TOKENIZED_TEXTS = 256


class Seq2Seq(Translator):
    """A sequence-to-sequence model of transformers.

    Attributes:
        model: a folder, or a name on the Hub; `{source}` and `{target}` in it stand for the languages, as in
            `Helsinki-NLP/opus-mt-{source}-{target}`.
        revision: a commit, tag or branch on the Hub.
        download: whether it may be fetched from the Hub; else only a copy on this machine is used.
        beams: width of the beam search; 1 is greedy.
        batch_rows: texts at once.
        max_tokens: a piece with more tokens is not translated; at most what the model reads.
    """

    uncounted: ClassVar[frozenset[str]] = frozenset({"model", "revision", "download"})
    by_sentence: ClassVar[bool] = True
    n_at_once: ClassVar[int] = 2048

    model: str = Field(min_length=1)
    revision: str | None = None
    download: bool = False
    beams: int = Field(4, ge=1, le=64)
    batch_rows: int = Field(32, ge=1, le=4096)
    max_tokens: int = Field(512, ge=8)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if "{" in self.model.replace("{source}", "").replace("{target}", ""):
            raise ValueError("only {source} and {target} may stand in braces")
        return self

    @property
    def most(self) -> int | None:
        return self.beams

    def named(self, pair: Pair) -> str:
        """The model of a pair."""
        return self.model.replace("{source}", pair.source).replace("{target}", pair.target)

    def check_n(self, n: int, by: str) -> None:
        """Refuse more translations of a text than it can give.

        Raises:
            CurateError: there are fewer beams.
        """
        if self.most is not None and n > self.most:
            raise CurateError(f"{by}: {n} translations of a text from {self.most} beams", hint=f"beams: {n}")


def token_rows(tokenizer: Any, prefix: str, texts: Sequence[str]) -> list[list[int]]:
    """The token ids of each text, with what stands before it."""
    rows: list[list[int]] = []
    for low in range(0, len(texts), _TOKENIZED_TEXTS):
        part = [prefix + text.encode("utf-8", "replace").decode() for text in texts[low : low + _TOKENIZED_TEXTS]]
        rows += tokenizer(part, verbose=False)["input_ids"]
    return rows


def shape_of(length: int, room: int) -> int:
    """How long the rows of a batch are in which a text of so many tokens stands: a power of 2, where there is room.

    Few shapes, so that few batches are not full; a text is read once, but its translation is said token by token.

    Example:
        >>> shape_of(9, 128), shape_of(3, 128), shape_of(100, 120)
        (16, 8, 120)
    """
    return min(max(_LEAST_SHAPE, 1 << (length - 1).bit_length()), room)


def most_said(length: int, room: int) -> int:
    """How many tokens a translation has at most, of a text of so many.

    Example:
        >>> most_said(9, 128), most_said(100, 120)
        (48, 119)
    """
    return min(room - 1, 2 * shape_of(length, room) + 16)

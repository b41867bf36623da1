"""`augment.diacritics`: letters without their marks, or with other ones (`curate.kernels.look_alikes`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import ClassVar, Literal

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.look_alikes import MARKS, other_marks, unmarked
from curate.kernels.replacing import Replacement
from curate.kernels.slips import taken
from curate.transforms.augment.slips import SlipAugmenter

Kind = Literal["drop", "vary"]


class AugmentDiacritics(SlipAugmenter):
    """Leaves out the marks of a word (café: cafe), as who types in haste does, or sets another (café: cafè).

    Attributes:
        max_rate: the share of the words that can change that do, at most, in (0, 1].
        min_length: how many letters a word has at least that may change.
        kinds: `drop` all marks of a word, or `vary` one letter: another mark in place of its own or of none; each
            alike. `drop` alone leaves words without marks as they are.

    Example:
        >>> AugmentDiacritics(kinds=("drop", "vary")).max_rate
        1.0
    """

    name: ClassVar[str] = "augment.diacritics"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"diacritics": "letters without their marks, or with others"}
    languages: ClassVar[str] = "those written in an alphabet whose letters have marks; elsewhere nothing changes"
    examples: ClassVar[Mapping[str, Example]] = {"diacritics": Example("Le café est déjà fermé")}

    max_rate: float = Field(1.0, gt=0, le=1)
    min_length: int = Field(2, ge=1, le=100)
    kinds: tuple[Kind, ...] = Field(("drop",), min_length=1)

    def words(self, texts: Sequence[str]) -> Iterable[Sequence[int]]:
        word = _word(self.min_length, self.kinds == ("drop",))
        return ([edge for match in word.finditer(text) for edge in match.span()] for text in texts)

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        if draws.choice(self.kinds) == "drop":
            plain = "".join(map(unmarked, word))
            return (0, len(word), plain) if plain != word else None
        found = taken(word, 0, other_marks(), draws)
        return None if found is None else (found[0], found[0] + 1, found[1])


@cache
def _word(min_length: int, marked: bool) -> re.Pattern[str]:
    """Words of letters and their marks; with `marked` only those with a letter beyond ASCII or a mark."""
    beyond = rf"(?<![A-Za-z])(?=[A-Za-z]*[^\W\d_A-Za-z]|[A-Za-z]+[{MARKS}])" if marked else ""
    return re.compile(rf"{beyond}[^\W\d_](?:[{MARKS}]|[^\W\d_]){{{min_length - 1},}}")

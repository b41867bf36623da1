"""`augment.case`: words or whole texts in another case, letter by letter (`curate.kernels.letter_case`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.letter_case import Case, in_case
from curate.kernels.protected import free
from curate.kernels.replacing import Replacement, Span
from curate.kernels.runs import runs
from curate.kernels.slips import LETTERS
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.slips import SlipAugmenter


class AugmentCase(SlipAugmenter):
    """Writes words, or the whole text, in another case; whoever ignores case sees no difference.

    Letters whose case cannot be turned round without changing them otherwise (ß, ŉ, the sigmas) stay.

    Attributes:
        min_length: how many letters a word has at least that may change; not asked for a whole text.
        cases: `lower`, `upper` or `title` (the first letter a capital, the others small); each alike, of those that
            change something.
        whole: the whole text but for protected spans, in one of the cases.

    Example:
        >>> AugmentCase(whole=True, cases=("lower",)).cases
        ('lower',)
    """

    name: ClassVar[str] = "augment.case"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"case": "letters in another case"}
    languages: ClassVar[str] = "those whose letters have case; elsewhere nothing changes"
    examples: ClassVar[Mapping[str, Example]] = {"case": Example("How far is it from Denver to Aspen?")}

    min_length: int = Field(2, ge=1, le=100)
    cases: tuple[Case, ...] = Field(("lower", "upper", "title"), min_length=1)
    whole: bool = False

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        others = [other for case in self.cases if (other := in_case(word, case)) != word]
        return (0, len(word), draws.choice(others)) if others else None

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Iterator[Variant | str]:
        if not self.whole:
            return super().variants(texts, protected, draws)
        return map(self._whole, texts, map(free, runs(texts, LETTERS), protected), draws)

    def _whole(self, text: str, words: Sequence[Span], draws: Draws) -> Variant | str:
        written = [
            [(start, end, new) for start, end in words if (new := in_case(text[start:end], case)) != text[start:end]]
            for case in self.cases
        ]
        others = [edits for edits in written if edits]
        return Variant(draws.choice(others)) if others else "unchanged"

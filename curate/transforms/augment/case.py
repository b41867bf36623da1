"""`augment.case`: words or whole texts in another case, letter by letter (`curate.kernels.letter_case`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.letter_case import Case, in_case
from curate.kernels.protected import free_words
from curate.kernels.replacing import Replacement, Span
from curate.kernels.slips import WORD_OF_LETTERS
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

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        if not self.whole:
            return super().replacements(text, protected, draws)
        words = free_words(text, protected, WORD_OF_LETTERS)
        written = [[(start, end, in_case(text[start:end], case)) for start, end in words] for case in self.cases]
        others = [one for one in written if any(text[start:end] != new for start, end, new in one)]
        return draws.choice(others) if others else []

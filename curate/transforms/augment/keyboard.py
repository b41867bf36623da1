"""`augment.keyboard`: the key beside the right one, as fingers hit it. `curate.kernels.keyboards` has the layouts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.keyboards import Layout, near
from curate.kernels.replacing import Replacement
from curate.kernels.runs import bounds
from curate.kernels.slips import LETTERS, LETTERS_AND_DIGITS, taken
from curate.transforms.augment.slips import SlipAugmenter


class AugmentKeyboard(SlipAugmenter):
    """Puts the letter of a neighbouring key in place of one letter of a word; its case stays.

    Attributes:
        layout: the keyboard: `en` (QWERTY, United States), `de` (QWERTZ), `fr` (AZERTY), `es` (QWERTY with ñ) or `ru`
            (ЙЦУКЕН). Letters that it has no key for stay.
        keep_first: the first letter of a word stays: readers need it most.
        digits: numbers slip, too, a digit to the one beside it; that may change what a text says.

    Example:
        >>> AugmentKeyboard(layout="de").layout
        'de'
    """

    name: ClassVar[str] = "augment.keyboard"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"keyboard": "letters are those of the keys beside the right ones"}
    languages: ClassVar[str] = "those written with the letters of the keyboard; other words stay"
    examples: ClassVar[Mapping[str, Example]] = {"keyboard": Example("How far is it from Denver to Aspen?")}

    layout: Layout = "en"
    keep_first: bool = True
    digits: bool = False

    def words(self, texts: Sequence[str]) -> Iterable[Sequence[int]]:
        return bounds(texts, LETTERS_AND_DIGITS if self.digits else LETTERS, self.min_length)

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        struck = taken(word, int(self.keep_first), near(self.layout, digits=self.digits), draws)
        return None if struck is None else (struck[0], struck[0] + 1, struck[1])

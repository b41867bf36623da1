"""`augment.number`: other numbers in the same format, within a bound.

For tasks whose label does not hang on the quantity: classes of questions, intents, topics. `curate.kernels.numerals`
says what is a quantity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from curate.core.example import Example
from curate.kernels.dates import dates
from curate.kernels.draws import Draws
from curate.kernels.numerals import numerals, varied
from curate.kernels.replacing import Replacement, Span, outside
from curate.transforms.augment.augmenter import EditAugmenter


class AugmentNumber(EditAugmenter):
    """Puts other numbers in the place of numbers, with as many digits and the same signs between them.

    A number that comes twice in the texts of a row changes twice alike, or not at all. Zeros at the end of a round
    number stay as far as the bound lets them, percentages up to 100 stay so, and 0 and 1 are left alone (`1 day`).
    Never touched: dates, times, years, numbers of names (`Flight 103`), ordinals, numbers of lists (`2.`, `# 3`),
    fractions, sums, ranges (`3-5`, `3 to 5`, `from 3 men to 5 men`), versions, phone numbers, codes with letters or
    leading zeros, and numbers of more than 15 characters. A name is taken to be a word with a capital right before the
    number; at the start of a sentence any but some common words that begin one before a quantity (`In`, `Bought`,
    `Nearly`; in English, German, French and Spanish most of all). Names in small letters (`flight 103`) are not known
    for names.

    Attributes:
        max_change: the largest change as a share of the number, in (0, 10]; one unit of its last digit that is no zero
            may always change (3: 2 or 4).
        max_rate: the largest share of a text's different numbers that change in one variant, in (0, 1]; one always may.
        years: take whole numbers from 1500 to 2099 for quantities, too.

    Example:
        >>> AugmentNumber(max_change=0.5).years
        False
    """

    name: ClassVar[str] = "augment.number"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"number": "other numbers in the same format"}
    joint: ClassVar[bool] = True
    languages: ClassVar[str] = "any that writes numbers with the digits 0 to 9"
    examples: ClassVar[Mapping[str, Example]] = {"number": Example("In 2019 it sold 1,250 copies for $4.99 each.")}

    max_change: float = Field(0.2, gt=0, le=10)
    max_rate: float = Field(1.0, gt=0, le=1)
    years: bool = False

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        found = numerals(text, years=self.years)
        if not found:
            return []
        calendar = [(one.start, one.end) for one in dates(text)]
        free = {edit[:2] for edit in outside([(one.start, one.end, "") for one in found], [*protected, *calendar])}
        bound = {text[one.start : one.end] for one in found if one[:2] not in free}
        most = {said: one.most for one in found if (said := text[one.start : one.end]) not in bound}
        if not most:
            return []
        told = list(most)
        n_numbers = 1 + draws.below(max(1, int(len(told) * self.max_rate)))
        chosen = [told[at] for at in draws.sample(len(told), n_numbers)]
        made = {said: varied(said, most[said], self.max_change, draws) for said in chosen}
        places = [(*one[:2], made.get(text[one.start : one.end])) for one in found]
        return [(start, end, new) for start, end, new in places if new is not None]

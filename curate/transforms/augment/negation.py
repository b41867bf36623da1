"""`augment.negation`: minimal pairs: the text with a `not` more or less, and the label that it has then.

As contrast sets (Gardner et al. 2020, "Evaluating Models' Local Decision Boundaries via Contrast Sets"), by rule; the
rules are in `curate.kernels.negation`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.negation import Style, negation
from curate.kernels.replacing import Replacement, Span
from curate.kernels.units import units
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.flip import FlippingAugmenter
from curate.transforms.augment.tongue import EnglishAugmenter

_FLIP = {"pos": "neg", "neg": "pos"}


class AugmentNegation(FlippingAugmenter, EnglishAugmenter):
    """Puts `not` into a sentence without a negation, or takes the only one out, and turns the label round by `flip`.

    The first verb of a main clause that is sure takes it: auxiliaries (`is not`, `can't`), contractions (`it's not`),
    else with `do` (`does not work`); `some` and `any` follow. Where no verb is sure, or in a fixed phrase (`not only`,
    `can't wait`), there is no variant. A text of several sentences is left alone, as one `not` does not turn it round,
    and so is a question, which `Isn't it good?` does not deny, and a text in another language than English.

    Attributes:
        actions: what may happen: `insert`, `remove`.
        style: `full` (not), `contracted` (n't), or `drawn` for each variant.
        max_words: texts with more words have no variant.
        language: that of the texts; there are rules for `en` only.

    Example:
        >>> AugmentNegation(flip={"pos": "neg", "neg": "pos"}).actions
        ('insert', 'remove')
    """

    name: ClassVar[str] = "augment.negation"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {
        "negated": "a negation put in, and the label turned round",
        "affirmed": "the negation taken out, and the label turned round",
    }
    refusals: ClassVar[Mapping[str, str]] = {
        **FlippingAugmenter.refusals,
        **EnglishAugmenter.refusals,
        "no_place": "no verb of a main clause that could surely be negated, or a `but` with two claims about it",
        "negated_otherwise": "several negations, or one that is part of a phrase or no `not`, `n't` or `never`",
        "question": "the text asks, so that a negation denies nothing",
        "too_long": "more than `max_words` words, or several sentences",
    }
    languages: ClassVar[str] = "en; a text in another language is refused"
    examples: ClassVar[Mapping[str, Example]] = {
        "negated": Example(({"text": "It works well.", "label": "pos"},), settings={"flip": _FLIP}),
        "affirmed": Example(({"text": "The plot is not good.", "label": "neg"},), settings={"flip": _FLIP}),
    }

    actions: tuple[Literal["insert", "remove"], ...] = Field(("insert", "remove"), min_length=1)
    style: Literal["full", "contracted", "drawn"] = "drawn"
    max_words: int = Field(20, ge=1)
    language: Literal["en"] = "en"

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement] | Variant | str:
        style: Style = draws.choice(("full", "contracted")) if self.style == "drawn" else self.style
        if len(text.split(None, self.max_words)) > self.max_words or len(units(text, "sentence")) > 1:
            return "too_long"
        found = negation(text, style, insert="insert" in self.actions, remove="remove" in self.actions)
        if isinstance(found, str):
            return found
        return Variant(found.replacements, reason=found.kind)

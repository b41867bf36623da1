"""`augment.counterfactual`: the same text about other people: gender, nationality or religion swapped throughout.

Counterfactual data augmentation: Lu et al. 2018, "Gender Bias in Neural Natural Language Processing"; names as in Hall
Maudslay et al. 2019, "It's All in the Name". The rules are in `curate.kernels.gender_swap` and `identity_groups`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.gender_swap import Direction, Names, gender_swaps
from curate.kernels.identity_groups import identity_swaps
from curate.kernels.pair_table import PairTable
from curate.kernels.protected import protected_spans
from curate.kernels.replacing import Replacement, Span, outside
from curate.kernels.synonyms import read_table
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.flip import TextMap
from curate.transforms.augment.tongue import EnglishAugmenter, Language

_REASONS = {"gender": "gender_swapped", "nationality": "nationality_swapped", "religion": "religion_swapped"}


class AugmentCounterfactual(EnglishAugmenter):
    """Swaps what a row says about people for its counterpart, throughout its texts, and keeps the label.

    `gender` turns words, titles, kin, first names and pronouns round together: `her` becomes `his` before what is hers
    and `him` elsewhere. `nationality` and `religion` give each group that is named to another one, in all its forms.
    Case is kept and `a` or `an` agrees. Fixed phrases and compounds stay (`French fries`, `mother tongue`), and texts
    about one sex's body (`pregnant`, `prostate`) or what one religion has (`jihad`, `Christmas`) have no counterpart.
    What stands in an address or a mention stays; a text in which a marked span or a match of `protect_pattern` would
    have to change is refused, and so is one in another language than English (`other_language`), unless `attribute` is
    `pairs`: French `son` is no English one.

    Attributes:
        attribute: what is swapped: `gender`, `nationality`, `religion`, or `pairs`: nothing but `pairs` and `table`.
        pairs: words or phrases that are swapped, too, as `{mansplain: womansplain}`.
        table: a csv, tsv or json file of more pairs; a word or phrase and its counterparts in a row.
        direction: of gender and pairs: `both`, or only `forward` (men to women; from left to right) or `backward`.
        names: first names become `drawn` ones of the other gender, their `paired` one in the list (swapping twice gives
            the text back), or `keep` as they are.
        language: that of the texts; for another than `en` only `pairs` works, as gender runs through the whole grammar.

    Example:
        >>> AugmentCounterfactual().attribute
        'gender'
    """

    name: ClassVar[str] = "augment.counterfactual"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {
        "gender_swapped": "men and women change places",
        "nationality_swapped": "other nationalities stand for those named",
        "religion_swapped": "other religions stand for those named",
        "pairs_swapped": "words of the given pairs change places",
    }
    refusals: ClassVar[Mapping[str, str]] = {
        **EnglishAugmenter.refusals,
        "bound_to_gender": "the text is about the body of one sex and has no counterpart",
    }
    joint: ClassVar[bool] = True
    languages: ClassVar[str] = (
        "en, where a text in another is refused; any with attribute pairs, where words need no agreement"
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "gender_swapped": Example("Mr. Lee gave her his car, and she thanked him."),
        "nationality_swapped": Example("An Italian film, made in Italy.", settings={"attribute": "nationality"}),
        "pairs_swapped": Example("A flat.", settings={"attribute": "pairs", "pairs": {"flat": "apartment"}}),
        "religion_swapped": Example("The Muslims met at the mosque.", settings={"attribute": "religion"}),
    }

    attribute: Literal["gender", "nationality", "religion", "pairs"] = "gender"
    pairs: TextMap = Field((), json_schema_extra={"default": {}})
    table: str | None = None
    direction: Direction = "both"
    names: Names = "drawn"
    language: Language = "en"

    @model_validator(mode="after")
    def _has_rules(self) -> Self:
        if self.attribute == "pairs" and not self.pairs and self.table is None:
            raise ValueError("attribute pairs swaps what pairs or table name, and there is neither")
        if self.attribute != "pairs" and self.language != "en":
            raise ValueError(
                f"{self.attribute} is swapped in en only and not in {self.language}, where articles, adjectives and "
                "verbs would have to agree; give pairs, with attribute: pairs"
            )
        if self.attribute in ("nationality", "religion") and self.direction != "both":
            raise ValueError(f"{self.attribute} has no direction: groups are drawn")
        return self

    def has_english_rules(self) -> bool:
        return self.attribute != "pairs"

    def setup(self) -> None:
        super().setup()
        _pairs(self.pairs, self.table, self.direction)

    def revision(self) -> str:
        if self.table is None:
            return super().revision()
        table = blake2b(repr(sorted(read_table(self.table).items())).encode(), digest_size=8).hexdigest()
        return f"{super().revision()} {table}".strip()

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement] | Variant | str:
        found = self._swaps(text, draws)
        if isinstance(found, str):
            return found
        edits = list(found)
        if self.pairs or self.table is not None:
            taken = [(start, end) for start, end, _ in edits]
            edits += outside(_pairs(self.pairs, self.table, self.direction).swaps(text, draws), taken)
        if protected:
            edits = outside(edits, protected_spans(text))
            if len(outside(edits, protected)) != len(edits):
                return "protected"
        return Variant(edits, reason=_REASONS.get(self.attribute, "pairs_swapped"))

    def _swaps(self, text: str, draws: Draws) -> Sequence[Replacement] | str:
        if self.attribute == "gender":
            return gender_swaps(text, draws, direction=self.direction, names=self.names)
        if self.attribute == "pairs":
            return []
        return identity_swaps(text, draws, self.attribute)


@lru_cache(maxsize=8)
def _pairs(pairs: tuple[tuple[str, str], ...], path: str | None, direction: Direction) -> PairTable:
    table = {} if path is None else read_table(path)
    for one, other in pairs:
        table[one] = (*table.get(one, ()), other)
    return PairTable(table, direction)

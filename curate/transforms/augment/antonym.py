"""`augment.antonym`: one word turned into its opposite, and the label with it.

"A dull film" is no longer the praise that "a bright film" was: what becomes of the label must be said. Antonyms are
WordNet's, which links single words (wndb(5WN), pointer `!`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

from pydantic import Field, model_validator

from curate.core.example import Example
from curate.data.rows import Batch
from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement, Span
from curate.kernels.substitution import candidates, substituted
from curate.kernels.synonyms import SynonymSource
from curate.kernels.synonyms_wordnet import WordNetSource
from curate.kernels.wordnet import load_wordnet
from curate.transforms.augment.draft import Draft
from curate.transforms.augment.flip import FlippingAugmenter, Flips
from curate.transforms.augment.substitute import SourcedAugmenter


class AugmentAntonym(FlippingAugmenter, SourcedAugmenter):
    """Turns one word of a text into its opposite. Exactly one: two would turn the text back.

    Attributes:
        flip: for a label the label that a variant has instead, as `{pos: neg, neg: pos}`; class numbers go by name or
            number. A row whose label is not named has no variant.
        keep_label: instead of `flip`: the label stays, since it does not tell what is claimed but what it is about.
        words: only these are turned, whatever their case, in the form that stands in the text; every word that has an
            opposite where none is named. For `flip`, name the words that carry the label: a tall man is no worse a film
            than a short one.
        wordnet: the folder with WordNet's files; where none is named, the environment's CURATE_WORDNET or a usual one.
        min_sense_share: how often a word, in its place, is used in the sense in question, at least, in [0, 1], by
            WordNet's counts; the same is asked of the opposite.
        min_count: how often both words were met in that sense in WordNet's counted texts, at least.

    Example:
        >>> AugmentAntonym(flip={"pos": "neg", "neg": "pos"}, words=["good", "bad"]).keep_label
        False
    """

    name: ClassVar[str] = "augment.antonym"
    version: ClassVar[str] = "2"
    reasons: ClassVar[Mapping[str, str]] = {"antonym": "a word turned into its opposite"}
    languages: ClassVar[str] = "English"
    examples: ClassVar[Mapping[str, Example]] = {
        "antonym": Example("there is a cheap way in", settings={"keep_label": True}),
    }

    flip: Flips = ()
    keep_label: bool = False
    words: tuple[str, ...] = ()
    wordnet: str | None = None
    min_sense_share: float = Field(0.5, ge=0, le=1)
    min_count: int = Field(1, ge=0)

    @model_validator(mode="after")
    def _says_what_becomes_of_the_label(self) -> Self:
        if bool(self.flip) == self.keep_label:
            raise ValueError(
                "an opposite turns the meaning round: say what becomes of the label, flip={'pos': 'neg', ...} or "
                "keep_label=true"
            )
        return self

    def needed(self) -> frozenset[str]:
        return frozenset({"text"}) if self.keep_label else self.needs

    def make_source(self) -> SynonymSource:
        return WordNetSource(load_wordnet(self.wordnet), "antonym", self.min_sense_share, self.min_count)

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        found, _ = candidates(text, protected, self.source)
        if self.words:
            wanted = {word.lower() for word in self.words}
            found = [one for one in found if text[one.start : one.end].lower() in wanted]
        if not found:
            return []
        one = draws.choice(found)
        return substituted(one, draws.choice(one.options)[0], text)

    def settle(self, batch: Batch, drafts: Sequence[Draft]) -> None:
        if not self.keep_label:
            super().settle(batch, drafts)

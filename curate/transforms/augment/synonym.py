"""`augment.synonym`: words replaced by synonyms, by more general or by more special words.

The idea is old (Zhang, Zhao & LeCun, "Character-level Convolutional Networks for Text Classification", NIPS 2015);
what goes wrong with it is the wrong sense, so here a word is left alone unless its sense is all but certain
(`curate.kernels.synonyms_wordnet`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.replacing import Span
from curate.kernels.synonyms import SynonymSource
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.substitute import SubstituteWords, SynonymSettings

_TEXT = "the lawyer bought a car"


class AugmentSynonym(SynonymSettings, SubstituteWords):
    """Replaces words by others that mean the same; parts of speech, inflection and case stay, names are not touched.

    Attributes:
        relation: what the other word is to the word: `synonym`, `hypernym` (more general: "dog" for "poodle") or
            `hyponym` (more special). The latter two change what is said.

    Example:
        >>> AugmentSynonym(table={"film": "movie"}, max_rate=0.2).table
        (('film', ('movie',)),)
    """

    name: ClassVar[str] = "augment.synonym"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "synonym": "words replaced by words that mean the same",
        "hypernym": "words replaced by more general ones",
        "hyponym": "words replaced by more special ones",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "synonym": Example(_TEXT, settings={"table": {"car": ["automobile"], "lawyer": ["attorney"]}}),
        "hypernym": Example(_TEXT, settings={"table": {"car": ["vehicle"]}, "relation": "hypernym"}),
        "hyponym": Example(_TEXT, settings={"table": {"car": ["convertible"]}, "relation": "hyponym"}),
    }

    relation: Literal["synonym", "hypernym", "hyponym"] = "synonym"

    @model_validator(mode="after")
    def _near_is_the_same(self) -> Self:
        if self.embedding is not None and self.relation != "synonym":
            raise ValueError(f"word vectors tell which words are near and not which is a {self.relation}: use WordNet")
        return self

    def make_source(self) -> SynonymSource:
        return self.source_of(self.relation)

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Variant:
        return super().replacements(text, protected, draws)._replace(reason=self.relation)

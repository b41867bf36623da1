"""What augmenters share that replace words by others from a source: WordNet, a table, neighbours in an embedding.

A subclass says with `make_source` where the other words come from (`curate.kernels.synonyms.SynonymSource`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from curate.errors import InputError
from curate.kernels.draws import Draws
from curate.kernels.replacing import Span
from curate.kernels.substitution import WORD, candidates, drawn
from curate.kernels.synonyms import SynonymSource, TableSource, read_table
from curate.kernels.synonyms_embedding import EmbeddingSource
from curate.kernels.synonyms_wordnet import WordNetSource
from curate.kernels.word_vectors import read_vectors
from curate.kernels.wordnet import load_wordnet
from curate.transforms.augment.augmenter import EditAugmenter
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.tongue import Language

UNSPACED = ("zh", "ja", "th", "lo", "km", "my")
"""Languages that put no spaces between words, so that no word of a table could be found by them."""


class SourcedAugmenter(EditAugmenter):
    """An augmenter that asks a source for other words; it is loaded once per worker."""

    def make_source(self) -> SynonymSource:
        """Where other words come from; called once per worker."""
        raise NotImplementedError

    @cached_property
    def source(self) -> SynonymSource:
        """The source, loaded once."""
        return self.make_source()

    def __getstate__(self) -> dict[object, object]:
        """Without the loaded source: every worker loads its own."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}

    def setup(self) -> None:
        _ = self.source

    def revision(self) -> str:
        return self.source.revision


class SubstituteWords(SourcedAugmenter):
    """Replaces words by others from a source, at least one, in the case of the old ones, with "a" and "an" set right.

    Attributes:
        max_rate: words replaced at most, as a share of the words of the text, in (0, 1]; how many is drawn.
    """

    max_rate: float = Field(0.3, gt=0, le=1)

    def is_english(self) -> bool:
        """Whether "a" and "an" are articles that must agree."""
        return True

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Variant:
        found, n_words = candidates(text, protected, self.source, english=self.is_english())
        return Variant(drawn(found, n_words, self.max_rate, draws, text) if found else [])


def _rows(given: Any) -> Any:
    """A table of words as sorted pairs, so that it can be hashed; one other word may stand without a list."""
    if isinstance(given, Mapping):
        given = given.items()
    if isinstance(given, str) or not isinstance(given, Iterable):
        return given
    pairs = ((word, (others,) if isinstance(others, str) else tuple(others)) for word, others in given)
    return tuple(sorted(pairs))


Table = Annotated[
    tuple[tuple[str, tuple[str, ...]], ...],
    BeforeValidator(_rows),
    PlainSerializer(lambda rows: {word: list(others) for word, others in rows}, return_type=dict[str, list[str]]),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}),
]
"""Words with others for each; written as a map."""


_PHRASES = "leave it out, or exchange phrases with augment.counterfactual, names with augment.entity"


def _no_words(table: Mapping[str, Sequence[str]]) -> str:
    """What is wrong with the words that no word of a text can be; empty: nothing is."""
    odd = [word for word in table if WORD.fullmatch(word) is None]
    more = f" (and {len(odd) - 1} more)" if odd[1:] else ""
    return f"{odd[0]!r}{more} is no single word, so it is never found" if odd else ""


def _read_words(path: str) -> dict[str, tuple[str, ...]]:
    table = read_table(path)
    if odd := _no_words(table):
        raise InputError(f"the table of words {path!r}: {odd}", hint=_PHRASES)
    return table


class SynonymSettings(SourcedAugmenter):
    """Where an augmenter has synonyms from: WordNet, a table of the user's, or neighbours in the user's word vectors.

    Attributes:
        wordnet: the folder with WordNet's files; where none is named, the environment's CURATE_WORDNET or a usual one.
        table: instead of WordNet, other words for each word: a map, or a .csv, .tsv or .json file. What is replaced is
            a single word each time; another word may be several.
        embedding: instead of WordNet, the nearest words by word vectors: a text file (GloVe, word2vec, fastText .vec),
            or the folder of a model2vec model. Best those fitted to synonyms; plain ones have antonyms near, too.
        min_similarity: with `embedding`, the least cosine similarity of two words, in [-1, 1].
        n_neighbors: with `embedding`, how many of the nearest words another is drawn from, at most.
        max_words: with `embedding`, only so many words are read; files list the commonest first.
        language: the language of the texts, by its code; any but English needs a table or an embedding.
        min_sense_share: how often a word, in its place, is used in the sense in question, at least, in [0, 1], by
            WordNet's counts; the same is asked of the other word. Lower: more words, more of them wrong.
        min_count: how often both words were met in that sense in WordNet's counted texts, at least; 0: never is enough.
    """

    languages: ClassVar[str] = "English with WordNet; with a table or an embedding any that puts spaces between words"
    remedy: ClassVar[str] = "give a table or an embedding"

    wordnet: str | None = None
    table: str | Table | None = None
    embedding: str | None = None
    min_similarity: float = Field(0.7, ge=-1, le=1)
    n_neighbors: int = Field(10, ge=1, le=1000)
    max_words: int = Field(50_000, ge=1)
    language: Language = "en"
    min_sense_share: float = Field(0.7, ge=0, le=1)
    min_count: int = Field(1, ge=0)

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if self.language in UNSPACED and self.needs_words():
            raise ValueError(f"{self.language} puts no spaces between words, so its words are not found here")
        given = [name for name in ("wordnet", "table", "embedding") if getattr(self, name) is not None]
        if self.language != "en" and given in ([], ["wordnet"]) and self.needs_words():
            raise ValueError(f"WordNet holds English words and none of {self.language!r}: {self.remedy}")
        if len(given) > 1:
            raise ValueError(f"words come from {' or from '.join(given)}: give one of them")
        if isinstance(self.table, tuple) and (odd := _no_words(dict(self.table))):
            raise ValueError(f"table: {odd}; {_PHRASES}")
        return self

    def needs_words(self) -> bool:
        """Whether a source is asked at all with these settings."""
        return True

    def is_english(self) -> bool:
        """Whether "a" and "an" are articles that must agree."""
        return self.language == "en"

    def make_source(self) -> SynonymSource:
        return self.source_of("synonym")

    def source_of(self, relation: Literal["synonym", "hypernym", "hyponym"]) -> SynonymSource:
        """The table, neighbours by word vectors, or WordNet's words in a relation."""
        if self.table is not None:
            return TableSource(_read_words(self.table) if isinstance(self.table, str) else dict(self.table))
        if self.embedding is not None:
            vectors = read_vectors(self.embedding, self.max_words)
            return EmbeddingSource(vectors, self.min_similarity, self.n_neighbors, english=self.is_english())
        return WordNetSource(load_wordnet(self.wordnet), relation, self.min_sense_share, self.min_count)

"""`augment.tfidf`: words that tell little of a text give way to words of the corpus (the word replacement of UDA).

Xie et al., "Unsupervised Data Augmentation for Consistency Training", NeurIPS 2020: what is replaced is drawn against
TF-IDF, so that the words that tell the topic stay. The signal `word_counts` is learnt once from the training rows; the
rows themselves stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, field_validator, model_validator

from curate.core.example import Example
from curate.core.signals import Learnt, SharedSignal, shared
from curate.data.corpus import Corpus
from curate.data.rows import Batch, as_strings
from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement, Span
from curate.kernels.spared_words import LANGUAGES
from curate.kernels.stop_words import STOP_WORDS
from curate.kernels.substitution import Candidate, candidates, cased, substituted
from curate.kernels.synonyms import Option
from curate.kernels.word_context import FUNCTION_WORDS, NEGATIONS, NEGATIONS_ELSEWHERE
from curate.kernels.word_counts import WordCounts, WordStatistics, told_words
from curate.transforms.augment.augmenter import Augmenter, allowed
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.substitute import UNSPACED
from curate.transforms.augment.tongue import Language

_SIGNAL = "word_counts"


class AugmentTfidf(Augmenter):
    """Replaces words of low TF-IDF by words drawn from the corpus.

    A word is replaced with a chance that grows as its TF-IDF falls below the highest one of the text; one word is
    replaced at least. Names (capitals inside a sentence), numbers, negations and what is protected stay. The
    new words need not mean the same: the words that tell the topic stay, grammar does not. For topics and intents, not
    for sentiment.

    Attributes:
        rate: the expected share of the words that are replaced, in (0, 1]; 0.1 to 0.9 in the paper.
        draw: how a new word is drawn: `frequency`, as often as the corpus has it; `uninformative`, as in the paper,
            the less the higher its frequency times its IDF, which is nearly evenly among all rare words.
        min_rows: only words that this many rows hold are drawn.
        function_words: replace and draw function words (*the*, *of*, *who*), too, as the paper does.
        language: the language of the texts, as ISO 639-1 code: whose function words stay.

    Example:
        >>> AugmentTfidf(rate=0.3).signals()
        {'word_counts': {'columns': ()}}
    """

    name: ClassVar[str] = "augment.tfidf"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"text", _SIGNAL})
    reasons: ClassVar[Mapping[str, str]] = {"tfidf": "words that tell little gave way to words of the corpus"}
    languages: ClassVar[str] = (
        f"any that puts spaces between words; function words are known of {', '.join(LANGUAGES)}, negations of "
        "English, German, Spanish and French"
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "tfidf": Example(
            ("the good film was long", "a good song is short", "the long song was good"), settings={"rate": 0.5}
        )
    }

    rate: float = Field(0.2, gt=0, le=1)
    draw: Literal["frequency", "uninformative"] = "frequency"
    min_rows: int = Field(2, ge=1)
    function_words: bool = False
    language: Language = "en"

    @field_validator("language")
    @classmethod
    def _has_words(cls, language: str) -> str:
        if language in UNSPACED:
            raise ValueError(f"{language} puts no spaces between words, so its words are not found here")
        return language

    @model_validator(mode="after")
    def _knows_function_words(self) -> Self:
        if not self.function_words and self.language not in LANGUAGES:
            raise ValueError(
                f"no function words of {self.language!r} are known, which would stay: set function_words to true, or "
                f"name one of {', '.join(LANGUAGES)}"
            )
        return self

    def signals(self) -> dict[str, dict[str, Any]]:
        return {_SIGNAL: {"columns": self.columns}}

    def varied(
        self,
        batch: Batch,
        places: Sequence[int],
        texts: Sequence[str],
        protected: Sequence[Sequence[Span]],
        draws: Sequence[Draws],
    ) -> Sequence[Variant | str]:
        learnt = shared(_SIGNAL, batch.signals[_SIGNAL])
        statistics = _statistics(learnt, self.min_rows, self.draw == "uninformative", self._left_out)
        source = _Replaceable(self._left_out)
        return [
            allowed(self._replacements(text, guard, stream, statistics, source), text, guard)
            for text, guard, stream in zip(texts, protected, draws, strict=True)
        ]

    @property
    def _left_out(self) -> frozenset[str]:
        negations = NEGATIONS | NEGATIONS_ELSEWHERE
        if self.function_words:
            return negations
        own = FUNCTION_WORDS if self.language == "en" else frozenset(STOP_WORDS.get(self.language, "").split())
        return negations | own

    def _replacements(
        self, text: str, protected: Sequence[Span], draws: Draws, statistics: WordStatistics, source: _Replaceable
    ) -> Sequence[Replacement]:
        found, _ = candidates(text, protected, source, english=self.language == "en")
        if not found:
            return []
        every = told_words(text.lower())
        told = [text[one.start : one.end].lower() for one in found]
        of = dict(zip(every, statistics.importance(every), strict=True))
        highest = max(of.values(), default=0.0)
        room = [highest - of.get(word, highest) for word in told]
        mean = sum(room) / len(room)
        chances = [min(1.0, self.rate * one / mean) if mean else self.rate for one in room]
        chosen = [one for one, chance in zip(found, chances, strict=True) if draws.uniform() < chance]
        made: list[Replacement] = []
        for one in chosen or [found[max(range(len(found)), key=lambda at: (room[at], -at))]]:
            made += _put(one, text, statistics, draws)
        return made


def _put(one: Candidate, text: str, statistics: WordStatistics, draws: Draws) -> list[Replacement]:
    new = statistics.drawn(draws)
    if new is None:
        return []
    old = text[one.start : one.end]
    return substituted(one, new if old == old.lower() else cased(new, old), text)


class _Replaceable:
    """Asked as a source of other words: each word in lower case may be replaced, but for those left out."""

    revision = ""

    def __init__(self, left_out: frozenset[str]) -> None:
        self._options: dict[str, tuple[Option, ...]] = dict.fromkeys(left_out, ())

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        found = self._options.get(word)
        if found is None:
            found = self._options[word] = ((word, 1.0),) if word == word.lower() else ()
        return found


@lru_cache(maxsize=4)
def _statistics(learnt: Learnt, min_rows: int, uninformative: bool, left_out: frozenset[str]) -> WordStatistics:
    columns = {name: column.to_pylist() for name, column in learnt.columns.items()}
    words = columns["word"]
    return WordStatistics.of(
        sum(columns["n_texts"]),
        dict(zip(words, columns["texts"], strict=True)),
        dict(zip(words, columns["plain"], strict=True)),
        min_rows=min_rows,
        uninformative=uninformative,
        leave_out=left_out,
    )


class CountedWords(SharedSignal):
    """The words of the corpus: in how many texts each comes, and how often it is written in lower case.

    Attributes:
        columns: the text columns that are read; every column with the role text where none is named.
    """

    name: ClassVar[str] = _SIGNAL
    version: ClassVar[str] = "1"

    columns: tuple[str, ...] = ()

    def learn(self, corpus: Corpus, seed: int) -> dict[str, pa.Array]:
        counts = WordCounts()
        for batch in corpus.batches():
            for column in self.columns or corpus.roles.text:
                counts.add(as_strings(batch.column(column)))
        words = sorted(counts.texts)
        return {
            "word": pa.array(words, pa.string()),
            "texts": pa.array([counts.texts[word] for word in words], pa.int64()),
            "plain": pa.array([counts.plain[word] for word in words], pa.int64()),
            "n_texts": pa.array([counts.n_texts], pa.int64()),
        }

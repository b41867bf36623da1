"""What may stand for a word in an attack: slips of a finger, a user's words, WordNet, each in turn, as settings.

One source over several (`curate.kernels.synonyms.SynonymSource`), with the words that carry a sentence's sense by
themselves left out: function words and negations.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Self

from pydantic import BaseModel, model_validator

from curate.errors import did_you_mean
from curate.kernels.slip_source import SlipSource
from curate.kernels.spared_words import LANGUAGES, is_spared
from curate.kernels.synonyms import Option, SynonymSource, TableSource, read_table


class WordSettings(BaseModel, frozen=True, extra="forbid"):
    """Where other words come from.

    Attributes:
        letters: slips of a finger in words of four letters or more.
        words: groups of words that may stand for each other.
        table: a file of words and others, `.csv`, `.tsv` or `.json`.
        wordnet: the folder of WordNet's files, or `auto`, which finds it: synonyms as `augment.synonym` takes them.
        language: whose function words and negations stay: a code of ISO 639-1.

    Example:
        >>> WordSettings(letters=False, words=(("film", "movie"),)).source().options("movie", "", "")
        (('film', 1.0),)
    """

    letters: bool = True
    words: tuple[tuple[str, ...], ...] = ()
    table: str | None = None
    wordnet: str | None = None
    language: str = "en"

    @model_validator(mode="after")
    def _has_any(self) -> Self:
        if self.language not in LANGUAGES:
            hint = did_you_mean(self.language, LANGUAGES)
            raise ValueError(f"no function words are known of {self.language!r}; {hint}")
        if not (self.letters or self.words or self.table or self.wordnet):
            raise ValueError("nothing may stand for a word: letters, words, table or wordnet is needed")
        return self

    def source(self) -> SynonymSource:
        """The source of these settings, loaded once in a process.

        Raises:
            CurateError: a file is not there or cannot be read.
        """
        return _loaded(self)


@lru_cache(maxsize=4)
def _loaded(settings: WordSettings) -> SynonymSource:
    sources: list[SynonymSource] = [SlipSource()] if settings.letters else []
    if settings.words:
        groups: dict[str, list[str]] = {}
        for group in settings.words:
            for word in group:
                groups.setdefault(word, []).extend(other for other in group if other != word)
        sources.append(TableSource(groups))
    if settings.table is not None:
        sources.append(TableSource(read_table(settings.table)))
    if settings.wordnet is not None:
        from curate.kernels.synonyms_wordnet import WordNetSource
        from curate.kernels.wordnet import load_wordnet

        sources.append(WordNetSource(load_wordnet(None if settings.wordnet == "auto" else settings.wordnet)))
    return _Joined(sources, settings.language)


class _Joined:
    """The options of several sources in turn, none for a word that stays."""

    def __init__(self, sources: Sequence[SynonymSource], language: str) -> None:
        self._sources, self._language = sources, language
        self.revision = " ".join(source.revision for source in sources)

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        if is_spared(word, self._language):
            return ()
        parts = [source.options(word, before, after) for source in self._sources]
        return parts[0] if len(parts) == 1 else _in_turn(parts)


def _in_turn(parts: Sequence[Sequence[Option]]) -> tuple[Option, ...]:
    """The first of each, then the second of each and so on: a bound on how many are tried cuts none of them off."""
    most = max(map(len, parts))
    return tuple(part[at] for at in range(most) for part in parts if at < len(part))

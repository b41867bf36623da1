"""WordNet as a source of other words, behind gates: most of what it offers for a word in a text is not meant there.

A word is replaced only where its part of speech is decided, where it is mostly used in one sense, where the other word
is mostly used in that sense, too, is used at all, and can take the same inflection. How often is told by the tag counts
that come with WordNet (a quarter of a million words of running text, cntlist(5WN)). Everything is decided once for a
word form and the kind of place it stands in, and kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from curate.kernels.inflection import MASS, Inflection, Reading
from curate.kernels.synonyms import Option
from curate.kernels.word_context import FUNCTION_WORDS, NEGATIONS, PARTICLES, likelihood, situation
from curate.kernels.wordnet import PARTS, Synset, WordNet

Relation = Literal["synonym", "hypernym", "hyponym", "antonym"]
_SYMBOLS = {"hypernym": "@", "hyponym": "~"}
_WORD = re.compile(r"[a-z]*[aeiouy][a-z]*")
_FIXED = FUNCTION_WORDS | NEGATIONS
"""Words that are never replaced nor put anywhere: `cant` is a negation, whatever else WordNet knows of it."""
_GATES = 2
"""Raised whenever the gates let other words through."""
_RARER = 0.1
"""How often the other word must be met, at least, for each time the word is: "perish" is none for "die"."""
_UNTAGGED = 0.5
"""What a sense counts that was never tagged; a part of speech counts twice that."""
_INFLECTED = 0.5
"""How likely an inflected form of a word is, against its base form."""
_MOST_ENTRIES = 1 << 19
"""How many words are kept with what is known of them; more are asked for anew, so that memory does not grow."""


_Weighed = tuple[Reading, float, tuple[Option, ...]]


class _Entry(NamedTuple):
    """A word form: its readings, each with its weight and other words, and what is decided for kinds of places."""

    readings: list[_Weighed]
    may_act: bool
    places: dict[tuple[str, str], tuple[Option, ...]]


class WordNetSource:
    """Other words from WordNet.

    Args:
        wordnet: the files.
        relation: what the other word is to the word.
        min_sense_share: how often the word, there, is used in the sense in question, at least, in [0, 1]: the share of
            its part of speech times that of the sense within it; the same is asked of the other word.
        min_count: how often both words were met in that sense, at least, in WordNet's tagged texts; above 0 the other
            word must not be ten times as rare as the word, either.

    Example:
        >>> from curate.kernels.wordnet import load_wordnet
        >>> source = WordNetSource(load_wordnet())  # doctest: +SKIP
        >>> [option for option, _ in source.options("movies", "the", "")]  # doctest: +SKIP
        ['films']
    """

    def __init__(
        self, wordnet: WordNet, relation: Relation = "synonym", min_sense_share: float = 0.7, min_count: int = 1
    ) -> None:
        self._wordnet = wordnet
        self._relation = relation
        self._min_share = min_sense_share
        self._min_count = min_count
        self._inflection = Inflection(wordnet.exceptions, wordnet.knows)
        self._entries: dict[str, _Entry | None] = {}
        self._shares = lru_cache(maxsize=1 << 15)(self._shared)
        self._weights = lru_cache(maxsize=1 << 16)(self._weighed)
        self._mostly = lru_cache(maxsize=1 << 17)(self._mostly_is)
        self._bases = lru_cache(maxsize=1 << 17)(self._bases_of)
        said = f"{_GATES} {wordnet.revision} {relation} {min_sense_share} {min_count}"
        self.revision = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        """What may stand for a word (`SynonymSource.options`)."""
        try:
            entry = self._entries[word]
        except KeyError:
            if len(self._entries) >= _MOST_ENTRIES:
                self._entries.clear()
            entry = self._entries[word] = self._entry(word)
        if entry is None:
            return ()
        place = self._place(before, after)
        found = entry.places.get(place)
        if found is None:
            found = entry.places[place] = self._decided(word, entry.readings, *place)
        return () if found and self._is_joined(word, entry.may_act, before, after) else found

    def _place(self, before: str, after: str) -> tuple[str, str]:
        """The kind of place between two neighbours, with what they mostly are where they say nothing else."""
        left, right = situation(before, after)
        left = self._mostly(before) or left if left == "word" else left
        return left, self._mostly(after) or right if right == "word" else right

    def _entry(self, word: str) -> _Entry | None:
        """What is known of a word wherever it stands; None where it has no other word anywhere."""
        if word in _FIXED or len(word) < 3 or not (word.isascii() and word.isalpha() and word.islower()):
            return None
        readings = self._inflection.readings(word)
        others = [tuple(self._others(one)) for one in readings]
        if not any(others):
            return None
        weights = [self._weight(one) for one in readings]
        may_act = any(one.part == "verb" for one in readings)
        return _Entry(list(zip(readings, weights, others, strict=True)), may_act, {})

    def _decided(self, word: str, readings: list[_Weighed], left: str, right: str) -> tuple[Option, ...]:
        """Other words for a word in a kind of place, the surest first."""
        weights = [likelihood(reading, left, right) * weight for reading, weight, _ in readings]
        total = sum(weights)
        found: dict[str, float] = {}
        for (reading, _, others), weight in zip(readings, weights, strict=True):
            if not weight or (reading.part == "noun" and "noun" in (left, right)):
                continue
            for other, share in others:
                sure = share * weight / total
                if other != word and sure >= self._min_share:
                    found[other] = max(found.get(other, 0.0), sure)
        return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def _weight(self, reading: Reading) -> float:
        return self._weights(reading.lemma, reading.part) * (1.0 if reading.form == "base" else _INFLECTED)

    def _weighed(self, lemma: str, part: str) -> float:
        """How often a word is met as that part of speech; 0 where it is none."""
        counts = self._wordnet.counts(lemma, part)
        return sum(counts) + 2 * _UNTAGGED if counts else 0.0

    def _others(self, reading: Reading) -> Iterator[Option]:
        """Other words in the inflection of a reading, each with the share of the sense it is from."""
        part, lemma, form = reading
        for offset, (share, met) in self._shares(lemma, part).items():
            if self._relation == "synonym" and self._wordnet.size(part, offset) == 1:
                continue
            min_count = max(self._min_count, _RARER * met) if self._min_count else 0
            for synset, other in self._related(self._wordnet.synset(part, offset), lemma, part):
                if other in MASS and lemma not in MASS:
                    continue
                if self._is_good(other, part, synset.offset, min_count):
                    inflected = self._inflection.inflected(other, part, form)
                    if inflected is not None:
                        yield inflected, share

    def _shared(self, lemma: str, part: str) -> dict[int, tuple[float, int]]:
        """The senses of a word as a part of speech that pass the gates: how often each is meant, and its count."""
        if self._min_count and not self._wordnet.is_counted(lemma, part):
            return {}
        counts = self._wordnet.counts(lemma, part)
        total = sum(counts) + _UNTAGGED * len(counts)
        least = max(self._min_share * total - _UNTAGGED, self._min_count)
        if max(counts, default=-1) < least:
            return {}
        told = zip(self._wordnet.offsets(lemma, part), counts, strict=True)
        return {offset: ((count + _UNTAGGED) / total, count) for offset, count in told if count >= least}

    def _related(self, synset: Synset, lemma: str, part: str) -> Iterator[tuple[Synset, str]]:
        """The words that stand in the relation to a word in one sense, each with its set."""
        names = [name.lower().split("(")[0] for name in synset.words]
        if lemma not in names:
            return
        at = names.index(lemma)
        if self._relation == "synonym":
            frames = synset.frames[at]
            yield from ((synset, word) for word, its in zip(synset.words, synset.frames, strict=True) if its >= frames)
            return
        for pointer in synset.pointers:
            if pointer.part != part:
                continue
            if self._relation == "antonym" and pointer.symbol == "!" and pointer.source == at + 1:
                other = self._wordnet.synset(part, pointer.offset)
                yield other, other.words[pointer.target - 1]
            elif pointer.symbol == _SYMBOLS.get(self._relation):
                other = self._wordnet.synset(part, pointer.offset)
                yield from ((other, word) for word in other.words)

    def _is_good(self, other: str, part: str, offset: int, min_count: float) -> bool:
        """Whether another word is plain, used in that sense often enough, and seldom in another."""
        if _WORD.fullmatch(other) is None or len(other) < 3 or other in _FIXED:
            return False
        share, met = self._shares(other, part).get(offset, (0.0, 0))
        if not share or met < min_count:
            return False
        every = sum(self._weights(other, one) for one in PARTS)
        return share * self._weights(other, part) / every >= self._min_share

    def _is_joined(self, word: str, may_act: bool, before: str, after: str) -> bool:
        """Whether a word makes one expression with its neighbours: "hot dog", "look up", "as soon as"."""
        if before == "as" and after == "as":
            return True
        if may_act and after in PARTICLES:
            return True
        joined = self._wordnet.neighbours
        mine = self._bases(word)
        if after and any(f"{one} {other}" in joined for one in mine for other in self._bases(after)):
            return True
        return bool(before) and any(f"{other} {one}" in joined for one in mine for other in self._bases(before))

    def _mostly_is(self, word: str) -> str:
        """`noun` or `adj` where a word is mostly that; empty elsewhere. One that WordNet does not know is a name."""
        if word in FUNCTION_WORDS:
            return ""
        weights = dict.fromkeys(PARTS, 0.0)
        for reading in self._inflection.readings(word):
            weights[reading.part] += self._weight(reading)
        half = sum(weights.values()) / 2
        return "noun" if weights["noun"] >= half else "adj" if weights["adj"] > half else ""

    def _bases_of(self, word: str) -> tuple[str, ...]:
        lemmas = [reading.lemma for reading in self._inflection.readings(word)]
        return tuple(dict.fromkeys([word, *lemmas]))

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
from typing import Literal

from curate.kernels.inflection import MASS, Inflection, Reading
from curate.kernels.synonyms import Option
from curate.kernels.word_context import FUNCTION_WORDS, PARTICLES, likelihood, situation
from curate.kernels.wordnet import PARTS, Synset, WordNet

Relation = Literal["synonym", "hypernym", "hyponym", "antonym"]
_SYMBOLS = {"hypernym": "@", "hyponym": "~"}
_WORD = re.compile(r"[a-z]*[aeiouy][a-z]*")
_RARER = 0.1
"""How often the other word must be met, at least, for each time the word is: "perish" is none for "die"."""
_UNTAGGED = 0.25
"""What a sense counts that was never tagged."""
_INFLECTED = 0.5
"""How likely an inflected form of a word is, against its base form."""


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
        self._inflection = Inflection(wordnet.exceptions, lambda word, part: bool(wordnet.offsets(word, part)))
        self._entries: dict[str, dict[tuple[str, str], tuple[Option, ...]]] = {}
        self._nouns: dict[str, bool] = {"": False}
        self._lemmas: dict[str, tuple[str, ...]] = {}
        said = f"{wordnet.revision} {relation} {min_sense_share} {min_count}"
        self.revision = hashlib.blake2b(said.encode(), digest_size=16).hexdigest()

    def options(self, word: str, before: str, after: str) -> Sequence[Option]:
        """What may stand for a word (`SynonymSource.options`)."""
        entry = self._entries.get(word)
        if entry is None:
            entry = self._entries[word] = {} if not self._may_go(word) else {("", ""): ()}
        if not entry:
            return ()
        place = self._place(before, after)
        found = entry.get(place)
        if found is None:
            found = entry[place] = self._decided(word, *place)
        if not found or self._is_joined(word, before, after):
            return ()
        return found

    def _place(self, before: str, after: str) -> tuple[str, str]:
        """The kind of place between two neighbours; a noun beside a noun makes one name with it."""
        left, right = situation(before, after)
        left = "noun" if left == "word" and self._is_noun(before) else left
        return left, "noun" if right == "word" and self._is_noun(after) else right

    def _may_go(self, word: str) -> bool:
        """Whether the word has another at all, wherever it stands."""
        if word in FUNCTION_WORDS or len(word) < 3 or not word.isascii() or not word.islower():
            return False
        return any(any(True for _ in self._others(reading, 0.0)) for reading in self._inflection.readings(word))

    def _decided(self, word: str, left: str, right: str) -> tuple[Option, ...]:
        """Other words for a word in a kind of place, the surest first."""
        readings = self._inflection.readings(word)
        weights = [likelihood(one, left, right) * self._weight(one) for one in readings]
        total = sum(weights)
        found: dict[str, float] = {}
        for reading, weight in zip(readings, weights, strict=True):
            if not weight or (reading.part == "noun" and "noun" in (left, right)):
                continue
            for other, share in self._others(reading, self._min_share * total / weight):
                if other != word:
                    found[other] = max(found.get(other, 0.0), share * weight / total)
        return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))

    def _weight(self, reading: Reading) -> float:
        counts = self._wordnet.counts(reading.lemma, reading.part)
        return (sum(counts) + _UNTAGGED) * (1.0 if reading.form == "base" else _INFLECTED)

    def _others(self, reading: Reading, min_share: float) -> Iterator[tuple[str, float]]:
        """Other words in the inflection of a reading, each with the share of the sense it is from."""
        part, lemma, form = reading
        shares = self._shares(lemma, part)
        for offset, share in shares.items():
            met = self._count(lemma, part, offset)
            if share < min_share or met < self._min_count:
                continue
            min_count = max(self._min_count, _RARER * met) if self._min_count else 0
            for synset, other in self._related(self._wordnet.synset(part, offset), lemma, part):
                if other in MASS and lemma not in MASS:
                    continue
                if self._is_good(other, part, synset.offset, min_count):
                    inflected = self._inflection.inflected(other, part, form)
                    if inflected is not None:
                        yield inflected, share

    def _shares(self, lemma: str, part: str) -> dict[int, float]:
        """How often a word is used in each sense of a part of speech, as far as the counts tell."""
        counts = self._wordnet.counts(lemma, part)
        total = sum(counts) + _UNTAGGED * len(counts)
        offsets = self._wordnet.offsets(lemma, part)
        return {offset: (count + _UNTAGGED) / total for offset, count in zip(offsets, counts, strict=True)}

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

    def _count(self, lemma: str, part: str, offset: int) -> int:
        offsets = self._wordnet.offsets(lemma, part)
        return self._wordnet.counts(lemma, part)[offsets.index(offset)] if offset in offsets else 0

    def _is_good(self, other: str, part: str, offset: int, min_count: float) -> bool:
        """Whether another word is plain, used in that sense often enough, and seldom in another."""
        if _WORD.fullmatch(other) is None or len(other) < 3 or other in FUNCTION_WORDS:
            return False
        if offset not in self._wordnet.offsets(other, part) or self._count(other, part, offset) < min_count:
            return False
        mine = self._weight(Reading(part, other, "base"))
        every = sum(self._weight(Reading(one, other, "base")) for one in PARTS if self._wordnet.offsets(other, one))
        return self._shares(other, part)[offset] * mine / every >= self._min_share

    def _is_joined(self, word: str, before: str, after: str) -> bool:
        """Whether a word makes one expression with a neighbour: "hot dog", "look up"."""
        if after in PARTICLES and any(one.part == "verb" for one in self._inflection.readings(word)):
            return True
        joined = self._wordnet.neighbours
        mine = self._bases(word)
        if after and any(f"{one} {other}" in joined for one in mine for other in self._bases(after)):
            return True
        return bool(before) and any(f"{other} {one}" in joined for one in mine for other in self._bases(before))

    def _is_noun(self, word: str) -> bool:
        """Whether a word is mostly a noun."""
        found = self._nouns.get(word)
        if found is None:
            weights = [(reading.part, self._weight(reading)) for reading in self._inflection.readings(word)]
            nouns = sum(weight for part, weight in weights if part == "noun")
            found = self._nouns[word] = word not in FUNCTION_WORDS and nouns > sum(w for _, w in weights) / 2
        return found

    def _bases(self, word: str) -> tuple[str, ...]:
        found = self._lemmas.get(word)
        if found is None:
            lemmas = [reading.lemma for reading in self._inflection.readings(word)]
            found = self._lemmas[word] = tuple(dict.fromkeys([word, *lemmas]))
        return found

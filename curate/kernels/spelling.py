"""Misspelt words and what they were meant to be: candidates by symmetric deletion, judged by a small model.

Candidates come from symspellpy (Garbe, https://github.com/wolfgarbe/SymSpell). How sure a correction is comes from a
logistic regression over how common the correction is, how likely the slip, how far ahead of the next candidate, and
what else the word could be; `tests/benchmarks/fit_spelling.py` fits it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from curate.kernels.typing_errors import COMMONEST, alike_at_ends, likelihood, same_by_variant, stems
from curate.optional import require

ENGLISH_WORDS = 10_000_000
"""How many words of a corpus a dictionary of a whole language weighs as much as."""
_WEIGHTS = (0.271, 0.548, 0.041, 0.193, 0.349, 0.48, 0.171, -0.2, -1.548, -0.774, -0.868)
_BIAS = -0.868
_PARTS = frozenset(
    "ain aren couldn didn doesn don hadn hasn haven isn mustn needn shouldn wasn weren wouldn arent couldnt didnt "
    "doesnt dont hadnt hasnt havent isnt mustnt neednt shouldnt wasnt werent wouldnt heres hes ive shes thats theres "
    "theyre theyve weve whats whos youre youve".split()
)
"""Halves of contractions as some texts split them, and contractions without their apostrophe: no misspelt words."""
_MOST_EDITS = 2
_LONGER = 6
_COMMON = 0.5
_KNOWN_STEM = 0.1
_FEW_UNKNOWN, _MOST_UNKNOWN, _COMMONEST_SHARE = 0.2, 0.5, 0.2


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Words of a language and how often they come.

    Attributes:
        counts: how often each word comes, in lower case.
        weight: how many words of a corpus it weighs as much as.
    """

    counts: Mapping[str, int]
    weight: float = ENGLISH_WORDS

    @cached_property
    def total(self) -> int:
        return sum(self.counts.values()) or 1

    @cached_property
    def letters(self) -> frozenset[str]:
        return frozenset("".join(self.counts))

    @cached_property
    def commonest(self) -> frozenset[str]:
        """The hundred commonest words of at least two letters: most of them little words that every text has."""
        longer = (word for word in self.counts if len(word) > 1)
        return frozenset(sorted(longer, key=lambda word: (-self.counts[word], word))[:100])

    @cached_property
    def index(self) -> Any:
        """What every word looks like with letters left out; takes seconds and 100 MB for a whole language."""
        return _deletions(self.counts, _MOST_EDITS)

    def per_million(self, word: str) -> float:
        return self.counts.get(word, 0) / self.total * 1e6


def _deletions(counts: Mapping[str, int], edits: int) -> Any:
    index = require("symspellpy", extra="text", by="clean.spelling").SymSpell(edits, 7)
    for word in sorted(counts):
        index.create_dictionary_entry(word, counts[word])
    return index


@cache
def bundled_lexicon() -> Lexicon:
    """The English words and frequencies that come with symspellpy (82,765 words).

    Raises:
        MissingExtra: symspellpy is not installed.
    """
    require("symspellpy", extra="text", by="clean.spelling")
    text = (files("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
    return read_lexicon(text.splitlines())


def read_lexicon(lines: Iterable[str]) -> Lexicon:
    """A lexicon of lines `word count`; a line without a count counts 1, an empty line nothing.

    Example:
        >>> read_lexicon(["the 20", "Teh"]).counts
        {'the': 20, 'teh': 1}
    """
    counts: dict[str, int] = {}
    for line in lines:
        word, _, count = line.strip().partition(" ")
        if word:
            number = int(count) if count.strip().isdecimal() else 1
            counts[word.lower()] = counts.get(word.lower(), 0) + number
    return Lexicon(counts)


@dataclass(frozen=True, eq=False)
class Speller:
    """Finds what a misspelt word was meant to be.

    Args:
        lexicon: the words of the language; None where only the corpus is known.
        corpus: how often each word comes in the corpus, in lower case.
        min_count: a word that comes at least this often in the corpus is right.
        min_ratio: a correction must be this many times as frequent as the word.
        max_edit_distance: 1 or 2 letters wrong; words of up to 4 letters get 1.
        protected: words that are right, in lower case.

    Example:
        >>> speller = Speller(Lexicon({"the": 1000, "them": 100}), {"teh": 1})
        >>> speller.meant("teh")[0], speller.meant("the")
        ('the', None)
    """

    lexicon: Lexicon | None
    corpus: Mapping[str, int]
    min_count: int = 5
    min_ratio: float = 10
    max_edit_distance: int = 2
    protected: frozenset[str] = frozenset()

    @cached_property
    def _n_words(self) -> int:
        return sum(self.corpus.values())

    @cached_property
    def _indexes(self) -> list[Any]:
        """What the words of the lexicon and those that only the corpus has look like with letters left out."""
        known = {} if self.lexicon is None else self.lexicon.counts
        own = {word: n for word, n in self.corpus.items() if n >= self.min_count and word not in known}
        index = _deletions(own, self.max_edit_distance)
        return [index] if self.lexicon is None else [self.lexicon.index, index]

    def knows(self, word: str) -> bool:
        """Whether a word, in lower case, is right as it is."""
        return (
            word in self.protected
            or word in _PARTS
            or (self.lexicon is not None and word in self.lexicon.counts)
            or self.corpus.get(word, 0) >= self.min_count
        )

    def writes(self, word: str) -> bool:
        """Whether the language has all letters of a word; any has, where only the corpus is known."""
        return self.lexicon is None or self.lexicon.letters.issuperset(word)

    def reads(self, words: list[str]) -> bool:
        """Whether words in lower case are text of the language: most are known, or some are among its commonest."""
        if self.lexicon is None:
            return True
        known, common = self.lexicon.counts, self.lexicon.commonest
        unknown = sum(word not in known and word not in _PARTS for word in words)
        if unknown <= _FEW_UNKNOWN * len(words):
            return True
        return unknown <= _MOST_UNKNOWN * len(words) and sum(
            word in common for word in words
        ) >= _COMMONEST_SHARE * len(words)

    def weight(self, word: str) -> float:
        """How often a word comes, in the corpus and, weighed, in the lexicon."""
        return self.corpus.get(word, 0) + self._of_lexicon(word)

    def _of_lexicon(self, word: str) -> float:
        return 0.0 if self.lexicon is None else self.lexicon.per_million(word) * self.lexicon.weight / 1e6

    def per_million(self, word: str) -> float:
        n_words = self._n_words + (0 if self.lexicon is None else self.lexicon.weight)
        return self.weight(word) / max(1.0, n_words) * 1e6

    def meant(self, word: str) -> tuple[str, float] | None:
        """The likeliest correction of a word in lower case and how sure it is, in (0, 1); None: it is right, or nothing
        comes near.
        """
        if len(word) < 3 or self.knows(word) or not self.writes(word):
            return None
        judged = self.judged(word)
        if judged is None:
            return None
        correction, features = judged
        if self.weight(correction) < self.min_ratio * max(1, self.corpus.get(word, 0)):
            return None
        odds = _BIAS + sum(weight * value for weight, value in zip(_WEIGHTS, features, strict=True))
        return correction, 1 / (1 + math.exp(-odds))

    def judged(self, word: str) -> tuple[str, list[float]] | None:
        """The likeliest correction, and what speaks for it: the features of the model."""
        everything = require("symspellpy", extra="text", by="clean.spelling").Verbosity.ALL
        edits = self.max_edit_distance if self.lexicon is not None and len(word) > 4 else 1
        found = [one for index in self._indexes for one in index.lookup(word, everything, edits)]
        near = [(one.term, one.distance) for one in found if self.weight(one.term)]
        if not near:
            return None
        ranked = sorted(
            ((likelihood(word, term) + math.log(self.per_million(term)), term, far) for term, far in near),
            key=lambda one: (-one[0], one[1]),
        )
        score, best, far = ranked[0]
        rate = math.log(self.per_million(best))
        if same_by_variant(word, best) or (self.lexicon is None and not _is_plain_slip(word, best, score - rate)):
            return None
        margin = min(15.0, score - ranked[1][0] if len(ranked) > 1 else 15.0)
        length, two = min(len(word), 12), float(far > 1)
        other_word = [self._is_compound(word), self._is_derived(word)]
        shape = [word[0] != best[0], _differs_at_end(word, best)]
        features = [rate, score - rate, margin, min(margin, 5.0), length, two, length * two, *other_word, *shape]
        return best, [float(value) for value in features]

    def _is_compound(self, word: str) -> bool:
        """Whether it is two common words of at least three letters."""
        parts = ((word[:at], word[at:]) for at in range(3, len(word) - 2))
        return any(min(self._common(left), self._common(right)) > _COMMON for left, right in parts)

    def _is_derived(self, word: str) -> bool:
        return any(self._common(stem) > _KNOWN_STEM for stem in stems(word))

    def _common(self, word: str) -> float:
        return self.per_million(word) if self.lexicon is None else self.lexicon.per_million(word)


def _is_plain_slip(word: str, other: str, likely: float) -> bool:
    """Whether a slip needs no dictionary to be known: one of the commonest inside a longer word."""
    return len(word) >= _LONGER and likely >= COMMONEST and not _differs_at_end(word, other)


def _differs_at_end(word: str, other: str) -> bool:
    """Whether two words differ in their last two letters only, as forms of one word do."""
    return alike_at_ends(word, other)[0] >= max(len(word), len(other)) - 2

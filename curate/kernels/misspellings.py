"""Where misspelt words stand in texts: which words may be touched at all, and the corrections of a whole corpus.

Only words between white space count, with nothing but quotes, brackets and punctuation around them, so that addresses,
numbers, tags, code and hyphenated words are never looked at. `spelling` judges the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from curate.kernels.spelling import Speller

_LETTERS = re.compile(r"[^\W\d_]+")
_INSIDE = re.compile(r"(?<=[\w,;:'’)] )(?![a-z])[^\W\d_]+")
_WORD = re.compile(r"(?<!\S)[\"'“‘«(\[]*+([^\W\d_]++)(?=[\"'”’»)\],.;:!?…]*+(?!\S))")
_BEGINS = re.compile(r"(?:^|[.!?…\n][\"'”’»)\]]*)\s*[\"'“‘«(\[]*\Z")
_LOOK_BACK = 40
_LONGEST = 40
_ONLY_CAPITALISED = 0.75
"""How much less sure a correction is of a word that only ever begins sentences: it may be a name."""


@dataclass
class WordCounts:
    """How often each word comes in a corpus, and how often as a name does.

    Attributes:
        forms: each run of letters as it is written.
        inside: capitalised words in the middle of a sentence, in lower case.

    Example:
        >>> counts = WordCounts()
        >>> counts.add(["I met Bob. Bob met me."])
        >>> counts.lower()["bob"], counts.inside["bob"]
        (2, 1)
    """

    forms: Counter[str] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)

    def add(self, texts: Iterable[str | None]) -> None:
        for text in texts:
            if text:
                self.forms.update(word for word in _LETTERS.findall(text) if len(word) <= _LONGEST)
                self.inside.update(word.lower() for word in _INSIDE.findall(text) if word[0].isupper())

    def lower(self) -> Counter[str]:
        """How often each word comes, in whatever case."""
        total: Counter[str] = Counter()
        for word, count in self.forms.items():
            total[word.lower()] += count
        return total


def corrections(counts: WordCounts, speller: Speller) -> dict[str, tuple[str, float]]:
    """For each misspelt word of a corpus, in lower case, what was meant, how sure that is; each is looked up once."""
    found = {}
    for word in sorted({form.lower() for form in counts.forms if _is_plain(form)}):
        as_written, as_name = counts.forms[word], counts.inside[word]
        if as_name >= max(1, as_written):
            continue
        meant = speller.meant(word)
        if meant is not None:
            found[word] = meant if as_written else (meant[0], meant[1] * _ONLY_CAPITALISED)
    return found


def _is_plain(word: str) -> bool:
    """Whether a word is in lower case, but for its first letter: no acronym, no CamelCase, no script without case."""
    return word.islower() or (word[0].isupper() and word[1:].islower())


def misspelt(text: str, found: dict[str, tuple[str, float]], speller: Speller) -> list[tuple[int, int, str, float]]:
    """The misspelt words of one text: first character, the one after the last, what to write there, how sure that is.

    Example:
        >>> from curate.kernels.spelling import Lexicon
        >>> speller = Speller(Lexicon({"the": 1000, "end": 100}), {"teh": 1})
        >>> misspelt("Teh end", {"teh": ("the", 0.9)}, speller)
        [(0, 3, 'The', 0.9)]
    """
    if found.keys().isdisjoint(map(str.lower, _LETTERS.findall(text))) or not _in_language(text, found, speller):
        return []
    spans = []
    for match in _WORD.finditer(text):
        word = match.group(1)
        meant = found.get(word.lower())
        if meant is None or not _is_plain(word):
            continue
        if word.islower():
            spans.append((match.start(1), match.end(1), *meant))
        elif _BEGINS.search(text[max(0, match.start(1) - _LOOK_BACK) : match.start(1)]):
            spans.append((match.start(1), match.end(1), meant[0][:1].upper() + meant[0][1:], meant[1]))
    return spans


def _in_language(text: str, found: dict[str, tuple[str, float]], speller: Speller) -> bool:
    """Whether the words beside the misspelt ones are of the language."""
    return speller.reads([word for word in _LETTERS.findall(text) if word.islower() and word not in found])

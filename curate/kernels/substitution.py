r"""Words of a text for which a source has others, with what may stand there: case kept, "a" and "an" set right.

Used by the augmenters that replace words; `curate.kernels.synonyms` says what a source is. One pass over a text finds
its words; a source answers from a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from curate.kernels.draws import Draws
from curate.kernels.replacing import Protected, Replacement, Span
from curate.kernels.synonyms import Option, SynonymSource

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
"""A word: letters, with single apostrophes and hyphens inside."""
_PIECES = re.compile(f"({WORD.pattern})")
_ENDS = re.compile(r"[.!?\n]")
_LIKE_CONSONANT = re.compile(r"eu|ewe|one(?![a-z])|once|u(?:ni(?:[qotvcl]|f[oyi]|s[eo])|[bfkst][aeiou]|r[aio])")
_ARTICLE = re.compile(r"(?<![\w'’-])an?(?=\s+\Z)", re.IGNORECASE)
_SILENT = re.compile(r"hour|honest|honou?r|heir")


class Candidate(NamedTuple):
    """A word of a text that another may stand for.

    Attributes:
        start: its first character.
        end: the character behind it.
        options: what may stand there, in its case.
        article: where an "a" or "an" stands that agrees with it; None where none does.
        in_capitals: whether all of the text is.
    """

    start: int
    end: int
    options: Sequence[Option]
    article: Span | None
    in_capitals: bool = False


def candidates(
    text: str, protected: Sequence[Span], source: SynonymSource, *, english: bool = True
) -> tuple[list[Candidate], int]:
    """The words for which a source has others, and how many words there are that are not protected.

    Args:
        text: any text.
        protected: spans that must stay, ascending.
        source: asked for each word with its neighbours. Two words with a capital that begin a sentence may be a name
            (*General Electric*): the first is left alone, too.
        english: whether "a" and "an" are articles.

    Example:
        >>> from curate.kernels.synonyms import TableSource
        >>> found, n_words = candidates("A film", [], TableSource({"film": ["act"]}))
        >>> found[0].options, found[0].article, n_words
        ((('act', 1.0),), (0, 1), 2)
    """
    pieces = _PIECES.split(text)
    words, gaps = pieces[1::2], pieces[::2]
    told = words if text.islower() else [word.lower() for word in words]
    linked = [gap == " " or gap.isspace() for gap in gaps]
    found: list[Candidate] = []
    guard, in_capitals = Protected(protected), text.isupper()
    free = end = 0
    for at, word in enumerate(words):
        start = end + len(gaps[at])
        end = start + len(word)
        if protected and guard.touches(start, end):
            continue
        free += 1
        before = told[at - 1] if at and linked[at] else ""
        after = told[at + 1] if linked[at + 1] and at + 1 < len(words) else ""
        begins = word is not told[at] and word != told[at] and _begins(word, gaps[at] if at else None, in_capitals)
        if begins and not in_capitals and after and after != words[at + 1] and len(after) > 1:
            continue
        options = source.options(told[at] if begins else word, before, after)
        if options and begins:
            options = tuple((cased(option, word), score) for option, score in options)
        elif begins:
            options = source.options(word, before, after)
        if not options or _is_cut(text, start, end):
            continue
        article = None
        if english and before in ("a", "an") and (before == "an") == vowel_sound(told[at]):
            article = (start - len(gaps[at]) - len(before), start - len(gaps[at]))
            if protected and guard.touches(*article):
                continue
        found.append(Candidate(start, end, options, article, in_capitals))
    return found, free


def _is_cut(text: str, start: int, end: int) -> bool:
    """Whether a mark (an accent, a vowel sign) beside a match shows that the word goes on there."""
    return any(
        letter > "\u02ff" and unicodedata.category(letter)[0] == "M"
        for letter in text[end : end + 1] + text[start - 1 : start]
    )


def _begins(word: str, gap: str | None, in_capitals: bool) -> bool:
    """Whether a word's capitals say nothing: one, at the start of a sentence, or all, in a text of capitals.

    Args:
        word: with a capital.
        gap: what stands between it and the word before; None: it is the first.
        in_capitals: whether all of the text is.
    """
    if word.isupper() and len(word) > 1:
        return in_capitals
    return word.istitle() and (gap is None or in_capitals or _ENDS.search(gap) is not None)


def cased(option: str, like: str) -> str:
    """A word with the capitals of another that is not in lower case."""
    if like.isupper() and len(like) > 1:
        return option.upper()
    return option[:1].upper() + option[1:]


def vowel_sound(word: str) -> bool:
    """Whether an English word begins with a vowel to the ear, so that "an" stands before it.

    Example:
        >>> [vowel_sound(word) for word in ("hour", "union", "uninformed", "apple", "European", "one")]
        [True, False, True, True, False, False]
    """
    word = word.lower()
    if _SILENT.match(word):
        return True
    return word[:1] in tuple("aeiou") and _LIKE_CONSONANT.match(word) is None


def substituted(one: Candidate, option: str, text: str) -> list[Replacement]:
    """The replacement of a word, and of the article before it where that no longer agrees.

    Example:
        >>> substituted(Candidate(2, 6, (), (0, 1)), "act", "A film")
        [(2, 6, 'act'), (0, 1, 'An')]
    """
    made: list[Replacement] = [(one.start, one.end, option)]
    if one.article is not None:
        low, high = one.article
        old = text[low:high]
        if vowel_sound(option) != (len(old) == 2):
            made.append((low, high, old[0] if len(old) == 2 else old + ("N" if one.in_capitals else "n")))
    return made


def inserted(text: str, word: Span, option: str) -> list[Replacement]:
    """A word put before another, and the article before them where that no longer agrees.

    Args:
        text: English.
        word: before which it is put.
        option: what is put there.

    Example:
        >>> inserted("a car", (2, 5), "automobile")
        [(2, 2, 'automobile '), (0, 1, 'an')]
    """
    start, end = word
    found = _ARTICLE.search(text, max(0, start - 8), start)
    agrees = found is not None and vowel_sound(text[start:end]) == (len(found[0]) == 2)
    article = found.span() if found is not None and agrees else None
    return substituted(Candidate(start, start, (), article, text.isupper()), f"{option} ", text)


def drawn(found: Sequence[Candidate], n_words: int, max_rate: float, draws: Draws, text: str) -> list[Replacement]:
    """Replacements of a drawn number of the words found: from one up to `max_rate` of all words of the text."""
    n_most = min(len(found), max(1, int(n_words * max_rate)))
    made: list[Replacement] = []
    for at in draws.sample(len(found), 1 + draws.below(n_most)):
        one = found[at]
        made += substituted(one, draws.choice(one.options)[0], text)
    return made

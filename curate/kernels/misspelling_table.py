"""Tables of real misspellings: which wrong spellings people write for a word, read from the files that lists come in.

Such lists are Birkbeck's (Mitton, https://www.dcs.bbk.ac.uk/~ROGER/corpora.html), Wikipedia's and codespell's; none is
part of curate. The inverse of `spelling`, which mends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Wrongs = Mapping[str, tuple[str, ...]]
"""The wrong spellings of each word, in lower case; one that stands there twice is twice as common."""
_MOST_WEIGHT = 100


def read_misspellings(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    r"""Read a table of one of three kinds, line by line.

    `wrong->right` or `wrong<tab>right`, where several right words are parted by commas; `right: wrong, wrong*3`, where
    a number says how often it was seen. A line that begins with `#`, a blank line and one without a sign of these are
    passed over; so is a "misspelling" that has a blank or is the word itself. An underscore stands for a blank.

    Example:
        >>> read_misspellings(["teh->the", "definately\tdefinitely", "four: forer, fuore*2"])
        {'the': ('teh',), 'definitely': ('definately',), 'four': ('forer', 'fuore', 'fuore')}
    """
    found: dict[str, list[str]] = {}
    for line in lines:
        for right, wrong, weight in _pairs(line.strip()):
            if right and wrong and right != wrong and " " not in wrong:
                found.setdefault(right, []).extend([wrong] * weight)
    return {right: tuple(wrongs) for right, wrongs in found.items()}


def _pairs(line: str) -> list[tuple[str, str, int]]:
    """Right, wrong and weight of each pair that a line names."""
    if not line or line.startswith("#"):
        return []
    for sign in ("->", "\t"):
        wrong, there, rights = line.partition(sign)
        if there:
            return [(_word(right), _word(wrong), 1) for right in rights.split(",")]
    right, _, wrongs = line.partition(":")
    pairs = []
    for one in wrongs.split(","):
        wrong, _, seen = one.partition("*")
        weight = min(int(seen), _MOST_WEIGHT) if seen.strip().isdecimal() else 1
        pairs.append((_word(right), _word(wrong), weight))
    return pairs


def _word(given: str) -> str:
    return given.strip().replace("_", " ").lower()


def in_case_of(wrong: str, word: str) -> str:
    """A wrong spelling in the case of the word it stands for: capitals, a first capital, or small.

    Example:
        >>> in_case_of("teh", "The"), in_case_of("teh", "THE")
        ('Teh', 'TEH')
    """
    if word.isupper() and len(word) > 1:
        return wrong.upper()
    return wrong[:1].upper() + wrong[1:] if word[:1].isupper() else wrong

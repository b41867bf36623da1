"""Names of classes that mean the same: equal in their normal form, or with a slip of the pen between them.

The distance is that of Damerau in its plain form ("A technique for computer detection and correction of spelling
errors", CACM 1964): letters put in, left out, exchanged, or two neighbours swapped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

MIN_LETTERS = 5
"""Shorter words are never taken for each other: `cats` and `bats`, `male` and `mail`."""

_PLURAL = 0.9
"""How alike a word and its plural in -s are."""

_OPPOSITE = (("hyper", "hypo"), ("inter", "intra"), ("ante", "anti"))
"""Beginnings that differ by a letter or two and say something else; see `similarity`."""

_NUMBER = re.compile(r"(?:(?<!\w)[-\u2212+])?\d+")
_SIGN = re.compile(r"^\s*[-\u2212\u2013]\s*(?=\d|$)")
_KEPT = frozenset("?#%&@*\u2212")


@lru_cache(maxsize=1 << 16)
def normal_name(name: str) -> str:
    """What is left of a name without regard to case, white space, punctuation and compatibility forms.

    Signs that can tell names apart (`C++`, `C#`, `?`, `-1`) stay.

    Example:
        >>> normal_name("SPORTS!"), normal_name("Sci/Tech"), normal_name("C++"), normal_name("-1")
        ('sports', 'sci tech', 'c++', '−1')
    """
    name = _SIGN.sub("\u2212", unicodedata.normalize("NFKC", name))
    letters = (letter if _tells(letter) else " " for letter in unicodedata.normalize("NFKC", name.casefold()))
    return " ".join("".join(letters).split()) or name


def _tells(letter: str) -> bool:
    return letter in _KEPT or unicodedata.category(letter)[0] in "LMNS"


def similarity(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: 1 in normal form; 0 where a guard holds; else by edits of their words.

    Names with as many words are compared word by word and are as alike as their least alike words. The guards: other
    numbers, words of fewer than `MIN_LETTERS`, another first or second letter (un-, il-, macro- and micro-), and
    beginnings such as hyper- and hypo-.

    Example:
        >>> similarity("Bussiness", "Business") > 0.85, similarity("class_1", "class_2"), similarity("pos", "neg")
        (True, 0.0, 0.0)
    """
    mine, theirs = normal_name(one), normal_name(other)
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return 0.0
    if mine.replace(" ", "") == theirs.replace(" ", ""):
        return 1.0
    pairs = list(zip(mine.split(), theirs.split(), strict=False))
    if mine.count(" ") != theirs.count(" "):
        pairs = [(mine.replace(" ", ""), theirs.replace(" ", ""))]
    return min((_alike(*pair) for pair in pairs), default=0.0)


def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if min(len(one), len(other)) < MIN_LETTERS or one[:2] != other[:2]:
        return 0.0
    if any(one.startswith(a) and other.startswith(b) for pair in _OPPOSITE for a, b in (pair, pair[::-1])):
        return 0.0
    if one == other + "s" or other == one + "s":
        return _PLURAL
    return 1 - edit_distance(one, other) / max(len(one), len(other))


def edit_distance(one: str, other: str) -> int:
    """Letters put in, left out, exchanged or swapped with their neighbour between two words.

    Example:
        >>> edit_distance("recieve", "receive"), edit_distance("sport", "sports")
        (1, 1)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def same_names(
    counts: Mapping[str, int], *, normal_form: bool, min_similarity: float | None, max_share: float = 1.0
) -> dict[str, tuple[str, float]]:
    """For each name that means the same as a more frequent one, that one, and how alike they are.

    Names join the most frequent one they are like, and never by way of a third; of equally frequent names the first in
    the order of the alphabet stays.

    Args:
        counts: rows of each name.
        normal_form: names with one normal form are the same.
        min_similarity: names at least so alike are the same; None: similarity does not matter.
        max_share: by similarity a name only joins one of which it has at most this share of the rows.

    Example:
        >>> same_names({"Sports": 9, "SPORTS!": 1, "sport": 1}, normal_form=True, min_similarity=None)
        {'SPORTS!': ('Sports', 1.0)}
    """
    found: dict[str, tuple[str, float]] = {}
    stay: dict[str, list[str]] = {}
    by_form: dict[tuple[str, ...], str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        form = (normal_name(name).replace(" ", ""), *_NUMBER.findall(name))
        if normal_form and form in by_form:
            found[name] = (by_form[form], 1.0)
            continue
        if min_similarity is not None:
            rarer = (other for other in stay.get(form[0][:2], ()) if counts[name] <= max_share * counts[other])
            alike = ((other, similarity(name, other)) for other in rarer)
            best = next((pair for pair in alike if pair[1] >= min_similarity), None)
            if best is not None:
                found[name] = best
                continue
        stay.setdefault(form[0][:2], []).append(name)
        by_form[form] = name
    return found

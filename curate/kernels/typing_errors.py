"""How likely one spelling is a slip for another: swapped, doubled, missing and wrong letters, weighed.

The noisy channel of Kernighan, Church and Gale (COLING 1990), with weights by kind of slip: neighbours on a QWERTY
keyboard, vowels, letters that sound alike. `spelling` decides with it.
"""

from __future__ import annotations

import math
import re
from functools import cache

from curate.kernels.keyboards import near

_VOWELS = frozenset("aeiouy")
_ALIKE = tuple(map(frozenset, ("cks", "sz", "gj", "fv", "dt", "mn", "bp", "qk")))
_EDIT, _FIRST = math.log(0.01), math.log(0.1)
_VOWEL, _NEAR, _OTHER, _LETTER = math.log(0.5), math.log(0.3), math.log(0.05), math.log(0.4)

COMMONEST = _EDIT
"""The likelihood of the commonest slips: two letters swapped, a letter doubled or one of a double left out."""

_VARIANTS = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        ("our", "or"),
        ("ae|oe", "e"),
        ("ys(?=[ei])", "yz"),
        ("is(?=[eai])", "iz"),
        ("ll(?=(?:ed|ings?|ers?|or|ous|ously|ists?|ery|ments?)$)", "l"),
        ("(?<=[bcdtv])re(?=s?$)", "er"),
        ("ogue", "og"),
        ("ence(?=s?$)", "ense"),
        ("gement", "gment"),
        ("practis", "practic"),
        ("scept", "skept"),
        ("aluminium", "aluminum"),
        ("mould", "mold"),
        ("grey", "gray"),
        ("plough", "plow"),
        ("focuss", "focus"),
        ("benefitt", "benefit"),
    )
)
_SUFFIXES = tuple(
    pair.split(">")
    for pair in (
        "s> es> ed> ed>e ing> ing>e er> er>e ers> ers>e ly> ly>le bly>ble ily>y iness>y ness> less> like> ish> able> "
        "able>e y> ism> isms> ist> ists> ize> izes> izing> ization> izes>y ized> ably>able ies>y iest>y ier>y est> "
        "est>e esque>"
    ).split()
)
_PREFIXES = (
    "un re non anti pre over under super mini mega multi inter micro cyber bio geo post sub semi co de dis mis out pro "
    "ultra counter neo pseudo tele"
).split()


def likelihood(typed: str, meant: str) -> float:
    """The log weight of the likeliest way to slip from `meant` to `typed`; 0 for the same word, lower is less likely.

    Optimal string alignment, as in Damerau's distance, each edit with a weight of its own; time and memory grow with
    the product of the lengths.

    Example:
        >>> likelihood("teh", "the") > likelihood("tge", "the") > likelihood("txe", "the")
        True
    """
    start, end = alike_at_ends(typed, meant)
    n, m = len(typed) - end, len(meant) - end
    row = [0.0]
    for j in range(start, m):
        row.append(row[-1] + _extra(meant, j))
    above: list[float] = []
    for i in range(start, n):
        two_above, above = above, row
        row = [above[0] + _extra(typed, i)]
        for j in range(start, m):
            at = j - start
            slip = 0.0 if typed[i] == meant[j] else _instead(typed[i], meant[j]) + (_FIRST if i == j == 0 else 0)
            best = max(above[at] + slip, above[at + 1] + _extra(typed, i), row[at] + _extra(meant, j))
            if i > start and j > start and typed[i] == meant[j - 1] and typed[i - 1] == meant[j]:
                best = max(best, two_above[at - 1] + _EDIT + (_FIRST if i == 1 else 0))
            row.append(best)
    return row[-1]


def alike_at_ends(one: str, other: str) -> tuple[int, int]:
    """How many letters two words have in common at their start, and at the end of what is left."""
    shorter = min(len(one), len(other))
    start = end = 0
    while start < shorter and one[start] == other[start]:
        start += 1
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return start, end


def _extra(word: str, at: int) -> float:
    """The weight of one letter too many or too few: doubling is the commonest slip of all."""
    letter = word[at]
    first = 0 if at else _FIRST
    if (at and word[at - 1] == letter) or (at + 1 < len(word) and word[at + 1] == letter):
        return _EDIT + first
    return _EDIT + first + (_VOWEL if letter == "e" and at == len(word) - 1 else _LETTER)


@cache
def _instead(typed: str, meant: str) -> float:
    """The weight of one letter in place of another."""
    if typed in _VOWELS and meant in _VOWELS:
        return _EDIT + _VOWEL
    if meant in near("en").get(typed, ""):
        return _EDIT + _NEAR
    return _EDIT + (_NEAR if any(typed in alike and meant in alike for alike in _ALIKE) else _OTHER)


def same_by_variant(word: str, other: str) -> bool:
    """Whether two spellings differ only as British and American English do.

    Example:
        >>> same_by_variant("theater", "theatre"), same_by_variant("realy", "really")
        (True, False)
    """
    return _in_one_variant(word) == _in_one_variant(other)


def _in_one_variant(word: str) -> str:
    for pattern, instead in _VARIANTS:
        word = pattern.sub(instead, word)
    return word


def stems(word: str) -> list[str]:
    """What is left of a word without an English prefix or suffix that makes new words of known ones.

    Example:
        >>> stems("funnily"), stems("remake")
        (['funni', 'funnile', 'funny', 'funnil'], ['make'])
    """
    found: list[str] = []
    for suffix, instead in _SUFFIXES:
        stem = word.removesuffix(suffix) + instead
        regular = instead or not (stem.endswith("e") and suffix in ("ing", "ed", "er", "ers", "able"))
        if word.endswith(suffix) and len(word) - len(suffix) >= 3 and regular:
            found.append(stem)
    found += [word[len(prefix) :] for prefix in _PREFIXES if word.startswith(prefix) and len(word) > len(prefix) + 3]
    return list(dict.fromkeys(found))

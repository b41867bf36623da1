"""Characters that look alike: what a scanner confuses, homoglyphs of other scripts, letters with and without marks.

Small tables of data for augmenters of characters. Confusions of scanners: Nguyen et al., "Survey of Post-OCR Processing
Approaches", ACM Computing Surveys 54(6), 2021; homoglyphs: Unicode Technical Standard 39.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

Script = Literal["cyrillic", "greek"]

_SCANNED = (
    "rn m|cl d|vv w|li h|ri n|tl d|nn m|in m|lc k|iii m|ll U|fi ﬁ|fl ﬂ|rn nn|ti ü"
    "|0 O|0 o|O o|O Q|O D|o c|c e|e o|a o|1 l|1 I|l I|l i|i j|I i|l t|f t|r t|5 S|5 s|S s|8 B|2 Z|2 z|Z z|6 b|6 G|9 g"
    "|g q|g y|h b|h n|n u|u v|v y|n r|C G|C c|E F|B R|P F|U V|V v|W w|X x|K k|M N|H N|T I|ä a|ö o|ü u|é e|è e|ß B"
)
_ONE_WAY = frozenset("rn nn|ti ü|ll U|lc k|in m".split("|"))
"""Pairs of what is confused, and those that go wrong in the order given alone."""


@cache
def scanned(*, digits: bool = True) -> Mapping[str, tuple[str, ...]]:
    """What a scanner may read instead, by what stands there: one to three characters.

    Args:
        digits: digits may be read as letters, and letters as digits.

    Example:
        >>> scanned()["rn"], scanned()["5"]
        (('m', 'nn'), ('S', 's'))
    """
    found: dict[str, list[str]] = {}
    for pair in _SCANNED.split("|"):
        one, other = pair.split(" ")
        if not digits and (one.isdigit() or other.isdigit()):
            continue
        found.setdefault(one, []).append(other)
        if pair not in _ONE_WAY:
            found.setdefault(other, []).append(one)
    return MappingProxyType({one: tuple(others) for one, others in found.items()})


@cache
def confusable(*, digits: bool = True) -> re.Pattern[str]:
    """What a scanner may confuse, the longest first; `digits` as in `scanned`.

    Example:
        >>> confusable().findall("corner x")
        ['c', 'o', 'rn', 'e', 'r', 'x']
    """
    return re.compile("|".join(map(re.escape, sorted(scanned(digits=digits), key=lambda key: (-len(key), key)))))


_TWINS: Mapping[Script, tuple[str, str]] = {
    "cyrillic": ("aceopxyijshkABCEHIJKMOPSTXY", "асеорхуіјѕһкАВСЕНІЈКМОРЅТХУ"),
    "greek": ("oviaABEHIKMNOPTXYZ", "ονιαΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),
}


@cache
def homoglyphs(scripts: tuple[Script, ...]) -> Mapping[str, str]:
    r"""For each letter those that look like it: of a Latin letter in the scripts named, of theirs the Latin one.

    Example:
        >>> homoglyphs(("cyrillic", "greek"))["o"] == "\u043e\u03bf", homoglyphs(("cyrillic",))["\u0441"]
        (True, 'c')
    """
    found: dict[str, str] = {}
    for script in scripts:
        for latin, other in zip(*_TWINS[script], strict=True):
            found[latin] = found.get(latin, "") + other
            found[other] = found.get(other, "") + latin
    return MappingProxyType(found)


_FAMILIES = "aàáâãä|cçč|eèéêë|iìíîï|nñ|oòóôõö|sšş|uùúûü|yýÿ|zžż|её|αά|εέ|ηή|ιίϊ|οό|υύϋ|ωώ"
_STROKED = dict(zip("øØłŁđĐħĦ", "oOlLdDhH", strict=True))
_OWN_LETTERS = frozenset("йЙ")
"""Letters that no one writes without their mark."""
MARKS = "\u0300-\u036f"
"""Combining marks of alphabets, for a character class."""


@cache
def other_marks() -> Mapping[str, str]:
    """For each letter of an alphabet with marks the same letter with others: none, or those of other languages.

    Example:
        >>> other_marks()["é"], other_marks()["N"]
        ('eèêë', 'Ñ')
    """
    families = [family for one in _FAMILIES.split("|") for family in (one, one.upper()) if len(family) == len(one)]
    return MappingProxyType({letter: family.replace(letter, "") for family in families for letter in family})


@cache
def unmarked(letter: str) -> str:
    """A letter without its marks; empty for a combining mark, the letter itself where it has none.

    Example:
        >>> "".join(map(unmarked, "Crème brûlée, Łódź"))
        'Creme brulee, Lodz'
    """
    if letter in _OWN_LETTERS:
        return letter
    if "\u0300" <= letter <= "\u036f":
        return ""
    parts = unicodedata.normalize("NFD", letter)
    plain = len(parts) > 1 and all("\u0300" <= part <= "\u036f" for part in parts[1:])
    return parts[0] if plain else _STROKED.get(letter, letter)

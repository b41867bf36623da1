"""Upper and lower case letter by letter, so that whoever ignores case sees no difference and a text keeps its length.

Letters whose case cannot be turned round without changing them otherwise stay as they are (Unicode Standard, section
5.18, "Case Mappings").
"""

from __future__ import annotations

from functools import cache
from typing import Literal

Case = Literal["lower", "upper", "title"]
_SIGMA = "Σσς"


@cache
def upper(letter: str) -> str:
    """The capital of a letter, the letter itself where it has none that is just one (ß, ŉ, the sigmas).

    Example:
        >>> upper("é"), upper("ß")
        ('É', 'ß')
    """
    other = letter.upper()
    return other if letter not in _SIGMA and len(other) == 1 and other.lower() == letter.lower() else letter


@cache
def lower(letter: str) -> str:
    """The small letter of a capital, with the exceptions of `upper`."""
    other = letter.lower()
    return other if letter not in _SIGMA and len(other) == 1 and other.upper() == letter.upper() else letter


def in_case(word: str, case: Case) -> str:
    """A word in another case; as long as it was.

    Example:
        >>> in_case("straße", "upper"), in_case("ROME", "title")
        ('STRAßE', 'Rome')
    """
    if case == "title":
        return "".join([upper(word[:1]), *map(lower, word[1:])])
    return "".join(map(upper if case == "upper" else lower, word))

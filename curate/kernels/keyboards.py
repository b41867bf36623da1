"""Which keys lie beside which on the keyboards of five languages: what a finger hits that misses its key.

One table for all that looks at slips of the finger: `slips` makes them, `perturb` for measurements, `typing_errors`
weighs them. Layouts as national standards and CLDR (unicode.org/reports/tr35/tr35-keyboards.html) have them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from curate.kernels.letter_case import upper

Layout = Literal["de", "en", "es", "fr", "ru"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_DIGITS = "1234567890"
_ROWS: Mapping[Layout, tuple[str, ...]] = {
    "de": ("          ß", "qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
    "en": ("", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "es": ("", "qwertyuiop", "asdfghjklñ", "zxcvbnm"),
    "fr": (" é    è çà", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    "ru": ("", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
}
"""The letters of each row from the digits' down, each row half a key to the right of the one above; a blank is a key
without a letter of its own."""


def _places(rows: tuple[str, ...]) -> dict[str, tuple[int, float]]:
    """The row of each key, and how far to the right it lies, in keys."""
    return {key: (row, at + row / 2) for row, keys in enumerate(rows) for at, key in enumerate(keys) if key != " "}


@cache
def near(layout: Layout = "en", *, digits: bool = False) -> Mapping[str, str]:
    """The letters of the keys around each key, in its case: in its row and the two next to it, at most one key away.

    Args:
        layout: the language of the keyboard.
        digits: the digits, too; beside a digit lie only digits, as letters and digits are seldom taken for each other.

    Example:
        >>> near("en")["g"], near("de")["t"], near("fr")["a"], near("en", digits=True)["1"]
        ('tyfhvb', 'rzfg', 'ézq', '2')
    """
    parts = [_places(_ROWS[layout]), _places((_DIGITS,)) if digits else {}]
    return _in_both_cases({key: _around(key, places) for places in parts for key in places})


def _in_both_cases(keys: Mapping[str, str]) -> Mapping[str, str]:
    """What lies around a key, and in capitals what lies around a capital."""
    capitals = {upper(key): "".join(map(upper, around)) for key, around in keys.items()}
    return MappingProxyType({**capitals, **keys})


def _around(key: str, places: Mapping[str, tuple[int, float]]) -> str:
    row, at = places[key]
    return "".join(
        other for other, (its, x) in places.items() if other != key and abs(its - row) <= 1 and abs(x - at) <= 1
    )


@cache
def beside(layout: Layout = "en") -> Mapping[str, str]:
    """The letters of the keys to the left and right of each key, in its case.

    Example:
        >>> beside("en")["a"], beside("en")["S"]
        ('s', 'AD')
    """
    places = _places(_ROWS[layout])
    around = {
        key: "".join(other for other in _around(key, places) if places[other][0] == places[key][0]) for key in places
    }
    return _in_both_cases(around)

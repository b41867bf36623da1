r"""Numbers in running text, and other numbers in the same format: as many digits, the same signs between them.

A number is varied as the row of its digits, so whatever parts its thousands or its decimals stays where it is, in any
country's way of writing. What only looks like a quantity stays: years, codes, versions, times, phone numbers. Used by
`augment.number`; dates are `curate.kernels.dates`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from curate.kernels.draws import Draws
from curate.kernels.openers import OPENERS

_RUN = re.compile(r"[0-9]++(?:[.,:/'’\u00a0\u202f-][0-9]++)*+")
_NUMBER = re.compile(
    r"(?:[1-9][0-9]{0,2}(?P<part>[,.'’\u00a0\u202f])[0-9]{3}(?:(?P=part)[0-9]{3})*|0|[1-9][0-9]*)(?:[.,][0-9]+)?"
)
_LONGEST = 15
_BEFORE = re.compile(
    r"[\w@_\\^~=.]\Z|#\s?\Z|[0-9][ \u00a0\u202f]\Z|[0-9] , ?\Z|[0-9]\s?[-–:/*+×=x]\s?\Z|(?<=[\w.])[-–:/,]\Z",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[\w@_\\^~]|[-–:/*+×][0-9\w]|\s?(?:[ap]\.?\s?m\b|o['’]clock|[+*/×x-] ?[0-9])|\s[0-9]| , ?[0-9]", re.IGNORECASE
)
_ITEM = re.compile(r" ?[.):](?:\s|\Z)")
"""What stands behind the number of an item at the beginning of a line."""
_SIGN, _AMOUNT = r"(?:[$€£¥]\s?)?", r"[0-9][0-9.,'’]*+"
_UNIT = r"\s?(?:[%°]|(?:percent|per cent|Prozent|thousand|million|billion|Millionen)\b)"
_RANGE = re.compile(
    rf"(?<![0-9.,'’]){_AMOUNT}(?:(?:{_UNIT}|\s?[^\W\d_]{{1,3}})?(?:\s?[-–—~〜～]\s?|\s(?:to|bis|à)\s)"
    rf"|(?:{_UNIT})?\s(?:to|till?|until|through|thru|and|or|plus|minus|times|by|bis|und|oder|mal|al?|à|au|et|ou|y|e|o|u)\s)"
    rf"{_SIGN}(?=(?P<other>{_AMOUNT}))",
    re.IGNORECASE,
)
"""Two numbers beside each other that say one thing: `3 to 5`, `between $3 and $5`, `24. - 26.`."""
_BOUNDS = re.compile(
    rf"\b(?:from|between|vom|von|zwischen|del|de|du|desde|entre)\s{_SIGN}{_AMOUNT}(?:\s?[^\W\d_]{{1,20}}\.?){{1,2}}?"
    rf"\s(?:to|and|until|bis|und|auf|à|au|et|al?|y|hasta)\s{_SIGN}(?=(?P<other>{_AMOUNT}))",
    re.IGNORECASE,
)
"""The same with units: `from 3 dollars to 5 dollars`."""
_WORD_BEFORE = re.compile(r"[^\W\d_][\w.'’-]{0,20}[ \u00a0\u202f]{0,2}\Z")
_BEGIN = frozenset(".!?:;([{\"'“”‘’„«»¿¡…—–*•|\n\r-")
_SHORT_FORM = 5
"""How many characters a short form has at most, its dot included (`Chap. 3`); longer, the dot ends a sentence."""
_PERCENT = re.compile(r"\s?(?:%|percent\b|per cent\b|Prozent\b|por ciento\b|pour cent\b)")
_ONE = re.compile(r"[01](?:[.,]0+)?")


class Numeral(NamedTuple):
    """A number of a text: where it stands, and the largest value of its digits that still makes sense."""

    start: int
    end: int
    most: int


def numerals(text: str, *, years: bool = False) -> list[Numeral]:
    """The quantities of a text: numbers that no sign, name or date makes something else, each time they come.

    Args:
        text: any text; only digits 0 to 9 count.
        years: take whole numbers from 1500 to 2099, without signs, for quantities and not for years.

    Example:
        >>> text = "In 2019 it sold 1,250 of 3.5 million for $4.99; call 555-0199, at 10:30, in v1.2.3, room B12."
        >>> [text[one.start : one.end] for one in numerals(text)]
        ['1,250', '3.5', '4.99']
    """
    found: dict[str, list[Numeral]] = {}
    left: set[str] = set()
    paired = _paired(text)
    for run in _RUN.finditer(text):
        said = run.group()
        if run.start() not in paired and _is_quantity(text, *run.span(), years=years):
            found.setdefault(said, []).append(Numeral(*run.span(), _most(text, run.end(), said)))
        else:
            left.add(said)
    return sorted(one for said, those in found.items() if said not in left for one in those)


def _paired(text: str) -> set[int]:
    """Where numbers begin that say one thing with another: both ends of a range, the parts of a sum."""
    pairs = [pair for pattern in (_RANGE, _BOUNDS) for pair in pattern.finditer(text)]
    firsts = (_RUN.search(text, pair.start(), pair.end()) for pair in pairs)
    return {first.start() for first in firsts if first} | {pair.start("other") for pair in pairs}


def _is_quantity(text: str, start: int, end: int, *, years: bool) -> bool:
    said = text[start:end]
    if end - start > _LONGEST or _NUMBER.fullmatch(said) is None or _ONE.fullmatch(said):
        return False
    if not years and len(said) == 4 and said.isdecimal() and "1500" <= said < "2100":
        return False
    if _BEFORE.search(text[max(0, start - 4) : start]) or _AFTER.match(text[end : end + 12]):
        return False
    begins = not start or not text[text.rfind("\n", max(0, start - 40), start) + 1 : start].strip()
    if begins and _ITEM.match(text, end):
        return False
    return not _is_named(text, start)


def _is_named(text: str, start: int) -> bool:
    """Whether a name stands right before a number: `Flight 103`, `an iPhone 12`.

    A word with a capital is one, and at the start of a sentence one that is not known to begin sentences in lower case
    elsewhere (`In`, `Bought`, `Nearly`).
    """
    found = _WORD_BEFORE.search(text, max(0, start - 30), start)
    if found is None or not any(letter.isupper() for letter in found.group()):
        return False
    word = found.group().rstrip(" \u00a0\u202f")
    if word[-1] == "." and len(word) > _SHORT_FORM:
        return False
    before = text[max(0, found.start() - 3) : found.start()].rstrip(" \t")
    if not word[0].isupper() or (before and before[-1] not in _BEGIN):
        return True
    return word.lower() not in OPENERS


def _most(text: str, end: int, said: str) -> int:
    digits = _digits(said)
    if _PERCENT.match(text[end : end + 12]) and float(_plain(said)) <= 100:
        return int(min(10 ** len(str(int(digits))) - 1, 10 ** (len(digits) - len(_plain(said).partition(".")[0]) + 2)))
    return int(10 ** len(str(int(digits))) - 1)


def varied(said: str, most: int, max_change: float, draws: Draws) -> str | None:
    """Another number of the same format; None where there is none.

    Its digits are as many, with the zeros at its end that a round number has, and a whole number is 2 at least.

    Args:
        said: a number as `numerals` finds it.
        most: the largest value of its row of digits.
        max_change: the largest change as a share of the number; one unit of its last digit may always be changed.
        draws: where the draw comes from.

    Example:
        >>> varied("1,250.00", 999_999, 0.2, Draws(3)), varied("0.05", 9, 0.2, Draws(4))
        ('1,050.00', '0.04')
    """
    digits = _digits(said)
    value = int(digits)
    if not value:
        return None
    unit, reach = 1, int(value * max_change)
    while value % (unit * 10) == 0 and reach >= unit * 10:
        unit *= 10
    least = max(10 ** (len(str(value)) - 1), 2 if digits == said else 1)
    below = min(max(reach // unit, 1), (value - least) // unit)
    above = min(max(reach // unit, 1), (most - value) // unit)
    below, above = max(below, 0), max(above, 0)
    if not below + above:
        return None
    step = draws.below(below + above) - below
    return _written(value + (step if step < 0 else step + 1) * unit, said)


def _digits(said: str) -> str:
    return "".join(letter for letter in said if letter.isdecimal())


def _written(value: int, like: str) -> str:
    digits = iter(str(value).zfill(len(_digits(like))))
    return "".join(next(digits) if letter.isdecimal() else letter for letter in like)


def _plain(said: str) -> str:
    """The number with a dot for its decimals and nothing between its thousands, where that can be told."""
    whole, dot, rest = said.rpartition(".") if "." in said else said.rpartition(",")
    if not dot or (len(rest) == 3 and whole != "0"):
        return _digits(said)
    return f"{_digits(whole)}.{rest}"

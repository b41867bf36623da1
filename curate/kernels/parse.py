"""Numbers, truth values and dates as people write them into a text cell: one function for each, None where it is none.

Nothing is guessed: a comma is a decimal sign or parts thousands as the caller says, a unit counts only where it is
named, and `03/04/2021` is a date only for who says whether the day comes first. Every pattern is linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from math import isfinite
from typing import Literal

_NUMBER = {
    ".": re.compile(
        r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ '_]\d{3})+|\d+)?(?:\.\d+)?(?:e[-+]?\d{1,3})?", re.I | re.A
    ),
    ",": re.compile(
        r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d{1,3}(?:[ '_]\d{3})+|\d+)?(?:,\d+)?(?:e[-+]?\d{1,3})?", re.I | re.A
    ),
}
LONGEST = 64
"""Longer cells are texts."""

CURRENCIES = frozenset("$ € £ ¥ ₹ ₽ ₩ ₺ ₦ ₿ usd eur gbp jpy cny rmb inr chf".split())
_TRUE = frozenset(
    """
    true t yes y on 1 ja wahr oui vrai sí si verdadero sim verdadeiro sì vero tak да истина 是 真 はい 예 نعم हाँ
    """.split()
)
_FALSE = frozenset(
    """
    false f no n off 0 nein falsch non faux falso não nee nie нет ложь 否 假 いいえ 아니요 لا नहीं
    """.split()
)
_MONTHS = tuple("january february march april may june july august september october november december".split())
_ISO = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:Z|[-+]\d{2}:?\d{2}))?)?",
    re.A,
)
_PARTED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.A)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -]([a-z]{3,9})\.?,?[ -](\d{4})", re.A)
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.A)
_EAST = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]")


def plain(cell: str) -> str:
    """A cell in one case, with plain digits and signs, single spaces, nothing around it; empty where it is too long."""
    cell = cell.strip()
    if len(cell) > LONGEST:
        return ""
    cell = unicodedata.normalize("NFKC", cell).casefold().replace("\u2212", "-")
    return " ".join(cell.replace("\u2019", "'").split())


def number(
    cell: str,
    *,
    decimal: Literal[".", ","] = ".",
    units: Collection[str] = (),
    percent: Literal["divide", "keep"] = "divide",
) -> float | None:
    """The number in a cell.

    Args:
        cell: a text of at most `LONGEST` characters.
        decimal: the decimal sign; the other of the two parts thousands, as may a space, `'` or `_`.
        units: what may stand before or behind the number, in lower case; currencies may anyhow.
        percent: whether 12 % is 0.12 or 12.

    Example:
        >>> (
        ...     number("1,234.50"),
        ...     number("12 %"),
        ...     number("-3,5 €", decimal=","),
        ...     number("12 oz", units=["oz"]),
        ...     number("12 oz"),
        ... )
        (1234.5, 0.12, -3.5, 12.0, None)
    """
    text = plain(cell)
    if not text:
        return None
    sign = -1.0 if text[0] == "(" and text[-1] == ")" else 1.0
    text = text.strip("()") if sign < 0 else text
    text, hundredth = (text[:-1].rstrip(), percent == "divide") if text.endswith("%") else (text, False)
    text = _without_unit(text, units)
    if not _NUMBER[decimal].fullmatch(text) or not any(letter.isdigit() for letter in text.split("e")[0]):
        return None
    digits = "".join(letter for letter in text if letter.isdigit() or letter in "+-e" or letter == decimal)
    value = sign * float(digits.replace(",", ".")) / (100 if hundredth else 1)
    return value if isfinite(value) else None


def _without_unit(text: str, units: Collection[str]) -> str:
    for unit in _longest_first(tuple(units)):
        if text.endswith(unit) and (rest := text[: -len(unit)].rstrip()) and rest[-1] in "0123456789.":
            return rest
        lead = text.lstrip("-+")
        if lead.startswith(unit) and (rest := lead[len(unit) :].lstrip()) and rest[0] in "0123456789.,":
            return text[: len(text) - len(lead)] + rest
    return text


@lru_cache
def _longest_first(units: tuple[str, ...]) -> list[str]:
    return sorted({*CURRENCIES, *units}, key=lambda unit: (-len(unit), unit))


def truth(cell: str, *, true_words: Collection[str] = (), false_words: Collection[str] = ()) -> bool | None:
    """The truth value in a cell: words for yes and no of a dozen languages; words that are given come first.

    Example:
        >>> truth("Yes"), truth(" nein."), truth("perhaps"), truth("male", true_words=["male"])
        (True, False, None, True)
    """
    word = plain(cell).strip(".!")
    if word in true_words or word in false_words:
        return word in true_words
    return True if word in _TRUE else False if word in _FALSE else None


def day(cell: str, *, day_first: bool | None = None) -> date | None:
    """The date in a cell; of a date with a time the day.

    Args:
        cell: a text of at most `LONGEST` characters.
        day_first: of dates such as 03/04/2021 the day comes first; None: they are dates only where one of the two
            numbers can be no month. With full stops the day always comes first.

    Example:
        >>> [str(day(cell)) for cell in ("2021-04-03", "3 April 2021", "25/12/2021", "03/04/2021", "3.4.2021")]
        ['2021-04-03', '2021-04-03', '2021-12-25', 'None', '2021-04-03']
    """
    text = plain(cell)
    if not text:
        return None
    if (found := _ISO.fullmatch(text.upper())) or (found := _EAST.fullmatch(text)):
        parts = found.groups()
        return _date(int(parts[0]), int(parts[-2]), int(parts[-1]))
    if found := _PARTED.fullmatch(text):
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        first = True if found[2] == "." else day_first
        if first is None:
            first = True if one > 12 else False if other > 12 or one == other else None
        return None if first is None else _date(year, other if first else one, one if first else other)
    if found := _DAY_FIRST.fullmatch(text):
        return _date(int(found[3]), _month(found[2]), int(found[1]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _date(int(found[3]), _month(found[1]), int(found[2]))
    return None


def _month(name: str) -> int:
    """The number of a month, by its English name or the beginning of it; 0 where there is none."""
    return next((at for at, month in enumerate(_MONTHS, 1) if month.startswith(name)), 0)


def _date(year: int, month: int, dom: int) -> date | None:
    try:
        return date(year, month, dom)
    except ValueError:
        return None

"""Dates in running text, and other dates in the same format: a calendar's day again, padded and named as before.

Numbers (`2024-03-05`, `5.3.2024`, `03/05/2024`), names of months in English, German, French and Spanish, with and
without a year, and the East Asian `2024年3月5日`. Used by `augment.date`; `curate.kernels.parse` reads whole cells.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "en short": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_DAYS = (
    "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tue|Wed|Thu|Fri|Sat|Sun"
    "|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag"
    "|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    "|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
)
_NAMES = {name: names.split() for name, names in _MONTHS.items()}
_PLACES: dict[str, list[tuple[str, int]]] = {}
for _list, _names in _NAMES.items():
    for _at, _name in enumerate(_names):
        _PLACES.setdefault(_name.lower(), []).append((_list, _at))
_MONTH = "|".join(sorted(_PLACES, key=lambda name: (-len(name), name)))
_EDGE, _END = r"(?<![\w.,/:-])", r"(?![\w/]|[-.:,][0-9])"
_PATTERNS = {
    "numbers": rf"{_EDGE}(?:(?P<y>[0-9]{{4}})(?P<s>[-/.])(?P<m>[0-9]{{1,2}})(?P=s)(?P<d>[0-9]{{1,2}}))"
    rf"(?![\w/]*[/0-9]|[-.:,][0-9])",
    "parted": rf"{_EDGE}(?P<a>[0-9]{{1,2}})(?P<s>[-/.])(?P<b>[0-9]{{1,2}})(?P=s)(?P<y>[0-9]{{4}}){_END}",
    "east": r"(?<![0-9])(?P<y>[0-9]{4})[年년] ?(?P<m>[0-9]{1,2})[月월] ?(?P<d>[0-9]{1,2})[日일]",
    "month first": rf"{_EDGE}(?P<n>{_MONTH})(?P<p>\.)? (?P<d>[0-9]{{1,2}})(?P<o>st|nd|rd|th)?"
    rf"(?:(?: ?,)? (?P<y>[0-9]{{4}}))?{_END}",
    "day first": rf"{_EDGE}(?P<d>[0-9]{{1,2}})(?P<o>st|nd|rd|th|\.)?(?: of| de)? (?P<n>{_MONTH})\b"
    rf"(?:(?P<p>\.)?,?(?: de| del)? (?P<y>[0-9]{{4}})(?![\w/]|[-.:,][0-9]))?",
}
_COMPILED = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _PATTERNS.items()}
_SUSPECT = re.compile(r"[0-9]")
_WEEKDAY = re.compile(rf"\b(?:{_DAYS})\.?,?(?: the| den| le| el)? \Z", re.IGNORECASE)
_WEEKDAY_AFTER = re.compile(rf",? \(?(?:{_DAYS})\b", re.IGNORECASE)
_WEEKDAY_LENGTH = 20
_JOINED = r"(?:[-–—~〜～/&+,、]|to|and|or|until|till?|through|thru|bis|und|oder|al?|au|à|ou|et|y|o|至|到|から|부터)"
_BESIDE = rf"\s{{0,2}}{_JOINED}\s{{0,2}}(?:(?:the|den|dem|zum|le|el) )?(?:(?:{_DAYS})\.?,? )?"
_DAY_BEFORE = re.compile(
    r"(?<![\w.,/:$€£-])[0-9]{1,2}(?:st|nd|rd|th|er|º|\.(?:[0-9]{1,2}\.)?|/[0-9]{1,2})?" + _BESIDE + r"\Z",
    re.IGNORECASE,
)
_DAYS_AFTER = {
    "month first": re.compile(
        _BESIDE + r"(?P<bare>[0-9]{1,2})(?:st|nd|rd|th)?(?![\w:/%]|[.,][0-9]|\s?[ap]\.?m\b)", re.IGNORECASE
    ),
    "east": re.compile(rf"\s?{_JOINED}\s?(?:[0-9]{{1,2}}[月월] ?)?(?P<bare>[0-9]{{1,2}})[日일]"),
}
_RANGE_LENGTH = 45
_ANY_YEAR = 2001
_EVER = 10**7
_WEEKS_OF_A_YEAR = 364
_SUFFIXES = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


class Dated(NamedTuple):
    """A date of a text.

    Attributes:
        start: its first character.
        end: the character behind it.
        day: the day it names; where it names no year, of a year that is no leap year.
        by_week: a day of the week stands beside it.
        ambiguous: its day and its month could change places.
        found: how it is written.
        names: the list that the name of its month is of; empty: it is a number.
        in_range: a bare day beside it shares its month: `25 to 27 March`, `March 25 and 27`, `24. - 26. Dezember`.
    """

    start: int
    end: int
    day: date
    by_week: bool
    ambiguous: bool
    found: re.Match[str]
    names: str
    in_range: bool = False


def dates(text: str, *, day_first: bool | None = None) -> list[Dated]:
    """The dates of a text that a calendar has, ascending.

    Args:
        text: any text.
        day_first: whether 03/04/2024 is the third of April; None: it may be either.

    Example:
        >>> [str(one.day) for one in dates("From March 5, 2024 to 30/4/2024; not 2024-02-30, on 3 May.")]
        ['2024-03-05', '2024-04-30', '2001-05-03']
    """
    if not _SUSPECT.search(text):
        return []
    read = (_read(kind, match, day_first) for kind, pattern in _COMPILED.items() for match in pattern.finditer(text))
    found = [one for one in read if one is not None]
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[Dated] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    ends, starts = [0, *(one.end for one in kept)], [*(one.start for one in kept[1:]), len(text)]
    return [
        one._replace(in_range=_in_range(one, low, high)) for one, low, high in zip(kept, ends, starts, strict=False)
    ]


def _in_range(one: Dated, low: int, high: int) -> bool:
    """Whether a bare day stands beside a date, between the dates around it, which leave it `low` to `high`."""
    text, pattern = one.found.string, one.found.re
    if pattern in (_COMPILED["day first"], _COMPILED["parted"]):
        return _DAY_BEFORE.search(text, max(low, one.start - _RANGE_LENGTH), one.start) is not None
    kind = next((kind for kind in _DAYS_AFTER if pattern is _COMPILED[kind]), "")
    if not kind or (kind == "month first" and one.found["y"]):
        return False
    behind = _DAYS_AFTER[kind].match(text, one.end)
    return behind is not None and behind.end("bare") <= high and 1 <= int(behind["bare"]) <= 31


def _read(kind: str, found: re.Match[str], day_first: bool | None) -> Dated | None:
    parts = found.groupdict()
    ambiguous, names = False, ""
    if kind == "parted":
        first, second = int(parts["a"]), int(parts["b"])
        ambiguous = day_first is None and parts["s"] != "." and first <= 12 and second <= 12
        ahead = day_first if day_first is not None else parts["s"] == "." or second <= 12
        day, month = (first, second) if ahead else (second, first)
    else:
        day, month = int(parts["d"]), int(parts.get("m") or 0)
        if "n" in parts:
            names, month = _month(kind, found)
    try:
        its = date(int(parts["y"] or _ANY_YEAR), month, day)
    except ValueError:
        return None
    before = found.string[max(0, found.start() - _WEEKDAY_LENGTH) : found.start()]
    by_week = bool(_WEEKDAY.search(before) or _WEEKDAY_AFTER.match(found.string, found.end()))
    return Dated(found.start(), found.end(), its, by_week, ambiguous, found, names)


def _month(kind: str, found: re.Match[str]) -> tuple[str, int]:
    """The list of names that a month is of, and its number; 0 where it is none.

    Other languages share names: Spanish has *de* before them, German a dot behind the day, English a capital.
    """
    name, said = found["n"], found.group().lower()
    lists = dict(_PLACES[name.lower()])
    if name.islower() and (kind == "day first" or (name in ("may", "march") and found["y"] is None)):
        wanted = ["es"] if " de " in said else ["fr"]
    elif kind == "day first" and (found["o"] == "." or "en" not in lists):
        wanted = ["es"] if " de " in said else ["de", "fr", "en short"]
    else:
        wanted = ["en", "en short"]
    names = next((one for one in wanted if one in lists), "")
    return names, lists.get(names, -1) + 1


def shifted(one: Dated, n_days: int, max_days: int = _EVER) -> str | None:
    """The date so many days later, written as it was; None where there is none.

    Where day and month could change places, it is a day that both readings have, or none with a day of the week beside
    it; where it names no year, it stays in the year.

    Args:
        one: a date.
        n_days: how many days; whole weeks keep a day of the week beside it true.
        max_days: how many days a date may move where both readings need another day.

    Example:
        >>> [shifted(one, 28) for one in dates("on 2024-02-05, Feb 5th, the 05.02.2024 and Monday, 5 February 2024")]
        ['2024-03-04', 'Mar 5th', '04.03.2024', '4 March 2024']
    """
    if one.by_week and one.ambiguous:
        return None
    try:
        day = one.day + timedelta(days=n_days)
        if one.found.groupdict().get("y") is None:
            while one.by_week and day.year != _ANY_YEAR:
                day += timedelta(days=_WEEKS_OF_A_YEAR if day.year < _ANY_YEAR else -_WEEKS_OF_A_YEAR)
            day = day.replace(year=_ANY_YEAR)
        if one.ambiguous and day.day > 12:
            day = day.replace(day=1 + (day.day - 1) % 12)
            if abs(day - one.day) > timedelta(days=max_days):
                return None
    except (OverflowError, ValueError):
        return None
    if not 1000 <= day.year <= 9999 or day == one.day:
        return None
    return _written(day, one)


def _written(day: date, one: Dated) -> str | None:
    """A day in the format of a date of the text, part by part."""
    found, parts = one.found, one.found.groupdict()
    said: dict[str, str] = {"y": f"{day.year:04d}"}
    if "a" in parts:
        ahead = int(parts["a"]) == one.day.day and (one.ambiguous or int(parts["b"]) == one.day.month)
        padded = _is_padded(parts["a"], parts["b"])
        said["a"], said["b"] = (
            _number(number, padded) for number in ((day.day, day.month) if ahead else (day.month, day.day))
        )
    else:
        padded = parts["d"][0] == "0" if "n" in parts else _is_padded(parts["m"], parts["d"])
        said["d"] = _number(day.day, padded)
        if "m" in parts:
            said["m"] = _number(day.month, padded)
        else:
            said["n"] = _cased(_NAMES[one.names][day.month - 1], parts["n"])
            said["p"] = "" if said["n"].lower() == "may" else "."
        if parts.get("o") not in (None, "."):
            said["o"] = _cased(_SUFFIXES.get(day.day, "th"), str(parts["o"]))
    pieces, at = [], found.start()
    for start, end, name in sorted((*found.span(name), name) for name in said if parts.get(name) is not None):
        pieces += [found.string[at:start], said[name]]
        at = end
    return "".join([*pieces, found.string[at : found.end()]])


def _is_padded(one: str, other: str) -> bool:
    return one[0] == "0" or other[0] == "0" or (len(one) == 2 and len(other) == 2)


def _number(number: int, padded: bool) -> str:
    return f"{number:02d}" if padded else str(number)


def _cased(said: str, like: str) -> str:
    if like.isupper():
        return said.upper()
    return said.lower() if like.islower() else said[0].upper() + said[1:]

"""Dates of birth: a date behind words that say so; a date by itself is nobody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.kernels.pii.span import Detector, Found

_WORDS = (
    r"\bborn\b|\bdate of birth|\bd\.?o\.?b\b|\bbirth\s?(?:date|day)|\bgeboren|\bgeburtsdatum|\bn[ée]e?\s+le\b"
    r"|\bdate de naissance|\bnaci(?:do|da|ó)\b|\bfecha de nacimiento|\bnat[oa]\s+il\b|\bdata di nascita"
    r"|\bnascid[oa]\s+(?:em|a)\b|\bdata de nascimento|\bgeboortedatum|\burodzon[ya]|\bdata urodzenia"
    r"|出生|生日|生年月日|生まれ|जन्म|تاريخ الميلاد|дата рождения|родил"
)
_MONTHS = frozenset(
    """jan january januar janvier enero gennaio januari janeiro feb february februar février fevrier febrero febbraio
    februari fevereiro mar march märz mars marzo maart março apr april avril abril aprile may mai mayo maggio mei maio
    jun june juni juin junio giugno junho jul july juli juillet julio luglio julho aug august août aout agosto augustus
    sep sept september septembre septiembre settembre setembro oct okt october oktober octobre octubre ottobre outubro
    nov november novembre noviembre novembro dec dez december dezember décembre decembre diciembre dicembre
    dezembro""".split()
)
_SAID = re.compile(_WORDS, re.IGNORECASE)
_DATE = re.compile(
    r"(?<![0-9])(?:[12][0-9]{3}\s?[-/.年]\s?[01]?[0-9]\s?[-/.月]\s?[0-3]?[0-9]日?"
    r"|[0-3]?[0-9]\s?[-/.]\s?[0-3]?[0-9]\s?[-/.]\s?(?:[12][0-9]{3}|[0-9]{2})"
    r"|[0-3]?[0-9](?:st|nd|rd|th|\.|er)?\s(?:of\s|de\s)?(?P<day_first>[^\W\d_]{3,10})\.?,?\s(?:de\s|del\s)?[12][0-9]{3}"
    r"|(?P<month_first>[^\W\d_]{3,10})\.?\s[0-3]?[0-9](?:st|nd|rd|th)?,?\s[12][0-9]{3})(?![0-9])",
    re.IGNORECASE,
)
_REACH = 48


def detector() -> Detector:
    """The detector of dates of birth.

    Example:
        >>> text = "born on 3 March 1980, died 4 May 2020"
        >>> [text[start:end] for start, end, _ in detector().find(text)]
        ['3 March 1980']
    """
    return Detector("date_of_birth", f"(?i:{_WORDS})[^0-9]*[0-9]", _find)


def _find(text: str) -> Iterator[Found]:
    seen = 0
    for said in _SAID.finditer(text):
        for date in _DATE.finditer(text, max(seen, said.end()), said.end() + _REACH):
            month = date["day_first"] or date["month_first"]
            if month is None or month.lower() in _MONTHS:
                seen = date.end()
                yield date.start(), date.end(), 0.8
                break

"""Phone numbers: valid ones of the world (`+…`) and of some regions, by Google's metadata in phonenumbers; others where
words nearby say that this is a phone number.

Only short stretches that hold enough digits are handed on, so that the time stays linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from curate.errors import CurateError, did_you_mean
from curate.kernels.pii.span import Detector, Found, said_before
from curate.optional import require

_STRETCH = re.compile(
    r"(?<![A-Za-z0-9_$€£¥#@/=.-])(?<![0-9]:)(?:\+\s?|\(\+?|00\s?)?\(?[0-9](?:[-().\s/]{0,3}[0-9]){6,59}"
    r"(?:\s{0,2}(?:x|ext\.?|extension|#)\s{0,2}[0-9]{1,6})?(?![A-Za-z0-9_%@]|[.,:][0-9])"
)
_WORDS = re.compile(
    r"\b(?:tele)?phones?\b|\bcall(?:ing|ed|s)?\b|\btel\b|\bmobile|\bcell(?:phone)?\b|\bfax|\bwhatsapp|\bdial|\bsms\b"
    r"|\btext me\b|\breach (?:me|us|him|her|them)\b|\bring (?:me|us)\b|\bhotline|\bhelpline|\bcontact\b"
    r"|\banswering\b|\bmessages? to\b|\b(?:my|your|his|her|its|our|their|new|registered)\snumber\b"
    r"|\btelefon|\btelefoon|\bt[ée]l[ée]phone|\btel[ée]fono|\bhandy|\bm[óo]vil|\bcellulare|\bcelular|\bportable\b"
    r"|电话|手机|電話|携帯|फ़ोन|फोन|मोबाइल|هاتف|جوال|телефон",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:cards?|accounts?|acct|iban|isbn|issn|ssn|licen[cs]e|passport|order|invoice|zip|tracking|serial|vin|id)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:[12][0-9]{3}[-/. ][01]?[0-9][-/. ][0-3]?[0-9]|[0-3]?[0-9][-/. ][0-3]?[0-9][-/. ][12][0-9]{3})(?:\s[0-9]{1,2})?"
)
_BOOK = re.compile(r"\bis[bs]n", re.IGNORECASE)
_DECIMAL = re.compile(r"(?<![0-9.])[0-9]+\.[0-9]+(?![0-9]|\.[0-9])")
_AMOUNT = re.compile(r"[1-9][0-9]{0,2}(?:[ .](?:000(?:[ .]|$))+|(?:[ .][0-9]{3}){3,})")
"""A round number or a long one, with its thousands apart."""
_MOST_DIGITS = 24
"""Of two numbers side by side; more is a table of figures."""
_YEARS = re.compile(r"(?:1[5-9]|20)[0-9]{2}(?:[-/.\s]{1,3}(?:1[5-9]|20)[0-9]{2})+")


def detector(regions: tuple[str, ...]) -> Detector:
    """The detector of phone numbers.

    Args:
        regions: ISO 3166 codes of the countries whose national numbers count; `+…` counts from anywhere.

    Raises:
        CurateError: a region is none.

    Example:
        >>> text = "call 415-555-2671 or +44 20 7946 0958 on 2001-12-11"
        >>> [text[start:end] for start, end, _ in detector(("US",)).find(text)]
        ['415-555-2671', '+44 20 7946 0958']
    """
    library = require("phonenumbers", extra="text", by="finding phone numbers")
    known = sorted(library.SUPPORTED_REGIONS)
    for region in regions:
        if region not in known:
            raise CurateError(f"{region!r} is no region of phone numbers", hint=did_you_mean(region, known))
    pattern = r"[0-9](?:[\s().\-/]{0,3}[0-9]){6}"
    find = partial(_find, library=library, regions=regions)
    return Detector("phone", pattern, find, partial(_real, library=library, regions=regions))


def _find(text: str, *, library: Any, regions: tuple[str, ...]) -> Iterator[Found]:
    for found in _STRETCH.finditer(text):
        start, said = found.start(), found[0]
        if said.startswith("(") and ")" not in said:
            start, said = start + 1, said[1:]
        if _DATE.fullmatch(said) or _YEARS.fullmatch(said) or _AMOUNT.fullmatch(said):
            continue
        if "(" in said and said.rindex("(") > said.rfind(")"):
            said = said[: said.rindex("(")].rstrip()
        digits = re.sub(r"(?:x|ext|#).*|[^0-9]", "", said)
        if len(digits) > _MOST_DIGITS:
            continue
        named = said_before(text, start, _WORDS, 48) and not said_before(text, start, _OTHER, 16)
        if named and 7 <= len(digits) <= 15 and not said[-1].isspace():
            yield start, start + len(said), 0.8
            continue
        bare = said.isdecimal()
        if (bare and not said.startswith("00")) or said_before(text, start, _BOOK):
            continue  # a run of digits is an order, a time stamp or an amount far more often
        fractions = [number.span() for number in _DECIMAL.finditer(said)]
        for low, high, score in _valid(" ".join(re.split(r"[\n\r\t]", said)), library, regions):
            if not any(low < end and high > begin for begin, end in fractions):
                yield start + low, start + high, score


def _valid(said: str, library: Any, regions: tuple[str, ...]) -> Iterator[Found]:
    """The numbers in a short stretch that are valid somewhere in the world or in one of the regions."""
    international = said.lstrip("( ").startswith(("+", "00"))
    for region in (regions[:1] or ("US",)) if international else regions:
        text = "+" + said.lstrip("( ")[2:] if said.startswith("00") else said
        shift = len(said) - len(text)
        matches = list(library.PhoneNumberMatcher(text, region, library.Leniency.VALID, 8))
        for match in matches:
            yield max(0, match.start + shift) if match.start else 0, match.end + shift, 0.9 if international else 0.6
        if matches:
            return


def _real(value: str, *, library: Any, regions: tuple[str, ...]) -> bool:
    for region in (*regions, None):
        try:
            if library.is_valid_number(library.parse(value, region)):
                return True
        except library.NumberParseException:
            continue
    return False

"""Bank accounts, payment cards and addresses of crypto-currencies: a form, and a checksum that must hold.

IBAN is ISO 13616, cards ISO/IEC 7812 with the issuers' published ranges; both check digits by python-stdnum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import ModuleType

from curate.kernels.pii.span import Detector, Found, said_before
from curate.optional import require

_BY = "finding account and card numbers"
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[\s-]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_GAP = r"(?:[ -]|\s?\n)"
_CARD = re.compile(
    rf"(?<![0-9A-Za-z,/_])(?:(?<!\.)|(?<=[A-Za-z]{{2}}\.))"
    rf"(?:[0-9]{{4}}{_GAP}(?:[0-9]{{4}}{_GAP}(?:[0-9]{{4}}{_GAP}[0-9]{{1,4}}|[0-9]{{5}})|[0-9]{{6}}{_GAP}[0-9]{{4,5}})"
    r"|[0-9]{12,19})(?![.,]?[0-9A-Za-z])"
)
"""The groups that cards are printed in: four of four (the last may be shorter), 4-6-5, 4-6-4, 4-4-5; or none."""
_LAST_GROUP = re.compile(rf"{_GAP}[0-9]{{3}}(?![.,]?[0-9A-Za-z])")
_BEFORE, _AFTER = re.compile(rf"[0-9]{{4}}{_GAP}\Z"), re.compile(rf"{_GAP}[0-9]{{4}}")
"""Another number beside one, longer than a day or a card's code: both are figures of a table or of a drawing."""
_MOST_BARE = 16
"""A longer run of digits without groups is the number of a post or a person in a network far more often."""
_PART = re.compile(r"[A-Za-z0-9]+")
_MOST_GROUPS = 12
"""More groups than any number is written in are a table of figures."""
_COIN = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:bc1|BC1)[a-zA-Z0-9]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9a-fA-F]{40})(?![A-Za-z0-9])"
)
_CARD_WORDS = re.compile(r"\b(?:card|cc|visa|master|amex|debit|credit|cvv|karte|carte|tarjeta)", re.IGNORECASE)
_ISSUERS = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"  # Visa
    r"|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"  # Mastercard
    r"|3[47][0-9]{13}"  # American Express
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12,15}"  # Discover
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12,15}|(?:1800|2131)[0-9]{11}"  # JCB
    r"|3(?:0[0-5]|095|[689][0-9])[0-9]{11,16}"  # Diners Club
    r"|62[0-9]{14,17}"  # UnionPay
    r"|(?:50|5[6-8]|6[0-9])[0-9]{10,17}"  # Maestro
    r"|220[0-4][0-9]{12,15}"  # Mir
)


def _module(name: str) -> ModuleType:
    return require(f"stdnum.{name}", extra="text", by=_BY)


def iban() -> Detector:
    """The detector of international bank account numbers.

    Example:
        >>> text = "pay to GB82 WEST 1234 5698 7654 32 today"
        >>> [text[start:end] for start, end, _ in iban().find(text)]
        ['GB82 WEST 1234 5698 7654 32']
    """
    check = _module("iban").is_valid

    def real(value: str) -> bool:
        return bool(check(value, check_country=False))

    def find(text: str) -> Iterator[Found]:
        for found in _IBAN.finditer(text):
            yield from _longest(found, real, 15, 34)

    return Detector("iban", r"[A-Za-z]{2}[0-9]{2}[\s\-]?[A-Za-z0-9]{3}", find, real)


def card() -> Detector:
    """The detector of card numbers: an issuer's range (any, where a card is spoken of) and the checksum of Luhn.

    Example:
        >>> text = "card 4111 1111 1111 1111, order 4111 1111 1111 1112"
        >>> [text[start:end] for start, end, _ in card().find(text)]
        ['4111 1111 1111 1111']
    """
    luhn = _module("luhn").is_valid

    def checked(value: str) -> bool:
        digits = re.sub(r"[^0-9]", "", value)
        return len(set(digits)) > 1 and bool(luhn(digits))

    def real(value: str) -> bool:
        if value.isdecimal() and len(value) > _MOST_BARE:
            return False
        return _ISSUERS.fullmatch(re.sub(r"[^0-9]", "", value)) is not None and checked(value)

    def find(text: str) -> Iterator[Found]:
        for found in _CARD.finditer(text):
            start, end = found.span()
            if _BEFORE.search(text, max(0, start - 6), start) or _AFTER.match(text, end):
                continue
            fits = checked if said_before(text, start, _CARD_WORDS) else real
            more = _LAST_GROUP.match(text, end)
            if more is not None and fits(text[start : more.end()]):
                yield start, more.end(), 0.95
            elif fits(found[0]):
                yield start, end, 0.95

    return Detector("card", r"[0-9](?:[\s\-]{0,2}[0-9]){11}", find, checked)


def _longest(found: re.Match[str], real: Callable[[str], bool], least: int, most: int) -> Iterator[Found]:
    """The longest run of whole groups from the first on that is real."""
    parts = [(part.start() + found.start(), part.end() + found.start()) for part in _PART.finditer(found[0])]
    ends = [end for _, end in parts] if len(parts) <= _MOST_GROUPS else []
    for last in range(len(ends) - 1, -1, -1):
        length = sum(end - start for start, end in parts[: last + 1])
        if least <= length <= most and real(found.string[found.start() : ends[last]]):
            yield found.start(), ends[last], 0.95
            return


def crypto() -> Detector:
    """The detector of addresses of Bitcoin (checksum) and of Ethereum (form).

    Example:
        >>> [found[:2] for found in crypto().find("to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 now")]
        [(3, 37)]
    """
    bitcoin = _module("bitcoin").is_valid

    def real(value: str) -> bool:
        return value.startswith("0x") or bool(bitcoin(value))

    def find(text: str) -> Iterator[Found]:
        for found in _COIN.finditer(text):
            if real(found[0]):
                yield found.start(), found.end(), 1.0

    return Detector(
        "crypto_address", r"(?:bc1|BC1)[a-zA-Z0-9]{11}|[13][1-9A-HJ-NP-Za-km-z]{25}|0x[0-9a-fA-F]{40}", find, real
    )

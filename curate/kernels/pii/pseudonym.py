"""Pseudonyms: another value of the same kind in the place of each, the same for equal values wherever they stand, and
not to be undone or guessed without the key.

A keyed BLAKE2b (RFC 7693) of kind and value draws every letter and digit. What comes out belongs to nobody: reserved
names and ranges (RFC 2606, RFC 3849, RFC 6890), or a checksum that does not hold.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from hashlib import blake2b
from ipaddress import IPv6Address

from curate.kernels.pii.fold import fold
from curate.kernels.pii.span import Detector

MIN_KEY_BYTES = 16
_TRIES = 256
_TAGGED = frozenset({"secret", "url_credentials", "person", "date_of_birth", "street_address"})
_AT = re.compile(r"(@|%40)")
_TIDY = re.compile(r"[^\w]|_")


def key_id(key: bytes) -> str:
    """A name for a key that does not tell it: enters the identity of a step, so that another key is another step."""
    return blake2b(b"", key=_short(key), digest_size=16, person=b"curate key id").hexdigest()


def pseudonym(kind: str, value: str, key: bytes, detector: Detector | None = None) -> str:
    """The pseudonym of a value.

    Args:
        kind: of the value.
        value: as it stands in the text; case, spaces and punctuation do not make it another one.
        key: at least `MIN_KEY_BYTES` long.
        detector: of the kind; what it takes for real is never a pseudonym.

    Example:
        >>> key = bytes(range(32))
        >>> pseudonym("email", "Jane@example.org", key) == pseudonym("email", "jane@example.org", key)
        True
        >>> pseudonym("email", "jane@example.org", key).endswith(".example")
        True
    """
    value = fold(value)
    if kind == "email" and _AT.search(value):
        mailbox, at, domain = _AT.split(value.lower(), maxsplit=1)
        host = _digest(f"domain\0{domain}", key).hex()[:8]
        return f"user-{_digest(f'email{chr(0)}{mailbox}@{domain}', key).hex()[:12]}{at}host-{host}.example"
    drawn = _digest(f"{kind}\0{_TIDY.sub('', value).lower()}", key)
    if kind == "ip":
        return str(IPv6Address((0x20010DB8 << 96) | int.from_bytes(drawn[:12], "big"))) if ":" in value else _v4(drawn)
    if kind not in _TAGGED:
        for candidate in _alike(kind, value, drawn, key):
            if detector is None or detector.real is None or not detector.real(candidate):
                return candidate
    return f"[{kind.upper()}-{drawn.hex()[:12]}]"


def _short(key: bytes) -> bytes:
    """A key of the length that BLAKE2b takes."""
    return key if len(key) <= 64 else blake2b(key, person=b"curate long key").digest()


def _digest(said: str, key: bytes) -> bytes:
    return blake2b(said.encode("utf-8", "surrogatepass"), key=_short(key), person=b"curate pii").digest()


def _v4(drawn: bytes) -> str:
    """An address of 240.0.0.0/4, which is reserved and routed nowhere."""
    return f"{240 + drawn[0] % 15}.{drawn[1]}.{drawn[2]}.{drawn[3]}"


def _alike(kind: str, value: str, drawn: bytes, key: bytes) -> Iterator[str]:
    """Values of the same form: a digit for each digit, a letter of the same case for each letter."""
    for number in range(_TRIES):
        stream = _stream(drawn + number.to_bytes(2, "big"), key)
        form = _hex if kind == "mac" else _sign
        candidate = "".join(form(sign, next(stream)) if sign.isalnum() else sign for sign in value)
        if kind == "mac":
            candidate = candidate[0] + "f" + candidate[2:]  # locally administered, and of a group: of no device
        elif kind == "iban":
            candidate = value[:2] + "00" + candidate[4:]  # no check digits are 00
        yield candidate


def _stream(seed: bytes, key: bytes) -> Iterator[int]:
    block = 0
    while True:
        yield from blake2b(seed + block.to_bytes(4, "big"), key=_short(key), person=b"curate pii form").digest()
        block += 1


def _hex(sign: str, drawn: int) -> str:
    digit = f"{drawn % 16:x}"
    return digit.upper() if sign.isupper() else digit


def _sign(sign: str, drawn: int) -> str:
    if sign.isdecimal():
        return string.digits[drawn % 10]
    if sign in string.ascii_lowercase:
        return string.ascii_lowercase[drawn % 26]
    return string.ascii_uppercase[drawn % 26] if sign in string.ascii_uppercase else sign

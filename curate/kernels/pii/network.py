"""What names a machine: IP and MAC addresses; and names with passwords inside web addresses.

Ranges that belong to nobody (private, documentation, loopback: RFC 6890) are left unless asked for.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import partial

from curate.kernels.pii.span import Detector, Found

_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rf"(?<![0-9A-Za-z.:_-])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9A-Za-z_-]|\.[0-9])")
_V6 = re.compile(r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![0-9A-Za-z:]|\.[0-9])")
_VERSION = re.compile(
    r"(?:\bv|\bver|version|versione|versión|release|build|firmware|driver|patch|update|section|chapter|§|clause)"
    r"[\s.:#=]{0,3}$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\bip\b|\bipv4|address|\bhost|server|\bdns\b|\bping|router|subnet|proxy|login|client", re.IGNORECASE
)
_MAC = re.compile(
    r"(?<![0-9A-Za-z:.-])(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![0-9A-Za-z:-]|\.[0-9A-Za-z])"
)
_CREDENTIALS = re.compile(r"://([^\s/@:?#\[\]\"<>]+:[^\s/@?#\[\]\"<>]+)@")


def ip(private: bool = False) -> Detector:
    """The detector of IP addresses.

    Args:
        private: find private, loopback and documentation addresses too.

    Example:
        >>> text = "8.8.4.4 on host, version 1.2.3.4, 192.168.0.1"
        >>> [text[start:end] for start, end, _ in ip().find(text)]
        ['8.8.4.4']
    """
    pattern = r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f]*:|::"
    return Detector("ip", pattern, partial(_ips, private=private), partial(_owned, private=private))


def _ips(text: str, *, private: bool) -> Iterator[Found]:
    for found in _V4.finditer(text):
        before, after = text[max(0, found.start() - 24) : found.start()], text[found.end() : found.end() + 30]
        single = all(len(octet) == 1 for octet in found[0].split("."))
        if _VERSION.search(before) or (single and not (_ADDRESS.search(before) or _ADDRESS.search(after))):
            continue
        if _owned(found[0], private=private):
            yield found.start(), found.end(), 0.9
    for found in _V6.finditer(text):
        if _owned(found[0], private=private):
            yield found.start(), found.end(), 0.95


def _owned(value: str, *, private: bool) -> bool:
    """Whether it is an address that some machine has."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    if address.version == 6 and all(len(part) == 2 for part in value.split(":")):
        return False  # eight bytes, as of a hash or a device
    if address.version == 6 and "::" in value and len(value) < 6:
        return False  # `::`, `::1`, `a::b` stand in code more often than in the net
    if private:
        return not address.is_unspecified
    if address.version == 6:
        return address.is_global and not address.is_multicast and (not address.is_reserved or "::" not in value)
    return address.is_global and not address.is_multicast and not address.is_reserved


def mac() -> Detector:
    """The detector of MAC addresses (IEEE 802) of single devices.

    Example:
        >>> [found[:2] for found in mac().find("at 3c:22:fb:00:00:01, all: ff:ff:ff:ff:ff:ff")]
        [(3, 20)]
    """
    pattern = r"(?:[0-9A-Fa-f]{2}[:\-]){5}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
    return Detector("mac", pattern, _macs, _device)


def _macs(text: str) -> Iterator[Found]:
    for found in _MAC.finditer(text):
        if _device(found[0]):
            yield found.start(), found.end(), 0.9


def _device(value: str) -> bool:
    """Whether it may be the address of one device, and not of a group of them or of none."""
    digits = re.sub(r"[^0-9A-Fa-f]", "", value)
    return len(digits) == 12 and not int(digits[1], 16) & 1 and digits.strip("0") != "" and not digits.isdecimal()


def credentials() -> Detector:
    """The detector of names with passwords in web addresses (RFC 3986, section 3.2.1).

    Example:
        >>> text = "ftp://joe:hunter2@files.example.org/a"
        >>> [text[start:end] for start, end, _ in credentials().find(text)]
        ['joe:hunter2']
    """
    return Detector("url_credentials", r"://[^\s/@:?#]+:[^\s/@?#]+@", _credentials)


def _credentials(text: str) -> Iterator[Found]:
    for found in _CREDENTIALS.finditer(text):
        yield found.start(1), found.end(1), 1.0

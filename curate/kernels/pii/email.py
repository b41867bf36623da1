"""E-mail addresses, also written out ("name at example dot org") where that is asked for.

Forms: RFC 5321 and RFC 5322 as far as anybody uses them; the reserved names of RFC 2606 belong to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.kernels.pii.span import Detector, Found

_LETTER = "A-Za-z0-9\u00c0-\u024f"
_LOCAL = rf"(?<![{_LETTER}._%+@'-])[{_LETTER}_](?:[{_LETTER}._%+'=-]{{0,62}}[{_LETTER}_+-])?"
_LABEL = rf"[{_LETTER}][{_LETTER}-]{{0,62}}"
_PLAIN = re.compile(
    rf"{_LOCAL}(?:@|%40)((?:{_LABEL}\.){{1,8}}(?:[A-Za-z]{{2,24}}|xn--[A-Za-z0-9-]{{2,59}}))(?![{_LETTER}@-])"
)
_FIELD = re.compile(r"[A-Za-z_]{1,24}=(?=.)")
"""The name of a field of a form or an address, `email=…`, which is no part of the mailbox."""
_AT = r"\s{0,2}(?:[\[({<]\s?(?:at|@)\s?[\])}>]|\s(?:at|AT)\s)\s{0,2}"
_DOT = r"(?:\s{0,2}[\[({<]\s?(?:dot|\.)\s?[\])}>]\s{0,2}|\s(?:dot|DOT)\s|\.)"
_WRITTEN = re.compile(rf"{_LOCAL}{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{1,4}}(?![{_LETTER}@-])", re.IGNORECASE)
_SPELLED = re.compile(r"[\[({<]|\sdot\s", re.IGNORECASE)
_RESERVED = frozenset({"example", "invalid", "test", "localhost"})
_FILES = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ico"})
_COMMON = frozenset(
    "com org net edu gov info biz io co dev app ai me eu de fr uk us es it nl pl in cn br ca au jp ch at se".split()
)


def detector(written: bool = False) -> Detector:
    """The detector of addresses.

    Args:
        written: find addresses written out in words too.

    Example:
        >>> text = "ask jane.doe@example.org or joe at example dot org"
        >>> [text[start:end] for start, end, _ in detector(written=True).find(text)]
        ['jane.doe@example.org', 'joe at example dot org']
    """
    plain = r"[^\s@](?:@|%40)[^\s@]+\.[^\s@]"
    words = r"(?i)(?:\sat\s|[\[({<]\s?(?:at|@)\s?[\])}>])"
    if not written:
        return Detector("email", plain, _plain)
    return Detector("email", f"{plain}|{words}", lambda text: (*_plain(text), *_written(text)))


def _plain(text: str) -> Iterator[Found]:
    for found in _PLAIN.finditer(text):
        last = found[1].rsplit(".", 1)[-1].lower()
        if last not in _RESERVED and last not in _FILES and not _no_mailbox(text, found.start()):
            field = _FIELD.match(text, found.start(), found.end())
            yield field.end() if field else found.start(), found.end(), 1.0


def _no_mailbox(text: str, at: int) -> bool:
    """Whether what looks like a mailbox is the user of an address with a scheme (`ssh://git@…`) or of a git remote."""
    if text.startswith("git@", at):
        return True
    scheme = text.rfind("://", max(0, at - 300), at)
    return scheme >= 0 and not any(mark in " \n\t/?#" for mark in text[scheme + 3 : at])


def _written(text: str) -> Iterator[Found]:
    for found in _WRITTEN.finditer(text):
        last = re.split(r"[^A-Za-z]+", found[0])[-1].lower()
        if _SPELLED.search(found[0]) and last in _COMMON:
            yield found.start(), found.end(), 0.7

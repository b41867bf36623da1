"""Cutting spans out of a text so that what stays still reads: white space around a cut heals.

Used by the cleaning steps that take something out (a URL, an emoji, a citation).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BLANK = " \t"
_CLOSING = ".,;:!?)]}\u2026\u3002\uff0c\uff01\uff1f\u060c\u061b\u061f\u0964"
UNSPACED_RANGES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u3190-\u31ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
    "\U00020000-\U0003ffff"
)
"""The inside of a character class: scripts that write words without spaces, and their punctuation."""
_UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")
_WORD = re.compile(rf"[{UNSPACED_RANGES}]|[^\s{UNSPACED_RANGES}]+")


def is_unspaced(character: str) -> bool:
    """Whether a character belongs to a script that writes words without spaces between them, or is its punctuation."""
    return _UNSPACED.match(character) is not None


def words_of(text: str) -> list[tuple[int, int]]:
    """Where the words of a text lie: runs between white space, single characters in scripts without spaces.

    Example:
        >>> words_of("so: 数据 ")
        [(0, 3), (4, 5), (5, 6)]
    """
    return [match.span() for match in _WORD.finditer(text)]


def cut(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without the spans [start, end), which come in order and do not overlap.

    Two spaces that meet become one, a space goes that would stand at the edge of a line or before a stop, and one
    comes where two words would grow together (not in scripts without spaces).

    Example:
        >>> cut("see <x> here, or <x>.", [(4, 7), (17, 20)]), cut("hot<x>dog", [(3, 6)])
        ('see here, or.', 'hot dog')
    """
    parts: list[str] = []
    last, at = "\n", 0
    for start, end in spans:
        if end <= start:
            continue
        before = text[at:start]
        parts.append(before)
        last = before[-1:] or last
        at = end
        if last in _BLANK or last == "\n":
            while at < len(text) and text[at] in _BLANK:
                at += 1
        after = text[at : at + 1]
        if last in _BLANK and (not after or after in "\r\n" or after in _CLOSING):
            last = _strip_end(parts)
        elif last.isalnum() and after.isalnum() and not (is_unspaced(last) and is_unspaced(after)):
            parts.append(" ")
            last = " "
    parts.append(text[at:])
    return "".join(parts)


def _strip_end(parts: list[str]) -> str:
    """Take the blanks off the end of what stands already; the last character that is left."""
    while parts:
        parts[-1] = parts[-1].rstrip(_BLANK)
        if parts[-1]:
            return parts[-1][-1]
        parts.pop()
    return "\n"

"""Folding: other scripts' digits, full-width letters, dashes and spaces as their ASCII forms, one character for one,
so that a place in the folded text is the same place in the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

_LAST = 0x20000
"""No digit, dash or space of Unicode stands beyond."""


@cache
def _table() -> dict[int, str]:
    """Each character that is folded, with its ASCII form."""
    return {code: form for code in range(0x80, _LAST) if (form := _form(chr(code)))}


def _form(character: str) -> str | None:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.category(character)
    if kind == "Zs":
        return " "
    if kind == "Pd" or character == "\u2212":
        return "-"
    if "\uff01" <= character <= "\uff5e" or "\U0001d400" <= character <= "\U0001d7ff":
        plain = unicodedata.normalize("NFKC", character)
        return plain if len(plain) == 1 and plain.isascii() else None
    return None


@cache
def _class() -> str:
    """An RE2 class of all characters that are folded."""
    return "[" + "".join(rf"\x{{{low:x}}}-\x{{{high:x}}}" for low, high in _ranges(sorted(_table()))) + "]"


def _ranges(codes: list[int]) -> Iterator[tuple[int, int]]:
    low = codes[0]
    for code, following in zip(codes, [*codes[1:], None], strict=True):
        if following != code + 1:
            yield low, code
            if following is not None:
                low = following


def fold(text: str) -> str:
    """A text with ASCII digits, dashes and spaces, as long as before.

    Example:
        >>> fold("０１２\u2013٣ ａ")
        '012-3 a'
    """
    return text if text.isascii() else text.translate(_table())


def folded(texts: pa.Array) -> pa.Array:
    """The same for a column of strings; only texts with something to fold are touched."""
    mask = pc.fill_null(pc.match_substring_regex(texts, _class()), False)
    if not pc.any(mask).as_py():
        return texts
    changed = [text.translate(_table()) for text in texts.filter(mask).to_pylist()]
    return pc.replace_with_mask(texts, mask, pa.array(changed, texts.type))

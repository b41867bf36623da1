"""Folding: other scripts' digits, full-width letters, dashes and spaces as their ASCII forms, one character for one,
and what nobody sees (zero width, soft hyphens, direction marks) left out; `places` tells where the rest stood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

_LAST = 0x20000
"""No digit, dash or space of Unicode stands beyond."""
_INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Characters without width: they part a value for a program and for no reader."""
_UNSEEN = re.compile(f"[{_INVISIBLE}]")


@cache
def _table() -> dict[int, str | None]:
    """Each character that is folded, with its ASCII form; None for one that is left out."""
    forms = {code: form for code in range(0x80, _LAST) if (form := _form(chr(code)))}
    return {**forms, **{code: None for code in range(0x80, _LAST) if _UNSEEN.match(chr(code))}}


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
    """A text with ASCII digits, dashes and spaces, without characters that nobody sees.

    Example:
        >>> fold("０１２\u2013٣ ａ\u200bｂ")
        '012-3 ab'
    """
    return text if text.isascii() else text.translate(_table())


def places(text: str) -> list[int] | None:
    """Where each character of the folded text stands in the text, and last its end; None: where it stands there too.

    Example:
        >>> places("a\u200bb"), places("ab")
        ([0, 2, 3], None)
    """
    if text.isascii() or not _UNSEEN.search(text):
        return None
    return [at for at, character in enumerate(text) if not _UNSEEN.match(character)] + [len(text)]


def folded(texts: pa.Array) -> pa.Array:
    """The same for a column of strings; only texts with something to fold are touched."""
    mask = pc.fill_null(pc.match_substring_regex(texts, _class()), False)
    if not pc.any(mask).as_py():
        return texts
    changed = [text.translate(_table()) for text in texts.filter(mask).to_pylist()]
    return pc.replace_with_mask(texts, mask, pa.array(changed, texts.type))

"""`clean.width`: full-width ASCII to ASCII and half-width katakana to full width, each part by a switch.

Full width punctuation is how Chinese and Japanese are written and stays by default; letters and digits in full width
are what keyboards leave behind (Unicode 17, chapter 18.5; the mappings are those of NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.transforms.clean.passes import Pass, RewriteInPasses

_LETTERS = {code: code - 0xFEE0 for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_DIGITS = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}
_SIGNS = {0x3000: " ", **{code: unicodedata.normalize("NFKC", chr(code)) for code in (0xFFE0, 0xFFE1, 0xFFE5, 0xFFE6)}}
_PUNCTUATION = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if code not in _LETTERS and code not in _DIGITS},
    **_SIGNS,
}
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]?[\uff61-\uff9f]+")
_SUSPECT = r"[\x{ff01}-\x{ff9f}\x{ffe0}-\x{ffe6}\x{3000}]"


class CleanWidth(RewriteInPasses):
    """Turns full-width letters and digits into ASCII, and half-width katakana into its usual width.

    Attributes:
        letters: full-width Latin letters become ASCII.
        digits: full-width digits become ASCII.
        punctuation: full-width punctuation, currency signs and the ideographic space become ASCII or their narrow
            form; off, for Chinese and Japanese are written with them.
        kana: half-width katakana and its punctuation become full width, with their sound marks joined.

    Example:
        >>> CleanWidth().rewrite("ＡＢＣ１２３！ ｶﾞｲﾄﾞ")
        'ABC123！ ガイド'
    """

    name: ClassVar[str] = "clean.width"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "full_width"
    reasons: ClassVar[Mapping[str, str]] = {
        "full_width": "full-width letters, digits or punctuation",
        "half_width_kana": "half-width katakana",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "full_width": Example("ＩＤ：１２３"),
        "half_width_kana": Example("ｶﾞｲﾄﾞ"),
    }
    languages: ClassVar[str] = "any; made for Chinese, Japanese and Korean"

    letters: bool = True
    digits: bool = True
    punctuation: bool = False
    kana: bool = True

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, _SUSPECT)

    def passes(self) -> tuple[Pass, ...]:
        parts = [(self.letters, _LETTERS), (self.digits, _DIGITS), (self.punctuation, _PUNCTUATION)]
        table = {code: to for wanted, part in parts if wanted for code, to in part.items()}
        made: list[Pass] = [("full_width", lambda text: text.translate(table))] if table else []
        return (*made, ("half_width_kana", lambda text: _KANA.sub(_usual_width, text))) if self.kana else tuple(made)


def _usual_width(found: re.Match[str]) -> str:
    """The kana in their usual width; a sound mark that joins nothing becomes the mark that stands alone."""
    said = unicodedata.normalize("NFKC", found.group())
    return said.replace("\u3099", "\u309b").replace("\u309a", "\u309c")

"""`clean.quotes`: typographic quotes, primes, dashes and the ellipsis to their plain ASCII forms, each by a switch.

Letters that look like quotes stay (the Hausa and Ukrainian ʼ, the Hawaiian ʻ), and so does the punctuation of Chinese
and Japanese, which shares its curly quotes with English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.transforms.clean.passes import Pass, RewriteInPasses

_QUOTES = str.maketrans({**dict.fromkeys("“”„‟", '"'), **dict.fromkeys("‘’‚‛", "'")})
_CORNERS = str.maketrans(dict.fromkeys("「」『』｢｣", '"'))
_PRIMES = str.maketrans({"′": "'", "″": "''", "‴": "'''", "‵": "`"})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–−", "-"))
_LONG_DASH = re.compile(r"(?<=\S)[—―](?=\S)")
_GUILLEMETS = re.compile("[«‹][\u00a0\u202f\u2009]?|(?:(?<!\\s)|(?<=\\S)[\u00a0\u202f\u2009])[»›]|[»›]")
_ACCENT = re.compile(r"(?<=[^\W\d_])´(?=[^\W\d_])")
_CJK = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3105-\u312f\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTERS = re.compile(r"[^\W\d_]")


class CleanQuotes(RewriteInPasses):
    r"""Turns curly quotes, dashes and the ellipsis character into plain ones.

    A dash as long as an em becomes a hyphen between spaces, so that it joins no words. Texts of which a fifth of the
    letters or more are Chinese or Japanese are left alone: they are written with these characters.

    Attributes:
        quotes: curly and low quotes, and an accent used as an apostrophe (`don´t`).
        guillemets: « and » become straight quotes, without the narrow spaces inside; off, for they are how French,
            Russian and others quote.
        primes: ′ and ″ of feet, minutes and inches.
        dashes: hyphens, en and em dashes and the minus sign become `-`.
        ellipsis: … becomes three dots.
        cjk: Chinese and Japanese texts too, with their corner brackets 「」.

    Example:
        >>> CleanQuotes().rewrite("“It’s 5–6 feet”, she said—well…")
        '"It\'s 5-6 feet", she said - well...'
    """

    name: ClassVar[str] = "clean.quotes"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "quotes"
    reasons: ClassVar[Mapping[str, str]] = {
        "quotes": "typographic quotes or apostrophes",
        "primes": "prime signs",
        "dashes": "dashes, the minus sign, or hyphens other than -",
        "ellipsis": "the ellipsis character",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "quotes": Example("“It’s late”"),
        "primes": Example("5′ 10″ tall"),
        "dashes": Example("pages 5–6 — all of them"),
        "ellipsis": Example("well…"),
    }
    languages: ClassVar[str] = "any; Chinese and Japanese are left alone unless `cjk` is set"

    quotes: bool = True
    guillemets: bool = False
    primes: bool = True
    dashes: bool = True
    ellipsis: bool = True
    cjk: bool = False

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, "[´«»‐-―‘-‟…′-‵‹›−「-』｢｣]")

    def rewrite(self, text: str) -> str:
        return super().rewrite(text) if self.cjk or not _is_cjk(text) else text

    def passes(self) -> tuple[Pass, ...]:
        return (
            ("quotes", self._plain_quotes),
            ("primes", lambda text: text.translate(_PRIMES) if self.primes else text),
            ("dashes", lambda text: _plain_dashes(text) if self.dashes else text),
            ("ellipsis", lambda text: text.replace("…", "...") if self.ellipsis else text),
        )

    def _plain_quotes(self, text: str) -> str:
        if self.quotes:
            text = _ACCENT.sub("'", text.translate(_QUOTES))
        if self.cjk:
            text = text.translate(_CORNERS)
        return _GUILLEMETS.sub('"', text) if self.guillemets else text


def _plain_dashes(text: str) -> str:
    return _LONG_DASH.sub(" - ", text.translate(_DASHES)).replace("—", "-").replace("―", "-")


def _is_cjk(text: str) -> bool:
    n_cjk = len(_CJK.findall(text))
    return n_cjk > 0 and 5 * n_cjk >= len(_LETTERS.findall(text))

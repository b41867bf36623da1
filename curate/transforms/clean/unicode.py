"""`clean.unicode`: mojibake, broken encodings and stray control characters, through ftfy.

ftfy (Speer 2019, https://ftfy.readthedocs.io) mends text that was decoded with the wrong encoding and leaves good
text alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from ftfy import TextFixerConfig, fix_text

from curate.core.example import Example
from curate.core.rewrite import RewriteText

_SUSPECT = r"[^\x20-\x7e\t\n]"


class CleanUnicode(RewriteText):
    """Mends mojibake, terminal escapes, control characters and line ends.

    Attributes:
        normalization: the Unicode normal form of what comes out, or None to leave it.
        uncurl_quotes: turn curly quotes into straight ones.
        fix_character_width: turn full-width letters and punctuation and half-width kana into their usual width; off,
            for full width is how Chinese and Japanese are written.
        fix_latin_ligatures: turn ligatures such as ﬁ into their letters.

    Example:
        >>> CleanUnicode().rewrite("The Mona Lisa doesnâ€™t")
        'The Mona Lisa doesn’t'
    """

    name: ClassVar[str] = "clean.unicode"
    version: ClassVar[str] = "1"
    reason: ClassVar[str] = "mended_unicode"
    reasons: ClassVar[Mapping[str, str]] = {
        "mended_unicode": "the text was broken by a wrong encoding or holds control characters"
    }
    examples: ClassVar[Mapping[str, Example]] = {"mended_unicode": Example("The Mona Lisa doesnâ€™t have eyebrows")}

    normalization: Literal["NFC", "NFKC", "NFD", "NFKD"] | None = "NFC"
    uncurl_quotes: bool = False
    fix_character_width: bool = False
    fix_latin_ligatures: bool = True

    @cached_property
    def _config(self) -> TextFixerConfig:
        return TextFixerConfig(unescape_html=False, explain=False, **self.model_dump())

    def revision(self) -> str:
        return f"ftfy {version('ftfy')}"

    def suspects(self, column: pa.Array) -> pa.Array:
        """Only what is not printable ASCII can be broken."""
        return pc.match_substring_regex(column, _SUSPECT)

    def rewrite(self, text: str) -> str:
        return fix_text(text, self._config)

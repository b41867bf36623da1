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

_PLAIN = r"\x20-\x7e\t\n"
_WIDE = r"\x{3000}\x{ff01}-\x{ff5e}"
_SOUND = (
    r"\x{2013}\x{2014}\x{2018}\x{2019}\x{201c}\x{201d}\x{2026}\x{60c}\x{61b}\x{61f}\x{621}-\x{63a}\x{641}-\x{64a}"
    r"\x{660}-\x{669}\x{671}-\x{6d3}\x{3001}-\x{3020}\x{3041}-\x{3096}\x{30a1}-\x{30fe}\x{3400}-\x{4dbf}"
    r"\x{4e00}-\x{9fff}\x{ac00}-\x{d7a3}\x{1f300}-\x{1f64f}\x{1f680}-\x{1f6ff}\x{1f900}-\x{1f9ff}"
)
"""Characters that no wrong decoding into a single-byte encoding yields one beside the other, and that NFC leaves alone:
dashes, quotes, Arabic letters, Chinese, Japanese, Korean, emoji.
"""


_LATIN = r"\x{c0}\x{c1}\x{c4}\x{c6}-\x{cd}\x{cf}\x{d1}-\x{d6}\x{d8}\x{da}-\x{f6}\x{f8}-\x{ff}"
"""Letters that a wrong decoding yields only beside another character outside ASCII (or with a blank between)."""


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
        """Texts with a character that can be part of mojibake or that Unicode may write in another way."""
        sound = "" if self.uncurl_quotes or self.normalization not in (None, "NFC") else _SOUND
        wide = "" if self.fix_character_width or not sound else _WIDE
        beside = rf"|[{_LATIN}] ?[^{_PLAIN}]|[^{_PLAIN}][{_LATIN}]" if sound else ""
        return pc.match_substring_regex(column, f"[^{_PLAIN}{sound}{wide}{_LATIN * bool(sound)}]{beside}")

    def rewrite(self, text: str) -> str:
        return fix_text(text, self._config)

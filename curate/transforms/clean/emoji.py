"""`clean.emoji`: emoji taken out, described in words, or replaced by a space; a sequence is one emoji.

What counts as an emoji is told by `curate.kernels.emoji` (UTS #51): families, flags, skin tones and keycaps as one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.core.rewrite import RewriteText
from curate.kernels import emoji
from curate.kernels.cutting import cut

_ON_THEIR_OWN = r"|[\x{2600}-\x{27bf}]"


class CleanEmoji(RewriteText):
    """Describes emoji in words, takes them out, or puts a space in their place.

    Signs that are text by themselves stay: ©, ™, ↔, digits, and ☺ or ❤ without the selector that makes them pictures,
    unless `symbols` is set. To keep emoji as they are, leave this step out of the recipe.

    Attributes:
        action: `describe` (`:grinning_face:`, the Unicode name in English), `remove`, or `space`.
        symbols: also the pictures among the old symbols that are text by themselves, such as ☺ ❤ ✔ ☀.

    Example:
        >>> CleanEmoji().rewrite("nice👍🏽 © 2024")
        'nice :thumbs_up_sign_medium_skin_tone: © 2024'
        >>> CleanEmoji(action="remove").rewrite("we 👩\u200d👩\u200d👧 are here 🇩🇪!")
        'we are here!'
    """

    name: ClassVar[str] = "clean.emoji"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "emoji"
    reasons: ClassVar[Mapping[str, str]] = {"emoji": "emoji"}
    examples: ClassVar[Mapping[str, Example]] = {"emoji": Example("Well done 👍🏽 in 🇩🇪!")}
    languages: ClassVar[str] = "any; descriptions are in English"

    action: Literal["describe", "remove", "space"] = "describe"
    symbols: bool = False

    def revision(self) -> str:
        return f"unicode {unicodedata.unidata_version}" if self.action == "describe" else ""

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, emoji.SUSPECT + _ON_THEIR_OWN * self.symbols)

    def rewrite(self, text: str) -> str:
        pattern = emoji.pattern(symbols=self.symbols)
        if self.action == "remove":
            return cut(text, (found.span() for found in pattern.finditer(text)))
        if self.action == "describe":
            return pattern.sub(_described, text)
        return re.sub(rf"(?:{pattern.pattern})++", _space, text)


def _described(found: re.Match[str]) -> str:
    """The name between colons, with a space to whatever word or emoji touches it."""
    text, start, end = found.string, found.start(), found.end()
    before = " " if start and not text[start - 1].isspace() and text[start - 1] not in "([{\"'" else ""
    return f"{before}:{emoji.name(found.group())}:{' ' if text[end : end + 1].isalnum() else ''}"


def _space(found: re.Match[str]) -> str:
    """One space for a run of emoji; none where white space or an end stands beside it already."""
    text, start, end = found.string, found.start(), found.end()
    beside = not start or end == len(text) or text[start - 1].isspace() or text[end].isspace()
    return "" if beside else " "

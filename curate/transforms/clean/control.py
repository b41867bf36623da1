r"""`clean.control`: characters that nobody sees: control characters, zero width, direction marks, soft hyphens, tags.

Some of them carry meaning and stay: joiners inside Arabic, Persian and Indic words and inside emoji, the zero-width
space of Thai and Khmer, direction marks in right-to-left text, variation selectors on a base that has variants
(Unicode 17, chapter 23; UTS #51).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.kernels import emoji
from curate.transforms.clean.passes import Pass, RewriteInPasses

_ESCAPES = re.compile(r"\x1b\[[0-9;?]{0,40}[A-Za-z]")
_SEPARATORS = re.compile("[\x0b\x0c\x1c-\x1e]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
_MEANT = {code: bytes([code]).decode("windows-1252", "ignore") for code in range(0x80, 0xA0)}
_INVISIBLE = re.compile("[\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]+")
_JOINERS = re.compile("[\u200c\u200d]+")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u0600\u0604-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_HYPHEN_AT_END = re.compile("(?<!\u00ad)\u00ad++(?=\r?\n)")
_TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f)|[\U000e0000-\U000e007f]+")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_MONGOLIAN = re.compile("[\u180b-\u180d\u180f]+")

_WITH_JOINERS = re.compile(
    "[\u0600-\u109f\u1700-\u1cff\ua800-\ua82f\ua840-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00010aff\U00010f30-\U00011fff\U0001e900-\U0001e95f]"
)
_WITH_ZERO_WIDTH_SPACE = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\ua980-\ua9ff\uaa60-\uaadf]")
_EMOJI_BASE = re.compile(f"[0-9#*{emoji.PICTURES}{emoji.SIGNS}]")
_IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

_SUSPECT = (
    r"[\x{00}-\x{08}\x{0b}\x{0c}\x{0e}-\x{1f}\x{7f}-\x{9f}\x{ad}\x{61c}\x{180b}-\x{180f}\x{200b}-\x{200f}"
    r"\x{202a}-\x{202e}\x{2060}-\x{206f}\x{fe00}-\x{fe0f}\x{feff}\x{fff9}-\x{fffb}\x{e0000}-\x{e01ef}]"
)


class CleanControl(RewriteInPasses):
    r"""Takes out characters that nobody sees, but for those that a script or an emoji needs.

    Tabs, line breaks and carriage returns stay; other characters that separate lines or pages become a line break, and
    controls from U+0080 to U+009F the Windows character that they nearly always stand for (`\x9c`: œ), as in HTML. A
    soft hyphen at the end of a line becomes the hyphen it shows there. Zero-width joiners and non-joiners stay beside
    letters of scripts that join (Arabic, Persian, Indic and their neighbours) and in emoji.

    Attributes:
        keep_direction: keep direction marks in texts with right-to-left letters, except the overrides; else none stays.

    Example:
        >>> CleanControl().rewrite("zero\u200bwidth\x00, می\u200cخواهم")
        'zerowidth, می\u200cخواهم'
    """

    name: ClassVar[str] = "clean.control"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "control_character"
    reasons: ClassVar[Mapping[str, str]] = {
        "control_character": "control characters or terminal escapes",
        "soft_hyphen": "soft hyphens: marks where a word may be broken",
        "direction_mark": "direction marks without right-to-left text, or overrides of its direction",
        "tag_character": "tag characters outside a flag: invisible copies of ASCII",
        "zero_width": "zero-width characters where no script and no emoji needs them",
        "variation_selector": "variation selectors after a character that has no variants",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "control_character": Example("nul\x00 and \x1b[1mbold\x1b[0m"),
        "soft_hyphen": Example("Donau\u00addampf\u00adschiff"),
        "direction_mark": Example("\u202apaid\u202c in full"),
        "tag_character": Example("hello\U000e0068\U000e0069 there"),
        "zero_width": Example("\ufeffzero\u200bwidth"),
        "variation_selector": Example("p\ufe0flain"),
    }
    languages: ClassVar[str] = "any; what Arabic, Persian, Indic scripts, Thai and Khmer need stays"

    keep_direction: bool = True

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, _SUSPECT)

    def passes(self) -> tuple[Pass, ...]:
        return (
            ("control_character", _without_controls),
            ("soft_hyphen", _without_soft_hyphens),
            ("direction_mark", self._without_direction),
            ("tag_character", lambda text: _TAGS.sub(lambda found: found[1] or "", text)),
            ("zero_width", _without_zero_width),
            ("variation_selector", _without_selectors),
            ("zero_width", lambda text: _JOINERS.sub(_joiner, text)),
        )

    def _without_direction(self, text: str) -> str:
        if not _DIRECTION.search(text):
            return text
        if self.keep_direction and _RIGHT_TO_LEFT.search(text):
            return text.replace("\u202d", "").replace("\u202e", "")
        return _DIRECTION.sub("", text)


def _without_controls(text: str) -> str:
    text = _ESCAPES.sub("", text)
    return _CONTROLS.sub("", _SEPARATORS.sub("\n", text).replace("\x1f", " ")).translate(_MEANT)


def _without_soft_hyphens(text: str) -> str:
    return _HYPHEN_AT_END.sub("-", text).replace("\u00ad", "") if "\u00ad" in text else text


def _without_zero_width(text: str) -> str:
    return _INVISIBLE.sub(_zero_width_space, text)


def _around(found: re.Match[str]) -> tuple[str, str]:
    """The characters on both sides of a match; empty at the ends of the text."""
    text = found.string
    return text[found.start() - 1] if found.start() else "", text[found.end() : found.end() + 1]


def _zero_width_space(found: re.Match[str]) -> str:
    """A zero-width space parts words in scripts that write no space; anything else of its kind goes."""
    beside = any(_WITH_ZERO_WIDTH_SPACE.match(character) for character in _around(found))
    return "\u200b" if beside and "\u200b" in found.group() else ""


def _joiner(found: re.Match[str]) -> str:
    """One joiner stays beside a letter of a script that joins, or between two emoji."""
    before, after = _around(found)
    if _WITH_JOINERS.match(before) or _WITH_JOINERS.match(after):
        return found.group()[0]
    picture = _EMOJI_BASE.match(after) and (_EMOJI_BASE.match(before) or before == "\ufe0f")
    return "\u200d" if picture and not after.isdigit() and "\u200d" in found.group() else ""


def _without_selectors(text: str) -> str:
    return _MONGOLIAN.sub(_mongolian, _SELECTORS.sub(_selector, text))


def _selector(found: re.Match[str]) -> str:
    """The first selector stays on a base that may have variants: a symbol, an emoji, an ideograph."""
    base, _ = _around(found)
    first = found.group()[0]
    if first in "\ufe0e\ufe0f":
        fits = _EMOJI_BASE.match(base) is not None
    elif first <= "\ufe0f":
        fits = base == "0" or base > "\u00ff"
    else:
        fits = _IDEOGRAPH.match(base) is not None
    return first if fits else ""


def _mongolian(found: re.Match[str]) -> str:
    base, _ = _around(found)
    return found.group()[0] if "\u1800" <= base <= "\u18af" else ""

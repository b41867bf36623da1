"""Emoji: which stretches of a text are one emoji, whole sequences as one, and what each is called.

Facts: the properties Emoji and Emoji_Presentation of Unicode 17 (emoji-data.txt) and the sequences of UTS #51. Signs
that are text unless a variation selector follows (©, ™, ↔, ❤, digits) are no emoji by themselves.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_PICTURES = """
    231a-231b 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2648-2653 267f 2693 26a1 26aa-26ab 26bd-26be 26c4-26c5 26ce 26d4
    26ea 26f2-26f3 26f5 26fa 26fd 2705 270a-270b 2728 274c 274e 2753-2755 2757 2795-2797 27b0 27bf 2b1b-2b1c 2b50 2b55
    1f004 1f0cf 1f18e 1f191-1f19a 1f1e6-1f1ff 1f201 1f21a 1f22f 1f232-1f236 1f238-1f23a 1f250-1f251 1f300-1f320
    1f32d-1f335 1f337-1f37c 1f37e-1f393 1f3a0-1f3ca 1f3cf-1f3d3 1f3e0-1f3f0 1f3f4 1f3f8-1f43e 1f440 1f442-1f4fc
    1f4ff-1f53d 1f54b-1f54e 1f550-1f567 1f57a 1f595-1f596 1f5a4 1f5fb-1f64f 1f680-1f6c5 1f6cc 1f6d0-1f6d2 1f6d5-1f6d9
    1f6dc-1f6df 1f6eb-1f6ec 1f6f4-1f6fc 1f7e0-1f7eb 1f7f0 1f90c-1f93a 1f93c-1f945 1f947-1f9ff 1fa70-1fa7c 1fa80-1fac6
    1fac8 1facc-1fadd 1fadf-1faeb 1faef-1fafa
"""
_SIGNS = """
    a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 2328 23cf 23ed-23ef 23f1-23f2 23f8-23fa 24c2 25aa-25ab 25b6 25c0
    25fb-25fc 2600-2604 260e 2611 2618 261d 2620 2622-2623 2626 262a 262e-262f 2638-263a 2640 2642 265f-2660 2663
    2665-2666 2668 267b 267e 2692 2694-2697 2699 269b-269c 26a0 26a7 26b0-26b1 26c8 26cf 26d1 26d3 26e9 26f0-26f1 26f4
    26f7-26f9 2702 2708-2709 270c-270d 270f 2712 2714 2716 271d 2721 2733-2734 2744 2747 2763-2764 27a1 2934-2935
    2b05-2b07 3030 303d 3297 3299 1f170-1f171 1f17e-1f17f 1f202 1f237 1f321 1f324-1f32c 1f336 1f37d 1f396-1f397
    1f399-1f39b 1f39e-1f39f 1f3cb-1f3ce 1f3d4-1f3df 1f3f3 1f3f5 1f3f7 1f43f 1f441 1f4fd 1f549-1f54a 1f56f-1f570
    1f573-1f579 1f587 1f58a-1f58d 1f590 1f5a5 1f5a8 1f5b1-1f5b2 1f5bc 1f5c2-1f5c4 1f5d1-1f5d3 1f5dc-1f5de 1f5e1 1f5e3
    1f5e8 1f5ef 1f5f3 1f5fa 1f6cb 1f6cd-1f6cf 1f6e0-1f6e5 1f6e9 1f6f0 1f6f3
"""
_TONES = ("light", "medium_light", "medium", "medium_dark", "dark")


def _inside(ranges: str, *, re2: bool = False) -> str:
    """The inside of a character class for `re`, or for RE2."""
    parts = [part.split("-") for part in ranges.split()]
    if re2:
        return "".join("-".join(f"\\x{{{code}}}" for code in part) for part in parts)
    return "".join("-".join(chr(int(code, 16)) for code in part) for part in parts)


PICTURES = _inside(_PICTURES)
"""The inside of a character class: what is an emoji by itself."""
SIGNS = _inside(_SIGNS)
"""The inside of a character class: what is text by itself and an emoji before a variation selector or a skin tone."""
SUSPECT = rf"[{_inside(_PICTURES, re2=True)}\x{{fe0f}}\x{{20e3}}]|[{_inside(_SIGNS, re2=True)}][\x{{1f3fb}}-\x{{1f3ff}}"
SUSPECT += r"\x{200d}]"
"""For RE2: what a text with an emoji holds."""

_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_REGION = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"
_TONE = "[\U0001f3fb-\U0001f3ff]"
_ONE = (
    rf"(?:{_FLAG}|{_REGION}|[{PICTURES}](?!\ufe0e)\ufe0f?{_TONE}?"
    rf"|[{SIGNS}](?:\ufe0f{_TONE}?|{_TONE}|(?=\u200d[{PICTURES}{SIGNS}])))"
)
_SEQUENCE = rf"[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d[{PICTURES}{SIGNS}]\ufe0f?{_TONE}?)*+"


@cache
def pattern(*, symbols: bool = False) -> re.Pattern[str]:
    """Matches one emoji, a whole sequence as one; with `symbols` also pictures that are text by themselves (☺ ❤ ✔).

    Example:
        >>> pattern().findall("👩‍👩‍👧 © 🇩🇪 👍🏽 1️⃣ 5")
        ['👩\u200d👩\u200d👧', '🇩🇪', '👍🏽', '1️⃣']
    """
    also = "|(?=[\u2600-\u27bf])[" + SIGNS + "](?!\ufe0e)" if symbols else ""
    return re.compile(f"(?:{_SEQUENCE}{also})[\ufe0f\u20e3\u200d]*+")


@cache
def name(emoji: str) -> str:
    """What an emoji is called, in lower case with underscores; by its number where Python does not know it yet.

    Example:
        >>> name("🇩🇪"), name("👍🏽"), name("1️⃣"), name("👩\u200d🔬")
        ('flag_de', 'thumbs_up_sign_medium_skin_tone', 'keycap_1', 'woman_microscope')
    """
    letters = "".join(chr(ord(c) - 0x1F1E6 + ord("a")) for c in emoji if "\U0001f1e6" <= c <= "\U0001f1ff")
    if len(letters) == 2:
        return f"flag_{letters}"
    if emoji[0] in "0123456789#*":
        return f"keycap_{emoji[0]}"
    region = "".join(chr(ord(c) - 0xE0000) for c in emoji if "\U000e0020" <= c < "\U000e007f")
    parts = [_one_name(c) for c in emoji if c not in "\ufe0f\u200d\u20e3" and not "\U000e0020" <= c <= "\U000e007f"]
    return f"flag_{region}" if region else "_".join(parts)


def _one_name(character: str) -> str:
    if "\U0001f3fb" <= character <= "\U0001f3ff":
        return f"{_TONES[ord(character) - 0x1F3FB]}_skin_tone"
    said = unicodedata.name(character, f"u{ord(character):x}")
    return re.sub(r"[^a-z0-9]+", "_", said.lower())

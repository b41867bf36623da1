"""The script most letters of a text are written in: Latin, Cyrillic, Han and so on, without a model.

A script is no language, but an answer in another script than its prompt is seldom meant. Chinese and Japanese share
Han, so both count as one, `CJK`. Ranges: Unicode 16, Blocks.txt.
"""

from __future__ import annotations

from bisect import bisect_right

SAMPLE = 4000
"""Characters of a text that are looked at."""

_BLOCKS = (
    (0x41, 0x5B, "Latin"),
    (0x61, 0x7B, "Latin"),
    (0xC0, 0x250, "Latin"),
    (0x370, 0x400, "Greek"),
    (0x400, 0x530, "Cyrillic"),
    (0x531, 0x590, "Armenian"),
    (0x591, 0x600, "Hebrew"),
    (0x600, 0x780, "Arabic"),
    (0x8A0, 0x900, "Arabic"),
    (0x900, 0x980, "Devanagari"),
    (0x980, 0xA00, "Bengali"),
    (0xA00, 0xA80, "Gurmukhi"),
    (0xA80, 0xB00, "Gujarati"),
    (0xB00, 0xB80, "Odia"),
    (0xB80, 0xC00, "Tamil"),
    (0xC00, 0xC80, "Telugu"),
    (0xC80, 0xD00, "Kannada"),
    (0xD00, 0xD80, "Malayalam"),
    (0xD80, 0xE00, "Sinhala"),
    (0xE00, 0xE80, "Thai"),
    (0xE80, 0xF00, "Lao"),
    (0xF00, 0x1000, "Tibetan"),
    (0x1000, 0x10A0, "Myanmar"),
    (0x10A0, 0x1100, "Georgian"),
    (0x1100, 0x1200, "Hangul"),
    (0x1200, 0x13A0, "Ethiopic"),
    (0x1780, 0x1800, "Khmer"),
    (0x1800, 0x18B0, "Mongolian"),
    (0x1E00, 0x1F00, "Latin"),
    (0x1F00, 0x2000, "Greek"),
    (0x2E80, 0x3000, "CJK"),
    (0x3040, 0x3130, "CJK"),
    (0x3130, 0x3190, "Hangul"),
    (0x31F0, 0x3200, "CJK"),
    (0x3400, 0x4DC0, "CJK"),
    (0x4E00, 0xA000, "CJK"),
    (0xAC00, 0xD7B0, "Hangul"),
    (0xF900, 0xFB00, "CJK"),
    (0xFB50, 0xFE00, "Arabic"),
    (0xFE70, 0xFEFF, "Arabic"),
    (0xFF21, 0xFF5B, "Latin"),
    (0xFF66, 0xFFA0, "CJK"),
    (0x20000, 0x32000, "CJK"),
)
_STARTS = [start for start, _, _ in _BLOCKS]


def script_counts(text: str) -> dict[str, int]:
    """How many letters of each script stand in the first `SAMPLE` characters, most first.

    Example:
        >>> script_counts("数据 cleaning: 清洗")
        {'Latin': 8, 'CJK': 4}
    """
    counts: dict[str, int] = {}
    seen: dict[str, int] = {}
    for letter in text[:SAMPLE]:
        if letter.isalpha():
            seen[letter] = seen.get(letter, 0) + 1
    for letter, n in seen.items():
        script = script_of(letter)
        counts[script] = counts.get(script, 0) + n
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def script_of(letter: str) -> str:
    """The script of a letter; `other` for one of a rare script.

    Example:
        >>> script_of("я"), script_of("é"), script_of("あ")
        ('Cyrillic', 'Latin', 'CJK')
    """
    code = ord(letter)
    at = bisect_right(_STARTS, code) - 1
    return _BLOCKS[at][2] if at >= 0 and code < _BLOCKS[at][1] else "other"

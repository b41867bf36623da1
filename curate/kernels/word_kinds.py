"""How a chunk (a run without white space) splits into words, and what a word is to the named rule sets.

Every splitter splits each chunk by itself, so that `kernels.word_table` asks for every different chunk once. The one of
spaCy's rules is in `kernels.spacy_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

PUNCTUATION, ENDS_SENTENCE, ALPHABETIC, SYMBOLS, CLOSES_SENTENCE = 1, 2, 4, 8, 16
"""The bits that say what a token is: nothing but punctuation; ends a sentence; holds a letter; nothing but symbols of
the reference's list; a word at whose end a sentence ends."""

_CLOSING = "\"')]}»”’」』）"


def code_points(ranges: str) -> list[tuple[int, int]]:
    """The ranges of a line in hexadecimal, sorted: `21 2e 700-702`.

    Example:
        >>> code_points("21 700-702")
        [(33, 33), (1792, 1794)]
    """
    ends = [part.split("-") for part in ranges.split()]
    return sorted((int(part[0], 16), int(part[-1], 16)) for part in ends)


def _characters(ranges: str) -> frozenset[str]:
    return frozenset(chr(code) for first, last in code_points(ranges) for code in range(first, last + 1))


END_MARKS = _characters(
    "21 2e 3f 589 61d-61f 6d4 700-702 7f9 837 839 83d-83e 964-965 104a-104b 1362 1367-1368 166e 1735-1736 17d4-17d6 "
    "17d9-17da 1803 1809 1944-1945 1aa8-1aab 1b5a-1b5b 1b5e-1b5f 1b7d-1b7e 1c3b-1c3c 1c7e-1c7f 203c-203d 2047-2049 "
    "2e2e 2e3c 2e53-2e54 3002 a4ff a60e-a60f a6f3 a6f7 a876-a877 a8ce-a8cf a92f a9c8-a9c9 aa5d-aa5f aaf0-aaf1 abeb "
    "fe52 fe56-fe57 ff01 ff0e ff1f ff61 10a56-10a57 10f55-10f59 10f86-10f89 11047-11048 110be-110c1 11141-11143 "
    "111c5-111c6 111cd 111de-111df 11238-11239 1123b-1123c 112a9 1144b-1144c 115c2-115c3 115c9-115d7 11641-11642 "
    "1173c-1173e 11944 11946 11a42-11a43 11a9b-11a9c 11c41-11c42 11ef7-11ef8 11f43-11f44 16a6e-16a6f 16af5 "
    "16b37-16b38 16b44 16e98 1bc9f 1da88"
)
"""Characters that end a sentence, in any script: Unicode's property Sentence_Terminal, and three marks of Khmer."""

SYMBOL_CHARACTERS = END_MARKS | _characters(
    "0-8 b-1f 22-2d 2f 3a-3e 40 5b-60 7b-9f ab b4 bb 2013-2014 2019 201c-201e 2026 2236 2501 25ba 3001 3008-300d "
    "3010-3011 ff05 ff08-ff09 ff0c ff11 ff1a-ff1b ff5e"
)
"""Characters of which a token may consist that is no word to Gopher's rules: ASCII punctuation, controls, ends of
sentences and some marks of other scripts, those that datatrove counts."""

UNSPACED_RANGES = code_points(
    "e00-eff 1000-109f 1780-17ff 19e0-19ff 2e80-2fdf 3005-3007 3021-3029 3038-303b 3041-30ff 31f0-31ff 32d0-3357 "
    "3400-4dbf 4e00-9fff a9e0-a9ff aa60-aa7f f900-faff ff66-ff9d 16fe2-16ff1 1aff0-1b16f 1f200-1f200 20000-323af"
)
"""The blocks of the scripts that write words without spaces between them (those of `kernels.text.UNSPACED`)."""


class Splitter(Protocol):
    """Splits chunks into words."""

    def split(self, chunks: list[str]) -> Iterator[list[str]]:
        """The words of each chunk, in order; together they are the chunk, but for spaces between them."""
        ...

    def kind(self, token: str) -> int:
        """What a token is: bits."""
        ...

    def masks(self, chunk: str) -> tuple[int, int]:
        """64 bits for its end, 64 for its start: where those of two neighbours meet, they are split together."""
        ...


class PlainWords:
    """Words as curate counts them: the chunk itself; in scripts without spaces each character is one.

    Example:
        >>> list(PlainWords().split(["word.", "数据ab"]))
        [['word.'], ['数', '据', 'ab']]
    """

    def __init__(self) -> None:
        inside = "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED_RANGES)
        self._alone = re.compile(f"([{inside}])")

    def split(self, chunks: list[str]) -> Iterator[list[str]]:
        for chunk in chunks:
            yield [chunk] if chunk.isascii() else [part for part in self._alone.split(chunk) if part]

    def kind(self, token: str) -> int:
        kind = letters_and_symbols(token)
        bare = token.rstrip(_CLOSING)
        closes = bool(bare) and bare[-1] in END_MARKS
        if kind & SYMBOLS:
            return kind | PUNCTUATION | (ENDS_SENTENCE if closes else 0)
        return kind | (CLOSES_SENTENCE if closes else 0)

    def masks(self, chunk: str) -> tuple[int, int]:
        return 0, 0


@lru_cache(maxsize=1 << 16)
def letters_and_symbols(token: str) -> int:
    """The bits ALPHABETIC and SYMBOLS of a token."""
    if token.isalpha():
        return ALPHABETIC
    kind = ALPHABETIC if any(map(str.isalpha, token)) else 0
    return kind | (SYMBOLS if SYMBOL_CHARACTERS.issuperset(token) else 0)

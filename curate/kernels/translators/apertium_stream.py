r"""Texts in the stream that the programs of Apertium read, and back.

Characters that mean something in that stream, and all that is neither letter, digit nor common punctuation, travel in
a blank of their own, as numbers: `^` as `[u5e]` (a bare `^` in a blank kills apertium-transfer 3.8). So whatever
stands outside of a blank in what comes back is Apertium's own, and `*`, `#` and `@` are its marks for words that it did
not know, could not inflect or could not translate. A run of hundreds of characters without a space, which is no word,
travels like that, too: the time of `lt-proc` grows with the square of its length.
The format: https://wiki.apertium.org/wiki/Apertium_stream_format.
"""

from __future__ import annotations

import re
import unicodedata

from curate.kernels.translators.translator import Translation

_MOST_LETTERS = 300  # as in the two below
_OTHER = re.compile(r"""(?<!\S)\S{300,}|(?:[^\w\s.,;:!?'"()%–—’‘“”…«»¿¡·€£&-]|_)+""")
_MOST_WORDS = 500  # of a sentence: the time of apertium-tagger grows with the square of their number
_ENDLESS = re.compile(r"\S{300}")
_SAFE = re.compile(r"""[\w .,;:!?'"()%–—’‘“”…«»¿¡·€£&-]*""", re.ASCII)
_PART = re.compile(r"\[(u[0-9a-f-]+)?\]|\\?([*#@])|\\(.)|([^\[\\*#@]+)|(.)", re.DOTALL)
_WORD = re.compile(r"[\w'’-]+")
_LETTER = re.compile(r"[^\W\d_]")
_END = ".[]"


def written(text: str) -> str:
    """One line of text as Apertium reads it, with an end of sentence behind it that is none of its own.

    Example:
        >>> written("a^b is 5 $"), written("two  spaces")
        ('a[u5e]b is 5 [u24].[]', 'two spaces.[]')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = " ".join(text.split())
    if "_" in text or not _SAFE.fullmatch(text) or _ENDLESS.search(text):
        text = _OTHER.sub(lambda match: f"[u{'-'.join(f'{ord(letter):x}' for letter in match.group())}]", text)
    return (_ended(text) if len(text) > 2 * _MOST_WORDS else text) + _END


def _ended(text: str) -> str:
    """A text with an end of sentence behind every so many words without one."""
    words, since = text.split(" "), 0
    for at, word in enumerate(words):
        since = 0 if word.endswith((".", "!", "?")) else since + 1
        if since == _MOST_WORDS:
            words[at], since = f"{word} {_END}", 0
    return " ".join(words)


def read(said: str, source: str) -> Translation:
    """What came back of one line: the text without marks, and the words that were marked.

    Apertium opens every sentence with a capital; where the source has no capital at all, there is none here.

    Args:
        said: the stream.
        source: the text that it is a translation of.

    Example:
        >>> read("É un *blorg[u5e].[]", "It is a blorg^")
        Translation(text='É un blorg^', unknown=('blorg',))
    """
    parts: list[str] = []
    marks: list[int] = []
    length = 0
    for blank, mark, escaped, plain, rest in _PART.findall(said.removesuffix(_END).replace(_END, "")):
        if mark:
            marks.append(length)
            continue
        part = "".join(chr(int(code, 16)) for code in blank[1:].split("-")) if blank else escaped or plain or rest
        if len(part) >= _MOST_LETTERS and blank and _LETTER.search(part):
            marks.append(length)
        parts.append(part)
        length += len(part)
    text = "".join(parts)
    if not any(letter.isupper() for letter in source):
        lowered = text.lower()
        text = lowered if len(lowered) == length else text
    unknown = tuple(dict.fromkeys(_word_at(text, mark) for mark in marks))
    return Translation(" ".join(text.split()), unknown)


def _word_at(text: str, place: int) -> str:
    start = place
    while start and text[start - 1].isalnum():
        start -= 1
    match = _WORD.match(text, start)
    return match.group() if match else text[start : start + 1]

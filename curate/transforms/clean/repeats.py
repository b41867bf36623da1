"""`clean.repeats`: the same sign or letter again and again: `!!!!!!!`, `sooooo`, lines of dashes.

Numbers, URLs, paths, identifiers, `www`, Roman numerals and the three dots of an ellipsis stay as they are.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping
from functools import cache
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.core.example import Example
from curate.transforms.clean.passes import Pass, RewriteInPasses

_MIXED = "!?¡¿"
_WIDE = "。，、；：～…！？،؛؟।॥"
_SEPARATORS = "-=_*~+•·–—─━═^"
_HAN = "\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(f"[^\\s\u3000-\u303f\uff01-\uff0f\uff1a-\uff20{_HAN}]+")
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"[/\\_=<>{}|$&]|\w@|::|^www\.")
_CODE_WORD = re.compile(r"[/\\_=<>{}|$&\d]|\w@|::|^www\.|^#[0-9a-fA-F]{3,8}$|\w\.\w")
_ROMAN = re.compile("[IVXLCDM]+")
_RUN_OF_FIVE = re.compile(r"(.)\1{4}")
_DOTS = 3
_STARS = 10
"""Stars up to here are a rating."""


class CleanRepeats(RewriteInPasses):
    """Shortens runs of the same punctuation mark or letter to a maximum.

    Attributes:
        max_punctuation: marks in a row that stay: of ! and ? in any mixture, else of the same mark; of dots always at
            least three.
        max_letters: times in a row that a letter stays; three, because German writes `Schifffahrt`. None: letters are
            left alone.
        max_separators: signs that stay of a token of nothing but `-`, `=`, `*`, `_` and their like.

    Example:
        >>> CleanRepeats().rewrite("Sooooo good!!!!!! See www.example.org, chapter IIII ...")
        'Sooo good!!! See www.example.org, chapter IIII ...'
    """

    name: ClassVar[str] = "clean.repeats"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "repeated_punctuation"
    reasons: ClassVar[Mapping[str, str]] = {
        "repeated_punctuation": "the same punctuation marks many times in a row",
        "elongated_word": "a word with the same letter many times in a row",
        "separator": "a line or token of nothing but dashes, stars or their like",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "repeated_punctuation": Example("Really?!?!?!?!"),
        "elongated_word": Example("I am soooooo glad"),
        "separator": Example("above\n---------\nbelow"),
    }
    languages: ClassVar[str] = "any; Chinese characters are words and may repeat"

    max_punctuation: int = Field(default=3, ge=1, le=100)
    max_letters: int | None = Field(default=3, ge=2, le=100)
    max_separators: int = Field(default=3, ge=1, le=100)

    def suspects(self, column: pa.Array) -> pa.Array:
        marks, signs = self.max_punctuation + 1, self.max_separators + 1
        parts = [f"[{_MIXED}]{{{marks}}}", f"~{{{marks}}}", r"\.{4}", f"[^\\x00-\\x7f]{{{min(marks, signs)}}}"]
        parts += [f"{re.escape(sign)}{{{signs}}}" for sign in _SEPARATORS if sign.isascii()]
        if self.max_letters is not None:
            n = self.max_letters + 1
            parts += [f"[^\\x00-\\x7f]{{{n}}}", *(f"{letter}{{{n}}}" for letter in string.ascii_letters)]
        return pc.match_substring_regex(column, "|".join(parts))

    def passes(self) -> tuple[Pass, ...]:
        marks, letters, signs = self.max_punctuation, self.max_letters, self.max_separators
        made: list[Pass] = [
            ("separator", lambda text: _shorten_separators(text, signs)),
            ("repeated_punctuation", lambda text: _shorten_marks(text, marks)),
        ]
        if letters is not None:
            made.append(("elongated_word", lambda text: _shorten_letters(text, letters)))
        return tuple(made)


@cache
def _run(inside: str, most: int) -> re.Pattern[str]:
    """Matches a sign of a class that stands more than `most` times in a row."""
    return re.compile(rf"({inside})\1{{{most},}}")


@cache
def _marks(most: int) -> re.Pattern[str]:
    return re.compile(rf"[{_MIXED}]{{{most + 1},}}|~{{{most + 1},}}|\.{{{max(most, _DOTS) + 1},}}")


def _in_tokens(text: str, trouble: re.Pattern[str], change: Callable[[str], str]) -> str:
    """The text with every token that holds the trouble changed."""
    if not trouble.search(text):
        return text
    return _TOKEN.sub(lambda found: change(found.group()) if trouble.search(found.group()) else found.group(), text)


def _shorten_separators(text: str, most: int) -> str:
    return _in_tokens(
        text,
        _run(f"[{re.escape(_SEPARATORS)}]", most),
        lambda token: token[:most] if _is_separator(token) else token,
    )


def _is_separator(token: str) -> bool:
    """Whether a token is nothing but one sign again and again; a rating of a few stars is none."""
    return token[0] in _SEPARATORS and token == token[0] * len(token) and (token[0] != "*" or len(token) > _STARS)


def _shorten_marks(text: str, most: int) -> str:
    text = _run(f"[{_WIDE}]", most).sub(lambda found: found[1] * most, text)
    marks = _marks(most)

    def shortened(token: str) -> str:
        return token if _CODE.search(token) else marks.sub(fewer, token)

    def fewer(found: re.Match[str]) -> str:
        return found.group()[: max(most, _DOTS) if found.group()[0] == "." else most]

    return _in_tokens(text, marks, shortened)


def _shorten_letters(text: str, most: int) -> str:
    run = _run(r"[^\W\d_]", most)

    def word(found: re.Match[str]) -> str:
        said = found.group()
        if said in ("www", "WWW") or (_ROMAN.fullmatch(said) and not _RUN_OF_FIVE.search(said)):
            return said
        return run.sub(lambda again: again[1] * most, said)

    return _in_tokens(text, run, lambda token: token if _CODE_WORD.search(token) else _WORD.sub(word, token))

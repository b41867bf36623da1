"""`clean.whitespace`: one space between words, no space around lines, no more than one empty line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import model_validator

from curate.core.example import Example
from curate.core.rewrite import RewriteText
from curate.kernels.text import SPACES

_LINE_END = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_RUN = re.compile(r"[^\S\n]+")
_AROUND_LINE = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")
_SUSPECT = rf"^[{SPACES}]|[{SPACES}]$|  |[{SPACES[2:]}\t\r\f\x{{1c}}-\x{{1f}}]| \n|\n |\n\n\n"
_SUSPECT_ONE_LINE = rf"{_SUSPECT}|\n"


class CleanWhitespace(RewriteText):
    r"""Collapses runs of white space, trims lines and ends, and keeps at most one empty line.

    Attributes:
        keep_lines: keep line breaks; else each becomes a space.
        keep_indent: keep the white space at the start of each line, as code needs it; only with keep_lines.

    Example:
        >>> CleanWhitespace().rewrite("  two\t words \n\n\n\nend ")
        'two words\n\nend'
    """

    name: ClassVar[str] = "clean.whitespace"
    version: ClassVar[str] = "2"
    reason: ClassVar[str] = "white_space"
    reasons: ClassVar[Mapping[str, str]] = {"white_space": "runs of white space, or white space around lines"}
    idempotent: ClassVar[bool] = True
    examples: ClassVar[Mapping[str, Example]] = {"white_space": Example("  two\t words \n\n\n\nend ")}

    keep_lines: bool = True
    keep_indent: bool = False

    @model_validator(mode="after")
    def _lines_to_indent(self) -> Self:
        if self.keep_indent and not self.keep_lines:
            raise ValueError("keep_indent: true needs keep_lines: true: without lines there is nothing to indent")
        return self

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, _SUSPECT if self.keep_lines else _SUSPECT_ONE_LINE)

    def rewrite(self, text: str) -> str:
        if not self.keep_lines:
            return " ".join(text.split())
        text = _LINE_END.sub("\n", text)
        if self.keep_indent:
            return _EMPTY_LINES.sub("\n\n", "\n".join(map(_indented, text.split("\n")))).strip("\n")
        text = _RUN.sub(" ", text)
        return _EMPTY_LINES.sub("\n\n", _AROUND_LINE.sub("\n", text)).strip()


def _indented(line: str) -> str:
    """A line with the white space it begins with, and single spaces behind."""
    body = line.lstrip()
    return "" if not body else line[: len(line) - len(body)] + _RUN.sub(" ", body).rstrip()

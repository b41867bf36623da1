"""`clean.html`: markup out, text in: tags go, entities become characters, scripts and styles vanish, code, lists and
tables stay readable.

Text is full of things that only look like markup (`a < b`, `<class 'int'>`, `List<T>`). Only the tags of the HTML
standard count; all else is kept to the letter. `curate.kernels.markup` does the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.core.rewrite import RewriteText
from curate.kernels.markup import LOOKS_MARKED, plain_text
from curate.kernels.markup_text import Style

_SEPARATORS = {"tab": "\t", "pipe": " | "}


class CleanHtml(RewriteText):
    r"""Turns HTML into plain text; text without a standard tag or entity is not touched.

    Every block, list item and table row becomes a line; white space collapses, but for that of `<pre>` and
    `<textarea>`. The cells of a row stand on one line, unless one of them holds several lines itself. Elements that a
    browser would not show (`hidden`, `display: none`) go.

    A text whose tags are all escaped (`&lt;b&gt;`, as feeds write them) is markup too. Where real tags stand beside
    them, escaped ones are what the page shows, and become text. A comment that is never closed stays as text.

    A text may speak of HTML instead of being it. In one that is no whole page (that begins with no doctype and no
    `<html>`) stay: what stands in code as Markdown marks it, between backticks or in a fenced block; XML whose
    outermost element HTML does not know; a tag inside a line whose element needs an end tag and gets none, as in
    `List<a>`, inline elements only where the text uses no other markup; `<html>`, `<script>` and the like between
    words where it uses none; and a title, as a line, unless in a `<head>`. A text without a block such as `<p>` that
    would lose more than three quarters of the letters outside its tags stays as it is, and so does any that would lose
    all: no text becomes empty.

    Attributes:
        cells: what stands between the cells of a table row: a tab, or ` | ` for `pipe`.
        lists: `plain` writes items as lines; `marked` begins them with `- ` or their number, nested ones indented.
        links: `text` keeps what a link says; `text_and_url` adds its address in parentheses.
        alt: write pictures as their description.
        keep_hidden: keep elements that a browser would not show.

    Example:
        >>> CleanHtml().rewrite("&lt;b&gt;NEW YORK&lt;/b&gt; stocks"), CleanHtml().rewrite("<p>the &lt;b&gt; tag</p>")
        ('NEW YORK stocks', 'the <b> tag')
        >>> CleanHtml(lists="marked").rewrite("<ol><li>Fish &amp; chips<li>x<y</ol>")
        '1. Fish & chips\n2. x<y'
        >>> CleanHtml().rewrite("returns <class 'int'> if a < b")
        "returns <class 'int'> if a < b"
    """

    name: ClassVar[str] = "clean.html"
    version: ClassVar[str] = "2"
    reason: ClassVar[str] = "markup"
    reasons: ClassVar[Mapping[str, str]] = {"markup": "HTML tags, comments or entities"}
    examples: ClassVar[Mapping[str, Example]] = {
        "markup": Example("<h1>Menu</h1><table><tr><td>Fish &amp; chips</td><td>9.50</td></tr></table>")
    }

    cells: Literal["tab", "pipe"] = "tab"
    lists: Literal["plain", "marked"] = "plain"
    links: Literal["text", "text_and_url"] = "text"
    alt: bool = False
    keep_hidden: bool = False

    @cached_property
    def _style(self) -> Style:
        return Style(
            _SEPARATORS[self.cells], self.lists == "marked", self.links == "text_and_url", self.alt, self.keep_hidden
        )

    def revision(self) -> str:
        return f"selectolax {version('selectolax')}"

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, LOOKS_MARKED, ignore_case=True)

    def rewrite(self, text: str) -> str:
        new = plain_text(text, self._style)
        return new if new.strip() else text

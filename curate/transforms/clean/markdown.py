"""`clean.markdown`: Markdown to plain text: headings, emphasis, links, images, tables, code fences and comments.

The rules stand in `curate.kernels.markdown`; text that only looks like Markdown stays to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from curate.core.example import Example
from curate.core.rewrite import RewriteText
from curate.kernels import markdown


class CleanMarkdown(RewriteText):
    r"""Takes the marks of Markdown away and leaves the text they mark.

    Headings, block quotes and emphasis lose their marks, links keep their text and images their description; tables
    become lines with a tab between cells; rules and comments go. Lists stay as they are. What code spans and fenced
    blocks hold is kept to the letter, and a second run would take it for Markdown: run this step once. What only looks
    like Markdown stays: `2 * 3 * 4`, `snake_case`, `__init__`, `#1`, `>>>`, `f(*args)`, `a[i](x)`, and
    `# comments` in a text that holds lines of code outside fences.

    Attributes:
        keep_urls: put the address of a link in brackets behind its text.
        keep_fences: leave the lines that open and close a block of code, for later steps that ask where code is.

    Example:
        >>> CleanMarkdown().rewrite("## The *end*\n\nSee **[here](https://example.org)**; 2 * 3 * 4.")
        'The end\n\nSee here; 2 * 3 * 4.'
    """

    name: ClassVar[str] = "clean.markdown"
    version: ClassVar[str] = "1"
    reason: ClassVar[str] = "markdown"
    reasons: ClassVar[Mapping[str, str]] = {"markdown": "marks of Markdown"}
    examples: ClassVar[Mapping[str, Example]] = {
        "markdown": Example("## The *end*\n\nSee **[here](https://example.org)**; 2 * 3 * 4.")
    }

    keep_urls: bool = False
    keep_fences: bool = False

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, markdown.SUSPECT)

    def rewrite(self, text: str) -> str:
        return markdown.plain(text, keep_urls=self.keep_urls, keep_fences=self.keep_fences)

"""`clean.boilerplate`: whole web pages to their main text, without menus, footers and advertisements.

The main text is what trafilatura finds (Barbaresi, ACL 2021, https://trafilatura.readthedocs.io); where it finds none,
a setting decides, and a reason tells. Nothing that trafilatura keeps between pages changes what it finds: its memory of
repeated segments is left off.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.rewrite import RewriteText
from curate.data.edits import Edits
from curate.data.roles import text_columns
from curate.data.rows import Batch, as_strings
from curate.kernels.markup import plain_text
from curate.optional import check, require

_OPENS = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_LOOSER = {"precision": "balanced", "balanced": "recall"}
_ARTICLE = "".join(f"<p>Sentence {n} of a story that has enough to say to be one.</p>" for n in range(8))


class CleanBoilerplate(RewriteText):
    """Puts the main text of a web page in the place of its HTML; a text that is no whole page is not touched.

    A page is a text that begins with a doctype or with `<html>`, `<head>` or `<body>`, after white space and comments.
    A fragment of HTML is for `clean.html`.

    Attributes:
        favour: `precision` would rather leave out a paragraph of the article than keep a menu, `recall` the other way
            round.
        comments: keep what readers wrote below the article.
        tables: keep tables.
        links: write links as `[text](address)`.
        if_nothing: what happens to a page without a main text. `plain`: it gets what the next looser rule finds, else
            its whole text as `clean.html` writes it; `drop`: it goes; `leave`: it stays as it is. Under the first two
            a page that holds no text at all goes.
        max_characters: a longer page gets its whole text at once, for the search takes up to 3 seconds for a million
            characters of tables.

    Example:
        >>> CleanBoilerplate().rewrite("no page, but <b>text</b>")
        'no page, but <b>text</b>'
    """

    name: ClassVar[str] = "clean.boilerplate"
    version: ClassVar[str] = "1"
    reason: ClassVar[str] = "main_text"
    reasons: ClassVar[Mapping[str, str]] = {
        "main_text": "a web page; its main text stays",
        "looser_text": "a web page without a main text by the rule asked for; what the next looser rule finds stays",
        "whole_text": "a web page without a main text; its whole text stays",
        "too_large": "a web page longer than max_characters; its whole text stays",
        "no_main_text": "a web page without a main text, dropped as if_nothing asks",
        "no_text": "a web page that holds no text at all, dropped",
    }
    languages: ClassVar[str] = "any; tuned by its authors on pages of many languages, most of them European"
    examples: ClassVar[Mapping[str, Example]] = {
        "main_text": Example(f"<html><body><nav>Home | About</nav><article>{_ARTICLE}</article></body></html>"),
        "looser_text": Example("<html><body><ul><li>Bread</li><li>Milk</li></ul></body></html>"),
        "whole_text": Example("<html><body><aside>Home</aside></body></html>"),
        "too_large": Example("<html><body><p>Some words</p></body></html>", settings={"max_characters": 20}),
        "no_main_text": Example("<html><body><aside>Home</aside></body></html>", settings={"if_nothing": "drop"}),
        "no_text": Example("<html><body><script>run();</script></body></html>"),
    }

    favour: Literal["precision", "balanced", "recall"] = "precision"
    comments: bool = False
    tables: bool = True
    links: bool = False
    if_nothing: Literal["plain", "drop", "leave"] = "plain"
    max_characters: int = Field(2_000_000, ge=1)

    def setup(self) -> None:
        check("trafilatura", extra="text", by=self.name)

    def revision(self) -> str:
        check("trafilatura", extra="text", by=self.name)
        return f"trafilatura {version('trafilatura')}, selectolax {version('selectolax')}"

    @cached_property
    def _extract(self) -> Callable[..., str | None]:
        extract: Callable[..., str | None] = require("trafilatura", extra="text", by=self.name).extract
        logging.getLogger("trafilatura").addHandler(logging.NullHandler())  # a page without text is told by a reason
        return extract

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, r"<(?:!doctype\s+html|html|head|body)[\s>]", ignore_case=True)

    def rewrite(self, text: str) -> str:
        new, _ = self.outcome(text)
        return text if new is None else new

    def outcome(self, text: str) -> tuple[str | None, str | None]:
        """The new text and the reason; no text: the row goes; no reason: nothing happens."""
        if not _is_page(text):
            return text, None
        if len(text) > self.max_characters:
            return self._whole(text, "too_large")
        if found := self._found(text, self.favour):
            return found, "main_text"
        if self.if_nothing != "plain":
            return (text, None) if self.if_nothing == "leave" else (None, "no_main_text")
        if self.favour in _LOOSER and (found := self._found(text, _LOOSER[self.favour])):
            return found, "looser_text"
        return self._whole(text, "whole_text")

    def _found(self, text: str, favour: str) -> str:
        found = self._extract(
            text,
            favor_precision=favour == "precision",
            favor_recall=favour == "recall",
            include_comments=self.comments,
            include_tables=self.tables,
            include_links=self.links,
        )
        return "" if found is None or found.isspace() else found

    def _whole(self, text: str, reason: str) -> tuple[str | None, str | None]:
        whole = plain_text(text)
        if whole and not whole.isspace():
            return whole, reason
        return (text, None) if self.if_nothing == "leave" else (None, "no_text")

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        gone: dict[int, str] = {}
        changed: dict[str, list[tuple[int, str, str]]] = {}
        for name in text_columns(batch.roles, batch.rows.schema):
            changed[name] = []
            for at, text in self._pages(batch.column(name)):
                new, reason = self.outcome(text)
                if new is None and reason is not None:
                    gone.setdefault(at, reason)
                elif new is not None and reason is not None and new != text:
                    changed[name].append((at, new, reason))
        edits = [Edits.drop(batch.row_ids[sorted(gone)], [gone[at] for at in sorted(gone)])] if gone else []
        for name, cells in changed.items():
            kept = [cell for cell in cells if cell[0] not in gone]
            if kept:
                rows, texts, reasons = zip(*kept, strict=True)
                kind = batch.rows.schema.field(name).type
                values = pa.array(texts, pa.large_string()).cast(kind)
                edits.append(Edits.set(name, batch.row_ids[list(rows)], values, list(reasons)))
        return Edits.concat(edits)

    def _pages(self, column: pa.Array) -> list[tuple[int, str]]:
        """The texts that may be pages, with their places."""
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        mask = self.suspects(column).fill_null(False)
        rows = mask.to_numpy(zero_copy_only=False).nonzero()[0].tolist()
        return [(at, text) for at, text in zip(rows, as_strings(column.filter(mask)), strict=True) if text is not None]


def _is_page(text: str) -> bool:
    """Whether a text begins as a whole page does, after white space, a byte order mark, declarations and comments."""
    at, end = 0, len(text)
    while at < end:
        if text[at].isspace() or text[at] == "\ufeff":
            at += 1
        elif text.startswith("<!--", at):
            closed = text.find("-->", at)
            at = closed + 3 if closed >= 0 else end
        elif text.startswith("<?", at):
            at = text.find(">", at) + 1 or end
        else:
            return _OPENS.match(text, at) is not None
    return False

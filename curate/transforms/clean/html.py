"""`clean.html`: markup out, text in: tags go, entities become characters, scripts and styles vanish, code stays
readable.

Text is full of things that only look like markup (`a < b`, `<class 'int'>`, `List<T>`). Only the tags of the HTML
standard count; all else is kept to the letter. Parsing is by Lexbor through selectolax.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from importlib.metadata import version
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from selectolax.lexbor import LexborHTMLParser, LexborNode

from curate.core.rewrite import RewriteText

_BREAKS = """
    address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html li main menu nav ol optgroup option p pre
    section summary table tbody tfoot thead tr ul
""".split()
_INLINE = """
    a abbr acronym audio b bdi bdo big button canvas caption cite code col colgroup data datalist del dfn em
    embed font frame i iframe img input ins kbd label legend link map mark meta meter nobr noframes noscript
    object output param picture progress q rp rt ruby s samp script select small source span strike strong style
    sub sup svg td template textarea th time title track tt u var video wbr
""".split()
_GONE = frozenset("script style template noscript iframe object svg head title".split())
_LINES = frozenset(_BREAKS)
_CELLS = frozenset({"td", "th"})
_KEEP_SPACE = frozenset({"pre", "textarea"})

_NAMES = "|".join(sorted(_BREAKS + _INLINE, key=len, reverse=True))
_TAG = rf"</?(?:{_NAMES})(?:\s[^<>]*)?/?>|<!--|<!doctype\s"
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"
_TAG_RE = re.compile(_TAG, re.IGNORECASE)
_OTHER_ANGLE = re.compile(rf"<(?!(?:/?(?:{_NAMES})(?:\s[^<>]*)?/?>|!--|!doctype\s))", re.IGNORECASE)
_LOOSE_AMPERSAND = re.compile(rf"&(?!{_ENTITY[1:]})")
_ENTITY_RE = re.compile(_ENTITY)
_MAX_DEPTH = 2000
_SPACE = re.compile(r"[ \t\r\n\f]+")


class CleanHtml(RewriteText):
    r"""Turns HTML into plain text; text without a standard tag or entity is not touched.

    A text whose tags are all escaped (`&lt;b&gt;`, as feeds write them) is markup too. Where real tags stand beside
    them, escaped ones are what the page shows, and become text.

    Example:
        >>> CleanHtml().rewrite("&lt;b&gt;NEW YORK&lt;/b&gt; stocks"), CleanHtml().rewrite("<p>the &lt;b&gt; tag</p>")
        ('NEW YORK stocks', 'the <b> tag')
        >>> CleanHtml().rewrite("<p>Fish &amp; chips<br>for x<y</p>")
        'Fish & chips\nfor x<y'
        >>> CleanHtml().rewrite("returns <class 'int'> if a < b")
        "returns <class 'int'> if a < b"
    """

    name: ClassVar[str] = "clean.html"
    version: ClassVar[str] = "1"
    reason: ClassVar[str] = "markup"
    reasons: ClassVar[Mapping[str, str]] = {"markup": "HTML tags, comments or entities"}

    def revision(self) -> str:
        return f"selectolax {version('selectolax')}"

    def suspects(self, column: pa.Array) -> pa.Array:
        return pc.match_substring_regex(column, f"{_TAG}|{_ENTITY}", ignore_case=True)

    def rewrite(self, text: str) -> str:
        if not _TAG_RE.search(text):
            text = _ENTITY_RE.sub(_character, text)
            if not _TAG_RE.search(text):
                return text
        guarded = _LOOSE_AMPERSAND.sub("&amp;", _OTHER_ANGLE.sub("&lt;", text))
        body = LexborHTMLParser(_shallow(guarded)).body
        return "" if body is None else _plain(body)


def _shallow(text: str) -> str:
    """Leave out tags nested deeper than any page nests them: the parser's time grows with the square of the depth."""
    if text.count("<") <= _MAX_DEPTH:
        return text
    depth = 0

    def tag(found: re.Match[str]) -> str:
        nonlocal depth
        said = found.group()
        if said.startswith("<!"):
            return said
        depth += -1 if said.startswith("</") else 1
        return said if 0 <= depth <= _MAX_DEPTH else " "

    return _TAG_RE.sub(tag, text)


def _character(found: re.Match[str]) -> str:
    """The character of an entity; one that does not exist stays as it is, and so does one that is no character of a
    text.
    """
    said = html.unescape(found.group())
    return found.group() if said in ("\x00", "\ufffd") or "\ud800" <= said <= "\udfff" else said


def _plain(body: LexborNode) -> str:
    """The text of a parsed page, block by block, without recursion: markup may be nested as deeply as it likes."""
    parts: list[str] = []
    node, depth_kept = body.child, 0
    while node is not None:
        tag = node.tag
        if tag == "-text":
            parts.append(node.text_content or "" if depth_kept else _SPACE.sub(" ", node.text_content or ""))
        elif tag not in _GONE and tag != "-comment":
            parts.append(_edge(tag))
            if node.child is not None:
                depth_kept += tag in _KEEP_SPACE
                node = node.child
                continue
            parts.append(_edge(tag) if tag != "br" else "")
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == body.mem_id:
                node = None
                break
            depth_kept -= node.tag in _KEEP_SPACE
            parts.append(_edge(node.tag))
        if node is not None:
            node = node.next
    return _tidied("".join(parts))


_LINE, _CELL = "\x1e", "\x1f"


def _edge(tag: str | None) -> str:
    return _LINE if tag in _LINES else _CELL if tag in _CELLS else ""


def _tidied(text: str) -> str:
    text = re.sub(rf"[{_CELL} ]*{_LINE}[{_CELL} ]*", _LINE, text)
    text = re.sub(rf" *{_CELL}+ *", "\t", text)
    text = re.sub(rf"\n?{_LINE}+\n?", "\n", text)
    return text.strip(" \t\n")

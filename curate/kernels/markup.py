"""HTML to plain text: what counts as markup at all, and what a parser can be given without harm.

`clean.html` and `clean.boilerplate` stand on it; `markup_text` writes the text. Parsing is by Lexbor through
selectolax, an implementation of the parsing rules of the HTML standard (https://html.spec.whatwg.org, section 13.2).
"""

from __future__ import annotations

import html
import re

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from curate.kernels.markup_text import BREAKS, CLOSED_BY_NEXT, GONE, INLINE, PLAIN, VOID, Style, hidden_in, written
from curate.kernels.mentions import escaped_mentions, is_laid_out, is_other_xml, shown_titles

_BARE = """
    allowfullscreen async autofocus autoplay border checked compact controls defer disabled hidden ismap itemscope loop
    multiple muted nohref noshade novalidate nowrap open playsinline readonly required reversed selected
""".split()
_FLAT = frozenset(VOID + CLOSED_BY_NEXT)

_NAMES = "|".join(sorted(BREAKS + INLINE, key=len, reverse=True))
_VALUED = r"""[^\s<>"'=/]+\s*=\s*(?:"[^"]*+"|'[^']*+'|[^\s<>"']++)"""
_ATTRIBUTES = rf"(?:\s+(?:{_VALUED}|(?:{'|'.join(_BARE)}|[\w:@.]+-[\w-]+)(?![^\s/>])))++"
_AFTER_ANGLE = rf"/(?:{_NAMES})\s*>|(?:{_NAMES})(?:\s*/?>|{_ATTRIBUTES}\s*/?>|\s(?=[^<>=]*=)[^<>]*>)|!--|!doctype\s"
_TAG = re.compile(rf"<(?=[/!a-z])(?:{_AFTER_ANGLE})", re.IGNORECASE)
_OTHER_ANGLE = re.compile(rf"<(?:(?![/!a-z])|(?!{_AFTER_ANGLE}))", re.IGNORECASE)
_NAMED_TAG = re.compile(rf"<(/?)({_NAMES})(?=[\s/>])(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+>", re.IGNORECASE)
_NESTING = re.compile(rf"<(/?)(?!(?:{'|'.join(sorted(_FLAT))})[\s/>])[a-z]", re.IGNORECASE)
_FORMATTING = re.compile(r"<(/?)(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_FRAME = re.compile(r"</?frameset(?:\s[^<>]*)?>", re.IGNORECASE)
_LOOSE_CELL = re.compile(r"</?t[dh](?:\s[^<>]*)?>", re.IGNORECASE)
_LOOSE_ROW = re.compile(r"</?tr(?:\s[^<>]*)?>", re.IGNORECASE)
_SWALLOWS = re.compile(rf"<(?=({'|'.join(GONE)}|textarea)[\s/>])", re.IGNORECASE)
_ENTITY = r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"
_ENTITY_RE = re.compile(_ENTITY)
_LOOSE_AMPERSAND = re.compile(rf"&(?!{_ENTITY[1:]})")
_CODE = re.compile(
    r"(?m:^ {0,3}(?P<fence>`{3,})[^`\n]*\n(?:(?! {0,3}(?P=fence))[^\n]*\n){0,2000}? {0,3}(?P=fence)[ \t]*$)"
    r"|(?<![`\\])```[^`]++```(?!`)"
    r"|(?<![`\\\w])`(?P<span>[^`\s](?:[^`\n]{0,300}[^`\s])?)`(?![`\w])"
)
"""Code in Markdown: a fenced block, also one begun inside a line, or a span. A tag in it is a mention."""
_ANGLE_OR_ENTITY = re.compile("[<&]")
_MARK = "\ufdd1"
"""Stands around the number of a piece of code: a code point that is no character."""
_MARKED = re.compile(f"{_MARK}([0-9]+){_MARK}")
_MARKED_LINE = re.compile(f"^({_MARK}[0-9]+{_MARK})$", re.MULTILINE)
_ANY_TAG = re.compile("<[^<>]*>")
_MIN_LEFT = 4
"""A piece that would keep less than one of so many of its letters is a text about markup."""
_HIDES = re.compile(r"""[\s"']hidden[\s=>/]|display\s*:\s*none|visibility\s*:\s*hidden""", re.IGNORECASE)

_MAX_DEPTH = 512
"""No deeper than browsers nest what they are given (Blink and WebKit stop at 512)."""
_MAX_OPEN = 8
"""Formatting tags that may stand open at once: after each paragraph a parser opens all of them again."""

LOOKS_MARKED = rf"</?(?:{_NAMES})[\s/>]|<!--|<!doctype\s|{_ENTITY}"
"""An RE2 pattern that every text with a tag or an entity matches; some others do too."""


def plain_text(text: str, style: Style = PLAIN) -> str:
    r"""The text of a piece of HTML; what holds no standard tag or entity comes back as it is. Time is linear.

    A page without a text gives an empty one. In all else, what `mentions` calls a mention stays.

    Example:
        >>> plain_text("<p>Fish &amp; chips<br>for x<y</p>"), plain_text("if a < b")
        ('Fish & chips\nfor x<y', 'if a < b')
    """
    if _PAGE.match(text):
        return _parsed(text, style)
    if is_other_xml(text):
        return text
    if "`" in text and _MARK not in text:
        return _around_code(text, style)
    return _plain(text, style)


def _around_code(text: str, style: Style) -> str:
    """The text of a piece of HTML in which code as Markdown marks it stays to the letter."""
    codes: list[str] = []

    def taken(found: re.Match[str]) -> str:
        if found["span"] and not _ANGLE_OR_ENTITY.search(found["span"]):
            return found.group()
        codes.append(found.group())
        return f"{_MARK}{len(codes) - 1}{_MARK}"

    text = _CODE.sub(taken, text)
    if _TAG.search(text):
        text = _MARKED_LINE.sub(r"<pre>\1</pre>", text)
    return _MARKED.sub(lambda found: codes[int(found[1])], _plain(text, style))


def _plain(text: str, style: Style) -> str:
    """The text of a piece of HTML that is no page; where hardly a letter of it would be left, the piece as it is."""
    if not _TAG.search(text):
        text = _ENTITY_RE.sub(_character, text)
        if not _TAG.search(text):
            return text
    marked = escaped_mentions(text)
    if not _TAG.search(marked):
        return _ENTITY_RE.sub(_character, text)
    new = _parsed(shown_titles(marked), style)
    return text if len(new) * _MIN_LEFT < len(text) and not is_laid_out(text) and _lost(text, new) else new


def _lost(text: str, new: str) -> bool:
    """Whether of the letters outside of tags more than three quarters are gone."""
    return sum(map(str.isalnum, new)) * _MIN_LEFT < sum(map(str.isalnum, _ANY_TAG.sub("", text)))


def _parsed(text: str, style: Style) -> str:
    body = LexborHTMLParser(_guarded(text)).body
    if body is None:
        return ""
    hidden = hidden_in(body) if not style.hidden and _HIDES.search(text) else frozenset()
    return written(body, style, hidden)


def _character(found: re.Match[str]) -> str:
    """The character of an entity; one that does not exist stays as it is, and so does one that is no character of a
    text.
    """
    said = html.unescape(found.group())
    return found.group() if said in ("\x00", "\ufffd") or "\ud800" <= said <= "\udfff" else said


def _guarded(text: str) -> str:
    """The text with everything escaped that is no markup of the standard, or that would swallow all that follows; a
    whole page is left to the parser.
    """
    if not _PAGE.match(text):
        last = text.rfind("-->") + 3 if "-->" in text else 0
        text = text[:last] + text[last:].replace("<!--", "&lt;!--")
        text = _OTHER_ANGLE.sub("&lt;", text)
        if "</" not in text:
            text = _SWALLOWS.sub("&lt;", text)
        lower = text.lower()
        if "<table" not in lower and ("<td" in lower or "<th" in lower):
            text = _LOOSE_ROW.sub("<br>", _LOOSE_CELL.sub("\t", text))
        text = _LOOSE_AMPERSAND.sub("&amp;", text)
    text = _FRAME.sub(" ", text)
    return _shallow(text) if text.count("<") > _MAX_OPEN and _is_tangled(text) else text


def _is_tangled(text: str) -> bool:
    """Whether tags nest deeper than any page nests them, or many formatting tags stand open at once: the time of a
    parser then grows with the square of the text.
    """
    steps = np.array([-1 if slash else 1 for slash in _NESTING.findall(text)], np.int64)
    depth = np.cumsum(steps)
    if len(depth) and (depth - np.minimum(np.minimum.accumulate(depth), 0)).max() > _MAX_DEPTH:
        return True
    n_open: dict[str, int] = {}
    total = 0
    for slash, name in _FORMATTING.findall(text):
        if not slash:
            n_open[name.lower()] = n_open.get(name.lower(), 0) + 1
            total += 1
        elif n_open.get(name.lower()):
            n_open[name.lower()] -= 1
            total -= 1
        if total > _MAX_OPEN:
            return True
    return False


def _shallow(text: str) -> str:
    """Without the tags that stand too deep, and without formatting tags, which change no text unless they hide it."""
    depth = skipped = 0
    hiding: dict[str, int] = {}

    def formatting(said: str, closing: str, name: str) -> str:
        if closing:
            hiding[name] = max(0, (now := hiding.get(name, 0)) - 1)
            return said if now else ""
        if (hiding.get(name) or _HIDES.search(said)) and sum(hiding.values()) < _MAX_OPEN:
            hiding[name] = hiding.get(name, 0) + 1
            return said
        return ""

    def tag(found: re.Match[str]) -> str:
        nonlocal depth, skipped
        said, closing, name = found.group(), found.group(1), found.group(2).lower()
        if name in _FLAT:
            return said
        if _FORMATTING.match(said):
            return formatting(said, closing, name)
        if closing:
            skipped, depth, gone = (skipped - 1, depth, True) if skipped else (0, max(0, depth - 1), False)
        else:
            gone = depth >= _MAX_DEPTH
            skipped, depth = (skipped + 1, depth) if gone else (skipped, depth + 1)
        return " " if gone else said

    return _NAMED_TAG.sub(tag, text)

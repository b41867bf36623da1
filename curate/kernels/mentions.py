"""Markup that a text talks about instead of using it: `Use <title> in the head`, `List<a>`, XML that is no HTML.

`markup` asks before it parses a text that is no whole page; what is a mention is escaped and so stays to the letter.
Which elements need an end tag is said in section 13.1.2 of the HTML standard (https://html.spec.whatwg.org).
"""

from __future__ import annotations

import re

from curate.kernels.markup_text import BREAKS, CLOSED_BY_NEXT, GONE, INLINE, VOID

_PAGE_PARTS = frozenset({"html", "head", "body"})
_SWALLOWING = frozenset(GONE) - {"head"}
_BLOCKS = frozenset(BREAKS) - _PAGE_PARTS - {"br"}
_NAMES = "|".join(sorted({*BREAKS, *INLINE} - {*VOID, *CLOSED_BY_NEXT}, key=len, reverse=True))
_BARE = re.compile(rf"<(/?)({_NAMES})\s*/?>", re.IGNORECASE)
_END = re.compile(r"</([a-z][a-z0-9]*)\s*>", re.IGNORECASE)
_UNSEEN = "|".join(sorted(_SWALLOWING | _PAGE_PARTS))
_USED = re.compile(
    rf"</(?!(?:{_UNSEEN})\s*>)[a-z]|<[a-z][a-z0-9]*\s[^<>]*=|<(?:{'|'.join(VOID)})[\s/>]|<!--", re.IGNORECASE
)
_LAID_OUT = re.compile(
    rf"</(?:{'|'.join(_BLOCKS)})\s*>|<(?:{'|'.join(_BLOCKS)})\s[^<>]*=|<(?:{'|'.join(CLOSED_BY_NEXT)})[\s>]",
    re.IGNORECASE,
)
_ROOT = re.compile(r"\s*(?:<\?xml[^<>]*>\s*)?<([a-z_][\w.:]*)[\s>]", re.IGNORECASE)
_TITLE = re.compile(r"<(/?)title(?=[\s/>])", re.IGNORECASE)
_NAMED_FIRST = re.compile(r"[ \t,.;:=]")
"""What follows a tag that begins a line and is spoken of."""


def is_other_xml(text: str) -> bool:
    """Whether a text is one element that HTML does not know, with its end tag: data, and no page.

    Example:
        >>> is_other_xml("<books><title>Emma</title></books>"), is_other_xml("<p><x>y</x></p>")
        (True, False)
    """
    root = _ROOT.match(text)
    if root is None or root[1].lower() in {*BREAKS, *INLINE}:
        return False
    return text.rstrip().endswith(f"</{root[1]}>")


def is_laid_out(text: str) -> bool:
    """Whether a text holds a block of a page: `<p>`, `<li>`, `</div>`, `<table border=1>`."""
    return _LAID_OUT.search(text) is not None


def escaped_mentions(text: str) -> str:
    """A text that is no page with the tags escaped that it only mentions. Time is linear.

    A mention has no attributes and stands in the middle of a line. An element that needs an end tag and gets none is
    one, but for inline elements where the text also uses markup. So are `<html>`, `<body>` and elements that no reader
    sees, such as `<script>`, where the text uses no other markup.

    Example:
        >>> escaped_mentions("Use <title> and <script>run()</script>"), escaped_mentions("List<a>")
        ('Use &lt;title> and &lt;script>run()&lt;/script>', 'List&lt;a>')
    """
    ends = {found[1].lower(): found.start() for found in _END.finditer(text)}
    used, laid_out = _USED.search(text) is not None, is_laid_out(text)
    mentioned: set[str] = set()
    after = -1

    def is_mention(found: re.Match[str], name: str) -> bool:
        if name in _SWALLOWING and found[1]:
            return name in mentioned
        inside = _in_line(text, found.start(), after)
        if not inside and (used or not _NAMED_FIRST.match(text, found.end())):
            return False
        closed = ends.get(name, -1) > found.start()
        if name in _PAGE_PARTS or name in _SWALLOWING:
            apart = text[found.start() - 1 : found.start()] == " "
            return (apart and not laid_out and not used) or not (closed or found[1])
        return not found[1] and not closed and (name in _BLOCKS or not used)

    def tag(found: re.Match[str]) -> str:
        nonlocal after
        name = found[2].lower()
        if not is_mention(found, name):
            mentioned.discard(name)
            return found.group()
        after = found.end()
        mentioned.add(name)
        return f"&lt;{found.group()[1:]}"

    return _BARE.sub(tag, text)


def shown_titles(text: str) -> str:
    """A text that is no page, with `<title>` as a block: outside of a page's head it is text."""
    return text if "<head" in text.lower() else _TITLE.sub(r"<\1div", text)


def _in_line(text: str, at: int, after: int) -> bool:
    """Whether words, or a mention that ends at `after`, stand before a place on its line."""
    while at and text[at - 1] in " \t":
        at -= 1
    return at > 0 and text[at - 1] not in "\r\n" and (text[at - 1] != ">" or at == after)

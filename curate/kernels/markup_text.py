"""The text of a parsed page, line by line: blocks, lists, table rows, code, links.

`markup` decides what is parsed; this walks the tree that Lexbor made of it, without recursion, and writes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborNode

BREAKS = """
    address article aside blockquote body br center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html li main menu nav ol optgroup option p pre
    section summary table tbody tfoot thead tr ul
""".split()
"""Elements that begin and end a line."""
INLINE = """
    a abbr acronym audio b bdi bdo big button canvas caption cite code col colgroup data datalist del dfn em
    embed font frame i iframe img input ins kbd label legend link map mark meta meter nobr noframes noscript
    object output param picture progress q rp rt ruby s samp script select small source span strike strong style
    sub sup svg td template textarea th time title track tt u var video wbr
""".split()
"""Elements that stand inside a line."""
VOID = "area base br col embed frame hr img input link meta param source track wbr".split()
"""Elements that hold nothing and have no end tag."""
CLOSED_BY_NEXT = "caption colgroup dd dt li optgroup option p rp rt tbody td tfoot th thead tr".split()
"""Elements whose end tag may be left out."""
GONE = "script style template noscript iframe object svg head title".split()
"""Elements that no reader sees."""
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NOT_WRITTEN = frozenset([*GONE, "-comment"])
_LINES = frozenset(BREAKS)
_KEEP_SPACE = frozenset({"pre", "textarea"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_ACTS = _LINES | _KEEP_SPACE | {"td", "th", "a", "img"}


class Style(NamedTuple):
    """How markup is written as text.

    Attributes:
        cell_separator: what stands between the cells of a table row.
        list_marks: list items begin with `- ` or their number.
        links: the address of a link stands behind it in parentheses.
        alt: a picture is written as its description.
        hidden: elements that a browser would not show are kept.
    """

    cell_separator: str = "\t"
    list_marks: bool = False
    links: bool = False
    alt: bool = False
    hidden: bool = False


PLAIN = Style()


def hidden_in(body: LexborNode) -> frozenset[int]:
    """The elements of a parsed page that a browser would not show, by their place in memory."""
    return frozenset(
        node.mem_id
        for node in body.css("[hidden], [style]")
        if "hidden" in node.attributes or _HIDING_STYLE.search(node.attributes.get("style") or "")
    )


def written(body: LexborNode, style: Style, hidden: frozenset[int] = frozenset()) -> str:
    """The text of a parsed page without the elements that are hidden; no recursion, however deep it nests."""
    page, gone = _Page(style), _NOT_WRITTEN
    node: LexborNode | None = body.child
    while node is not None:
        tag = node.tag
        if tag == "-text":
            page.put(node.text_content or "")
        elif tag not in gone and not (hidden and node.mem_id in hidden):
            page.open(tag, node)
            inner = node.child
            if inner is not None:
                node = inner
                continue
            page.close(tag, node)
        after = node.next
        while after is None:
            node = node.parent
            if node is None or node.mem_id == body.mem_id:
                break
            page.close(node.tag, node)
            after = node.next
        node = after
    return page.text()


class _Page:
    """A page being written: finished lines, the line begun, and the rows and lists that are open."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._lines: list[str] = []
        self._line: list[str] = []
        self._kept = 0
        self._verbatim = False
        self._mark = ""
        self._counts: list[int | None] = []
        self._rows: list[list[list[str]]] = []
        self._outer: list[list[str]] = []

    def text(self) -> str:
        self._end()
        return "\n".join(self._lines).strip("\n")

    def put(self, said: str) -> None:
        if self._kept:
            first, *rest = said.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._verbatim = True
            self._line.append(first)
            for line in rest:
                self._end(blank=True)
                self._verbatim = True
                self._line.append(line)
            return
        said = _SPACE.sub(" ", said)
        if self._line and said.startswith(" ") and self._line[-1].endswith(" "):
            said = said[1:]
        if said:
            self._line.append(said)

    def open(self, tag: str | None, node: LexborNode) -> None:
        if tag not in _ACTS:
            return
        if tag in _LINES:
            self._end()
        if tag in _KEEP_SPACE:
            self._kept += 1
        elif tag in _LISTS:
            self._counts.append(_number(node.attributes.get("start")) or 1 if tag == "ol" else None)
        elif tag == "li" and self._style.list_marks:
            self._begin_item(node)
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th") and self._rows:
            self._end()
            self._outer.append(self._lines)
            self._lines = []
        elif tag == "img" and self._style.alt:
            self.put(node.attributes.get("alt") or "")

    def close(self, tag: str | None, node: LexborNode) -> None:
        if tag not in _ACTS:
            return
        if tag in _LINES and tag != "br":
            self._end()
        if tag in _KEEP_SPACE:
            self._kept -= 1
        elif tag in _LISTS:
            self._counts.pop()
        elif tag == "li":
            self._mark = ""
        elif tag == "tr":
            self._end_row(self._rows.pop())
        elif tag in ("td", "th") and self._rows:
            self._end()
            self._rows[-1].append(self._lines)
            self._lines = self._outer.pop()
        elif tag == "a" and self._style.links:
            self._point(node)

    def _end(self, *, blank: bool = False) -> None:
        line = "".join(self._line)
        self._line.clear()
        if not self._verbatim:
            line = line.strip(" ")
        if (blank and self._lines) or line.strip():
            self._lines.append(self._mark + line)
            self._mark = ""
        self._verbatim = False

    def _end_row(self, cells: list[list[str]]) -> None:
        """A row is one line, unless one of its cells holds several: then it is layout, and the lines stay apart."""
        while cells and not cells[0]:
            cells = cells[1:]
        while cells and not cells[-1]:
            cells = cells[:-1]
        if any(len(cell) > 1 for cell in cells):
            self._lines.extend(line for cell in cells for line in cell)
        elif cells:
            self._lines.append(self._style.cell_separator.join("".join(cell) for cell in cells))

    def _begin_item(self, node: LexborNode) -> None:
        indent = "  " * min(8, max(0, len(self._counts) - 1))
        number = self._counts[-1] if self._counts else None
        if number is None:
            self._mark = f"{indent}- "
            return
        number = _number(node.attributes.get("value")) or number
        self._mark = f"{indent}{number}. "
        self._counts[-1] = number + 1

    def _point(self, node: LexborNode) -> None:
        address = (node.attributes.get("href") or "").strip()
        said = (node.text() or "").strip()
        if said and address not in ("", said) and not address.lower().startswith(("#", "javascript:")):
            self.put(f" ({address})")


def _number(said: str | None) -> int | None:
    return int(said) if said and re.fullmatch(r"-?[0-9]{1,9}", said, re.ASCII) else None

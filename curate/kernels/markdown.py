"""Markdown to plain text by rules for lines and spans, not by a parser: what is no markup stays to the letter.

A parser rewrites white space, entities and indented lines of any text it is given; these rules only take marks away,
where CommonMark 0.31 (and GitHub's tables) sees marks and a person does too. Every pattern is bounded or stops at its
own mark: linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[^`\n]*\Z")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?=[^\s#])")
_HEADING_END = re.compile(r"[ \t]#+[ \t]*\Z")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})[ \t]*\Z")
_QUOTE = re.compile(r" {0,3}>(?:(?=\Z)| (?!\d)(?:> )?)")
_COMMENT = re.compile(r" {0,3}#[ \t]")
_CODE_LINE = re.compile(
    r"[ \t]*(?:(?:def|class) \w+.*:[ \t]*\Z|(?:for|if|while|elif) .*[<>=%(\[].*:[ \t]*\Z|for \w+ in \S+:[ \t]*\Z"
    r"|from [\w.]+ import |import [\w., ]+\Z|else:[ \t]*\Z"
    r"|[\w.\[\]\"']{1,60} ?[-+*/]?= ?\S|[\w.]{1,60}\(.*\);?[ \t]*\Z|\$ \w)"
)
_LONGEST_CODE_LINE = 200
_DELIMITER_ROW = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?)?[ \t]*\Z")
_CELL_END = re.compile(r"(?<!\\)\|")
_DEFINITION = re.compile(
    r" {0,3}\[([^\[\]^\n][^\[\]\n]{0,200})\]:[ \t]*<?((?:[a-z]{2,8}://|mailto:|www\.|\.{0,2}/|#)\S*?)>?"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ \t]*\Z"
)
_MARK = "\ufdd0"
"""Stands for a span of code while the rest is changed: a code point that is no character."""
_CODE_SPAN = re.compile(r"(?<![`\\A-Za-z0-9])(?:`([^`\n]+)`|``(?!`)([^\n]{1,300}?)(?<!`)``)(?![`A-Za-z0-9])")
_TITLE = rf"(?:[ \t]{{1,5}}(?:\"[^\"\n{_MARK}]{{0,300}}\"|'[^'\n{_MARK}]{{0,300}}'))?"
_PART = rf"[^\s()<>{_MARK}]*+"
_LINK = re.compile(rf"(!?)\[([^\[\]\n]{{0,500}})\]\(<?({_PART}(?:\({_PART}\){_PART})*+)>?{_TITLE}\)")
_REFERENCE = re.compile(rf"(!?)\[([^\[\]\n]{{1,300}})\] ?\[([^\[\]\n{_MARK}]{{0,200}})\]")
_AUTOLINK = re.compile(r"<((?:https?|ftp)://[^\s<>]{1,2000}|mailto:[^\s<>]{1,300})>")
_ADDRESS = re.compile(r"[/.#]")
_ESCAPED = re.compile(r"\\([*_`#~>|])")
_LINE = r"\n(?![\n*+>#|-]|\d+[.)] )"
_CJK = "\u0e00-\u0eff\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_BEFORE, _FIRST = rf"(?:(?<![\w\\*~])|(?<=[{_CJK}]))", r"(?![\s*~^>.,;:!?)\]])"
_LAST, _BEHIND = r"(?<![\s\\(\[])", rf"(?:(?!\w)|(?=[{_CJK}]))"
_INNER = r"(?<=[^\W_])_(?=[^\W_])"
_NO_PATTERN = r"(?!(?<=[.)\]]\*)[\[(\\])"
"""A star between these stands in a regular expression: `.*[a-z]`, `(a)*\\d`."""
_EMPHASIS = {
    "***": rf"{_BEFORE}\*\*\*{_FIRST}((?:[^*\n]|{_LINE}){{1,2000}}){_LAST}\*\*\*(?!\*){_BEHIND}",
    "___": rf"(?<![\w\\])___(?![\s_])([^_\n]{{1,2000}}){_LAST}___(?!\w)",
    "**": rf"{_BEFORE}\*\*{_FIRST}((?:[^*\n]|\*(?!\*)|{_LINE}){{1,2000}}?){_LAST}\*\*{_BEHIND}",
    "__": rf"(?<![\w\\@])__(?![\s_]|[a-z0-9_]{{1,60}}__)((?:[^_\n]|{_INNER}){{1,2000}}+){_LAST}__(?!\w)",
    "~~": rf"{_BEFORE}~~{_FIRST}([^~\n]{{1,2000}}){_LAST}~~(?!~){_BEHIND}",
    "*": rf"{_BEFORE}\*{_NO_PATTERN}{_FIRST}((?:[^*\n]|{_LINE}){{1,2000}}){_LAST}\*(?!\*){_BEHIND}",
    "_": rf"(?<![\w\\@])_(?![\s_<]|\*\s)((?:[^_\n]|{_INNER}|{_LINE}){{1,2000}}+){_LAST}_(?!\w)",
}
_EMPHASES = {mark: re.compile(pattern) for mark, pattern in _EMPHASIS.items()}

SUSPECT = r"[*`#~>|_]|\]\(|\] ?\[|\]:|<[hfm!]|(?m:^ {0,3}(---|===|- *- *-))"
"""For RE2: what a text with Markdown holds."""


def plain(text: str, *, keep_urls: bool = False, keep_fences: bool = False) -> str:
    r"""The text without the marks of Markdown.

    Args:
        text: any text.
        keep_urls: put the address of a link in brackets behind its text.
        keep_fences: leave the lines that open and close a block of code.

    Example:
        >>> plain("# A *title*\n\nSee [the docs](https://example.org), `x_1` and 2 * 3 * 4.")
        'A title\n\nSee the docs, x_1 and 2 * 3 * 4.'
    """
    if _MARK in text:
        return text
    definitions: dict[str, str] = {}
    stretches = list(_stretches(text.split("\n"), keep_fences))
    comments = any(_is_code(line) for fenced, lines in stretches if not fenced for line in lines)
    blocks = [(is_code, lines if is_code else _unmarked(lines, definitions, comments)) for is_code, lines in stretches]
    return "\n".join(
        "\n".join(lines) if is_code else _inline("\n".join(lines), definitions, keep_urls)
        for is_code, lines in blocks
        if lines
    )


def _is_code(line: str) -> bool:
    return len(line) < _LONGEST_CODE_LINE and _CODE_LINE.match(line) is not None


def _stretches(lines: list[str], keep_fences: bool) -> Iterator[tuple[bool, list[str]]]:
    """Stretches of lines, and whether each stood in a fence."""
    at = start = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence is None:
            at += 1
            continue
        end = at + 1
        while end < len(lines) and not _closes(lines[end], fence[1]):
            end += 1
        yield False, lines[start:at]
        yield True, lines[at : end + 1] if keep_fences else lines[at + 1 : end]
        at = start = end + 1
    yield False, lines[start:]


def _closes(line: str, fence: str) -> bool:
    said = line.strip()
    return len(said) >= len(fence) and said == fence[0] * len(said)


def _unmarked(lines: list[str], definitions: dict[str, str], comments: bool) -> list[str]:
    """The lines without marks that take a line of their own or stand at its beginning.

    With `comments` a single # opens a comment of code, not a heading.
    """
    kept: list[str] = []
    at = 0
    while at < len(lines):
        quote = _QUOTE.match(lines[at])
        line = lines[at][quote.end() :] if quote else lines[at]
        before = kept[-1] if kept else ""
        if "|" in line and at + 1 < len(lines) and _DELIMITER_ROW.match(lines[at + 1]):
            at = _table(lines, at, kept)
            continue
        defined = _DEFINITION.match(line)
        if defined:
            definitions[defined[1].casefold()] = defined[2]
        elif _RULE.match(line) or (before.strip() and _UNDERLINE.match(line)):
            blank_after = at + 1 < len(lines) and not lines[at + 1].strip()
            at += blank_after and not before.strip()
        else:
            heading = None if comments and _COMMENT.match(line) else _HEADING.match(line)
            kept.append(_HEADING_END.sub("", line[heading.end() :]) if heading else line)
        at += 1
    return kept


def _table(lines: list[str], at: int, kept: list[str]) -> int:
    """Put the rows of a table to the lines kept, a tab between cells; the line that comes behind it."""
    row = at
    while row < len(lines) and "|" in lines[row]:
        if row != at + 1:
            said = lines[row].strip().removeprefix("|")
            said = said[:-1] if said.endswith("|") and not said.endswith("\\|") else said
            kept.append("\t".join(cell.strip() for cell in _CELL_END.split(said)))
        row += 1
    return row


def _inline(text: str, definitions: dict[str, str], keep_urls: bool) -> str:
    """The text without the marks inside lines; spans of code keep what they hold."""
    given, text = text, _without_comments(text)
    codes: list[str] = []

    def code(found: re.Match[str]) -> str:
        said = found[1] or found[2]
        if "`" not in said and (said[0] == " " or (said[-1] == " " and "'" in said)):
            return found.group()  # quotes as a tokenizer or LaTeX writes them
        codes.append(said[1:-1] if said[0] == said[-1] == " " and said.strip() else said)
        return _MARK

    def link(found: re.Match[str]) -> str:
        before = found.string[found.start() - 1 : found.start()]
        if before.isascii() and (before.isalnum() or before in ("_", ")", "]")) and not _ADDRESS.search(found[3]):
            return found.group()
        return _linked(found[1], found[2], found[3], keep_urls)

    def reference(found: re.Match[str]) -> str:
        address = definitions.get((found[3] or found[2]).casefold())
        return found.group() if address is None else _linked(found[1], found[2], address, keep_urls)

    text = _CODE_SPAN.sub(code, text) if "`" in text else text
    if "](" in text:
        text = _LINK.sub(link, _LINK.sub(lambda found: link(found) if found[1] else found.group(), text))
    text = _REFERENCE.sub(reference, text) if definitions else text
    text = _AUTOLINK.sub(r"\1", text) if "<" in text else text
    for mark, pattern in _EMPHASES.items():
        text = pattern.sub(_emphasised, text) if mark in text else text
    text = _ESCAPED.sub(r"\1", text) if text != given else text
    parts = text.split(_MARK)
    return "".join([parts[0], *(said for pair in zip(codes, parts[1:], strict=True) for said in pair)])


def _emphasised(found: re.Match[str]) -> str:
    """What is emphasised; marks around nothing but signs are a face (`*_*`, `>_<`) or a line to write on."""
    return found[1] if any(map(str.isalnum, found[1])) else found.group()


def _linked(picture: str, said: str, address: str, keep_urls: bool) -> str:
    return f"{said} ({address})".lstrip() if keep_urls and address and not picture else said


def _without_comments(text: str) -> str:
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]]) if parts else text

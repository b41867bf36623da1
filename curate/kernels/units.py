r"""Lines, paragraphs and sentences: where they stand in a text, and a text with some of it cut out.

A line ends where `str.splitlines` says, a paragraph at a blank line, a sentence at a full stop of its script. Plain
scans and possessive patterns only: linear in the text whatever it holds. Used by `dedup.lines` and `dedup.substring`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curate.kernels.windows import words

Unit = Literal["line", "paragraph", "sentence"]
Span = tuple[int, int]

_AT_ONCE = frozenset("。！？｡．።፧។")
_STOPS = ".!?…؟۔।॥։" + "".join(sorted(_AT_ONCE))
_OPENERS = "([{\"'“‘«"
_CLOSERS = re.escape("\"'’”»)]}」』）】》〉")
_STOP = re.compile(rf"([{_STOPS}]++)[{_CLOSERS}]*+(\s*+)")
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof rev hon gen col sgt capt lt st jr sr gov sen rep pres messrs mme mlle
    vs etc al cf ca approx dept est fig figs eq no nos vol vols ch sec pp ed eds op inc ltd co corp bros
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
    z.b bzw usw vgl nr str hr fr sra dra ud uds pág núm av
    """.split()
)
_LONGEST_ABBREVIATION = 7
_LONGEST_WORD = 40


def units(text: str, unit: Unit) -> list[Span]:
    r"""Where the units of a text begin and end, in characters; blank ones are none, line breaks belong to none.

    A sentence ends
      at 。！？ and the full stops of Ethiopic and Khmer, whatever follows;
      at any other stop (. ! ? … and those of Arabic, Devanagari, Armenian) before white space, unless a lower-case
      letter comes next, or the stop is a single dot behind an abbreviation ("Dr.", "e.g.", "J.") or behind the number
      that opens a line ("1.");
      at the end of a paragraph.
    Quotation marks and brackets that close stay with the sentence.

    Example:
        >>> text = 'Dr. Who came. "Really?" he said.\n\n今天好。明天见'
        >>> [text[start:end] for start, end in units(text, "sentence")]
        ['Dr. Who came.', '"Really?" he said.', '今天好。', '明天见']
        >>> units("one\n\n  two\nthree\n", "line"), units("one\n\n  two\nthree\n", "paragraph")
        ([(0, 3), (5, 10), (11, 16)], [(0, 3), (5, 16)])
    """
    return list(_FINDERS[unit](text))


def n_sentences(texts: pa.Array) -> npt.NDArray[np.int64]:
    """The sentences of each text, as `units` finds them; a null has none.

    Example:
        >>> n_sentences(pa.array(["Dr. Who came. Really?", "今天好。明天见", None])).tolist()
        [2, 2, 0]
    """
    counts = (sum(1 for _ in _sentences(text)) if text else 0 for text in texts.to_pylist())
    return np.fromiter(counts, np.int64, len(texts))


def _lines(text: str) -> Iterator[Span]:
    at = 0
    for body, whole in zip(text.splitlines(), text.splitlines(keepends=True), strict=True):
        if body and not body.isspace():
            yield at, at + len(body)
        at += len(whole)


def _paragraphs(text: str) -> Iterator[Span]:
    start = end = at = 0
    for body, whole in zip(text.splitlines(), text.splitlines(keepends=True), strict=True):
        if body and not body.isspace():
            start, end = (start if end else at), at + len(body)
        elif end:
            yield start, end
            end = 0
        at += len(whole)
    if end:
        yield start, end


def _sentences(text: str) -> Iterator[Span]:
    for start, end in _paragraphs(text):
        at = start
        for found in _STOP.finditer(text, start, end):
            if _ends(text, found, end):
                yield _stripped(text, at, found.start(2))
                at = found.end()
        if at < end:
            yield _stripped(text, at, end)


def _ends(text: str, found: re.Match[str], end: int) -> bool:
    """Whether a sentence ends at these stops."""
    stops, follows = found[1], found.end()
    if follows == end or not _AT_ONCE.isdisjoint(stops):
        return True
    if not found[2] or text[follows].islower():
        return False
    return stops != "." or not _belongs_to_word(text, found.start())


def _belongs_to_word(text: str, dot: int) -> bool:
    """Whether the dot is that of an abbreviation, of initials, or of the number that opens a line."""
    before = text[max(0, dot - _LONGEST_WORD) : dot]
    if not before or before[-1].isspace():
        return False
    word = before.rsplit(None, 1)[-1].lstrip(_OPENERS)
    if word.isdecimal():
        line = text[max(0, dot - _LONGEST_WORD - len(word)) : dot - len(word)].rstrip(" \t")
        return not line or line[-1] in "\r\n"
    if len(word) > _LONGEST_ABBREVIATION:
        return False
    if len(word) == 1 or "." in word:
        return word.isascii() and word.replace(".", "").isalpha()
    return word.lower() in _ABBREVIATIONS


def _stripped(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


_FINDERS: dict[Unit, Callable[[str], Iterator[Span]]] = {
    "line": _lines,
    "paragraph": _paragraphs,
    "sentence": _sentences,
}


def cut(text: str, spans: Iterable[Span]) -> str:
    r"""The text without some spans.

    Only the white space on both sides of a cut is touched: of the two, that with more line breaks stays (if they have
    as many, the one behind), and none at either end of the text; where neither side has any and two words would grow
    together, one space stands between them. Indentation and blanks at the end of a line belong to their line and stay.
    Everything else is the same character by character.

    Args:
        text: any text.
        spans: start and end of each in characters, ascending; they may touch or overlap.

    Example:
        >>> cut("one two three", [(4, 7)]), cut("head\n\nbody\nfoot", [(0, 4), (11, 15)]), cut("今天很好", [(1, 3)])
        ('one three', 'body', '今好')
    """
    kept: list[str] = []
    at = 0
    for start, end in spans:
        piece = text[at : max(at, start)]
        if not kept or not (not piece or piece.isspace()):
            kept.append(piece)
        at = max(at, end)
    if not kept:
        return text
    kept.append(text[at:])
    for here in range(1, len(kept)):
        kept[here - 1], kept[here] = _joined(kept[here - 1], kept[here])
    return "".join(kept)


def _joined(before: str, after: str) -> tuple[str, str]:
    """Both sides of a cut, with the white space of one of them."""
    tail, head = _tail(before), _head(after)
    without_head = before, after[len(head) :]
    without_tail = before[: len(before) - len(tail)], after
    if not before or not after:
        return without_tail[0], without_head[1]
    if not tail and not head and _grow_together(before[-1], after[0]):
        return before, " " + after
    keep_tail = (_n_breaks(tail), bool(tail)) > (_n_breaks(head), bool(head))
    return without_head if keep_tail else without_tail


def _grow_together(last: str, first: str) -> bool:
    return last.isalnum() and first.isalnum() and int(words(pa.array([last + first])).counts[0]) == 1


def _n_breaks(space: str) -> int:
    return len((space + "x").splitlines()) - 1


def _tail(before: str) -> str:
    """The white space that ends a text, from its first line break on where it has one."""
    space = before[len(before.rstrip()) :]
    first = len(space.splitlines()[0]) if space else 0
    return space[first:] or space


def _head(after: str) -> str:
    """The white space that begins a text, up to its last line break where it has one."""
    space = after[: len(after) - len(after.lstrip())]
    lines = space.splitlines(keepends=True)
    if len(lines) > 1 and lines[-1].splitlines()[0] == lines[-1]:
        return space[: -len(lines[-1])]
    return space

"""What changed between two texts, word by word and, in words that resemble each other, character by character.

Long texts are bounded: what they share at either end is never compared, only a window around the first change is, and
what is left out is counted. Matching is that of Ratcliff and Obershelp (`difflib.SequenceMatcher`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from curate.report.display import clean, reveal

Kind = Literal["same", "gone", "new", "cut"]
WINDOW = 1_000
"""Characters of changed text that are compared on each side."""
PAIRS = 60_000
"""Pairs of equal words up to which two texts are matched; matching takes longer than their number grows."""
CONTEXT = 160
"""Unchanged characters shown around a change."""
PAGE_LIMIT, PAGE_LINES = 1_200, 20
"""Characters and lines of one side from its first change on that a page has room for."""
_TOKEN = re.compile(r"\w+|\s+|([^\w\s])\1*")


@dataclass(frozen=True)
class Span:
    """A run of characters: in both texts, only before, only after, or left out (`text` then says how many).

    `n_unchanged` is how many characters of both texts a cut stands for; 0 where it is not known that they are equal.
    """

    kind: Kind
    text: str
    n_unchanged: int = 0

    def shown(self) -> str:
        """The text made safe, and where only one side has it, with its blanks and line ends made visible."""
        return reveal(self.text) if self.kind in ("gone", "new") else clean(self.text)


def spans(before: str, after: str) -> tuple[Span, ...]:
    """The two texts as runs in reading order; without cuts, same + gone is `before` and same + new is `after`.

    Example:
        >>> [(span.kind, span.text) for span in spans("a red fox", "a grey fox")]
        [('same', 'a '), ('gone', 'red'), ('new', 'grey'), ('same', ' fox')]
    """
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    head, tail = _at_words(before, head, tail)
    gone, new = before[head : len(before) - tail], after[head : len(after) - tail]
    middle = [*_words(gone[:WINDOW], new[:WINDOW])]
    left_out = max(len(gone), len(new)) - WINDOW
    if left_out > 0:
        middle.append(Span("cut", f"… {left_out:,} characters not compared …"))
    whole = [Span("same", before[:head]), *middle, Span("same", before[len(before) - tail :])]
    return tuple(_folded(_joined(whole)))


def excerpt(
    parts: Sequence[Span],
    side: Literal["gone", "new"],
    *,
    limit: int = PAGE_LIMIT,
    lines: int = PAGE_LINES,
    lead: int = CONTEXT,
    n_characters: int,
    width: Callable[[str], int] = len,
) -> tuple[Span, ...]:
    """One side of a difference from shortly before its first change, as much of it as there is room for.

    Args:
        parts: what `spans` found.
        side: `gone` for the text before, `new` for the one after.
        limit: how wide what is shown after the lead may be, as `width` measures it.
        lines: how many lines it may have.
        lead: unchanged characters shown before the first change.
        n_characters: how long the whole text of this side is.
        width: how much room a shown text takes.

    Example:
        >>> parts = spans("a red fox jumps", "a blue fox jumps")
        >>> [span.text for span in excerpt(parts, "new", limit=8, n_characters=16)]
        ['a ', 'blue', ' fox', '… 6 more characters']
    """
    first = next((at for at, span in enumerate(parts) if span.kind in ("gone", "new")), 0)
    n_before = sum(span.n_unchanged or len(span.text) for span in parts[:first])
    out = [*_lead(parts[:first], n_before, lead)]
    used, lines_left = n_before, lines
    for span in parts[first:]:
        if span.kind not in ("same", "cut", side):
            continue
        if span.kind == "cut":
            if not span.n_unchanged:
                break
            out.append(span)
            used += span.n_unchanged
            continue
        taken, limit, lines_left = _fitting(span, limit, lines_left, width)
        out.append(Span(span.kind, span.text[:taken]))
        used += taken
        if taken < len(span.text):
            break
    left = n_characters - used
    if left:
        out.append(Span("cut", f"… {left:,} more character{'' if left == 1 else 's'}"))
    return tuple(span for span in out if span.text)


def _lead(before: Sequence[Span], n_before: int, lead: int) -> Iterator[Span]:
    """What stands before the first change: its end, and how much more there is where telling so takes less room."""
    if not before:
        return
    shown = before[-1].text[-lead:]
    left_out = _unchanged(n_before - len(shown))
    if n_before - len(shown) <= len(left_out.text) and n_before == len(before[-1].text):
        yield before[-1]
        return
    if n_before > len(shown):
        yield left_out
    yield Span("same", shown)


def _fitting(span: Span, room: int, lines: int, width: Callable[[str], int]) -> tuple[int, int, int]:
    """How many characters of a run there is room for, and the room and lines that are left."""
    for taken, character in enumerate(span.text):
        room -= width(Span(span.kind, character).shown().strip("\n"))
        lines -= character == "\n"
        if room < 0 or lines < 0:
            return taken, room, lines
    return len(span.text), room, lines


def _shared(left: str, right: str) -> int:
    """How many characters two texts share from their start: binary search over prefixes."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if left[low:middle] == right[low:middle] else (low, middle - 1)
    return low


def _at_words(text: str, head: int, tail: int) -> tuple[int, int]:
    """The shared ends drawn back to where a word begins or ends, by at most 40 characters."""
    back = 0
    while back < min(head, 40) and text[head - back - 1].isalnum():
        back += 1
    forth = 0
    while forth < min(tail, 40) and text[len(text) - tail + forth].isalnum():
        forth += 1
    return head - back, tail - forth


def _words(before: str, after: str) -> Iterator[Span]:
    left, right = _tokens(before), _tokens(after)
    if not _comparable(left, right):
        yield from (Span("gone", before), Span("new", after))
        return
    for kind, gone, new in _runs(left, right):
        if kind == "same":
            yield Span("same", gone)
        else:
            yield from _characters(gone, new)


def _tokens(text: str) -> list[str]:
    return [match.group() for match in _TOKEN.finditer(text)]


def _comparable(left: list[str], right: list[str]) -> bool:
    there = Counter(right)
    return sum(count * there[token] for token, count in Counter(left).items()) <= PAIRS


def _characters(gone: str, new: str) -> Iterator[Span]:
    """A replaced stretch, split finer where the two sides are short and more alike than not."""
    if len(gone) <= 80 and len(new) <= 80 and SequenceMatcher(None, gone, new, autojunk=False).ratio() >= 0.6:
        for kind, left, right in _runs(gone, new):
            yield from (Span("same", left),) if kind == "same" else (Span("gone", left), Span("new", right))
    else:
        yield from (Span("gone", gone), Span("new", new))


def _runs(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for tag, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        yield ("same" if tag == "equal" else "changed"), "".join(left[i:j]), "".join(right[k:m])


def _joined(parts: list[Span]) -> list[Span]:
    """Without empty runs, and with neighbours of one kind made one."""
    out: list[Span] = []
    for span in parts:
        if out and span.text and out[-1].kind == span.kind != "cut":
            out[-1] = Span(span.kind, out[-1].text + span.text)
        elif span.text:
            out.append(span)
    return out


def _folded(parts: list[Span]) -> Iterator[Span]:
    """Long unchanged runs cut to the context next to a change."""
    for place, span in enumerate(parts):
        before = CONTEXT if place or len(parts) == 1 else 0
        after = CONTEXT if place + 1 < len(parts) else 0
        if span.kind != "same" or len(span.text) <= before + after + CONTEXT:
            yield span
            continue
        yield from (Span("same", span.text[:before]),) if before else ()
        yield _unchanged(len(span.text) - before - after)
        yield from (Span("same", span.text[len(span.text) - after :]),) if after else ()


def _unchanged(count: int) -> Span:
    return Span("cut", f"… {count:,} character{'' if count == 1 else 's'} unchanged …", count)

"""What changed between two texts, word by word and, in words that resemble each other, character by character.

Long texts are bounded: what they share at either end is never compared, only a window around the first change is, and
what is left out is counted. Matching is that of Ratcliff and Obershelp (`difflib.SequenceMatcher`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new", "cut"]
WINDOW = 1_000
"""Characters of changed text that are compared on each side."""
PAIRS = 60_000
"""Pairs of equal words up to which two texts are matched; matching takes longer than their number grows."""
CONTEXT = 160
"""Unchanged characters shown around a change."""
_TOKEN = re.compile(r"\w+|\s+|([^\w\s])\1*")


@dataclass(frozen=True)
class Span:
    """A run of characters: in both texts, only before, only after, or left out (`text` then says how many)."""

    kind: Kind
    text: str


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
        middle.append(_cut(left_out, "not compared"))
    whole = [Span("same", before[:head]), *middle, Span("same", before[len(before) - tail :])]
    return tuple(_folded(_joined(whole)))


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
        yield _cut(len(span.text) - before - after, "unchanged")
        yield from (Span("same", span.text[len(span.text) - after :]),) if after else ()


def _cut(count: int, what: str) -> Span:
    return Span("cut", f"… {count:,} characters {what} …")

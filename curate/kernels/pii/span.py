"""What every detector of personal data is and gives: a cheap mask, an exact search, spans; and how spans that overlap
become one.

`find` (in `curate.kernels.pii.find`) runs the mask over a whole column and the search over what it lets through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

Found = tuple[int, int, float]
"""Where something starts and ends in a text, and how certain it is, in [0, 1]."""


class Span(NamedTuple):
    """A piece of personal data: `text[start:end]`, in code points, with how certain it is, in [0, 1]."""

    start: int
    end: int
    kind: str
    score: float


@dataclass(frozen=True)
class Detector:
    """Finds one kind of personal data.

    Attributes:
        kind: what it finds.
        suspects: an RE2 pattern that every text matches in which `find` finds something.
        find: the exact search in a folded text, in time linear in its length.
        real: whether a value by itself could be one that somebody has; a pseudonym must not be.
    """

    kind: str
    suspects: str
    find: Callable[[str], Iterable[Found]]
    real: Callable[[str], bool] | None = None


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in order, those that overlap as one: it covers them all and is of the most certain kind, then the longest.

    So nothing of a value is left standing beside another that overlaps it.

    Example:
        >>> merged([Span(4, 9, "phone", 0.7), Span(0, 12, "card", 0.9), Span(20, 22, "ip", 1.0)])
        (Span(start=0, end=12, kind='card', score=0.9), Span(start=20, end=22, kind='ip', score=1.0))
    """
    whole: list[Span] = []
    best = (0.0, 0)
    for span in sorted(spans):
        rank = (span.score, span.end - span.start)
        if not whole or span.start >= whole[-1].end:
            whole.append(span)
            best = rank
            continue
        last = whole[-1]
        end = max(last.end, span.end)
        if rank > best:
            best = rank
            whole[-1] = Span(last.start, end, span.kind, span.score)
        else:
            whole[-1] = last._replace(end=end)
    return tuple(whole)


def said_before(text: str, at: int, words: re.Pattern[str], reach: int = 40) -> bool:
    """Whether one of some words stands in the `reach` characters before a place."""
    return words.search(text, max(0, at - reach), at) is not None

"""Replacements: edits of a text by offset. What lies outside of them stays as it is, to the last character.

Augmenters say what to put where (`curate.transforms.augment`); here it is put there, taken back, and spans that were
marked in the text (entities, answers, links) are moved along. Offsets count characters (code points), as Python does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import itemgetter

from curate.kernels.aligned import changed

Replacement = tuple[int, int, str]
"""Characters `start` to `end` of a text, and what stands there instead; where both are equal, something is put in."""
Span = tuple[int, int]


def replaced(text: str, edits: Sequence[Replacement]) -> str:
    """The text with all replacements made.

    Args:
        text: any text.
        edits: ascending, none overlaps another (`ordered`).

    Example:
        >>> replaced("a@b.com is mine", [(11, 15, "yours")])
        'a@b.com is yours'
    """
    if len(edits) == 1:
        start, end, new = edits[0]
        return f"{text[:start]}{new}{text[end:]}"
    parts: list[str] = []
    at = 0
    for start, end, new in edits:
        parts += (text[at:start], new)
        at = end
    return "".join([*parts, text[at:]])


def ordered(edits: Iterable[Replacement], text: str) -> list[Replacement]:
    """Replacements in order, without those that change nothing; of two that overlap the first stays.

    Example:
        >>> ordered([(4, 6, "x"), (0, 1, "a"), (5, 7, "y")], "abcdefgh")
        [(4, 6, 'x')]
    """
    kept: list[Replacement] = []
    at = 0
    for start, end, new in sorted(edits, key=itemgetter(0, 1)):
        if start >= at and text[start:end] != new:
            kept.append((start, end, new))
            at = end
    return kept


def undone(text: str, changes: Sequence[tuple[int, int, str, str]]) -> str:
    """The text that was there before.

    Args:
        text: what `replaced` gave.
        changes: `(start, end, old, new)` with the offsets of the text before, in the order in which they were made.

    Example:
        >>> undone("a@b.com is yours", [(11, 15, "mine", "yours")])
        'a@b.com is mine'
    """
    parts: list[str] = []
    at = shift = 0
    for start, end, old, new in changes:
        parts += (text[at : start + shift], old)
        shift += len(new) - (end - start)
        at = end + shift
    return "".join([*parts, text[at:]])


def fits(text: str, changes: Sequence[tuple[int, int, str, str]]) -> bool:
    """Whether a text says what changes led to, where they led to it: whether `undone` may be asked.

    Example:
        >>> fits("a@b.com is yours", [(11, 15, "mine", "yours")]), fits("other", [(11, 15, "mine", "yours")])
        (True, False)
    """
    shift = 0
    for start, end, old, new in changes:
        if end - start != len(old) or not text.startswith(new, start + shift):
            return False
        shift += len(new) - len(old)
    return all(end + shift <= len(text) for _, end, _, _ in changes[-1:])


def outside(edits: Iterable[Replacement], protected: Sequence[Span]) -> list[Replacement]:
    """Only the replacements that touch no protected span; to put something right before or behind one is no touch.

    Example:
        >>> outside([(0, 2, "x"), (3, 3, "y"), (4, 4, "z")], [(3, 6)])
        [(0, 2, 'x'), (3, 3, 'y')]
    """
    if not protected:
        return list(edits)
    guard = Protected(protected)
    return [edit for edit in edits if not guard.touches(edit[0], edit[1])]


class Protected:
    """Spans that may not be touched, ready to be asked about many places.

    Example:
        >>> guard = Protected([(3, 6)])
        >>> guard.touches(0, 4), guard.touches(3, 3), guard.touches(4, 4)
        (True, False, True)
    """

    def __init__(self, spans: Sequence[Span]) -> None:
        ascending = sorted(spans)
        self._starts = [start for start, _ in ascending]
        self._reach = list(accumulate((end for _, end in ascending), max))

    def touches(self, start: int, end: int) -> bool:
        """Whether a span that begins before `end` ends behind `start`."""
        before = bisect_left(self._starts, end)
        return before > 0 and self._reach[before - 1] > start


def moved(spans: Sequence[Span], edits: Sequence[Replacement]) -> list[Span | None]:
    """Where spans of a text lie after its replacements; None for one that a replacement cuts in two.

    A replacement inside a span, or of a whole span, changes its length; one put in at its edge stays outside.

    Example:
        >>> moved([(0, 4), (5, 9)], [(5, 9, "Rome"), (9, 9, "!")]), moved([(0, 4)], [(2, 6, "")])
        ([(0, 4), (5, 9)], [None])
    """
    lows = [low for low, _, _ in edits]
    highs = [high for _, high, _ in edits]
    grown = list(accumulate((len(new) - (high - low) for low, high, new in edits), initial=0))
    found: list[Span | None] = []
    for start, end in spans:
        first, behind = bisect_right(highs, start), bisect_left(lows, end)
        if first >= behind:
            found.append((start + grown[behind], end + grown[behind]))
        elif lows[first] >= start and highs[behind - 1] <= end:
            found.append((start + grown[first], end + grown[behind]))
        else:
            found.append(None)
    return found


def relocated(spans: Sequence[Span], moves: Sequence[tuple[int, int, int]]) -> list[Span | None]:
    """Where spans lie once whole stretches of their text have moved; None for one that lies in no single stretch.

    Args:
        spans: of the text before.
        moves: start and end of each stretch before, and its start afterwards; ascending, none overlaps another.

    Example:
        >>> relocated([(1, 3), (6, 7), (3, 6)], [(0, 4, 5), (5, 9, 0)])
        [(6, 8), (1, 2), None]
    """
    starts = [start for start, _, _ in moves]
    found: list[Span | None] = []
    for start, end in spans:
        at = bisect_right(starts, start) - 1
        low, high, new = moves[at] if at >= 0 else (0, -1, 0)
        found.append((start - low + new, end - low + new) if low <= start and end <= high else None)
    return found


def differences(old: str, new: str) -> list[Replacement]:
    """The replacements that turn one text into another, word by word: for texts that were written anew as a whole.

    Example:
        >>> differences("a good old film", "a nice film")
        [(2, 10, 'nice')]
    """
    mine, theirs = _pieces(old), _pieces(new)
    starts = [0]
    for piece in mine:
        starts.append(starts[-1] + len(piece))
    return [(starts[a], starts[b], "".join(theirs[c:d])) for a, b, c, d in changed(mine, theirs)]


def _pieces(text: str) -> list[str]:
    """Runs of letters and digits, runs of white space, and every other character by itself."""
    pieces: list[str] = []
    kind = ""
    for letter in text:
        its = "word" if letter.isalnum() else "space" if letter.isspace() else ""
        if its and its == kind:
            pieces[-1] += letter
        else:
            pieces.append(letter)
        kind = its
    return pieces

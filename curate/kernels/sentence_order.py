"""Sentences of a text that may change places, and stretches of consecutive sentences or words.

What tells by its order stays: dialogues, lists, a sentence that leans on the one before it. Everything is told by
offset, so that edits can be undone and marked spans carried. Used by `augment.shuffle` and `augment.crop`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement, Span
from curate.kernels.units import units

_ITEM = re.compile(r"^[ \t]*(?:[0-9]{1,3}[.):]|[a-zA-Z][.)]|[-*•‣·–—]|#+|>|\|)(?:\s|$)", re.MULTILINE)
_SPEAKER = re.compile(r"^[ \t]*[^\W\d_][\w .'’-]{0,30}:[ \t]", re.MULTILINE)
_QUOTES = re.compile('["“”„«»「」『』]')
_SAID = re.compile('["“„«»「『–—-]')
_STOPPED = re.compile(r"[.!?…؟۔。！？｡．։።។॥।][\"'’”»)\]}」』）】]*\Z")
_LEANING = frozenset(
    """
    he she it they this that these those his her its their him them such so thus hence therefore however but and or yet
    then next finally later afterwards meanwhile moreover furthermore besides also instead otherwise nevertheless
    nonetheless still consequently accordingly likewise similarly indeed namely first second third firstly secondly
    thirdly lastly another both neither either because which who
    er sie es dies diese dieser aber und oder doch dann danach deshalb darum daher jedoch außerdem trotzdem schließlich
    il elle ils elles ce cela ceci mais et ou donc puis ensuite enfin cependant pourtant ainsi
    él ella ello ellos ellas esto eso esta este pero y o luego después entonces además finalmente
    """.split()
)
_FIRST = re.compile(r"[^\W\d_]+")


class Order(NamedTuple):
    """What may change places.

    Attributes:
        groups: spans that may change places with each other, ascending.
        told: whether something was left out because its order tells.
    """

    groups: list[list[Span]]
    told: bool


def movable(text: str, together: Sequence[Span] = (), *, across: bool = False, links: bool = True) -> Order:
    """The stretches of a text that may change places: sentences with those that lean on them.

    Args:
        text: any text.
        together: spans that must not be parted, ascending.
        across: whether sentences may move to other paragraphs.
        links: whether a sentence that begins with a pronoun or a connective stays behind the one before it.

    Example:
        >>> text = "Ann has a dog. It barks. Bob has a cat. No end"
        >>> [text[start:end] for start, end in movable(text).groups[0]]
        ['Ann has a dog. It barks.', 'Bob has a cat.']
    """
    groups: list[list[Span]] = []
    told = False
    sentences = units(text, "sentence")
    at = 0
    for low, high in units(text, "paragraph"):
        first = at
        while at < len(sentences) and sentences[at][1] <= high:
            at += 1
        own = sentences[first:at]
        if _tells(text[low:high], [text[start:end] for start, end in own]):
            told = True
            continue
        blocks = [span for span in _blocks(text, own, together, links) if _STOPPED.search(text[span[1] - 3 : span[1]])]
        groups.append(blocks)
    if across:
        groups = [[span for blocks in groups for span in blocks]]
    return Order([blocks for blocks in groups if len(blocks) > 1], told)


def _tells(paragraph: str, sentences: Sequence[str]) -> bool:
    """Whether the order of the sentences tells something: a list, or people who speak in turn."""
    if _ITEM.search(paragraph) or _SPEAKER.search(paragraph):
        return True
    if _QUOTES.search(paragraph) is None:
        return False
    return any(_SAID.match(one) or len(_QUOTES.findall(one)) % 2 for one in sentences)


def joined(spans: Sequence[Span], together: Sequence[Span]) -> list[Span]:
    """Spans, ascending, with those made one that must not be parted.

    Example:
        >>> joined([(0, 4), (5, 9), (10, 12)], [(3, 6)])
        [(0, 9), (10, 12)]
    """
    kept: list[Span] = []
    at = 0
    for start, end in spans:
        while at < len(together) and together[at][1] <= start:
            at += 1
        if kept and at < len(together) and together[at][0] < start:
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    return kept


def worded(text: str, spans: Sequence[Span]) -> list[Span]:
    """Spans, ascending, those without a letter or digit made one with what stands before.

    Example:
        >>> worded("It is great ! . Buy", [(0, 13), (14, 15), (16, 19)])
        [(0, 15), (16, 19)]
    """
    kept: list[Span] = []
    for start, end in spans:
        if kept and not any(map(str.isalnum, text[start:end])):
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    return kept


def _blocks(text: str, sentences: Sequence[Span], together: Sequence[Span], links: bool) -> list[Span]:
    """Sentences, with those joined that must stay together."""
    blocks: list[Span] = []
    for start, end in joined(sentences, together):
        if blocks and links and _leans(text[start:end]):
            blocks[-1] = (blocks[-1][0], end)
        else:
            blocks.append((start, end))
    return blocks


def _leans(sentence: str) -> bool:
    found = _FIRST.search(sentence[:40])
    return found is not None and found.group().lower() in _LEANING


def reordered(
    text: str, groups: Iterable[Sequence[Span]], draws: Draws
) -> tuple[list[Replacement], list[tuple[int, int, int]]]:
    """Stretches of a text in another order, in each group.

    Returns:
        What to put where, and where each stretch of the text went: `(start, end, new start)`, ascending, for all of
        the text.

    Example:
        >>> reordered("A. B!", [[(0, 2), (3, 5)]], Draws(1))
        ([(0, 2, 'B!'), (3, 5, 'A.')], [(0, 2, 3), (2, 3, 2), (3, 5, 0)])
    """
    edits: list[Replacement] = []
    moves: list[tuple[int, int, int]] = []
    places = sorted((span, source) for group in groups for span, source in _dealt(group, draws))
    at = new = 0
    for (start, end), (low, high) in places:
        if at < start:
            moves.append((at, start, new))
            new += start - at
        moves.append((low, high, new))
        new += high - low
        at = end
        if text[start:end] != text[low:high]:
            edits.append((start, end, text[low:high]))
    if at < len(text):
        moves.append((at, len(text), new))
    return edits, sorted(moves)


def _dealt(group: Sequence[Span], draws: Draws) -> list[tuple[Span, Span]]:
    """For each place the span that goes there; never all where they were (Fisher-Yates)."""
    order = list(range(len(group)))
    for last in range(len(order) - 1, 0, -1):
        other = draws.below(last + 1)
        order[last], order[other] = order[other], order[last]
    if order == sorted(order):
        one = draws.below(len(order) - 1)
        order[one], order[one + 1] = order[one + 1], order[one]
    return [(group[place], group[source]) for place, source in enumerate(order)]


def stretch(spans: Sequence[Span], keep: Sequence[Span], min_fraction: float, draws: Draws) -> Span | None:
    """A run of consecutive units, by the positions of its first and last; None where there is none but all of them.

    Args:
        spans: the units of a text, ascending.
        keep: spans of the text that must lie inside, ascending.
        min_fraction: the least share of the units.
        draws: where the draws come from.

    Example:
        >>> stretch([(0, 2), (3, 5), (6, 8), (9, 11)], [(6, 8)], 0.5, Draws(0))
        (0, 2)
    """
    n = len(spans)
    first, last = n, -1
    if keep:
        low, high = keep[0][0], max(end for _, end in keep)
        first = next((at for at in range(n - 1, -1, -1) if spans[at][0] <= low), 0)
        last = next((at for at in range(n) if spans[at][1] >= high), n - 1)
    least = max(1, -int(-min_fraction * n // 1), last - first + 1)
    if least >= n:
        return None
    size = least + draws.below(n - least)
    lowest, highest = max(0, last - size + 1), min(n - size, first)
    start = lowest + draws.below(highest - lowest + 1)
    return start, start + size - 1

"""Bounds on what an added row's text may have in common with its parent's; each row is judged by the two texts alone.

Between `augment.constrain` and `kernels.word_edits`, which measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curate.kernels.language import SURE, Model, identify
from curate.kernels.language_codes import base
from curate.kernels.word_edits import Distance, distances

Range = tuple[float | None, float | None]


@dataclass(frozen=True)
class TextBounds:
    """What is allowed; a None is no bound.

    Attributes:
        change: the share of words changed, from and to.
        length: words by the parent's words, from and to.
        overlap: the share of words in common, from and to.
        language: the model that tells languages, which must be the parent's; None: any language.
    """

    change: Range
    length: Range
    overlap: Range
    language: Model | None

    @property
    def of_words(self) -> bool:
        """Whether any bound needs the words."""
        return any(end is not None for bound in (self.change, self.length, self.overlap) for end in bound)


def text_reasons(
    texts: Sequence[str | None], parents: Sequence[str | None], bounds: TextBounds
) -> tuple[list[str | None], list[float]]:
    """The first bound that each text breaks, as a reason of `augment.constrain`, and its score.

    Args:
        texts: n texts.
        parents: of each the text it was made from; None where it was made from none, or that is not known.
        bounds: what is allowed.

    Example:
        >>> bounds = TextBounds((None, 0.5), (None, None), (None, None), None)
        >>> text_reasons(["one two", "one three", "x y"], [None, "one two", "a b"], bounds)
        ([None, None, 'changed_too_much'], [1.0, 1.0, 1.0])
    """
    reasons: list[str | None] = [None] * len(texts)
    scores = [1.0] * len(texts)
    asked = [at for at, (text, parent) in enumerate(zip(texts, parents, strict=True)) if text and parent is not None]
    mine, theirs = [str(texts[at]) for at in asked], [str(parents[at]) for at in asked]
    if bounds.of_words:
        for at, distance in zip(asked, distances(mine, theirs), strict=True):
            reasons[at], scores[at] = _of_words(distance, bounds)
    if bounds.language is not None:
        for at, score in zip(asked, _foreign(mine, theirs, bounds.language), strict=True):
            if reasons[at] is None and score:
                reasons[at], scores[at] = "other_language", score
    return reasons, scores


def _of_words(found: Distance, bounds: TextBounds) -> tuple[str | None, float]:
    low, high = bounds.change
    if low is not None and found.change < low:
        return "changed_too_little", found.change
    if high is not None and found.change > high:
        return "changed_too_much", found.change
    if _outside(found.length, bounds.length):
        return "length_changed", 1.0
    if _outside(found.overlap, bounds.overlap):
        return "overlap", found.overlap
    return None, 1.0


def _outside(value: float, bound: Range) -> bool:
    low, high = bound
    return (low is not None and value < low) or (high is not None and value > high)


def _foreign(texts: list[str], parents: list[str], model: Model) -> list[float]:
    """How sure it is that each text is in another language than its parent; 0 where that is not told."""
    found = []
    for own, other in zip(identify(texts, model), identify(parents, model), strict=True):
        sure = own is not None and other is not None and min(own[1], other[1]) >= SURE
        if sure and own is not None and other is not None and base(own[0]) != base(other[0]):
            found.append(min(own[1], other[1]))
        else:
            found.append(0.0)
    return found

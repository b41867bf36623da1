"""`augment.shuffle`: the sentences of a text in another order; each stays as it is, with the spans marked in it.

For labels that hang on the whole and not on the order: topics, intents, the sentiment of a review.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.replacing import Span
from curate.kernels.sentence_order import movable, reordered
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.draft import Variant


class AugmentShuffle(Augmenter):
    """Puts the sentences of a text into another order.

    The white space between them stays where it is. Not moved: a dialogue (speakers, dashes, quotations that begin a
    sentence or run over several), a list, a sentence without a full stop; what is protected or marked is never parted.

    Attributes:
        across: move sentences to other paragraphs, too; else each paragraph keeps its own.
        links: a sentence that begins with a pronoun or a connective (English, German, French and Spanish: *it*,
            *however*, *dann*) stays behind the one before it.

    Example:
        >>> AugmentShuffle().links
        True
    """

    name: ClassVar[str] = "augment.shuffle"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"order": "its sentences in another order"}
    refusals: ClassVar[Mapping[str, str]] = {
        **Augmenter.refusals,
        "order_tells": "a dialogue or a list, whose order tells something",
    }
    languages: ClassVar[str] = "any whose sentences end in a full stop of their script"
    examples: ClassVar[Mapping[str, Example]] = {
        "order": Example("The food was cold. It took an hour. Nobody smiled. We left early.")
    }

    across: bool = False
    links: bool = True

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Sequence[Variant | str]:
        return [self._variant(*one) for one in zip(texts, protected, draws, strict=True)]

    def _variant(self, text: str, protected: Sequence[Span], draws: Draws) -> Variant | str:
        groups, told = movable(text, protected, across=self.across, links=self.links)
        if not groups:
            return "order_tells" if told else "unchanged"
        edits, moves = reordered(text, groups, draws)
        return Variant(edits, moves=moves) if edits else "unchanged"

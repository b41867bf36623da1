"""`augment.typo`: letters swapped, left out, doubled or struck along with their neighbour (`curate.kernels.slips`).

Belinkov & Bisk, "Synthetic and Natural Noise Both Break Neural Machine Translation", ICLR 2018; the first letter stays,
as in Pruthi, Dhingra & Lipton, ACL 2019.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.keyboards import Layout, near
from curate.kernels.replacing import Replacement
from curate.kernels.slips import slipped
from curate.transforms.augment.slips import SlipAugmenter

Kind = Literal["swap", "delete", "double", "insert"]


class AugmentTypo(SlipAugmenter):
    """Makes one slip of the finger in a word.

    Attributes:
        kinds: `swap` two letters beside each other, `delete` one, `double` one, or `insert` the letter of a key beside
            one behind it; each kind alike. Where a kind would change nothing, a letter is doubled or left out.
        layout: the keyboard for `insert`: `en`, `de`, `fr`, `es` or `ru`; a letter without a key on it is doubled.
        keep_first: the first letter of a word stays where it is: readers need it most.

    Example:
        >>> AugmentTypo(kinds=("swap",)).max_rate
        0.2
    """

    name: ClassVar[str] = "augment.typo"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"typo": "letters swapped, left out, doubled or put in"}
    examples: ClassVar[Mapping[str, Example]] = {"typo": Example("How far is it from Denver to Aspen?")}

    kinds: tuple[Kind, ...] = Field(("swap", "delete", "double", "insert"), min_length=1)
    layout: Layout = "en"
    keep_first: bool = True

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        first = int(self.keep_first)
        kind = draws.choice(self.kinds)
        n_places = len(word) - first - (kind == "swap")
        if n_places < 1 or len(word) < 2:
            return None
        at = first + draws.below(n_places)
        if kind == "insert":
            around = near(self.layout).get(word[at], "")
            return slipped(word, at, "insert", draws.choice(around)) if around else slipped(word, at, "double")
        if kind == "swap" and word[at] == word[at + 1]:
            return slipped(word, at, "delete")
        return slipped(word, at, kind)

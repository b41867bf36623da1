"""`augment.contraction`: English contractions written out, and long forms written short, at random places.

Both say the same, so the label stays; `curate.kernels.contractions` knows where there is one reading only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from curate.core.example import Example
from curate.kernels.contractions import contractions, expansions
from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement, Span, ordered, outside
from curate.transforms.augment.augmenter import EditAugmenter


class AugmentContraction(EditAugmenter):
    """Writes English contractions out (`can't`: `cannot`), or their long forms short (`do not`: `don't`).

    From one place up to the share `max_rate` of those that could change, drawn for each variant. What may be read in
    two ways stays: possessives, `'d` and `'s` unless the next word decides.

    Attributes:
        action: `expand`, `contract`, or `both`.
        max_rate: the largest share of the places that change in one variant, in (0, 1]; one always may.

    Example:
        >>> AugmentContraction(action="expand").max_rate
        1.0
    """

    name: ClassVar[str] = "augment.contraction"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"contraction": "contractions written out, or long forms written short"}
    languages: ClassVar[str] = "English; a text that shares no such forms has no variant"
    examples: ClassVar[Mapping[str, Example]] = {
        "contraction": Example("I can't say it's been easy, but I do not mind.")
    }

    action: Literal["expand", "contract", "both"] = "both"
    max_rate: float = Field(1.0, gt=0, le=1)

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        found: list[Replacement] = []
        if self.action != "contract":
            found += expansions(text)
        if self.action != "expand":
            found += contractions(text)
        places = ordered(outside(found, protected), text)
        if not places:
            return []
        n_places = 1 + draws.below(max(1, int(len(places) * self.max_rate)))
        return [places[at] for at in draws.sample(len(places), n_places)]

"""What augmenters share that replace words by others from a source: WordNet, a table, neighbours in an embedding.

A subclass says with `make_source` where the other words come from (`curate.kernels.synonyms.SynonymSource`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from pydantic import Field

from curate.kernels.draws import Draws
from curate.kernels.replacing import Replacement, Span
from curate.kernels.substitution import candidates, drawn
from curate.kernels.synonyms import SynonymSource
from curate.transforms.augment.augmenter import EditAugmenter


class SubstituteWords(EditAugmenter):
    """Replaces words by others from a source, at least one, in the case of the old ones, with "a" and "an" set right.

    Attributes:
        max_rate: words replaced at most, as a share of the words of the text, in (0, 1]; how many is drawn.
    """

    max_rate: float = Field(0.3, gt=0, le=1)

    def make_source(self) -> SynonymSource:
        """Where other words come from; called once per worker."""
        raise NotImplementedError

    @cached_property
    def source(self) -> SynonymSource:
        """The source, loaded once."""
        return self.make_source()

    def __getstate__(self) -> dict[object, object]:
        """Without the loaded source: every worker loads its own."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}

    def setup(self) -> None:
        _ = self.source

    def revision(self) -> str:
        return self.source.revision

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Sequence[Replacement]:
        found, n_words = candidates(text, protected, self.source)
        return drawn(found, n_words, self.max_rate, draws, text) if found else []

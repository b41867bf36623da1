"""`augment.nlpaug`: any text augmenter of nlpaug as a step, with draws keyed by row and its edits kept by offset.

nlpaug: https://github.com/makcedward/nlpaug (MIT); for those who have come to rely on one of its augmenters. What this
library has itself is faster and leaves all else in a text as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, PlainSerializer, PrivateAttr, WithJsonSchema

from curate.core.example import Example
from curate.kernels.draws import Draws
from curate.kernels.nlpaug_state import augmented, global_state_kept, load_augmenter, nlpaug_version
from curate.kernels.replacing import Span
from curate.transforms.augment.augmenter import RewriteAugmenter
from curate.transforms.augment.draft import Variant

JsonMap = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(
        lambda given: (
            tuple(sorted((name, json.dumps(value)) for name, value in given.items()))
            if isinstance(given, Mapping)
            else given
        )
    ),
    PlainSerializer(lambda pairs: {name: json.loads(value) for name, value in pairs}, return_type=dict[str, Any]),
    WithJsonSchema({"type": "object"}),
]
"""A map from names to JSON values; written as one, kept as pairs of name and JSON so that it can be hashed."""


class AugmentNlpaug(RewriteAugmenter):
    """Runs one of nlpaug's augmenters of characters, words or sentences.

    nlpaug splits a text into words and joins them again; all differences to the text are kept as edits, those of spaces
    before punctuation included. A variant that would change a protected stretch is refused (nlpaug turns `a@b.com` into
    `a @ b. com`), and a text on which nlpaug fails costs that variant and nothing else.

    Attributes:
        augmenter: the class in nlpaug, as `KeyboardAug`, `RandomWordAug` or `SpellingAug`. Those that need a model take
            its path in `settings`.
        settings: its keyword arguments, as `{aug_p: 0.1}`.

    Example:
        >>> AugmentNlpaug(augmenter="RandomWordAug", settings={"action": "swap"}).model_dump()["settings"]
        {'action': 'swap'}
    """

    name: ClassVar[str] = "augment.nlpaug"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"nlpaug": "written anew by an augmenter of nlpaug"}
    refusals: ClassVar[Mapping[str, str]] = {
        **RewriteAugmenter.refusals,
        "failed": "nlpaug raised an error on this text",
    }
    languages: ClassVar[str] = "those of nlpaug's augmenter"
    examples: ClassVar[Mapping[str, Example]] = {
        "nlpaug": Example(
            "the quick brown fox jumps", settings={"augmenter": "RandomWordAug", "settings": {"action": "swap"}}
        )
    }

    augmenter: str
    settings: JsonMap = Field((), json_schema_extra={"default": {}})
    _raised: list[str] = PrivateAttr(default_factory=list)

    def setup(self) -> None:
        _loaded(self.augmenter, self.settings)

    def revision(self) -> str:
        return f"nlpaug {nlpaug_version()}"

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Sequence[Variant | str]:
        augmenter = _loaded(self.augmenter, self.settings)
        found: list[Variant | str] = []
        with global_state_kept():
            for text, spans, one in zip(texts, protected, draws, strict=True):
                try:
                    new = augmented(augmenter, text, one.bits() >> 32)
                except Exception as error:  # noqa: BLE001 - whatever a peer raises costs one variant; it is counted and told
                    found.append("failed")
                    self._raised.append(type(error).__name__)
                else:
                    found.append(self._variant(text, new, spans))
        return found

    def troubles(self, refused: Mapping[str, int]) -> tuple[str, ...]:
        told = tuple(f"nlpaug's {self.augmenter} raised {name} on some texts" for name in sorted(set(self._raised)))
        self._raised.clear()
        return told


@lru_cache(maxsize=8)
def _loaded(name: str, settings: tuple[tuple[str, str], ...]) -> Any:
    return load_augmenter(name, {key: json.loads(value) for key, value in settings})

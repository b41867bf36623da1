"""The language of the texts: the setting of augmenters that know words of one, and a guard of those with English rules.

The setting says what is meant, the guard (`curate.kernels.other_language`) what stands there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from curate.kernels import other_language
from curate.kernels.draws import Draws
from curate.kernels.language_codes import code_of
from curate.kernels.replacing import Span
from curate.transforms.augment.augmenter import EditAugmenter
from curate.transforms.augment.draft import Variant


def _code(tag: str) -> str:
    code = code_of(tag)
    if code is None:
        raise ValueError(f"{tag!r} is no code of a language there is, such as en")
    return code


Language = Annotated[str, AfterValidator(_code)]
"""The code of a language, `en` for `eng` and `en-GB`."""


class EnglishAugmenter(EditAugmenter):
    """An augmenter whose rules are those of English and would turn people or labels of a text in another language."""

    refusals: ClassVar[Mapping[str, str]] = {
        **EditAugmenter.refusals,
        "other_language": "the text is in another language than English, by its function words and a model's judgement",
    }

    def has_english_rules(self) -> bool:
        """Whether rules of English are asked with these settings."""
        return True

    def revision(self) -> str:
        return other_language.identity() if self.has_english_rules() else ""

    def setup(self) -> None:
        if self.has_english_rules():
            other_language.other_languages(["English"])

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Iterator[Variant | str]:
        if not self.has_english_rules():
            return super().variants(texts, protected, draws)
        different = list(dict.fromkeys(texts))
        foreign = dict(zip(different, other_language.other_languages(different), strict=True))
        return (
            "other_language" if foreign[text] else self._variant(text, spared, drawn)
            for text, spared, drawn in zip(texts, protected, draws, strict=True)
        )

"""`augment.backtranslate`: a text said otherwise, by way of another language and back.

Sennrich, Haddow & Birch, ACL 2016; as augmentation Xie et al., "Unsupervised Data Augmentation", 2020. Translators are
kernels (`curate.kernels.translators`); here texts go there and back, and what came back is judged and chosen from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from curate.core.example import Example
from curate.data.store import default_root
from curate.errors import CurateError
from curate.kernels.draws import Draws
from curate.kernels.language_codes import code_of
from curate.kernels.replacing import Span, differences, outside
from curate.kernels.rewritten import (
    NEGATION_LANGUAGES,
    length_ratio,
    most_diverse,
    n_negations,
    overlap,
    words_of,
)
from curate.kernels.translators.cache import Kept
from curate.kernels.translators.pieces import translated
from curate.kernels.translators.translator import Pair, Translation, Translator, translator_named
from curate.transforms.augment.augmenter import Augmenter
from curate.transforms.augment.draft import Variant

Option = str | int | float | bool | None


class _Candidate(NamedTuple):
    """One way back: the pivot's number, what came back, and the words unknown on the way there."""

    pivot: int
    back: Translation
    unknown: tuple[str, ...]


class AugmentBacktranslate(Augmenter):
    """Translates texts to other languages and back.

    Every text goes by every pivot; of what passes the filters the n that differ most from each other are taken, the
    first from a pivot drawn for the row. Line breaks stay. What a translator said is kept on disk.

    Attributes:
        backend: `apertium`, rules, offline, as processes; `marian`, a model of transformers; `ctranslate2`, the same
            models on CPUs, faster; `server`, a language model behind an OpenAI-compatible address; or one of a plugin.
        source: the language of the texts: an ISO 639 code, or as the model writes it (`eng_Latn`).
        pivots: the languages to go by.
        model: the model of `marian` and `ctranslate2` (a folder, or a name on the Hub; `{source}` and `{target}` stand
            for the languages) or of `server`.
        options: the other settings of the backend, by name: `{decode: sample, temperature: 0.8}`.
        candidates: translations of a text into each pivot, of which each goes back; null for as many as n needs.
        unknown: what is done about words that the backend marks as unknown: `refuse`, no variant with one; `names`, the
            word must stand in the text and in its variant alike, as names do; `keep`, nothing.
        max_length_ratio: how many times longer the longer of a text and its variant may be, in characters; null: any.
        negation: refuse a variant with one negation more or less (or three, five); null: in the languages whose
            negations are known, English, Spanish, German and French.
        min_overlap: the least share of the words of text and variant that both have, in [0, 1].
        max_overlap: the largest such share, in [0, 1].
        kept: keep translations on disk, under the cache folder.

    Example:
        >>> AugmentBacktranslate(pivots=("es", "ca"), n=2).backend
        'apertium'
    """

    name: ClassVar[str] = "augment.backtranslate"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"backtranslated": "the text went to another language and back"}
    refusals: ClassVar[Mapping[str, str]] = {
        **Augmenter.refusals,
        "unchanged": "the same words came back",
        "untranslated": "nothing in it can be translated, or the backend gave nothing",
        "unknown_words": "the backend did not know a word",
        "length_ratio": "too much longer or shorter than the text",
        "negation": "a negation came or went",
        "too_far": "too few words of the text are left",
        "too_close": "too many words of the text are left",
    }
    uncounted: ClassVar[frozenset[str]] = frozenset({"kept"})
    languages: ClassVar[str] = (
        "those that the backend has data or a model for; of any other it says so before the run. Negations are compared"
        " in English, Spanish, German and French"
    )
    examples: ClassVar[Mapping[str, Example]] = {
        "backtranslated": Example("The children read many books in the old library.")
    }

    backend: str = "apertium"
    source: str = "en"
    pivots: tuple[str, ...] = Field(("es",), min_length=1)
    model: str | None = None
    options: Annotated[tuple[tuple[str, Option], ...], WithJsonSchema({"type": "object"})] = ()
    candidates: int | None = Field(None, ge=1, le=100)
    unknown: Literal["refuse", "names", "keep"] = "names"
    max_length_ratio: float | None = Field(2.0, ge=1)
    negation: bool | None = None
    min_overlap: float = Field(0.1, ge=0, le=1)
    max_overlap: float = Field(1.0, ge=0, le=1)
    kept: bool = True

    @field_validator("options", mode="before")
    @classmethod
    def _as_pairs(cls, given: Any) -> Any:
        return tuple(sorted(given.items())) if isinstance(given, Mapping) else given

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.source in self.pivots or len(set(self.pivots)) < len(self.pivots):
            raise ValueError("pivots are different languages, none of them that of the texts")
        if self.min_overlap > self.max_overlap:
            raise ValueError("min_overlap is above max_overlap")
        if self.negation and code_of(self.source) not in NEGATION_LANGUAGES:
            known = ", ".join(NEGATION_LANGUAGES)
            raise ValueError(f"the negations of {self.source!r} are not known, only those of {known}")
        try:
            most = self._translator.most
        except CurateError as error:
            raise ValueError(str(error)) from error
        if most is not None and self._n_candidates > most:
            raise ValueError(f"{self.backend} gives {most} translations of a text with these options")
        return self

    @cached_property
    def _translator(self) -> Translator:
        return translator_named(self.backend, model=self.model, **dict(self.options))

    @property
    def _n_candidates(self) -> int:
        if self.candidates is not None:
            return self.candidates
        needed = -(-self.n // len(self.pivots))
        return min(needed, self._translator.most or needed)

    @property
    def _ways(self) -> list[tuple[Pair, Pair]]:
        return [(Pair(self.source, pivot), Pair(pivot, self.source)) for pivot in self.pivots]

    def revision(self) -> str:
        return " ".join(self._translator.identity(pair) for way in self._ways for pair in way)

    def setup(self) -> None:
        self.revision()

    def variants(
        self, texts: Sequence[str], protected: Sequence[Sequence[Span]], draws: Sequence[Draws]
    ) -> Sequence[Variant | str]:
        firsts = range(0, len(texts), self.n)
        found = self._there_and_back([texts[at] for at in firsts], [draws[at].bits() for at in firsts])
        return [
            one
            for at, own in zip(firsts, found, strict=True)
            for one in self._chosen(texts[at], protected[at], own, draws[at])
        ]

    def _there_and_back(self, texts: Sequence[str], seeds: Sequence[int]) -> list[list[_Candidate]]:
        """Of each text what came back, by pivot, the likeliest first."""
        found: list[list[_Candidate]] = [[] for _ in texts]
        for number, (there, back) in enumerate(self._ways):
            said = self._translated(there, texts, self._n_candidates, seeds)
            of = [at for at, own in enumerate(said) for _ in own]
            out = [one for own in said for one in own]
            returned = self._translated(back, [one.text for one in out], 1, [seeds[at] for at in of])
            for at, one, own in zip(of, out, returned, strict=True):
                found[at] += [_Candidate(number, text, one.unknown) for text in own]
        return found

    def _translated(self, pair: Pair, texts: Sequence[str], n: int, seeds: Sequence[int]) -> list[list[Translation]]:
        one = self._translator
        ready = Kept(one, pair, _folder() if self.kept or one.keeps else None)
        return translated(ready, texts, n, seeds, by_sentence=one.by_sentence, draws=one.draws)

    def _chosen(
        self, text: str, protected: Sequence[Span], candidates: Sequence[_Candidate], draws: Draws
    ) -> list[Variant | str]:
        """The n variants of one text; where there are fewer, refusals in their place."""
        passed: dict[str, int] = {}
        refused: list[str] = []
        for one in candidates:
            if one.back.text in passed:
                refused.append("repeated")
                continue
            fault = self._fault(text, protected, one)
            if fault:
                refused.append(fault)
            else:
                passed[one.back.text] = one.pivot
        texts, pivots = list(passed), list(passed.values())
        heads = [pivots.index(pivot) for pivot in dict.fromkeys(pivots)]
        order = most_diverse(texts, self.n, draws.choice(heads)) if texts else []
        made: list[Variant | str] = [Variant(differences(text, texts[at])) for at in order]
        refused += ["repeated" if candidates else "untranslated"] * self.n
        return made + refused[: self.n - len(made)]

    def _fault(self, text: str, protected: Sequence[Span], one: _Candidate) -> str:
        """Why a candidate may not become a row; empty where it may."""
        new, old_words, new_words = one.back.text, words_of(text), words_of(one.back.text)
        if old_words == new_words:
            return "unchanged"
        if self._knows_not(old_words, new_words, one):
            return "unknown_words"
        if self.max_length_ratio is not None and length_ratio(text, new) > self.max_length_ratio:
            return "length_ratio"
        language = code_of(self.source) or ""
        known = language in NEGATION_LANGUAGES and self.negation is not False
        if known and (n_negations(text, language) - n_negations(new, language)) % 2:
            return "negation"
        shared = overlap(old_words, new_words)
        if not self.min_overlap <= shared <= self.max_overlap:
            return "too_far" if shared < self.min_overlap else "too_close"
        edits = differences(text, new) if protected else []
        return "protected" if len(outside(edits, protected)) != len(edits) else ""

    def _knows_not(self, old_words: Sequence[str], new_words: Sequence[str], one: _Candidate) -> bool:
        marked = [*one.unknown, *one.back.unknown]
        if self.unknown != "names" or not marked:
            return self.unknown == "refuse" and bool(marked)
        both = set(old_words) & set(new_words)
        return any(not both.issuperset(words_of(word)) for word in marked)


def _folder() -> Path:
    return default_root() / "translations"

"""`filter.language`: keep the rows of some languages, or drop those of others; rows whose language is not sure stay.

The signals `language`, `language_score` and `foreign_fraction` come from `curate.kernels.language`: a model that its
package ships. A column of the user's with one of these names takes the signal's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.signals import RowSignal
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.rows import Batch
from curate.errors import ColumnError
from curate.kernels.buffers import as_bools
from curate.kernels.language import SURE, Model, foreign_fractions, identify, model_identity
from curate.kernels.language_codes import KNOWN, base, code_of


class _OfLanguage(RowSignal):
    """What the signals of language share: the model."""

    model: Model = "langid"

    def setup(self) -> None:
        identify(["a first text"], self.model)

    def revision(self) -> str:
        return model_identity(self.model)


class Language(_OfLanguage):
    """The language of the text; null where it has no letter.

    Attributes:
        model: `langid` or `lingua`.
    """

    name: ClassVar[str] = "language"
    version: ClassVar[str] = "1"
    kind: ClassVar[pa.DataType] = pa.string()
    unit: ClassVar[str] = "ISO 639-1 code, else ISO 639-3"

    def values(self, batch: Batch) -> pa.Array:
        told = identify(batch.texts(), self.model)
        return pa.array([None if one is None else one[0] for one in told], pa.string())


class LanguageScore(_OfLanguage):
    """The probability that the text is in the language told, or in another of its group; null where it has no letter.

    Attributes:
        model: `langid` or `lingua`.
    """

    name: ClassVar[str] = "language_score"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "probability, 0 to 1"

    def values(self, batch: Batch) -> pa.Array:
        told = identify(batch.texts(), self.model)
        return pa.array([None if one is None else one[1] for one in told], pa.float64())


class ForeignFraction(_OfLanguage):
    """The share of the letters that stand in sentences of another language than most of the text; null where it has no
    letter.

    Attributes:
        model: `langid` or `lingua`.
        min_score: the score from which the language of a sentence counts.
    """

    name: ClassVar[str] = "foreign_fraction"
    version: ClassVar[str] = "1"
    unit: ClassVar[str] = "share of the letters, 0 to 1"

    min_score: float = Field(SURE, ge=0, le=1)

    def values(self, batch: Batch) -> pa.Array:
        return pa.array(foreign_fractions(batch.texts(), self.model, self.min_score), pa.float64())


class DropByLanguage(RowTransform):
    """Drops rows that are surely in another language than those to keep, or in one of those to drop.

    A language is told by the text alone, so short texts often have a low score: they stay unless `uncertain` says
    otherwise, and so does a text without a letter. Codes are ISO 639 (`en`, `eng`, `en-GB` are one). Bosnian, Croatian
    and Serbian (`sh`), the two Norwegians (`no`), Malay and Indonesian (`ms`), Mandarin, Cantonese and Wu (`zh`,
    simplified or traditional), and the other macrolanguages of ISO 639-3 count as one language, whichever of their
    codes is given.

    Attributes:
        keep: the languages to keep; all others go.
        drop: the languages to drop; all others stay.
        min_score: the score from which a language counts as told, 0 to 1.
        uncertain: what becomes of a row whose language is not told: `keep` or `drop`.
        max_foreign_fraction: the largest share of letters in sentences of another language than most of the text.
        model: `langid` (140 languages, fast) or `lingua` (75 languages, a hundred times slower, better on one or two
            words; needs the extra `lingua`).

    Example:
        >>> DropByLanguage(keep=("eng", "de-AT")).keep
        ('en', 'de')
    """

    name: ClassVar[str] = "filter.language"
    version: ClassVar[str] = "1"
    keeps_cells: ClassVar[bool] = True
    reasons: ClassVar[Mapping[str, str]] = {
        "other_language": "the language is none of those to keep; score is how sure",
        "unwanted_language": "the language is one of those to drop; score is how sure",
        "uncertain_language": "no language is told with min_score",
        "mixed_languages": "more of the text than max_foreign_fraction is in another language; score is the share",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text"})
    languages: ClassVar[str] = (
        "the 140 languages of the model; a text of any other is told as one of them, seldom surely"
    )
    typical: ClassVar[dict[str, str]] = {
        "language_score": "0.8 or more for 99 % of AG News and 100 % of IMDB rows, 74 % of SMS, 80 % of Hausa titles, "
        "93 % of sentences in 72 languages and 25 % of single words",
        "foreign_fraction": "0 for 99.7 % of texts in one language of six sentences each; 0.38 where half of the "
        "sentences are in another (72 languages)",
    }
    examples: ClassVar[Mapping[str, Example]] = {
        "other_language": Example(
            "Les enfants jouent dans le jardin pendant que leur mère prépare le repas.", {"keep": ["en"]}
        ),
        "unwanted_language": Example(
            "Die Kinder spielen im Garten, während ihre Mutter das Essen kocht.", {"drop": ["de"]}
        ),
        "uncertain_language": Example("ok", {"keep": ["en"], "uncertain": "drop"}),
        "mixed_languages": Example(
            "The children are playing in the garden while dinner is being prepared.\n"
            "Die Kinder spielen im Garten, während das Abendessen vorbereitet wird.\n"
            "Nobody noticed that the little dog had run away with the sausages.",
            {"max_foreign_fraction": 0.2},
        ),
    }

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    min_score: float = Field(SURE, ge=0, le=1)
    uncertain: Literal["keep", "drop"] = "keep"
    max_foreign_fraction: float | None = Field(None, ge=0, le=1)
    model: Model = "langid"

    @model_validator(mode="before")
    @classmethod
    def _as_codes(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        said = {name: given[name] for name in ("keep", "drop") if given.get(name) is not None}
        return {**given, **{name: _codes(value) for name, value in said.items()}}

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.keep and self.drop:
            raise ValueError("give keep or drop, not both")
        if not self.keep and not self.drop and self.max_foreign_fraction is None:
            raise ValueError("give keep, drop or max_foreign_fraction")
        if self.uncertain == "drop" and not self.keep:
            raise ValueError("uncertain: drop goes with keep")
        return self

    def needed(self) -> frozenset[str]:
        told = {"language", "language_score"} if self.keep or self.drop else set()
        return self.needs | told | ({"foreign_fraction"} if self.max_foreign_fraction is not None else set())

    def signals(self) -> dict[str, dict[str, Any]]:
        settings: dict[str, dict[str, Any]] = {name: {"model": self.model} for name in sorted(self.needed() - {"text"})}
        if "foreign_fraction" in settings:
            settings["foreign_fraction"]["min_score"] = self.min_score
        return settings

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        reason, score = np.full(len(batch), "", dtype=object), np.zeros(len(batch))
        if self.max_foreign_fraction is not None:
            foreign = batch.signals["foreign_fraction"].cast(pa.float64())
            mixed = as_bools(pc.fill_null(pc.greater(foreign, self.max_foreign_fraction), False))
            reason[mixed] = "mixed_languages"
            score[mixed] = _floats(foreign)[mixed]
        if self.keep or self.drop:
            self._by_language(batch, reason, score)
        gone = np.flatnonzero(reason != "")
        if not len(gone):
            return Edits()
        return Edits.drop(batch.row_ids[gone], reason[gone].tolist(), score=score[gone])

    def _by_language(self, batch: Batch, reason: NDArray[np.object_], score: NDArray[np.float64]) -> None:
        """Add the reasons of the rows that go for their language."""
        groups = np.array([_group(code) for code in batch.signals["language"].to_pylist()], dtype=object)
        scores = _floats(batch.signals["language_score"])
        texts = as_bools(pc.is_valid(batch.text_array()))
        told = (groups != "") & (scores >= self.min_score)
        listed = np.isin(groups, [base(code) for code in self.keep or self.drop])
        gone = told & (~listed if self.keep else listed)
        reason[gone], score[gone] = "other_language" if self.keep else "unwanted_language", scores[gone]
        if self.uncertain == "drop":
            unsure = texts & ~told
            reason[unsure], score[unsure] = "uncertain_language", scores[unsure]


def _floats(values: pa.Array) -> NDArray[np.float64]:
    return np.asarray(pc.fill_null(values.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False))


def _codes(given: Any) -> tuple[str, ...]:
    """The codes that were given, in one form; a single one may stand by itself."""
    found = []
    for tag in (given,) if isinstance(given, str) else given:
        code = code_of(tag) if isinstance(tag, str) else None
        if code is None:
            raise ValueError(
                f"{tag!r} is no ISO 639 code of one of the {len(KNOWN)} languages that can be told (en, de, zh, ha, …)"
            )
        found.append(code)
    return tuple(dict.fromkeys(found))


def _group(tag: str | None) -> str:
    """The group of a language; empty where none is told.

    Raises:
        ColumnError: a column of the user's stands for the signal and holds something else than codes.
    """
    if tag is None or not tag.strip():
        return ""
    code = code_of(tag)
    if code is None:
        raise ColumnError(
            f"the column 'language' holds {tag!r}, which is no ISO 639 code",
            hint="rename the column: the language is then told by the text",
        )
    return base(code)

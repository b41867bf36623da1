"""`augment.attack`: rows written so that a trained learner answers them wrongly, with the label that is right.

Adversarial training by adding rows (Goodfellow et al. 2015; of texts Jin et al. 2020, TextFooler): the step adds what
the signal `attack` found, which attacks models that never saw the row nor its kin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch
from curate.kernels.draws import Draws
from curate.kernels.other_words import WordSettings
from curate.kernels.replacing import Replacement, Span
from curate.transforms.augment.augmenter import Augmenter, allowed
from curate.transforms.augment.draft import Variant

_EXAMPLE = tuple(
    {"text": text, "label": label}
    for text, label in (
        ("a dull film", "bad"),
        ("a dull plot", "bad"),
        ("dull acting", "bad"),
        ("this one is dull", "bad"),
        ("a superb film", "good"),
        ("superb acting", "good"),
        ("a superb plot", "good"),
    )
)
_ASKED: Mapping[str, Any] = {"n_folds": 3}
_OTHER: Mapping[str, Any] = {**_ASKED, "letters": False, "words": (("superb", "fine"), ("dull", "slow"))}


class AugmentAttack(Augmenter):
    """Adds rows that turn a learner's answer round by few other words or letters.

    The rows are attacked in folds: the models that are asked never saw the row, its near duplicates or its kin. A row
    that they answer wrongly already is not attacked. Stop words and negations stay.

    Attributes:
        learner: what is attacked: a registry name, or `{name: …, setting: value}`; it reads texts.
        n_folds: folds of the cross-fitting, at least 2.
        letters: try slips of a finger in words of four letters or more, behind the first letter.
        words: groups of words that may stand for each other, to be tried.
        table: a file of words and others to be tried: `.csv`, `.tsv` or `.json`.
        wordnet: the folder of WordNet's files, or `auto`, which finds it: synonyms as `augment.synonym` takes them are
            tried.
        language: whose function words stay: a code of ISO 639-1.
        importance: what tells which word is tried first: `deletion`, `saliency` or `gradient` (for `bag` and `linear`,
            and asks a fifth as much).
        max_queries: texts that a model may be asked for to attack one row, at least 2.
        max_rate: words changed at most, as a share of the words of the text, in (0, 1]; one in any case.
        max_candidates: other words tried for a word.
        keep: `flipped` adds the rows that turn the answer; `strongest` also the strongest try of the others.

    Example:
        >>> sorted(AugmentAttack().signals()["attack"])[:3]
        ['attack', 'column', 'fraction']
    """

    name: ClassVar[str] = "augment.attack"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "letters": "slips turn the learner's answer; score is 1 - the probability of the label",
        "words": "other words turn the learner's answer; score is 1 - the probability of the label",
        "letters_and_words": "slips or other words turn the answer; score is 1 - the probability of the label",
        "weakened": "the strongest try, which does not turn the answer; score is 1 - the probability of the label",
    }
    refusals: ClassVar[Mapping[str, str]] = {
        **Augmenter.refusals,
        "wrong_before": "the learner answers the row itself wrongly",
        "not_flipped": "no try within the budget turned the learner's answer",
        "no_words": "the text has no word that may be changed",
        "another_text": "the text is not the one that was attacked",
    }
    needs: ClassVar[frozenset[str]] = frozenset({"text", "label", "attack"})
    languages: ClassVar[str] = "letters: any with an alphabet; words: that of the source"
    examples: ClassVar[Mapping[str, Example]] = {
        "letters": Example(_EXAMPLE, _ASKED),
        "words": Example(_EXAMPLE, _OTHER),
        "letters_and_words": Example(_EXAMPLE, {**_OTHER, "letters": True}),
        "weakened": Example(_EXAMPLE, {**_ASKED, "keep": "strongest", "max_candidates": 1}),
    }

    learner: str | dict[str, Any] = "linear"
    n_folds: int = Field(5, ge=2, le=50)
    letters: bool = True
    words: tuple[tuple[str, ...], ...] = ()
    table: str | None = None
    wordnet: str | None = None
    language: str = "en"
    importance: Literal["deletion", "saliency", "gradient"] = "deletion"
    max_queries: int = Field(100, ge=2)
    max_rate: float = Field(0.25, gt=0, le=1)
    max_candidates: int = Field(8, ge=1)
    keep: Literal["flipped", "strongest"] = "flipped"

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.n != 1 or len(self.columns) > 1:
            raise ValueError("an attack finds one text for a row, in one column: n is 1, and columns names one at most")
        self._source_settings()
        return self

    def _source_settings(self) -> dict[str, Any]:
        asked = {name: getattr(self, name) for name in ("letters", "words", "table", "wordnet", "language")}
        return WordSettings(**asked).model_dump()

    def signals(self) -> dict[str, dict[str, Any]]:
        attack = {name: getattr(self, name) for name in ("importance", "max_queries", "max_rate", "max_candidates")}
        return {
            "attack": {
                "learner": self.learner,
                "n_folds": self.n_folds,
                "attack": attack,
                "words": self._source_settings(),
                "fraction": self.fraction,
                "column": next(iter(self.columns), None),
                "spans": self.spans,
                "protect_pattern": self.protect_pattern,
            }
        }

    def revision(self) -> str:
        return WordSettings(**self._source_settings()).source().revision

    def _columns(self, roles: Roles) -> tuple[str, ...]:
        return super()._columns(roles)[:1]

    def chosen(self, batch: Batch, random: StepRandom) -> NDArray[np.bool_]:
        """The rows that were attacked; the signal draws them."""
        return np.asarray(batch.signals["attack"].is_valid().to_numpy(zero_copy_only=False))

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        edits = super().plan(batch, random)
        said = batch.signals["attack"].drop_null()
        return replace(edits, notes=(said[0]["note"].as_py(),)) if len(said) else edits

    def varied(
        self,
        batch: Batch,
        places: Sequence[int],
        texts: Sequence[str],
        protected: Sequence[Sequence[Span]],
        draws: Sequence[Draws],
    ) -> Sequence[Variant | str]:
        attacks = batch.signals["attack"].to_pylist()
        each = zip(places, texts, protected, strict=True)
        return [self._variant(attacks[place], text, guarded) for place, text, guarded in each]

    def _variant(self, attack: Mapping[str, Any], text: str, protected: Sequence[Span]) -> Variant | str:
        changes = attack["changes"]
        if any(text[one["start"] : one["end"]] != one["old"] for one in changes):
            return "another_text"
        outcome = attack["outcome"]
        weakened = outcome == "not_flipped" and self.keep == "strongest" and bool(changes)
        if outcome != "flipped" and not weakened:
            return str(outcome)
        made: list[Replacement] = [(one["start"], one["end"], one["new"]) for one in changes]
        reason = "weakened" if weakened else self._kind()
        return allowed(Variant(made, reason, attack["score"]), text, protected)

    def _kind(self) -> str:
        words = bool(self.words or self.table or self.wordnet)
        return ("letters_and_words" if words else "letters") if self.letters else "words"

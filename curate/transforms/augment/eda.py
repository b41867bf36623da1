"""`augment.eda`: the four operations of EDA: replace by synonyms, insert synonyms, swap words, delete words.

Wei & Zou, "EDA: Easy Data Augmentation Techniques for Boosting Performance on Text Classification Tasks", EMNLP 2019.
Other than there, negations and protected stretches stay, synonyms go through the gates of `augment.synonym`, and a
variant that changed nothing is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from curate.core.example import Example
from curate.kernels.cutting import UNSPACED_RANGES
from curate.kernels.draws import Draws
from curate.kernels.protected import free_words
from curate.kernels.replacing import Replacement, Span, outside
from curate.kernels.substitution import WORD, candidates, inserted, substituted
from curate.kernels.word_context import NEGATIONS, NEGATIONS_ELSEWHERE
from curate.transforms.augment.draft import Variant
from curate.transforms.augment.substitute import UNSPACED, SynonymSettings

Operation = Literal["replace", "insert", "swap", "delete"]
_DONE = {"replace": "replaced", "insert": "inserted", "swap": "swapped", "delete": "deleted"}
_PART_BEFORE = re.compile(r"\w['’]\Z| ['’] ?\Z|\A['’]\Z")
_PART = re.compile(r"n['’]t\b", re.IGNORECASE)
_PART_AFTER = re.compile(r" ?n? ?['’] ?[^\W\d_]{1,2}\b")
_UNSPACED = re.compile(f"[{UNSPACED_RANGES}]")
_TEXT = "the lawyer bought a car and drove home"
_CAR = {"car": ["automobile"]}


class AugmentEda(SynonymSettings):
    """Makes each variant with one of four operations, drawn: replace, insert, swap or delete.

    An operation that finds nothing to do leaves its turn to another.

    Attributes:
        operations: which of the four; those that need synonyms need WordNet or a table.
        alpha: how much of a text each operation changes: this share of its words is replaced, as many synonyms are put
            in, as many pairs are swapped (one at least), and each word is deleted with this probability, in (0, 1]. The
            paper advises 0.05 for up to 2,000 rows with 8 or 16 variants of each, and 0.1 with 4 above.
        alpha_replace: `alpha` for this operation, where it should differ.
        alpha_insert: alike.
        alpha_swap: alike.
        alpha_delete: alike.

    Example:
        >>> AugmentEda(n=8, alpha=0.05, alpha_delete=0.1).operations
        ('replace', 'insert', 'swap', 'delete')
    """

    name: ClassVar[str] = "augment.eda"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "replaced": "words replaced by synonyms",
        "inserted": "synonyms of its words put in",
        "swapped": "words changed places",
        "deleted": "words left out",
    }
    languages: ClassVar[str] = (
        "English with WordNet; others with a table, or to swap and delete only, if they put spaces between words; "
        "elsewhere (Chinese, Japanese, Thai) nothing changes"
    )
    remedy: ClassVar[str] = "give a table or an embedding, or operations: [swap, delete]"
    examples: ClassVar[Mapping[str, Example]] = {
        done: Example(_TEXT, settings={"operations": [name], "table": _CAR}) for name, done in _DONE.items()
    }

    operations: tuple[Operation, ...] = Field(("replace", "insert", "swap", "delete"), min_length=1)
    alpha: float = Field(0.1, gt=0, le=1)
    alpha_replace: float | None = Field(None, gt=0, le=1)
    alpha_insert: float | None = Field(None, gt=0, le=1)
    alpha_swap: float | None = Field(None, gt=0, le=1)
    alpha_delete: float | None = Field(None, gt=0, le=1)

    @model_validator(mode="after")
    def _has_borders(self) -> Self:
        if self.language in UNSPACED:
            raise ValueError(f"{self.language} puts no spaces between words, so there are none to swap or delete")
        return self

    def needs_words(self) -> bool:
        return bool({"replace", "insert"} & set(self.operations))

    def setup(self) -> None:
        if self.needs_words():
            super().setup()

    def revision(self) -> str:
        return super().revision() if self.needs_words() else ""

    def replacements(self, text: str, protected: Sequence[Span], draws: Draws) -> Variant:
        does: dict[Operation, _Does] = {
            "replace": self._replace,
            "insert": self._insert,
            "swap": self._swap,
            "delete": self._delete,
        }
        words = _whole(text, free_words(text, list(protected), WORD))
        first = draws.below(len(self.operations))
        for name in (*self.operations[first:], *self.operations[:first]):
            made = does[name](text, protected, words, draws) if words else []
            if made:
                return Variant(made, _DONE[name])
        return Variant([])

    def _share(self, own: float | None) -> float:
        return self.alpha if own is None else own

    def _n(self, own: float | None, words: Sequence[Span]) -> int:
        return max(1, int(self._share(own) * len(words)))

    def _replace(self, text: str, protected: Sequence[Span], words: Sequence[Span], draws: Draws) -> list[Replacement]:
        found, _ = candidates(text, protected, self.source, english=self.is_english())
        made: list[Replacement] = []
        for at in draws.sample(len(found), self._n(self.alpha_replace, words)):
            made += substituted(found[at], draws.choice(found[at].options)[0], text)
        return made

    def _insert(self, text: str, protected: Sequence[Span], words: Sequence[Span], draws: Draws) -> list[Replacement]:
        found, _ = candidates(text, protected, self.source, english=self.is_english())
        if not found:
            return []
        made: list[Replacement] = []
        for at in draws.sample(len(words), self._n(self.alpha_insert, words)):
            start, option = words[at][0], draws.choice(draws.choice(found).options)[0]
            put = inserted(text, words[at], option) if self.is_english() else [(start, start, f"{option} ")]
            if len(outside(put, protected)) == len(put):  # an article that must stay stays right, too
                made += put
        return made

    def _swap(self, text: str, protected: Sequence[Span], words: Sequence[Span], draws: Draws) -> list[Replacement]:
        movable = _movable(text, words)
        if len(movable) < 2:
            return []
        now = list(range(len(movable)))
        for _ in range(self._n(self.alpha_swap, words)):
            one, other = draws.sample(len(now), 2)
            now[one], now[other] = now[other], now[one]
        return [(*movable[place], text[slice(*movable[source])]) for place, source in enumerate(now) if place != source]

    def _delete(self, text: str, protected: Sequence[Span], words: Sequence[Span], draws: Draws) -> list[Replacement]:
        movable = _movable(text, words)
        if len(words) < 2 or not movable:
            return []
        share = self._share(self.alpha_delete)
        gone = [word for word in movable if draws.uniform() < share] or [draws.choice(movable)]
        return _without(text, gone[1:] if len(gone) == len(words) else gone)


_Does = Callable[[str, Sequence[Span], Sequence[Span], Draws], list[Replacement]]


def _whole(text: str, words: list[Span]) -> list[Span]:
    """The words whose borders are known.

    Others are those that a tokeniser split at an apostrophe (`can 't`, `it 's`, `I ' m`), and runs of a script that
    puts no spaces between words.
    """
    if not text.isascii():
        words = [(start, end) for start, end in words if _UNSPACED.search(text, start, end) is None]
    if "'" not in text and "’" not in text:
        return words
    return [(start, end) for start, end in words if not _is_part(text, start, end)]


def _is_part(text: str, start: int, end: int) -> bool:
    before = _PART_BEFORE.search(text, max(0, start - 2), start)
    return bool(before or _PART.match(text, start) or _PART_AFTER.match(text, end))


def _movable(text: str, words: Sequence[Span]) -> list[Span]:
    """The words that are no negation."""
    told = ((start, end, text[start:end].lower()) for start, end in words)
    return [(start, end) for start, end, low in told if low not in NEGATIONS and low not in NEGATIONS_ELSEWHERE]


def _without(text: str, gone: Sequence[Span]) -> list[Replacement]:
    """Words left out, each with the space behind it, or where there is none the one before it."""
    made: list[Replacement] = []
    for start, end in gone:
        free = made[-1][1] if made else 0
        if text[end : end + 1].isspace():
            made.append((start, end + 1, ""))
        elif start > free and text[start - 1].isspace():
            made.append((start - 1, end, ""))
        else:
            made.append((start, end, ""))
    return made

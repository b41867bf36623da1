"""`augment.misspell`: spellings that people really got wrong, from a table that the user names.

`curate.kernels.misspelling_table` reads it. No table comes along: the lists there are have licences of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from curate.core.example import Example
from curate.errors import InputError
from curate.kernels.draws import Draws
from curate.kernels.misspelling_table import Wrongs, in_case_of, read_misspellings
from curate.kernels.replacing import Replacement
from curate.transforms.augment.slips import SlipAugmenter

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PHRASE = re.compile(f"{_WORD.pattern}(?: {_WORD.pattern})*")
_KINDS = "lines `wrong->right`, `wrong<tab>right` or `right: wrong, wrong`, in UTF-8"


class AugmentMisspell(SlipAugmenter):
    """Puts a spelling that people got wrong in place of a word, or of several (`alot` for `a lot`); its case stays.

    Attributes:
        table: a file of lines `wrong->right` (as Wikipedia and codespell have them), `wrong<tab>right` or
            `right: wrong, wrong*3` (as Birkbeck's list has them; the number says how often it was seen), in UTF-8.
        lines: further such lines, in place of a file or beside it.
        min_length: how many letters a word has at least that may be misspelt; of several words, they together.
        words_as_wrong: a wrong spelling may be a word of the table's right ones (`their` for `there`); it may then mean
            something else.

    Example:
        >>> AugmentMisspell(lines=["definitely: definately*3, definetly"]).min_length
        3
    """

    name: ClassVar[str] = "augment.misspell"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {"misspelling": "words are spelt as people get them wrong"}
    languages: ClassVar[str] = "those of the table; words that it does not have stay"
    examples: ClassVar[Mapping[str, Example]] = {
        "misspelling": Example("I definitely received it", {"lines": ["recieved->received", "definately->definitely"]})
    }

    table: str | None = None
    lines: tuple[str, ...] = ()
    min_length: int = Field(3, ge=1, le=100)
    words_as_wrong: bool = False

    def words(self, texts: Sequence[str]) -> Iterable[Sequence[int]]:
        return (self._places(text) for text in texts)

    def _places(self, text: str) -> list[int]:
        """Where words start and end in turn; several are one where the table has them, the longest first."""
        spans = [match.span() for match in _WORD.finditer(text)]
        if not self._phrases:
            return [edge for span in spans for edge in span]
        ends = {end for _, end in spans}
        found = [0]
        for start, end in spans:
            if start < found[-1]:
                continue
            phrases = self._phrases.get(text[start:end].lower(), ())
            reach = (start + len(phrase) for phrase in phrases if text[start : start + len(phrase)].lower() == phrase)
            found += (start, next((one for one in reach if one in ends), end))
        return found[1:]

    def slip(self, word: str, draws: Draws) -> Replacement | None:
        if len(word) < self.min_length:
            return None
        wrongs = self._wrongs.get(word.lower())
        wrong = in_case_of(draws.choice(wrongs), word) if wrongs else word
        return (0, len(word), wrong) if wrong != word else None

    @model_validator(mode="after")
    def _has_a_table(self) -> Self:
        if self.table is None and not self.lines:
            raise ValueError("name a table of misspellings, or give lines: " + _KINDS)
        for line in self.lines:
            rights = read_misspellings([line])
            if not rights and line.strip() and not line.startswith("#"):
                raise ValueError(f"lines: {line!r} names no misspelling, which is a single word; {_KINDS}")
            for right in rights:
                if _PHRASE.fullmatch(right) is None:
                    raise ValueError(f"lines: {right!r} is no word nor several with a space between: it is never found")
        return self

    def setup(self) -> None:
        _ = self._phrases

    def revision(self) -> str:
        return "" if self.table is None else sha256(self._bytes(self.table)).hexdigest()

    @cached_property
    def _wrongs(self) -> Wrongs:
        found = read_misspellings([*self._read(), *self.lines])
        if not self.words_as_wrong:
            kept = {right: tuple(one for one in wrongs if one not in found) for right, wrongs in found.items()}
            found = {right: wrongs for right, wrongs in kept.items() if wrongs}
        if not found:
            raise InputError(f"{self.table or 'lines'} names no misspelling", hint=_KINDS)
        return found

    @cached_property
    def _phrases(self) -> dict[str, list[str]]:
        """What the table has of several words, the longest first, by the first of them."""
        found: dict[str, list[str]] = {}
        for right in sorted(self._wrongs, key=lambda right: (-len(right), right)):
            if " " in right and _PHRASE.fullmatch(right):
                found.setdefault(right.split(" ", 1)[0], []).append(right)
        return found

    def _read(self) -> list[str]:
        if self.table is None:
            return []
        try:
            return self._bytes(self.table).decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise InputError(f"{self.table} is not in UTF-8", hint=_KINDS) from error

    @staticmethod
    def _bytes(table: str) -> bytes:
        try:
            return Path(table).read_bytes()
        except OSError as error:
            raise InputError(f"no table of misspellings at {table}", hint=_KINDS) from error

    def __getstate__(self) -> dict[object, object]:
        """Without the table: every worker reads its own."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}

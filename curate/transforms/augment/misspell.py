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
_KINDS = "lines `wrong->right`, `wrong<tab>right` or `right: wrong, wrong`, in UTF-8"


class AugmentMisspell(SlipAugmenter):
    """Puts a spelling that people got wrong in place of a word; its case stays.

    Attributes:
        table: a file of lines `wrong->right` (as Wikipedia and codespell have them), `wrong<tab>right` or
            `right: wrong, wrong*3` (as Birkbeck's list has them; the number says how often it was seen), in UTF-8.
        lines: further such lines, in place of a file or beside it.
        min_length: how many letters a word has at least that may be misspelt.
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
        return ([edge for match in _WORD.finditer(text) for edge in match.span()] for text in texts)

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
        return self

    def setup(self) -> None:
        _ = self._wrongs

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

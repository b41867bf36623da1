"""`clean.case`: letters to lower, upper, title or sentence case, for whole corpora or only for texts in capitals.

Python's full Unicode mappings (ß, final sigma), with the dotted and dotless i of Turkish and Azerbaijani as an option.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from curate.core.example import Example
from curate.core.rewrite import RewriteText
from curate.kernels import urls

_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|\u0307|['’](?=[^\W\d_]))*+")
_SENTENCE = re.compile(r"(?:\A|[.!?]['\"”’)\]]?\s|\n)[\s\"'“‘(\[]*+([^\W\d_])")
_TO_LOWER = str.maketrans({"I": "ı", "İ": "i"})
_TO_UPPER = str.maketrans({"i": "İ", "ı": "I"})
_MAYBE_ADDRESS = re.compile(r"://|www\.|\.[a-z]{2,6}(?::[0-9]{1,5})?/", re.IGNORECASE)
_MIN_LETTERS = 10
_CAPITALS = r"[\p{Lu}\p{Lt}\x{2160}-\x{216f}\x{24b6}-\x{24cf}]"


class CleanCase(RewriteText):
    """Changes the case of letters; URLs keep theirs, and scripts without case are not touched.

    Attributes:
        to: `lower`, `upper`, `title` (each word), or `sentence` (lower, then a capital at the start of each sentence).
        only_shouting: change only texts mostly in capitals. `sentence` never changes any other: the capitals of names
            would be lost, as they are in the texts that it does change.
        min_upper_fraction: the share of capitals among the letters with case, in [0, 1], from which a text of at least
            ten such letters counts as shouting.
        locale: `tr` or `az`: I and İ are the capitals of ı and i.

    Example:
        >>> CleanCase().rewrite("ΟΔΟΣ in STRASSE"), CleanCase(to="lower", locale="tr").rewrite("DIŞ İŞ")
        ('οδος in strasse', 'dış iş')
        >>> CleanCase(to="sentence").rewrite("THIS IS TOO LOUD. STOP IT.")
        'This is too loud. Stop it.'
    """

    name: ClassVar[str] = "clean.case"
    version: ClassVar[str] = "1"
    idempotent: ClassVar[bool] = True
    reason: ClassVar[str] = "letter_case"
    reasons: ClassVar[Mapping[str, str]] = {"letter_case": "letters in another case than asked for"}
    examples: ClassVar[Mapping[str, Example]] = {
        "letter_case": Example("THIS IS TOO LOUD. STOP IT.", settings={"to": "sentence"})
    }
    languages: ClassVar[str] = "scripts with capitals; all others are left alone"

    to: Literal["lower", "upper", "title", "sentence"] = "lower"
    only_shouting: bool = False
    min_upper_fraction: float = Field(default=0.8, gt=0, le=1)
    locale: Literal["tr", "az"] | None = None

    def suspects(self, column: pa.Array) -> pa.Array | None:
        lowers = self.only_shouting or self.to in ("lower", "sentence")
        return pc.match_substring_regex(column, _CAPITALS) if lowers else None

    def rewrite(self, text: str) -> str:
        if (self.only_shouting or self.to == "sentence") and not self._shouts(text):
            return text
        parts, at = [], 0
        for start, end in _addresses(text):
            parts += [text[at:start], text[start:end]]
            at = end
        parts.append(text[at:])
        parts[::2] = [self._changed(part) for part in parts[::2]]
        return "".join(parts)

    def _shouts(self, text: str) -> bool:
        n_upper = sum(map(str.isupper, text))
        n_lower = sum(map(str.islower, text))
        return n_upper + n_lower >= _MIN_LETTERS and n_upper >= self.min_upper_fraction * (n_upper + n_lower)

    def _changed(self, text: str) -> str:
        if self.to == "upper":
            return self._upper(text)
        if self.to == "title":
            return _WORD.sub(lambda found: self._capital(found.group()[0]) + self._lower(found.group()[1:]), text)
        lowered = self._lower(text)
        return _SENTENCE.sub(self._start, lowered) if self.to == "sentence" else lowered

    def _lower(self, text: str) -> str:
        text = text.translate(_TO_LOWER) if self.locale else text.replace("İ", "i")
        return text.lower()

    def _upper(self, text: str) -> str:
        return (text.translate(_TO_UPPER) if self.locale else text).upper()

    def _capital(self, letter: str) -> str:
        if self.locale:
            letter = letter.translate(_TO_UPPER)
        said = letter.title()
        return said if len(said) == 1 else letter

    def _start(self, found: re.Match[str]) -> str:
        return found.group()[:-1] + self._capital(found[1])


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where the URLs are, whose path tells capitals apart."""
    return urls.spans(text) if _MAYBE_ADDRESS.search(text) else iter(())

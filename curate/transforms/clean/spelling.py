"""`clean.spelling`: misspelt words to what they were meant to be, where that is as good as certain.

The signal `misspellings` counts the words of the whole corpus, looks each unknown one up once and says where they
stand; the transform carries out those that are sure enough, so moving `min_score` computes nothing again.
`curate.kernels.spelling` judges.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from pydantic import BaseModel, Field

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.signals import Provider
from curate.core.transform import RowTransform
from curate.data.corpus import Corpus
from curate.data.edits import Edits
from curate.data.roles import text_columns
from curate.data.rows import Batch, as_strings
from curate.errors import InputError
from curate.kernels.misspellings import WordCounts, corrections, misspelt
from curate.kernels.spelling import Lexicon, Speller, bundled_lexicon, read_lexicon
from curate.optional import check

SPAN = pa.struct(
    [
        ("column", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("value", pa.string()),
        ("score", pa.float64()),
    ]
)
"""One misspelt word: the text column, its first character and the one after its last, what was meant, how sure."""

_LEAST_SURE = 0.3
"""Corrections below are not kept at all: most of them are wrong."""


class SpellingSettings(BaseModel, frozen=True, extra="forbid"):
    """What decides which words are misspelt.

    Attributes:
        language: `en` brings its dictionary along. For any other language give a `dictionary`; without one a word is
            right if the corpus has it `min_count` times, and only swapped and doubled letters inside words of six
            letters or more are mended.
        dictionary: a file of lines `word count` in UTF-8, in place of the one that comes along.
        max_edit_distance: how many letters may be wrong; words of up to four letters may have one.
        min_count: a word that the corpus has at least this often is right; null: 5, or one in 100,000 words of the
            corpus where that is more.
        min_ratio: a correction must be this many times as frequent as the word it replaces.
        protect: words that are never touched.
    """

    language: str = Field("en", pattern="^[a-z]{2,3}$")
    dictionary: str | None = None
    max_edit_distance: int = Field(2, ge=1, le=2)
    min_count: int | None = Field(None, ge=1)
    min_ratio: float = Field(10, ge=1)
    protect: tuple[str, ...] = ()

    def identity(self) -> str:
        """The revision of the dictionary."""
        check("symspellpy", extra="text", by="clean.spelling")
        package = f"symspellpy {version('symspellpy')}"
        return package if self.dictionary is None else f"{package}, {sha256(self._bytes()).hexdigest()}"

    def lexicon(self) -> Lexicon | None:
        """The words of the language; None where only the corpus is known.

        Raises:
            InputError: the dictionary cannot be read.
        """
        if self.dictionary is None:
            return bundled_lexicon() if self.language == "en" else None
        try:
            return read_lexicon(self._bytes().decode("utf-8-sig").splitlines())
        except UnicodeDecodeError as error:
            raise InputError(f"{self.dictionary} is not in UTF-8", hint="lines `word count`, in UTF-8") from error

    def _bytes(self) -> bytes:
        try:
            return Path(self.dictionary or "").read_bytes()
        except OSError as error:
            raise InputError(f"no dictionary at {self.dictionary}", hint="a file of lines `word count`") from error


class CleanSpelling(SpellingSettings, RowTransform):
    """Mends misspelt words that can hardly mean anything else, and leaves the rest.

    The words of the whole corpus are counted first, so what a corpus often says is right for it. Never touched: words
    in capitals or capitalised inside a sentence (names), anything with digits, signs or white space other than usual
    around it (addresses, tags, numbers, code), words with an apostrophe or a hyphen, British or American spellings, and
    texts in another language: more than a fifth of the words are unknown, and the commonest words of the language make
    up less than a fifth. The case of a word stays.

    Attributes:
        min_score: how sure a correction must be. At the default one word in 10,000 of AG News is changed,
            nearly all of them true misprints; lower values mend more and break more, above all in texts without
            capitals, where names look like any word. In texts of a trade whose words the dictionary lacks most
            corrections are wrong (`hypotensive`: `hypertensive`): give a `dictionary` of it, or `protect` its words.

    Example:
        >>> CleanSpelling(min_score=0.8).signals()["misspellings"]["language"]
        'en'
    """

    name: ClassVar[str] = "clean.spelling"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"text", "misspellings"})
    reasons: ClassVar[Mapping[str, str]] = {
        "misspelled": "words are misspelt; score is how sure the least sure of the corrections is"
    }
    languages: ClassVar[str] = "English; others written with upper and lower case, with a dictionary of theirs"
    examples: ClassVar[Mapping[str, Example]] = {
        "misspelled": Example("Teh results were definately beyond our expectations.")
    }

    min_score: float = Field(0.5, ge=_LEAST_SURE, le=1)

    def setup(self) -> None:
        check("symspellpy", extra="text", by=self.name)

    def revision(self) -> str:
        return self.identity()

    def signals(self) -> dict[str, dict[str, Any]]:
        return {"misspellings": self.model_dump(exclude={"min_score"})}

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        values = batch.signals["misspellings"]
        rows = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
        spans = values.take(pa.array(rows)).to_pylist()
        return Edits.concat(
            [self._column(batch, name, rows.tolist(), spans) for name in text_columns(batch.roles, batch.rows.schema)]
        )

    def _column(self, batch: Batch, name: str, rows: list[int], spans: list[list[dict[str, Any]]]) -> Edits:
        texts = as_strings(batch.column(name).take(pa.array(rows, pa.int64())))
        at: list[int] = []
        after: list[str] = []
        scores: list[float] = []
        for row, text, those in zip(rows, texts, spans, strict=True):
            sure = [span for span in those if span["column"] == name and span["score"] >= self.min_score]
            if text is not None and sure:
                at.append(row)
                after.append(_mended(text, sure))
                scores.append(min(span["score"] for span in sure))
        if not at:
            return Edits()
        kind = batch.rows.schema.field(name).type
        values = pa.array(after, pa.large_string()).cast(kind)
        return Edits.set(name, batch.row_ids[at], values, "misspelled", score=scores)


class Misspellings(SpellingSettings, Provider):
    """For each row its misspelt words (a list of `SPAN`); null where there are none. The settings are those of
    `clean.spelling`.
    """

    name: ClassVar[str] = "misspellings"
    version: ClassVar[str] = "1"

    def inputs(self, corpus: Corpus) -> list[str]:
        return [self.identity()]

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        counts = WordCounts()
        for batch in corpus.batches():
            for name in text_columns(corpus.roles, corpus.schema):
                counts.add(as_strings(batch.column(name)))
        speller = self._speller(counts)
        found = {word: meant for word, meant in corrections(counts, speller).items() if meant[1] >= _LEAST_SURE}
        ids, values = [], []
        for batch in corpus.batches():
            columns = {name: as_strings(batch.column(name)) for name in text_columns(corpus.roles, corpus.schema)}
            ids.append(batch.row_ids)
            values += [_spans(columns, row, found, speller) for row in range(len(batch))]
        row_ids = np.concatenate(ids) if ids else np.empty(0, np.uint64)
        return pa.table({"row_id": row_ids, "value": pa.array(values, pa.list_(SPAN))})

    def _speller(self, counts: WordCounts) -> Speller:
        corpus = counts.lower()
        least = max(5, sum(corpus.values()) // 100_000) if self.min_count is None else self.min_count
        protected = frozenset(word.lower() for word in self.protect)
        return Speller(self.lexicon(), corpus, least, self.min_ratio, self.max_edit_distance, protected)


def _spans(
    columns: dict[str, list[str | None]], row: int, found: dict[str, tuple[str, float]], speller: Speller
) -> list[dict[str, Any]] | None:
    spans = [
        {"column": name, "start": start, "end": end, "value": value, "score": score}
        for name, texts in columns.items()
        for start, end, value, score in misspelt(texts[row] or "", found, speller)
    ]
    return spans or None


def _mended(text: str, spans: list[dict[str, Any]]) -> str:
    parts, done = [], 0
    for span in sorted(spans, key=lambda span: span["start"]):
        parts += [text[done : span["start"]], span["value"]]
        done = span["end"]
    return "".join([*parts, text[done:]])

"""`split.text`: a text too long for a model becomes several rows, cut where a reader would pause.

Where to cut is told by `curate.kernels.chunks`; here the rows are made, and their parents kept in the lineage.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, model_validator

from curate.core.example import Example
from curate.core.random import StepRandom
from curate.core.transform import RowTransform
from curate.data.edits import Edits
from curate.data.roles import Roles
from curate.data.rows import Batch, as_strings
from curate.errors import ColumnError
from curate.kernels.chunks import chunks
from curate.kernels.text import n_characters, n_words
from curate.kernels.tokenizer import Tokenizer, tokenizer
from curate.kernels.units import Span, units
from curate.kernels.windows import words

I64 = NDArray[np.int64]
ADDED = {"chunk_of": pa.uint64(), "chunk_number": pa.int64(), "chunk_start": pa.int64(), "chunk_end": pa.int64()}


class SplitText(RowTransform):
    """Splits long texts into rows of at most `max_size` characters, words, sentences or tokens.

    Every character of the long text is in one of its chunks. A chunk ends at a paragraph, else at a sentence, else at a
    word, wherever one ends in the second half of it; only a word longer than a whole chunk is cut. All other cells are
    copied. The long row is a parent of its chunks and goes, unless it is kept. `chunk_of` is its id, `chunk_number`
    counts from 0, `chunk_start` and `chunk_end` are the characters of the long text where the chunk lies. In scripts
    without spaces each character is a word.

    Attributes:
        max_size: the most units in a chunk.
        unit: what is counted: character, word, sentence, or token (of `tokenizer`).
        tokenizer: a `tokenizer.json`, a folder with one, or a model on the Hub; special tokens are not counted.
        overlap: the most units that two neighbouring chunks share, at most half of `max_size`.
        boundary: where a chunk should end, if it can; else at the next smaller kind. None: at any unit.
        column: the text column to split, where there are several.
        keep_parent: keep the long row too; it then names itself in `chunk_of`.

    Example:
        >>> SplitText(max_size=200, unit="word", overlap=20).boundary
        'paragraph'
    """

    name: ClassVar[str] = "split.text"
    version: ClassVar[str] = "1"
    reasons: ClassVar[Mapping[str, str]] = {
        "chunk": "a part of a text that was too long",
        "too_long": "the text is too long and stands in its chunks",
        "kept_whole": "the text is too long; it stays beside its chunks",
    }
    languages: ClassVar[str] = "any; in scripts without spaces each character is a word"
    examples: ClassVar[Mapping[str, Example]] = {
        "chunk": Example(
            "It rained. The match was called off. Nobody minded much.", settings={"max_size": 8, "unit": "word"}
        ),
        "too_long": Example("今天下雨。比赛取消了。没有人在意。", settings={"max_size": 2, "unit": "sentence"}),
        "kept_whole": Example(
            "It rained. Nobody minded.", settings={"max_size": 12, "unit": "character", "keep_parent": True}
        ),
    }

    max_size: int = Field(ge=1)
    unit: Literal["character", "word", "sentence", "token"] = "word"
    tokenizer: str | None = None
    overlap: int = Field(0, ge=0)
    boundary: Literal["paragraph", "sentence", "word"] | None = "paragraph"
    column: str | None = None
    keep_parent: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.unit == "token") != (self.tokenizer is not None):
            raise ValueError("unit token and a tokenizer go together: give both or neither")
        if self.overlap > self.max_size // 2:
            raise ValueError(f"overlap {self.overlap} is more than half of max_size {self.max_size}")
        return self

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return tokenizer(str(self.tokenizer), self.name)

    def __getstate__(self) -> dict[object, object]:
        """Without the loaded tokenizer: every worker loads its own."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}

    def setup(self) -> None:
        if self.unit == "token":
            _ = self._tokenizer

    def revision(self) -> str:
        return self._tokenizer.revision if self.unit == "token" else ""

    def output(self, schema: pa.Schema, roles: Roles) -> tuple[pa.Schema, Roles]:
        self._text(roles)
        for name, kind in ADDED.items():
            if name not in schema.names:
                schema = schema.append(pa.field(name, kind))
            elif schema.field(name).type != kind:
                raise ColumnError(
                    f"{self.name} writes {kind} into {name!r}, which holds {schema.field(name).type}",
                    hint="rename the column",
                )
        return schema, roles

    def _text(self, roles: Roles) -> str:
        """The column to split."""
        if self.column is None and len(roles.text) > 1:
            raise ColumnError(
                f"{self.name} splits one column, and {' and '.join(roles.text)} hold text", hint="say which: column"
            )
        if self.column is not None and roles.text and self.column not in roles.text:
            raise ColumnError(f"{self.column!r} has not the role text", hint=f"text columns: {', '.join(roles.text)}")
        return self.column or (roles.text[0] if roles.text else "")

    def plan(self, batch: Batch, random: StepRandom) -> Edits:
        column = self._text(batch.roles)
        texts = pa.array(as_strings(batch.column(column)), pa.large_string())
        long = np.flatnonzero(self._long(texts) & ~self._whole(batch))
        at: list[int] = []
        spans: list[Span] = []
        for place in long.tolist():
            found = self._chunks(texts[place].as_py())
            if len(found) > 1:
                at += [place] * len(found)
                spans += found
        if not at:
            return Edits()
        return self._edits(batch, column, texts, np.array(at), spans, random)

    def _edits(
        self, batch: Batch, column: str, texts: pa.Array, at: I64, spans: list[Span], random: StepRandom
    ) -> Edits:
        places, first, counts = np.unique(at, return_index=True, return_counts=True)
        number = np.arange(len(at)) - np.repeat(first, counts)
        parents = batch.row_ids[at]
        start, end = np.array(spans, np.int64).T
        said = [texts[place].as_py()[low:high] for place, (low, high) in zip(at.tolist(), spans, strict=True)]
        cells = {
            column: pa.array(said, pa.large_string()).cast(batch.rows.schema.field(column).type),
            **dict(zip(ADDED, map(pa.array, (parents, number, start, end)), strict=True)),
        }
        ids = batch.row_ids[places]
        edits = [Edits.add(random.derive(parents, number), parents, "chunk", cells=cells)]
        if self.keep_parent:
            edits.append(Edits.set("chunk_of", ids, pa.array(ids), "kept_whole"))
        else:
            edits.append(Edits.drop(ids, "too_long"))
        return Edits.concat(edits)

    def _whole(self, batch: Batch) -> NDArray[np.bool_]:
        """Whether a row is a parent that an earlier run kept beside its chunks."""
        if "chunk_of" not in batch.rows.schema.names:
            return np.zeros(len(batch), bool)
        of = batch.column("chunk_of")
        return np.asarray(of.is_valid()) & (np.asarray(of.fill_null(0)) == batch.row_ids)

    def _long(self, texts: pa.Array) -> NDArray[np.bool_]:
        """Whether each text may be too long; a cheap look, as most are not."""
        if self.unit == "word":
            return n_words(texts) > self.max_size
        if self.unit == "token":
            return self._tokenizer.counts(texts.to_pylist()) > self.max_size
        return n_characters(texts) > self.max_size  # a sentence has at least one character

    def _chunks(self, text: str) -> list[Span]:
        kinds = {
            "paragraph": lambda: np.array([start for start, _ in units(text, "paragraph")], np.int64),
            "sentence": lambda: np.array([start for start, _ in units(text, "sentence")], np.int64),
            "word": lambda: words(pa.array([text], pa.large_string())).starts,
        }
        wanted = list(kinds)[list(kinds).index(self.boundary) :] if self.boundary is not None else []
        cuts = {kind: kinds[kind]() for kind in wanted if not (self.unit == "sentence" and kind == "word")}
        if self.unit == "character":
            starts = np.arange(len(text), dtype=np.int64)
        elif self.unit == "token":
            starts = self._tokenizer.starts(text)
        else:
            starts = cuts[self.unit] if self.unit in cuts else kinds[self.unit]()
        size = (lambda piece: int(self._tokenizer.counts([piece])[0])) if self.unit == "token" else None
        return chunks(text, starts, self.max_size, overlap=self.overlap, cuts=list(cuts.values()), size=size)

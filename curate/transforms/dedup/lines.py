"""`dedup.lines`: cut lines, paragraphs or sentences that stand in several rows (headers, footers, notices) or that one
row repeats.

After the line filters of C4 (Raffel et al., JMLR 2020) and CCNet (Wenzek et al., LREC 2020). Units are compared by
128-bit hashes of their normal forms; what is kept of each unit is about 50 bytes, and no text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, model_validator

from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.data.rows import as_strings
from curate.kernels.hashing import hash_texts_128
from curate.kernels.text import SPACES, UNSPACED, normaliser
from curate.kernels.units import Unit, units
from curate.transforms.dedup.spans import CutSpans, Spans

I64 = npt.NDArray[np.int64]

_WORD = rf"[{UNSPACED}]|[\pL\pN][^{SPACES}{UNSPACED}]*"


class CutRepeatedLines(CutSpans):
    """Cuts lines, paragraphs or sentences that stand in several rows, or that a text repeats.

    Headers, footers and notices that stand in row after row go from all of them with `keep_first: false`.

    Attributes:
        unit: `line`, `paragraph` (up to a blank line) or `sentence` (the guide to repeated text tells where one ends).
        min_rows: a unit that stands in at least this many rows is cut; null: what other rows hold does not matter.
        keep_first: the first of those rows, by row id, keeps its copy; else it goes from all.
        within: a unit that a text repeats keeps its first copy only.
        min_words: shorter units are left alone ("}", "Yes."). Only words with a letter or a digit count; in scripts
            without spaces each character is one.
        case: ignore upper and lower case.
        space: ignore the amount and kind of white space.
        unicode: ignore compatibility forms (NFKC).
        punctuation: ignore punctuation and symbols.
        digits: take every number for the same ("Page 3", "Page 4").

    Example:
        >>> CutRepeatedLines(min_rows=10, keep_first=False).signals()["repeated_lines"]["min_rows"]
        10
    """

    name: ClassVar[str] = "dedup.lines"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"text", "repeated_lines"})
    signal: ClassVar[str] = "repeated_lines"

    unit: Unit = "line"
    min_rows: int | None = Field(3, ge=2)
    keep_first: bool = True
    within: bool = True
    min_words: int = Field(5, ge=1)
    case: bool = True
    space: bool = True
    unicode: bool = True
    punctuation: bool = False
    digits: bool = False

    @model_validator(mode="after")
    def _something_to_cut(self) -> Self:
        if self.min_rows is None and not self.within:
            raise ValueError("min_rows: null and within: false leave nothing to cut")
        return self

    def signals(self) -> dict[str, dict[str, Any]]:
        return {self.signal: self.model_dump(exclude={"min_left_words"})}


class RepeatedLines(Provider):
    """For each row the lines, paragraphs or sentences that stand elsewhere too (a list of `spans.SPAN`); null where
    there are none. The settings are those of `dedup.lines`.
    """

    name: ClassVar[str] = "repeated_lines"
    version: ClassVar[str] = "1"

    unit: Unit = "line"
    min_rows: int | None = 3
    keep_first: bool = True
    within: bool = True
    min_words: int = 5
    case: bool = True
    space: bool = True
    unicode: bool = True
    punctuation: bool = False
    digits: bool = False

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        row_ids = corpus.row_ids()
        parts = list(self._units(corpus))
        rows, columns, starts, ends = (np.concatenate(part) for part in zip(*(p[0] for p in parts), strict=True))
        hashes = np.concatenate([part[1] for part in parts])
        del parts
        at = _not_alone(hashes[:, 0])
        ids = row_ids[rows[at]]
        order = np.lexsort((starts[at], columns[at], ids, hashes[at, 1], hashes[at, 0]))
        at, ids = at[order], ids[order]
        repeated, refs = self._repeated(hashes[at], ids, columns[at])
        at, refs = at[repeated], refs[repeated]
        order = np.lexsort((starts[at], columns[at], rows[at]))
        at, refs = at[order], refs[order]
        spans = Spans(rows[at], columns[at], starts[at], ends[at], refs, hashes[at, 1])
        return spans.table(row_ids, corpus.roles.text)

    def _units(self, corpus: Corpus) -> Iterator[tuple[tuple[I64, I64, I64, I64], npt.NDArray[np.uint64]]]:
        """For each batch the row, column, start and end of every unit that is long enough, and its hashes (n, 2)."""
        normal = normaliser(
            case=self.case, space=self.space, unicode=self.unicode, punctuation=self.punctuation, digits=self.digits
        )
        nothing = np.empty(0, np.int64)
        yield (nothing, nothing, nothing, nothing), np.empty((0, 2), np.uint64)
        first = 0
        for batch in corpus.batches():
            for column, name in enumerate(corpus.roles.text):
                texts = as_strings(batch.column(name))
                found = [units(text, self.unit) if text else [] for text in texts]
                said = [
                    text[start:end] for text, those in zip(texts, found, strict=True) if text for start, end in those
                ]
                long = np.flatnonzero(_n_words(said) >= self.min_words)
                rows = first + np.repeat(np.arange(len(texts)), [len(those) for those in found])
                bounds = np.array([span for those in found for span in those], np.int64).reshape(-1, 2)
                places = rows[long], np.full(len(long), column), bounds[long, 0], bounds[long, 1]
                yield places, hash_texts_128([normal(said[at]) for at in long])
            first += len(batch)

    def _repeated(
        self, hashes: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint64], columns: I64
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.uint64]]:
        """Which units are cut, and the row that explains each; given in the order of unit, row id, column and start."""
        n = len(ids)
        if not n:
            return np.zeros(0, bool), ids
        other = np.concatenate([[True], (hashes[1:] != hashes[:-1]).any(axis=1)])
        other_row = other | np.concatenate([[True], ids[1:] != ids[:-1]])
        other_text = other_row | np.concatenate([[True], columns[1:] != columns[:-1]])
        group = np.cumsum(other) - 1
        first = ids[other][group]
        second = np.minimum.reduceat(np.where(other_row & ~other, np.arange(n), n), np.flatnonzero(other))[group]
        n_rows = np.bincount(group, weights=other_row)[group]
        in_first = ids == first
        across = n_rows >= self.min_rows if self.min_rows is not None else np.zeros(n, bool)
        if self.keep_first:
            across &= ~in_first
        inside = ~other_text if self.within else np.zeros(n, bool)
        refs = np.where(in_first, ids[np.minimum(second, n - 1)], first)
        return across | inside, np.where(across, refs, ids)


def _n_words(texts: list[str]) -> I64:
    """How many words with a letter or a digit each text has."""
    counts = pc.count_substring_regex(pa.array(texts, pa.large_string()), _WORD)
    return np.asarray(counts.to_numpy(zero_copy_only=False), np.int64)


def _not_alone(hashes: npt.NDArray[np.uint64]) -> I64:
    """The positions of the hashes that come more than once."""
    order = np.argsort(hashes)
    same = hashes[order[1:]] == hashes[order[:-1]]
    return order[np.concatenate([[False], same]) | np.concatenate([same, [False]])] if len(order) else order

"""`dedup.substring`: cut spans of many words that stand elsewhere in the corpus, word for word.

Lee et al., "Deduplicating training data makes language models better" (ACL 2022), find them in a suffix array; here
every window of `min_words` words has a 122-bit rolling hash, and only windows that come twice are ever held. Memory
does not grow with the texts but for 16 bytes a text and 50 for each repeated word; `TABLE_BYTES` and `STATE_BYTES`
bound the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from curate.core.signals import Provider
from curate.data.corpus import Corpus
from curate.data.rows import Ids
from curate.kernels.buffers import text_bytes
from curate.kernels.native import compiled_from
from curate.kernels.windows import Sightings, first_places, window_keys, words
from curate.transforms.dedup.spans import CutSpans, Spans

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

TABLE_BYTES = 1 << 29
"""The most that the table of windows may take; a corpus that needs more is gone through several times."""
STATE_BYTES = 1 << 29
"""About the most that repeated windows may take while they are compared; more are compared in several rounds."""
READ_BYTES = 1 << 24
"""About how much text is read at once."""
_BYTES_A_WINDOW = 80


class CutRepeatedSpans(CutSpans):
    """Cuts spans of at least `min_words` words that stand word for word elsewhere in the corpus, also in the same text.

    A word goes just when a window of `min_words` words around it stood before: in a row with a lower id, or earlier in
    the same row. So the first copy of everything stays, and of a text that says the same over and over one round. A
    word is what stands between white space (in scripts without spaces, a character); only the white space between
    words may differ.

    Attributes:
        min_words: the shortest span that counts. Lee et al. take 50 tokens, below which chance and set phrases begin.

    Example:
        >>> CutRepeatedSpans(min_words=100).signals()
        {'repeated_spans': {'min_words': 100}}
    """

    name: ClassVar[str] = "dedup.substring"
    version: ClassVar[str] = "1"
    needs: ClassVar[frozenset[str]] = frozenset({"text", "repeated_spans"})
    signal: ClassVar[str] = "repeated_spans"

    min_words: int = Field(50, ge=2)

    def signals(self) -> dict[str, dict[str, Any]]:
        return {self.signal: {"min_words": self.min_words}}


class RepeatedSpans(Provider):
    """For each row the spans of at least `min_words` words that stood before, in a row with a lower id or in the row
    itself (a list of `spans.SPAN`); null where there are none.
    """

    name: ClassVar[str] = "repeated_spans"
    version: ClassVar[str] = "1"

    min_words: int = 50

    def inputs(self, corpus: Corpus) -> list[str]:
        return [compiled_from()]

    def compute(self, corpus: Corpus, seed: int) -> pa.Table:
        n_bytes = sum(_n_bytes(texts) for _, _, texts in _texts(corpus))
        n_parts = max(1, -(-n_bytes // (4 * TABLE_BYTES)))
        cells: _Cells | None = None
        found = []
        for part in range(n_parts):
            table = Sightings(n_bytes // n_parts)
            counts, n_again = [], 0
            for row, column, texts in _texts(corpus):
                here, keys = window_keys(texts, self.min_words)
                n_again += table.see(keys[0, _of(keys[0], part, n_parts)])
                counts.append((row, column, here))
            cells = cells or _Cells.of(corpus, counts)
            n_rounds = 1 + 2 * n_again * _BYTES_A_WINDOW // STATE_BYTES
            for round_ in range(n_rounds):
                found.append(self._repeated(corpus, cells, table, part + n_parts * round_, n_parts * n_rounds))
        assert cells is not None
        spans = self._joined(np.concatenate(found, axis=1), cells)
        return self._spans(corpus, cells, spans).table(cells.row_ids, corpus.roles.text)

    def _repeated(self, corpus: Corpus, cells: _Cells, table: Sightings, part: int, n_parts: int) -> U64:
        """Of the windows in one part of all keys, those that stood before: place, place of the first, key; (3, n)."""
        seen, places = [np.empty((2, 0), np.uint64)], [np.empty(0, np.int64)]
        first = 0
        for _, _, texts in _texts(corpus):
            counts, keys = window_keys(texts, self.min_words)
            own = _of(keys[0], part, n_parts)
            found = np.arange(keys.shape[1])[own][table.again(keys[0, own])]
            ends = np.cumsum(np.maximum(counts - self.min_words + 1, 0))
            text = np.searchsorted(ends, found, "right")
            before = np.where(text > 0, ends[text - 1], 0)
            places.append(cells.begins[first + text] + found - before)
            seen.append(keys[:, found])
            first += len(texts)
        keys, here = np.concatenate(seen, axis=1), np.concatenate(places)
        seen.clear()
        earliest = first_places(keys, here)
        later = earliest < here
        return np.stack([here[later].astype(np.uint64), earliest[later].astype(np.uint64), keys[0, later]])

    def _joined(self, windows: U64, cells: _Cells) -> _Found:
        """Windows that overlap as one span, in the order of the corpus."""
        windows = windows[:, np.argsort(windows[0])]
        places = windows[0].astype(np.int64)
        apart = places[1:] >= places[:-1] + self.min_words
        heads = np.flatnonzero(np.concatenate([[True], apart])) if len(places) else np.empty(0, np.int64)
        tails = np.append(heads[1:], len(places))[: len(heads)] - 1
        cell = cells.at(places[heads])
        starts = places[heads] - cells.begins[cell]
        ends = places[tails] + self.min_words - cells.begins[cell]
        refs = cells.row_ids[cells.rows[cells.at(windows[1, heads].astype(np.int64))]]
        order = np.lexsort((starts, cells.columns[cell], cells.rows[cell]))
        return _Found(cell[order], starts[order], ends[order], refs[order], windows[2, heads][order])

    def _spans(self, corpus: Corpus, cells: _Cells, found: _Found) -> Spans:
        """Spans of words as spans of characters: only the texts that have some are read again."""
        starts, ends = np.empty(len(found.cell), np.int64), np.empty(len(found.cell), np.int64)
        by_cell = np.argsort(found.cell, kind="stable")
        in_order = found.cell[by_cell]
        first = 0
        for _, _, texts in _texts(corpus):
            here = by_cell[slice(*np.searchsorted(in_order, [first, first + len(texts)]))]
            if len(here):
                own, text = np.unique(found.cell[here] - first, return_inverse=True)
                read = words(texts.take(pa.array(own)))
                before = (np.cumsum(read.counts) - read.counts)[text]
                starts[here] = read.starts[before + found.starts[here]]
                ends[here] = read.ends[before + found.ends[here] - 1]
            first += len(texts)
        return Spans(cells.rows[found.cell], cells.columns[found.cell], starts, ends, found.refs, found.units)


@dataclass(frozen=True, eq=False)
class _Found:
    """Repeated spans: the text each stands in, its first word there and the one after its last, the row that has it
    first, a number that equal ones share.
    """

    cell: I64
    starts: I64
    ends: I64
    refs: Ids
    units: U64


@dataclass(frozen=True, eq=False)
class _Cells:
    """The texts of a corpus as `_texts` gives them, and the place of their words: all words are numbered in the order
    of row id, column and text, so that the lowest place of a window is its first copy whatever the order of the rows.

    Attributes:
        row_ids: the id of each row of the corpus.
        rows: for each text the position of its row.
        columns: for each text the position of its column among the text columns.
        begins: for each text the place of its first word.
        in_order: the texts in the order of row id and column.
    """

    row_ids: Ids
    rows: I64
    columns: I64
    begins: I64
    in_order: I64

    @classmethod
    def of(cls, corpus: Corpus, counts: Iterable[tuple[int, int, I64]]) -> _Cells:
        """Made of the number of words in each text: the position of its first row, that of its column, and counts."""
        nothing, row_ids = np.empty(0, np.int64), corpus.row_ids()
        rows, columns, sizes = [nothing], [nothing], [nothing]
        for row, column, each in counts:
            rows.append(np.arange(row, row + len(each)))
            columns.append(np.full(len(each), column))
            sizes.append(each)
        row_at, column_at, n_words = np.concatenate(rows), np.concatenate(columns), np.concatenate(sizes)
        in_order = np.lexsort((column_at, row_ids[row_at]))
        begins = np.empty(len(n_words), np.int64)
        begins[in_order] = np.cumsum(n_words[in_order]) - n_words[in_order]
        return cls(row_ids, row_at, column_at, begins, in_order)

    def at(self, places: I64) -> I64:
        """The text that holds the word at each place."""
        return self.in_order[np.searchsorted(self.begins[self.in_order], places, "right") - 1]


def _texts(corpus: Corpus) -> Iterator[tuple[int, int, pa.Array]]:
    """The texts of a corpus, some megabytes at a time, with the positions of the first one's row and of the column."""
    row = 0
    for batch in corpus.batches():
        for column, name in enumerate(corpus.roles.text):
            texts = batch.column(name)
            n_rows = max(1, len(texts) * READ_BYTES // max(READ_BYTES, _n_bytes(texts)))
            for start in range(0, len(texts), n_rows):
                yield row + start, column, texts[start : start + n_rows]
        row += len(batch)


def _of(keys: U64, part: int, n_parts: int) -> slice | npt.NDArray[np.bool_]:
    """Which keys belong to one of several parts."""
    return slice(None) if n_parts == 1 else keys % n_parts == part


def _n_bytes(texts: pa.Array) -> int:
    return int(np.ptp(text_bytes(texts)[1]))

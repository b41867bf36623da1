"""A saved index of near duplicates: built from one corpus, added to from others, asked about rows that are new.

    DIR/index.json       the manifest: format, settings, sources, and each segment with the checksums of its files
    DIR/segment-…/       arrays that never change (`kernels.lsh_segment`), memory-mapped

Adding writes a new segment beside the others and then replaces the manifest, in one act; until then the index is what
it was. What no manifest names, a killed process left; the next addition removes it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.rows import Ids
from curate.errors import ColumnError, CurateError, InputError
from curate.io.atomic import alone, replacing_folder
from curate.io.dedup_manifest import (
    IndexSettings,
    Manifest,
    SegmentEntry,
    is_index,
    n_merged,
    read_manifest,
    write_manifest,
)
from curate.io.files import writable
from curate.kernels.hashing import hash_texts_128
from curate.kernels.lsh_index import Found, contents_of, first_of_each, joined, look_up, sketch
from curate.kernels.lsh_segment import Segment, Sketches, new_segment, write_segments
from curate.kernels.shingles import ShingleSets, shingle_sets

Progress = Callable[[str, int, int], None]

TWINS = pa.schema(
    [("row_id", pa.uint64()), ("twin", pa.uint64()), ("source", pa.large_string()), ("similarity", pa.float64())]
)
_READ_ROWS = 1 << 13
_BLOCK_ROWS, _BLOCK_SHINGLES = 1 << 17, 1 << 23  # compared with the index at once


@dataclass(frozen=True)
class Added:
    """What came of an addition.

    Attributes:
        n_rows: rows of the source.
        n_new: rows that are now in the index and were not before.
        n_known: rows whose content the index had already from this source.
        n_blank: rows without text, which are nobody's twin.
    """

    n_rows: int
    n_new: int
    n_known: int
    n_blank: int


class DedupIndex:
    """An index in a folder; made with `DedupIndex.build`, opened with `DedupIndex.open`.

    A row of the index is its source and its set of shingles: rows of one source that differ in nothing the index
    compares (case, white space, punctuation) are in it once, under the id of the first.

    Example:
        >>> folder = Path(tempfile.mkdtemp()) / "index"
        >>> old = Corpus.from_table(pa.table({"text": ["the cat sat on the mat today", "nothing like it at all"]}))
        >>> index = DedupIndex.build(old, folder, name="old")
        >>> index.add(old, name="old").n_new
        0
        >>> new = Corpus.from_table(pa.table({"text": ["new words altogether", "The cat sat on the mat, today!"]}))
        >>> index.query(new).to_pylist()
        [{'row_id': 1, 'twin': 0, 'source': 'old', 'similarity': 1.0}]
    """

    def __init__(self, folder: str | Path, *, check: bool = False) -> None:
        self.folder = Path(folder).expanduser()
        self._manifest: Manifest
        self._segments: list[Segment]
        self._load(check=check)

    @classmethod
    def build(
        cls,
        corpus: Corpus,
        folder: str | Path,
        *,
        name: str | None = None,
        overwrite: bool = False,
        on_progress: Progress | None = None,
        **settings: Any,
    ) -> DedupIndex:
        """Make an index of the rows of a corpus.

        Args:
            corpus: the rows; those without text are left out.
            folder: where the index goes.
            name: what the source is called; as the corpus unless given.
            overwrite: replace an index that is there.
            on_progress: called with (what, rows done, rows in all).
            **settings: how rows are compared: `min_similarity`, `shingle_size`, `unit`, `n_hashes`, `recall`, `seed`,
                `verify`, as `curate.io.dedup_manifest.IndexSettings` tells.

        Raises:
            CurateError: a setting is not allowed.
            InputError: something is there, or the folder cannot be written.
            ColumnError: no column has the role text.
        """
        manifest = Manifest.empty(IndexSettings.of(settings))
        place = Path(folder).expanduser()
        if is_index(place) and not overwrite:
            raise InputError(f"{place} exists", hint="add to it, or say overwrite=True to replace it")
        _check_text(corpus)
        with replacing_folder(place, is_index, "a duplicate index") as work:
            work.mkdir()
            write_manifest(work, manifest)
            cls(work).add(corpus, name=name, on_progress=on_progress)
        return cls(place)

    @classmethod
    def open(cls, folder: str | Path, *, check: bool = True) -> DedupIndex:
        """The index of a folder.

        Args:
            folder: what `build` made.
            check: compare every file with its checksum, which reads the whole index once.

        Raises:
            InputError: there is none, it is damaged, or another version of curate made it.
        """
        return cls(folder, check=check)

    @property
    def settings(self) -> IndexSettings:
        return self._manifest.settings

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources, in the order in which they were added."""
        return self._manifest.sources

    @property
    def n_rows(self) -> int:
        return sum(entry.n_rows for entry in self._manifest.segments)

    @property
    def n_bytes(self) -> int:
        """Bytes of all arrays, on disk."""
        return sum(file.n_bytes for entry in self._manifest.segments for file in entry.files.values())

    @property
    def n_segments(self) -> int:
        return len(self._segments)

    def found(self) -> dict[float, float]:
        """The probability with which a twin is found, for some similarities from the bound of the index to 1."""
        low = self.settings.min_similarity
        similarities = [round(low + (1 - low) * step / 4, 4) for step in range(5)]
        return {each: self._manifest.bands.probability(each) for each in similarities}

    def add(self, corpus: Corpus, *, name: str | None = None, on_progress: Progress | None = None) -> Added:
        """Add the rows of a corpus that are not there yet; to add them again changes nothing.

        Args:
            corpus: the rows; those without text are left out.
            name: what the source is called; as the corpus unless given.
            on_progress: called with (what, rows done, rows in all).

        Raises:
            InputError: another process is adding, or the folder cannot be written; the index is as before.
            ColumnError: no column has the role text.
        """
        _check_text(corpus)
        with writable(self.folder), alone(self.folder / ".lock", f"another process is adding to {self.folder}"):
            self._load()
            self._sweep()
            with tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder, ignore_cleanup_errors=True) as work:
                return self._add(corpus, name or corpus.name, Path(work), on_progress)

    def _add(self, corpus: Corpus, name: str, work: Path, on_progress: Progress | None) -> Added:
        sources = self.sources if name in self.sources else (*self.sources, name)
        salt = hash_texts_128([name])[0]
        n_new, n_blank = 0, 0
        parts: list[Segment] = []
        for row_ids, sets in self._sets("adding", corpus, on_progress):
            n_blank -= len(row_ids)
            contents = contents_of(sets, salt)
            fresh = first_of_each(contents)
            for segment in [*self._segments, *parts]:
                fresh &= ~segment.holds(contents)
            at = np.flatnonzero(fresh)
            if len(at):
                made = new_segment(row_ids[at], sources.index(name), contents[:, at], self._sketch(sets.take(at)))
                self._append(parts, made, work)
                n_new += len(at)
        n_blank += len(corpus)
        if parts:
            self._commit(parts, sources, work)
        return Added(len(corpus), n_new, len(corpus) - n_new - n_blank, n_blank)

    def _append(self, parts: list[Segment], new: Segment, work: Path) -> None:
        """Put a segment behind others; where that makes too many, the last ones become one."""
        sizes = [part.n_rows for part in [*parts, new]]
        first = len(sizes) - n_merged(sizes)
        parts[first:] = [self._written([*parts[first:], new], work)]

    def _written(self, parts: list[Segment], work: Path) -> Segment:
        """Some segments as one, in files."""
        folder = Path(tempfile.mkdtemp(prefix="segment-", dir=work))
        write_segments(parts, folder)
        return self._manifest.open_segment(folder, sum(part.n_rows for part in parts))

    def _commit(self, parts: list[Segment], sources: tuple[str, ...], work: Path) -> None:
        """Make the new rows a segment, with as many of the last as it is time for, and name it in the manifest."""
        entries = self._manifest.segments
        n_new = sum(part.n_rows for part in parts)
        first = len(entries) + 1 - n_merged([*(entry.n_rows for entry in entries), n_new])
        place = self.folder / self._manifest.next_folder
        (work / "whole").mkdir()
        write_segments([*self._segments[first:], *parts], work / "whole")
        os.rename(work / "whole", place)
        entry = SegmentEntry.of(place, n_new + sum(each.n_rows for each in entries[first:]))
        changed = {"sources": sources, "segments": (*entries[:first], entry)}
        write_manifest(self.folder, self._manifest.model_copy(update=changed))
        for merged in entries[first:]:
            shutil.rmtree(self.folder / merged.folder, ignore_errors=True)
        self._load()

    def query(
        self, corpus: Corpus, *, min_similarity: float | None = None, on_progress: Progress | None = None
    ) -> pa.Table:
        """The most similar row in the index for each row of a corpus that has one.

        Args:
            corpus: the rows to look up.
            min_similarity: from which similarity on; the index's own unless given, and not below that.
            on_progress: called with (what, rows done, rows in all).

        Returns:
            `row_id` of the corpus, ascending as the corpus is; `twin`, a row id in `source`; their `similarity`. Of
            equally similar rows the one that was added first.

        Raises:
            CurateError: `min_similarity` is below that of the index, or above 1.
            ColumnError: no column has the role text.
        """
        _check_text(corpus)
        bound = self.settings.min_similarity if min_similarity is None else min_similarity
        if not self.settings.min_similarity <= bound <= 1:
            hint = f"the index finds twins from {self.settings.min_similarity} on; at most 1"
            raise CurateError(f"min_similarity is {bound}", hint=hint)
        parts = [TWINS.empty_table()]
        for row_ids, sets in self._sets("looking up", corpus, on_progress):
            wanted, found = self._sketch(sets), Found.nothing(len(row_ids))
            for number, segment in enumerate(self._segments):
                look_up(segment, number, wanted, bound, found)
            parts.append(self._told(row_ids, found))
        return pa.concat_tables(parts).combine_chunks()

    def _told(self, row_ids: Ids, found: Found) -> pa.Table:
        twins, sources = np.zeros(len(row_ids), np.uint64), np.zeros(len(row_ids), np.int64)
        for number, segment in enumerate(self._segments):
            here = found.segment == number
            twins[here] = segment.row_ids[found.row[here]]
            sources[here] = segment.sources[found.row[here]]
        has = np.flatnonzero(found.segment >= 0)
        named = pa.array(self.sources, pa.large_string()).take(pa.array(sources[has]))
        columns = [pa.array(row_ids[has]), pa.array(twins[has]), named, pa.array(found.similarity[has])]
        return pa.Table.from_arrays(columns, schema=TWINS)

    def _sets(self, what: str, corpus: Corpus, on_progress: Progress | None) -> Iterator[tuple[Ids, ShingleSets]]:
        """The ids and sets of the rows with text, in blocks of bounded size."""
        ids, parts, done = [], [], 0
        for batch in corpus.batches(_READ_ROWS):
            sets = shingle_sets(batch.text_array(), size=self.settings.shingle_size, unit=self.settings.unit)
            has = np.flatnonzero(sets.sizes)
            ids.append(batch.row_ids[has])
            parts.append(sets.take(has))
            done += len(batch)
            if sum(map(len, ids)) >= _BLOCK_ROWS or sum(len(part.shingles) for part in parts) >= _BLOCK_SHINGLES:
                yield np.concatenate(ids), joined(parts)
                ids, parts = [], []
            if on_progress is not None:
                on_progress(what, done, len(corpus))
        if sum(map(len, ids)):
            yield np.concatenate(ids), joined(parts)

    def _sketch(self, sets: ShingleSets) -> Sketches:
        settings, exact = self.settings, self.settings.verify == "exact"
        return sketch(sets, self._manifest.bands, settings.n_hashes, settings.seed, exact=exact)

    def _load(self, *, check: bool = False) -> None:
        """Read the manifest and map the segments; again where another process changed the index meanwhile."""
        while True:
            self._manifest = read_manifest(self.folder)
            try:
                self._segments = self._manifest.open(self.folder)
                if check:
                    self._manifest.check(self.folder)
            except InputError:
                if read_manifest(self.folder) == self._manifest:
                    raise
            else:
                return

    def _sweep(self) -> None:
        """Remove what the manifest does not name."""
        named = {entry.folder for entry in self._manifest.segments}
        for left in [*self.folder.glob("segment-*"), *self.folder.glob(".new-*")]:
            if left.name not in named:
                shutil.rmtree(left, ignore_errors=True)


def _check_text(corpus: Corpus) -> None:
    if not Corpus.expect(corpus).roles.text:
        raise ColumnError(f"no column of {corpus.name} has the role text", hint="name it with text=… or --text")

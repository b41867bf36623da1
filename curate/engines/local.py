"""The local engine: streams, fuses neighbouring row steps into one pass, and uses several processes where told.

With a store every chunk is kept under its fingerprint, so a killed run goes on where it stopped; without one all
stays in memory.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pyarrow as pa

from curate.core.curated import Curated
from curate.core.fingerprint import corpus_fingerprint, step_fingerprint
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.core.transform import DatasetTransform, RowTransform, Transform
from curate.data.corpus import Corpus
from curate.data.dictionary import DecodedRows, decoded, encoded, plain_schema
from curate.data.digest import digest
from curate.data.edits import Edits
from curate.data.lineage import LINEAGE, QUARANTINE, StepCount
from curate.data.origin import Origin, added_rows, made_by
from curate.data.rows import BATCH_ROWS, FileRows, Rows
from curate.data.store import Store
from curate.engines.chunk import CHUNK_ROWS, Segment
from curate.engines.concealed import concealed, concealed_error, told
from curate.engines.decide import decide
from curate.engines.entry import ChunkResult, joined, memory_chunk, read_chunk, row_schema, write_chunk
from curate.engines.guards import Allowance, check_drops, check_needs
from curate.engines.pool import Workers
from curate.engines.stages import Decided, Planned, Stage, shape, write_edits
from curate.engines.supply import held, identities, in_stream, supply
from curate.errors import CurateError, QuarantineExceeded

Progress = Callable[[str, int, int], None]


@dataclass
class _State:
    """A run on its way: the rows so far, what they are called, and the stages not yet carried out."""

    corpus: Corpus
    fingerprint: str
    allowance: Allowance
    workers: Workers
    stages: list[Stage] = field(default_factory=list)
    counts: list[StepCount] = field(default_factory=list)
    events: list[Rows] = field(default_factory=list)
    quarantine: list[pa.Table] = field(default_factory=list)


class LocalEngine:
    """Runs recipes on this machine.

    Args:
        workers: processes; 1 works in this one.
        batch_rows: rows a transform sees at once; changes no result.
        chunk_rows: rows a worker takes at a time, and that a killed run may have to do again; changes no result.
        store: where outputs are kept; None keeps them in memory.
        on_progress: called with (step, rows done, rows in all).

    Example:
        >>> corpus = Corpus.from_table(pa.table({"text": ["a  b", "a  b"]}))
        >>> curated = LocalEngine().run(Recipe(["clean.whitespace", "dedup.exact"]), corpus)
        >>> curated.corpus.texts(), [count.n_out for count in curated.counts]
        (['a b'], [2, 1])
    """

    def __init__(
        self,
        *,
        workers: int = 1,
        batch_rows: int = BATCH_ROWS,
        chunk_rows: int = CHUNK_ROWS,
        store: Store | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        given = {"workers": workers, "batch_rows": batch_rows, "chunk_rows": chunk_rows}
        for name, value in given.items():
            if value < 1:
                raise CurateError(f"{name} is {value}", hint="a whole number from 1 on")
        self.workers, self.batch_rows, self.chunk_rows, self.store = workers, batch_rows, chunk_rows, store
        self._on_progress = on_progress

    def run(self, recipe: Recipe, corpus: Corpus) -> Curated:
        """Apply every step in order.

        Raises:
            RecipeError: a step needs a role that no column has.
            GuardExceeded: a step dropped more than its `max_drop`.
            QuarantineExceeded: more rows failed than `max_quarantine` allows.
        """
        try:
            return told(concealed(self._run(recipe, corpus)), corpus.origin)
        except QuarantineExceeded as error:
            raise concealed_error(error, recipe) from None

    def _run(self, recipe: Recipe, corpus: Corpus) -> Curated:
        if self.store is None and self.workers > 1:
            return self._run_in_memory(recipe, corpus)
        source = corpus.with_roles(corpus.roles.changed(dict(recipe.roles)))
        check_needs(recipe, source)
        allowance = Allowance(recipe.max_quarantine, len(source))
        given = replace(source, rows=decoded(source.rows), origin=Origin.of(source))
        state = _State(given, corpus_fingerprint(source), allowance, Workers(self.workers))
        with state.workers:
            for step in recipe.steps:
                self._take(step, state, recipe.seed)
                check_drops(recipe, state.counts)
            self._flush(state)
        check_drops(recipe, state.counts)
        return Curated(
            replace(state.corpus, rows=encoded(state.corpus.rows, source.rows)),
            source,
            recipe,
            joined(state.events, LINEAGE) if state.events else joined([], LINEAGE),
            pa.concat_tables([corpus.quarantine, *state.quarantine]),
            tuple(state.counts),
        )

    def _run_in_memory(self, recipe: Recipe, corpus: Corpus) -> Curated:
        """Several processes without a store: they meet in a temporary one, and what came out is read into memory."""
        with tempfile.TemporaryDirectory(prefix="curate-", ignore_cleanup_errors=True) as folder:
            engine = LocalEngine(
                workers=self.workers,
                batch_rows=self.batch_rows,
                chunk_rows=self.chunk_rows,
                store=Store(folder),
                on_progress=self._on_progress,
            )
            return engine._run(recipe, corpus).in_memory()

    def plan(
        self, transform: Transform, corpus: Corpus, *, step: str = "", seed: int = 0
    ) -> tuple[Edits, dict[int, str]]:
        """The edits a transform proposes for a corpus, nothing applied, and the cause for each row that failed."""
        step = step or transform.name
        corpus = replace(corpus, rows=decoded(corpus.rows))
        signals = supply(transform, corpus, seed, self.store)
        if isinstance(transform, RowTransform):
            transform.setup()
            stage = Planned(step, transform, seed, signals)
            parts: list[Edits] = []
            failed: dict[int, str] = {}
            for batch in self._watched(step, corpus):
                edits, causes = stage.plan(batch)
                parts.append(edits)
                failed.update(causes)
            return Edits.concat(parts), failed
        assert isinstance(transform, DatasetTransform)
        return decide(step, transform, self._watched(step, corpus), seed, signals, self.store)

    def apply(self, step: str, transform: Transform, edits: Edits, failed: Mapping[int, str], corpus: Corpus) -> Corpus:
        """Apply edits that were planned before, in memory; rows that failed are left out."""
        stage = Decided(step, transform, edits, failed)
        schema, roles = shape(corpus.schema, corpus.roles, [stage])
        rows, out = decoded(corpus.rows), plain_schema(row_schema(schema))
        segment = Segment(rows, corpus.roles, (stage,), out, self.batch_rows, self.chunk_rows)
        parts = [memory_chunk(segment, chunk).rows for chunk in range(segment.n_chunks())]
        made = Corpus.from_rows(encoded(joined(parts, out), corpus.rows), roles, name=corpus.name)
        return replace(made, held_out=corpus.held_out, origin=Origin.of(corpus).with_added(made_by(step, edits.adds)))

    def _watched(self, step: str, corpus: Corpus) -> Iterator:
        done = 0
        for batch in corpus.batches(self.batch_rows):
            yield batch
            done += len(batch)
            self._tell(step, done, len(corpus))

    def _tell(self, step: str, done: int, of: int) -> None:
        if self._on_progress is not None:
            self._on_progress(step, done, of)

    def _take(self, step: Step, state: _State, seed: int) -> None:
        """Make a step a stage; rows that a signal or a decision must see are brought up to date first."""
        transform = step.transform
        columns = shape(state.corpus.schema, state.corpus.roles, state.stages)[0].names
        alone = in_stream(transform, columns)
        cells_were_set = not all(stage.transform.keeps_cells for stage in state.stages)
        if alone is None or (alone and cells_were_set):  # those cells are kept, for the day a bound moves
            self._flush(state)
        read = [] if alone == () else identities(transform, state.corpus, alone or ())
        state.fingerprint = step_fingerprint(state.fingerprint, step.name, transform, seed, read)
        if isinstance(transform, RowTransform):
            signals = supply(transform, state.corpus, seed, self.store) if alone is None else {}
            columns_read = {} if alone is None else held(transform, columns)
            state.stages.append(Planned(step.name, transform, seed, signals, alone or (), columns_read))
        else:
            assert isinstance(transform, DatasetTransform)
            state.stages.append(self._decided(step.name, transform, state, seed))

    def _decided(self, step: str, transform: DatasetTransform, state: _State, seed: int) -> Decided:
        key = digest("edits", state.fingerprint)
        place = self.store.find(key) if self.store is not None else None
        if place is None:
            signals = supply(transform, state.corpus, seed, self.store)
            rows = self._watched(step, state.corpus)
            edits, failed = decide(step, transform, rows, seed, signals, self.store, state.allowance)
            if self.store is None or failed:
                return Decided(step, transform, edits, failed)
            place = self.store.make(key, partial(write_edits, edits))
        return Decided(step, transform, place)

    def _flush(self, state: _State) -> None:
        """Carry the rows through the waiting stages."""
        if not state.stages:
            return
        schema, roles = shape(state.corpus.schema, state.corpus.roles, state.stages)
        out = row_schema(schema)
        segment = Segment(
            self._readable(state),
            state.corpus.roles,
            tuple(state.stages),
            out,
            self.batch_rows,
            self.chunk_rows,
            state.allowance,
            corpus_fingerprint(state.corpus),
        )
        counts = [StepCount(stage.step, notes=stage.notes, refused=dict(stage.refused)) for stage in state.stages]
        rows, events, name = [], [], counts[-1].step
        for number, part in enumerate(self._chunks(segment, state)):
            for total, count in zip(counts, part.counts, strict=True):
                total.merge(count)
            rows.append(part.rows)
            events.append(part.events)
            state.quarantine.append(part.quarantine)
            state.allowance.check(state.quarantine)
            self._tell(name, min((number + 1) * self.chunk_rows, len(state.corpus)), len(state.corpus))
        state.counts += counts
        state.events += events
        origin = Origin.of(state.corpus)
        if any(count.n_added for count in counts):
            origin = origin.with_added(added_rows(events))
        state.corpus = replace(
            state.corpus,
            rows=joined(rows, out),
            roles=roles,
            fingerprint=state.fingerprint,
            quarantine=QUARANTINE.empty_table(),
            origin=origin,
        )
        state.stages = []

    def _readable(self, state: _State) -> Rows:
        """The rows where every worker can read them."""
        rows = state.corpus.rows
        if self.workers == 1 or self.store is None or rows.n_rows <= self.chunk_rows or _in_files(rows):
            return rows

        def write(folder: Path) -> None:
            with pa.OSFile(str(folder / "rows.arrow"), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
                for batch in rows.batches(10_000):
                    writer.write_batch(batch)

        place = self.store.make(digest("pinned", state.corpus.fingerprint), write)
        return FileRows((place / "rows.arrow",), (rows.n_rows,), rows.schema)

    def _chunks(self, segment: Segment, state: _State) -> Iterator[ChunkResult]:
        if self.store is None:
            segment.prepare()
            for chunk in range(segment.n_chunks()):
                yield memory_chunk(segment, chunk)
            return
        store = self.store
        keys = [digest("chunk", state.fingerprint, self.chunk_rows, chunk) for chunk in range(segment.n_chunks())]
        missing = [chunk for chunk, key in enumerate(keys) if store.find(key) is None]
        made = iter(self._make(segment, missing, keys, state.workers))
        waiting = set(missing)
        for chunk, key in enumerate(keys):
            while chunk in waiting:
                waiting.discard(next(made))
            yield read_chunk(store.path(key), segment.out_schema)

    def _make(self, segment: Segment, chunks: list[int], keys: list[str], workers: Workers) -> Iterable[int]:
        assert self.store is not None
        if not chunks:
            return
        if self.workers == 1 or len(chunks) == 1:
            segment.prepare()
            for chunk in chunks:
                self.store.make(keys[chunk], partial(write_chunk, segment, chunk, self.store))
                yield chunk
            return
        yield from workers.make(segment, self.store, [(chunk, keys[chunk]) for chunk in chunks])


def _in_files(rows: Rows) -> bool:
    return isinstance(rows.encoded if isinstance(rows, DecodedRows) else rows, FileRows)

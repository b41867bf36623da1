"""The local engine: streams, fuses neighbouring row steps into one pass, and uses several processes where told.

With a store every chunk is kept under its fingerprint, so a killed run goes on where it stopped; without one all
stays in memory.
"""

from __future__ import annotations

import signal as os_signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from curate.core.curated import Curated
from curate.core.fingerprint import corpus_fingerprint, step_fingerprint
from curate.core.random import StepRandom
from curate.core.recipe import Recipe, Step
from curate.core.signals import Signal
from curate.core.transform import DatasetTransform, RowTransform, Transform
from curate.data.corpus import Corpus
from curate.data.digest import digest
from curate.data.edits import Edits
from curate.data.lineage import LINEAGE, QUARANTINE, StepCount
from curate.data.rows import BATCH_ROWS, FileRows, Rows
from curate.data.store import Store
from curate.engines.chunk import (
    CHUNK_ROWS,
    ChunkResult,
    Segment,
    joined,
    memory_chunk,
    read_chunk,
    row_schema,
    write_chunk,
)
from curate.engines.guards import check_drops, check_needs, check_quarantine
from curate.engines.stages import Decided, Planned, Stage, isolate, read_edits, shape, write_edits
from curate.engines.supply import supply

Progress = Callable[[str, int, int], None]


@dataclass
class _State:
    """A run on its way: the rows so far, what they are called, and the stages not yet carried out."""

    corpus: Corpus
    fingerprint: str
    stages: list[Stage] = field(default_factory=list)
    counts: list[StepCount] = field(default_factory=list)
    events: list[Rows] = field(default_factory=list)
    quarantine: list[pa.Table] = field(default_factory=list)


class LocalEngine:
    """Runs recipes on this machine.

    Args:
        workers: processes; 1 works in this one.
        batch_rows: rows a transform sees at once; changes no result.
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
        store: Store | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        self.workers, self.batch_rows, self.store = max(1, workers), max(1, batch_rows), store
        self._on_progress = on_progress

    def run(self, recipe: Recipe, corpus: Corpus) -> Curated:
        """Apply every step in order.

        Raises:
            RecipeError: a step needs a role that no column has.
            GuardExceeded: a step dropped more than its `max_drop`.
            QuarantineExceeded: more rows failed than `max_quarantine` allows.
        """
        source = corpus.with_roles(corpus.roles.changed(dict(recipe.roles)))
        check_needs(recipe, source)
        state = _State(source, corpus_fingerprint(source))
        for step in recipe.steps:
            self._take(step, state, recipe)
        self._flush(state, recipe)
        return Curated(
            state.corpus,
            source,
            recipe,
            joined(state.events, LINEAGE) if state.events else joined([], LINEAGE),
            pa.concat_tables([corpus.quarantine, *state.quarantine]),
            tuple(state.counts),
        )

    def plan(
        self, transform: Transform, corpus: Corpus, *, step: str = "", seed: int = 0
    ) -> tuple[Edits, dict[int, str]]:
        """The edits a transform proposes for a corpus, nothing applied, and the cause for each row that failed."""
        step = step or transform.name
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
        return self._decide(step, transform, corpus, seed, signals)

    def apply(self, step: str, transform: Transform, edits: Edits, failed: Mapping[int, str], corpus: Corpus) -> Corpus:
        """Apply edits that were planned before, in memory; rows that failed are left out."""
        stage = Decided(step, transform, edits, failed)
        schema, roles = shape(corpus.schema, corpus.roles, [stage])
        segment = Segment(corpus.rows, corpus.roles, (stage,), row_schema(schema), self.batch_rows)
        parts = [memory_chunk(segment, chunk).rows for chunk in range(segment.n_chunks())]
        made = Corpus.from_rows(joined(parts, segment.out_schema), roles, name=corpus.name)
        return replace(made, held_out=corpus.held_out)

    def _watched(self, step: str, corpus: Corpus) -> Iterator:
        done = 0
        for batch in corpus.batches(self.batch_rows):
            yield batch
            done += len(batch)
            self._tell(step, done, len(corpus))

    def _tell(self, step: str, done: int, of: int) -> None:
        if self._on_progress is not None:
            self._on_progress(step, done, of)

    def _take(self, step: Step, state: _State, recipe: Recipe) -> None:
        """Make a step a stage; rows that a signal or a decision must see are brought up to date first."""
        transform = step.transform
        if isinstance(transform, DatasetTransform) or transform.signals():
            self._flush(state, recipe)
        after = step_fingerprint(state.fingerprint, step.name, transform, recipe.seed)
        if isinstance(transform, RowTransform):
            signals = supply(transform, state.corpus, recipe.seed, self.store)
            state.stages.append(Planned(step.name, transform, recipe.seed, signals))
        else:
            assert isinstance(transform, DatasetTransform)
            state.stages.append(self._decided(step, transform, state.corpus, recipe.seed, after))
        state.fingerprint = after

    def _decided(self, step: Step, transform: DatasetTransform, corpus: Corpus, seed: int, key: str) -> Decided:
        if self.store is None:
            edits, failed = self._decide(step.name, transform, corpus, seed, supply(transform, corpus, seed, None))
            return Decided(step.name, transform, edits, failed)
        place = self.store.find(digest("edits", key))
        if place is None:
            edits, failed = self._decide(
                step.name, transform, corpus, seed, supply(transform, corpus, seed, self.store)
            )
            if failed:
                return Decided(step.name, transform, edits, failed)
            place = self.store.make(digest("edits", key), lambda folder: write_edits(edits, folder))
        return Decided(step.name, transform, place)

    def _decide(
        self, step: str, transform: DatasetTransform, corpus: Corpus, seed: int, signals: dict[str, Signal]
    ) -> tuple[Edits, dict[int, str]]:
        failed: dict[int, str] = {}

        def summaries() -> Iterator[pa.Table]:
            for batch in self._watched(step, corpus):
                given = batch.with_signals({name: signal.at(batch.row_ids) for name, signal in signals.items()})
                done, causes = isolate(transform.summarize, given)
                failed.update(causes)
                yield from done

        if not len(corpus):
            return Edits(), failed
        with ExitStack() as stack:
            summary = _gathered(summaries(), self.store, stack)
            if summary is None:
                return Edits(), failed
            return transform.decide(summary.sort_by("row_id"), StepRandom(seed, step)), failed

    def _flush(self, state: _State, recipe: Recipe) -> None:
        """Carry the rows through the waiting stages, and hold the guards against what came out."""
        if not state.stages:
            return
        schema, roles = shape(state.corpus.schema, state.corpus.roles, state.stages)
        out = row_schema(schema)
        segment = Segment(self._readable(state), state.corpus.roles, tuple(state.stages), out, self.batch_rows)
        counts = [StepCount(stage.step) for stage in state.stages]
        rows, name = [], counts[-1].step
        for number, part in enumerate(self._chunks(segment, state.fingerprint)):
            for total, count in zip(counts, part.counts, strict=True):
                total.merge(count)
            rows.append(part.rows)
            state.events.append(part.events)
            state.quarantine.append(part.quarantine)
            check_quarantine(recipe, len(state.corpus), state.quarantine)
            self._tell(name, min((number + 1) * CHUNK_ROWS, len(state.corpus)), len(state.corpus))
        check_drops(recipe, counts)
        state.counts += counts
        state.corpus = replace(
            state.corpus,
            rows=joined(rows, out),
            roles=roles,
            fingerprint=state.fingerprint,
            quarantine=QUARANTINE.empty_table(),
        )
        state.stages = []

    def _readable(self, state: _State) -> Rows:
        """The rows where every worker can read them."""
        rows = state.corpus.rows
        if self.workers == 1 or self.store is None or isinstance(rows, FileRows) or rows.n_rows <= CHUNK_ROWS:
            return rows

        def write(folder: Path) -> None:
            with pa.OSFile(str(folder / "rows.arrow"), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
                for batch in rows.batches(10_000):
                    writer.write_batch(batch)

        place = self.store.make(digest("pinned", state.corpus.fingerprint), write)
        return FileRows((place / "rows.arrow",), (rows.n_rows,), rows.schema)

    def _chunks(self, segment: Segment, fingerprint: str) -> Iterator[ChunkResult]:
        if self.store is None:
            prepare(segment)
            for chunk in range(segment.n_chunks()):
                yield memory_chunk(segment, chunk)
            return
        store = self.store
        keys = [digest("chunk", fingerprint, CHUNK_ROWS, chunk) for chunk in range(segment.n_chunks())]
        missing = [chunk for chunk, key in enumerate(keys) if store.find(key) is None]
        made = iter(self._make(segment, missing, keys))
        waiting = set(missing)
        for chunk, key in enumerate(keys):
            while chunk in waiting:
                waiting.discard(next(made))
            yield read_chunk(store.path(key), segment.out_schema)

    def _make(self, segment: Segment, chunks: list[int], keys: list[str]) -> Iterable[int]:
        assert self.store is not None
        if not chunks:
            return
        if self.workers == 1 or len(chunks) == 1:
            prepare(segment)
            for chunk in chunks:
                self.store.make(keys[chunk], partial(write_chunk, segment, chunk))
                yield chunk
            return
        workers = min(self.workers, len(chunks))
        with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (segment, self.store)) as pool:
            try:
                yield from pool.map(_make_chunk, [(chunk, keys[chunk]) for chunk in chunks])
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _gathered(summaries: Iterator[pa.Table], store: Store | None, stack: ExitStack) -> pa.Table | None:
    """All summaries as one table; with a store they lie in a file, so that memory holds only what is read of them."""
    if store is None:
        tables = list(summaries)
        return pa.concat_tables(tables) if tables else None
    path = Path(stack.enter_context(store.scratch())) / "summary.arrow"
    first = next(summaries, None)
    if first is None:
        return None
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, first.schema) as writer:
        writer.write_table(first)
        for table in summaries:
            writer.write_table(table)
    return pa.ipc.open_file(stack.enter_context(pa.memory_map(str(path)))).read_all()


def prepare(segment: Segment) -> None:
    """Load what the stages need in this process."""
    for stage in segment.stages:
        stage.prepare()


_here: tuple[Segment, Store] | None = None


def _start_worker(segment: Segment, store: Store) -> None:
    global _here
    os_signal.signal(os_signal.SIGINT, os_signal.SIG_IGN)
    prepare(segment)
    _here = (segment, store)


def _make_chunk(job: tuple[int, str]) -> int:
    assert _here is not None
    segment, store = _here
    chunk, key = job
    store.make(key, partial(write_chunk, segment, chunk))
    return chunk

"""Worker processes: each loads the stages of a segment once and makes chunks of the store, one after the other.

They are spawned, never forked, so they start clean; they serve all segments of a run; and they leave when the process
that started them is gone, however it went.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

from curate.data.store import Store
from curate.engines.chunk import Segment
from curate.engines.entry import write_chunk
from curate.engines.processes import map_in, processes
from curate.errors import CurateError

Job = tuple[int, str]


class Workers:
    """The processes of one run; a context manager. None starts before the first segment that needs one.

    Args:
        n: how many.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._pool: ProcessPoolExecutor | None = None
        self._n_started = 0
        self._open = ExitStack()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._open.close()

    def make(self, segment: Segment, store: Store, jobs: Sequence[Job]) -> Iterator[int]:
        """Make the store entries of chunks (number, key); gives each number, in order.

        Raises:
            CurateError: a step cannot be sent to a process, or a process died.
        """
        sent = Path(self._open.enter_context(store.scratch())) / "segment"
        sent.write_bytes(_packed(segment, store))
        try:
            yield from map_in(self._processes(len(jobs)), _make, [(str(sent), *job) for job in jobs])
        except BrokenProcessPool as error:
            raise CurateError(
                "a worker process died while it made a chunk", hint="use fewer workers; it may have run out of memory"
            ) from error

    def _processes(self, n_jobs: int) -> ProcessPoolExecutor:
        """The pool, no larger than any segment had work for."""
        wanted = min(self.n, n_jobs)
        if self._pool is None or wanted > self._n_started:
            self._stop()
            self._pool, self._n_started = processes(wanted), wanted
        return self._pool

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def _packed(segment: Segment, store: Store) -> bytes:
    for stage in segment.stages:
        try:
            pickle.dumps(stage.transform)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CurateError(f"step {stage.step!r} cannot be sent to a worker process: {error}", hint=_HINT) from error
    return pickle.dumps((segment, store))


_HINT = "define the function at the top level of a module, or use workers=1"


@lru_cache(maxsize=1)
def _loaded(sent: str) -> tuple[Segment, Store]:
    """What was sent, loaded with the first chunk and not at the start, so that a fault reaches the run as it is."""
    try:
        segment, store = pickle.loads(Path(sent).read_bytes())
    except (ImportError, AttributeError) as error:
        raise CurateError(f"a worker process cannot load the steps: {error}", hint=_HINT) from error
    segment.prepare()
    return segment, store


def _make(job: tuple[str, int, str]) -> int:
    sent, chunk, key = job
    segment, store = _loaded(sent)
    store.make(key, lambda folder: write_chunk(segment, chunk, store, folder))
    return chunk

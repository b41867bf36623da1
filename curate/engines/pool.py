"""Worker processes: each loads the stages once and makes chunks of the store, one after the other.

They are spawned, never forked, so they start clean; and they leave when the process that started them is gone, however
it went.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import cache

from curate.data.store import Store
from curate.engines.chunk import Segment
from curate.engines.entry import write_chunk
from curate.engines.processes import map_in, processes
from curate.errors import CurateError

Job = tuple[int, str]


def make_in_processes(segment: Segment, store: Store, jobs: Sequence[Job], workers: int) -> Iterator[int]:
    """Make the store entries of chunks (number, key) in `workers` processes; gives each number, in order.

    Raises:
        CurateError: a step cannot be sent to a process, or a process died.
    """
    sent = _packed(segment, store)
    pool = processes(workers, _receive, sent)
    try:
        yield from map_in(pool, _make, jobs)
    except BrokenProcessPool as error:
        raise CurateError(
            "a worker process died while it made a chunk", hint="use fewer workers; it may have run out of memory"
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _packed(segment: Segment, store: Store) -> bytes:
    for stage in segment.stages:
        try:
            pickle.dumps(stage.transform)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CurateError(f"step {stage.step!r} cannot be sent to a worker process: {error}", hint=_HINT) from error
    return pickle.dumps((segment, store))


_HINT = "define the function at the top level of a module, or use workers=1"
_sent = b""


def _receive(sent: bytes) -> None:
    global _sent
    _sent = sent


@cache
def _loaded() -> tuple[Segment, Store]:
    """What was sent, loaded with the first chunk and not at the start, so that a fault reaches the run as it is."""
    try:
        segment, store = pickle.loads(_sent)
    except (ImportError, AttributeError) as error:
        raise CurateError(f"a worker process cannot load the steps: {error}", hint=_HINT) from error
    segment.prepare()
    return segment, store


def _make(job: Job) -> int:
    segment, store = _loaded()
    chunk, key = job
    store.make(key, lambda folder: write_chunk(segment, chunk, store, folder))
    return chunk

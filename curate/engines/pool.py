"""Worker processes: each loads the stages once and makes chunks of the store, one after the other.

They are spawned, never forked, so they start clean; and they leave when the process that started them is gone, however
it went.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread

from curate.data.store import Store
from curate.engines.chunk import Segment
from curate.engines.entry import write_chunk
from curate.errors import CurateError

Job = tuple[int, str]


def make_in_processes(segment: Segment, store: Store, jobs: Sequence[Job], workers: int) -> Iterator[int]:
    """Make the store entries of chunks (number, key) in `workers` processes; gives each number, in order.

    Raises:
        CurateError: a step cannot be sent to a process, or a process died.
    """
    _check_sendable(segment)
    with ProcessPoolExecutor(workers, get_context("spawn"), _start, (segment, store)) as pool:
        try:
            yield from pool.map(_make, jobs)
        except BrokenProcessPool as error:
            raise CurateError(
                "a worker process died while it made a chunk", hint="use fewer workers; it may have run out of memory"
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _check_sendable(segment: Segment) -> None:
    for stage in segment.stages:
        try:
            pickle.dumps(stage.transform)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CurateError(
                f"step {stage.step!r} cannot be sent to a worker process: {error}",
                hint="define the function at the top level of a module, or use workers=1",
            ) from error


_here: tuple[Segment, Store] | None = None


def _start(segment: Segment, store: Store) -> None:
    global _here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()
    segment.prepare()
    _here = (segment, store)


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _make(job: Job) -> int:
    assert _here is not None
    segment, store = _here
    chunk, key = job
    store.make(key, lambda folder: write_chunk(segment, chunk, folder))
    return chunk

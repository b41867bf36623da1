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
from functools import cache
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
    sent = _packed(segment, store)
    with ProcessPoolExecutor(workers, get_context("spawn"), _start, (sent,)) as pool:
        try:
            yield from pool.map(_make, jobs)
        except BrokenProcessPool as error:
            raise CurateError(
                "a worker process died while it made a chunk", hint="use fewer workers; it may have run out of memory"
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _packed(segment: Segment, store: Store) -> bytes:
    for stage in segment.stages:
        try:
            pickle.dumps(stage.transform)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CurateError(f"step {stage.step!r} cannot be sent to a worker process: {error}", hint=_HINT) from error
    return pickle.dumps((segment, store))


_HINT = "define the function at the top level of a module, or use workers=1"
_sent = b""


def _start(sent: bytes) -> None:
    global _sent
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()
    _sent = sent


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


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
    store.make(key, lambda folder: write_chunk(segment, chunk, folder))
    return chunk

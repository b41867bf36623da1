"""Processes to work in: spawned, deaf to Ctrl-C, which is the parent's to answer, and gone when the parent is gone.

Used by the engine for chunks and by `measure` for cells.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


def processes(workers: int, prepare: Callable[..., None] | None = None, *given: Any) -> ProcessPoolExecutor:
    """A pool of spawned processes, each of which calls `prepare(*given)` first."""
    return ProcessPoolExecutor(workers, get_context("spawn"), _start, (prepare, given))


def map_in(pool: ProcessPoolExecutor, work: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
    """The result of each job, in order. All are handed in at once: this is when the processes start."""
    with _held_back():
        return pool.map(work, jobs)


def start_in(pool: ProcessPoolExecutor, work: Callable[[T], R], job: T) -> Future[R]:
    """One job handed in, to be asked for later."""
    with _held_back():
        return pool.submit(work, job)


@contextmanager
def _held_back() -> Iterator[None]:
    """Ctrl-C waits; what starts meanwhile inherits that, so that it is not hit before it can say it will not listen."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(prepare: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()
    if prepare is not None:
        prepare(*given)


def _leave_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

"""Threads of our own around products of matrices, and none inside them.

The threads of a BLAS wait for each other after every product: on a machine that has other work to do, small products
then take ten times as long. Independent products in threads of our own do not wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from threadpoolctl import ThreadpoolController

from curate.kernels.native import in_threads

T = TypeVar("T")

_AT_ONCE = 16


@contextmanager
def one_thread_each() -> Iterator[None]:
    """NumPy's products on the thread that asks for them; also a decorator.

    Example:
        >>> with one_thread_each():
        ...     pass
    """
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        yield


def in_turn(
    work: Callable[[int], T],
    n: int,
    threads: int | None = None,
    around: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Iterator[T]:
    """`work(0)` to `work(n - 1)` in order, a few at once on several threads, the next few only when they are asked for.

    `around` is entered while there is work, never while a result is looked at.

    Example:
        >>> list(in_turn(lambda number: number * number, 4))
        [0, 1, 4, 9]
    """

    def some(start: int, stop: int) -> list[T]:
        return [work(number) for number in range(start, stop)]

    for low in range(0, n, _AT_ONCE):
        high = min(low + _AT_ONCE, n)
        with around():
            parts = in_threads(some, range(low, high + 1), threads)
        yield from (result for part in parts for result in part)

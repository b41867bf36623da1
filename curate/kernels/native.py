"""The compiled kernels: loads the library that `hatch_build.py` made of `csrc/`, and shares work among threads.

Each kernel module declares the C functions it calls with `function`. ctypes lets go of Python's lock during a call, so
threads run kernels side by side; which thread does what never shows in a result.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from curate.errors import CurateError
from curate.kernels.source_digest import source_digest

S = TypeVar("S")
T = TypeVar("T")

LIBRARY = Path(__file__).with_name("_native.dll" if os.name == "nt" else "_native.so")
SOURCES = Path(__file__).with_name("csrc")

_REBUILD = "install curate again: pip install -e . (in a checkout) or pip install --force-reinstall curate-data"


def array(dtype: Any) -> Any:
    """The type of an argument that is a C-contiguous NumPy array of `dtype`."""
    return np.ctypeslib.ndpointer(dtype=dtype, flags="C_CONTIGUOUS")


def function(name: str, returns: Any, *arguments: Any) -> Callable[..., Any]:
    """A C function of the library.

    Args:
        name: its name.
        returns: the ctypes type of its result; None for void.
        *arguments: the types of its arguments: ctypes types, or `array(dtype)`.

    Raises:
        CurateError: the library is missing, or older than its sources.

    Example:
        >>> len(function("curate_source_digest", ctypes.c_char_p)())
        16
    """
    found = getattr(_library(), name)
    found.restype, found.argtypes = returns, list(arguments)
    return found  # type: ignore[no-any-return]


def compiled_from() -> str:
    """The digest of the sources: what the cached work of a step names that is done by compiled kernels."""
    return _digest(_library())


@cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(LIBRARY))
    except OSError as error:
        raise CurateError(f"curate's compiled kernels cannot be loaded: {error}", hint=_REBUILD) from error
    if SOURCES.is_dir() and _digest(library) != source_digest(SOURCES):
        raise CurateError(f"curate's compiled kernels ({LIBRARY}) are not those of its sources", hint=_REBUILD)
    return library


def _digest(library: ctypes.CDLL) -> str:
    library.curate_source_digest.restype = ctypes.c_char_p
    return str(library.curate_source_digest().decode())


def n_threads(threads: int | None = None) -> int:
    """How many threads to use: as told, else one for each core this process may run on."""
    if threads is not None:
        return max(1, threads)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(
    work: Callable[[int, int], T], bounds: Sequence[int] | npt.NDArray[np.int64], threads: int | None
) -> list[T]:
    """`work(start, stop)` for each range between two neighbouring bounds, on several threads; results in order."""
    ranges = [(int(start), int(stop)) for start, stop in pairwise(bounds)]
    return list(each_in_threads(lambda ends: work(*ends), ranges, threads))


def each_in_threads(work: Callable[[S], T], items: Sequence[S], threads: int | None) -> Iterator[T]:
    """`work(item)` for each item, on several threads where there are several items; results in order."""
    if len(items) <= 1 or n_threads(threads) == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(n_threads(threads)) as pool:
        yield from pool.map(work, items)

"""Writing whole or not at all: to a temporary name beside the destination, renamed once all is there.

Under `saving` and `curated`: a killed process leaves what was there before, and at most a hidden temporary name.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from curate.errors import InputError
from curate.io.files import writable


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path` that takes its place once all is written.

    Raises:
        InputError: the destination cannot be written.
    """
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as sink:
                yield sink
            os.chmod(name, 0o666 & ~_umask())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: Path, text: str) -> None:
    """Write a text file; what UTF-8 cannot hold (a lone surrogate of the data) is written as an escape.

    Raises:
        InputError: the destination cannot be written.
    """
    with replacing(path) as sink:
        sink.write(text.encode("utf-8", "backslashreplace"))


@contextmanager
def replacing_folder(path: Path, mine: Callable[[Path], bool], what: str) -> Iterator[Path]:
    """A name beside `path` to make a folder at, which takes the place of `path`.

    Args:
        path: the destination.
        mine: whether a folder that is there already may be replaced; an empty one always may.
        what: what `mine` looks for, in words.

    Raises:
        InputError: something else is there, or the destination cannot be written.
    """
    check_replaceable(path, mine, what)
    with writable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as work:
            yield Path(work) / "new"
            if path.exists():
                os.rename(path, Path(work) / "old")
            os.rename(Path(work) / "new", path)
            shutil.rmtree(Path(work) / "old", ignore_errors=True)


@contextmanager
def alone(path: Path, taken: str) -> Iterator[None]:
    """Keep other processes out: the lock is on the file `path`, and gone with the process, however that ends.

    Raises:
        InputError: another process is in; says `taken`.
    """
    with path.open("ab") as file:
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(taken, hint="wait until it is done") from error
        yield


def check_replaceable(path: Path, mine: Callable[[Path], bool], what: str) -> None:
    """Raise `InputError` where something stands at `path` that must not be replaced."""
    if path.exists() and not (path.is_dir() and (mine(path) or not any(path.iterdir()))):
        raise InputError(f"{path} exists and is not {what}", hint="choose another name or remove it")


def check_apart(sources: Iterable[object], destinations: Iterable[Path | None]) -> None:
    """Raise `InputError` where a result would take the place of what is read, of its folder, or of another result."""
    taken = {_place(source): f"would replace {source}, which is read" for source in sources if source is not None}
    for destination in destinations:
        if destination is not None:
            place = _place(destination)
            lost = taken.get(place) or next((said for at, said in taken.items() if at.startswith(place + os.sep)), None)
            if lost:
                raise InputError(f"{destination} {lost}", hint="choose another name")
            taken[place] = "is named for two results"


def _place(name: object) -> str:
    return os.path.realpath(os.path.expanduser(str(name)))


def check_writable(path: Path) -> None:
    """Raise `InputError` where `path` could not be written, before any work is done for it."""
    if path.is_dir():
        raise InputError(f"{path} is a folder", hint="name a file")
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(f"cannot write {path}: {folder} is not a folder", hint="choose another name")
    if not os.access(folder, os.W_OK):
        raise InputError(f"cannot write {path}: Permission denied", hint=f"check who may write into {folder}")

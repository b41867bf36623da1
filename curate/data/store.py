"""The content-addressed store: a step's output under its fingerprint, written whole or not at all, checked when read.

An entry is a folder. It is made beside its place and renamed into it, so a killed process leaves nothing half-written
there; its manifest holds the checksum of each file, so a damaged entry is noticed, removed and made again.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from curate.data.digest import file_checksum
from curate.errors import InputError

_MANIFEST = "manifest.json"
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}
_ABANDONED_S = 86_400


def default_root() -> Path:
    """`$CURATE_CACHE`, else `curate` in the user's cache folder."""
    given = os.environ.get("CURATE_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "curate"


class Store:
    """A folder of entries. Safe for several processes: the first to finish an entry wins, the others drop theirs.

    Args:
        root: the folder; the user's cache unless given.
        lasting: False for a folder that is gone at the end, in which nothing can be counted from run to run.

    Example:
        >>> store = Store(Path(tempfile.mkdtemp()))
        >>> entry = store.make("ab12", lambda folder: (folder / "x").write_text("1") and None)
        >>> (entry / "x").read_text(), store.find("none") is None
        ('1', True)
    """

    def __init__(self, root: Path | str | None = None, *, lasting: bool = True) -> None:
        self.lasting = lasting
        self.root = Path(root) if root is not None else default_root()

    def path(self, key: str) -> Path:
        """Where the entry stands, or would."""
        return self.root / key[:2] / key

    def find(self, key: str) -> Path | None:
        """The entry's folder, or None where there is none. A damaged one is removed."""
        place = self.path(key)
        if not place.is_dir():
            return None
        if _intact(place):
            return place
        self._discard(place)
        return None

    def _discard(self, place: Path) -> None:
        """Remove an entry: aside first, in one act, so that nobody meets half of it."""
        try:
            aside = Path(tempfile.mkdtemp(prefix=".bad-", dir=place.parent))
            with suppress(FileNotFoundError):
                os.rename(place, aside / "entry")
        except OSError as error:
            raise _cannot_write(self.root, error) from error
        shutil.rmtree(aside, ignore_errors=True)

    def make(self, key: str, write: Callable[[Path], None]) -> Path:
        """The entry's folder, made by `write(folder)` where it is not there yet.

        Raises:
            InputError: the disk is full or the folder cannot be written; nothing half-written stays.
        """
        found = self.find(key)
        if found is not None:
            return found
        place = self.path(key)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _sweep(place.parent)
            work = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        except OSError as error:
            raise _cannot_write(self.root, error) from error
        try:
            write(work)
            (work / _MANIFEST).write_text(json.dumps({f.name: file_checksum(str(f)) for f in sorted(work.iterdir())}))
            self._rename(work, place)
        except OSError as error:
            if error.errno not in _DISK:
                raise
            raise _cannot_write(self.root, error) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return place

    def replace(self, key: str, write: Callable[[Path], None]) -> Path:
        """Make the entry anew, whether it is there or not: for entries that any maker fills with the same values."""
        place = self.path(key)
        if place.is_dir():
            self._discard(place)
        return self.make(key, write)

    def _rename(self, work: Path, place: Path) -> None:
        try:
            os.rename(work, place)
        except OSError:
            if not (place / _MANIFEST).exists():
                raise

    def scratch(self) -> tempfile.TemporaryDirectory[str]:
        """A temporary folder on the store's disk; use as a context manager."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            _sweep(self.root)
            return tempfile.TemporaryDirectory(prefix=".scratch-", dir=self.root, ignore_cleanup_errors=True)
        except OSError as error:
            raise _cannot_write(self.root, error) from error


def _cannot_write(root: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot write to the cache {root}: {error.strerror or error}", hint="free space or set CURATE_CACHE"
    )


def _sweep(folder: Path) -> None:
    """Remove what killed processes left behind a day ago or more."""
    for left in folder.glob(".*-*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)


def _intact(place: Path) -> bool:
    try:
        manifest = json.loads((place / _MANIFEST).read_text())
        return all(file_checksum(str(place / name)) == checksum for name, checksum in manifest.items())
    except (OSError, ValueError, AttributeError):
        return False

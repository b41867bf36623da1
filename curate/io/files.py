"""Files: which files a path, glob or folder names, in which format and compression, and how their bytes are read.

First stop of loading from disk; the readers (`delimited`, `jsonlines`, `columnar`) take a `File` each.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from curate.errors import InputError, nearest
from curate.io.compression import COMPRESSIONS, DamagedError, decompressed

FORMATS = {
    "csv": "csv",
    "tsv": "tsv",
    "jsonl": "jsonl",
    "ndjson": "jsonl",
    "json": "json",
    "parquet": "parquet",
    "arrow": "arrow",
    "feather": "arrow",
    "txt": "txt",
}
ENDINGS = "csv, tsv, jsonl, json, parquet, arrow, txt, each also .gz or .zst"
_SPLITS = {"train": "train", "test": "test", "validation": "validation", "valid": "validation", "dev": "validation"}
_SPLIT_NAME = re.compile(r"(train|test|validation|valid|dev)(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """A data file: where it is, its format (a value of `FORMATS`) and its compression (`gz`, `zst` or none)."""

    path: Path
    format: str
    compression: str = ""

    def __str__(self) -> str:
        return str(self.path)

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The decompressed bytes.

        Raises:
            InputError: the file is missing, may not be read or is damaged.
        """
        with readable(self.path), open(self.path, "rb") as raw:
            try:
                with decompressed(raw, self.compression) as stream:
                    yield stream
            except (EOFError, DamagedError) as error:
                raise InputError(
                    f"{self.path} is not a whole {self.compression} file: {error}", hint="make or fetch the file again"
                ) from error


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the operating system says about reading `path` into one clear line."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}", hint=_mend(path, error)) from error


@contextmanager
def writable(place: Path, *, hint: str = "check the folder and the space on its disk") -> Iterator[None]:
    """Turn what the operating system says about writing `place` into one clear line."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot write {place}: {error.strerror or error}", hint=hint) from error


def _mend(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return missing_hint(path)
    return "check who may read it" if isinstance(error, PermissionError) else "check the file and its disk"


def missing_hint(path: Path) -> str:
    """What is there in place of a file that is not: the nearest name, else the nearest folder that exists."""
    folder = path.parent
    if not folder.is_dir():
        while not folder.is_dir():
            folder = folder.parent
        return f"the folder {path.parent} does not exist; {folder.resolve()} does"
    names = sorted(os.listdir(folder)) if os.access(folder, os.R_OK) else []
    names = [name for name in names if not name.startswith(".")]
    close = nearest(path.name, names)
    if close is not None:
        return f"did you mean {str(folder / close)!r}?"
    return f"{folder.resolve()} holds " + (", ".join(names[:5]) + (", …" if names[5:] else "") if names else "nothing")


def file_of(path: Path, format: str | None = None) -> File:
    """The `File` of a path, its format told by the ending where none is given.

    Raises:
        InputError: the ending says no known format.

    Example:
        >>> file_of(Path("rows.jsonl.gz"))
        File(path=PosixPath('rows.jsonl.gz'), format='jsonl', compression='gz')
    """
    found = ending(path)
    if format is not None:
        if format not in FORMATS:
            raise InputError(f"no format is called {format!r}", hint=f"allowed: {', '.join(FORMATS)}")
        compression = path.suffix[1:].lower()
        return File(path, FORMATS[format], compression if compression in COMPRESSIONS else "")
    if found is None:
        raise InputError(
            f"the ending of {path} says no known format", hint=f"allowed: {ENDINGS}; or say format='txt', …"
        )
    return File(path, *found)


def ending(path: Path) -> tuple[str, str] | None:
    """Format and compression that a file name says, or None."""
    suffixes = [suffix[1:].lower() for suffix in path.suffixes]
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSIONS else ""
    format = FORMATS.get(suffixes[-1]) if suffixes else None
    return None if format is None else (format, compression)


def expand(pattern: str) -> list[Path]:
    """The files a glob names, sorted.

    Raises:
        InputError: no file matches.
    """
    found = sorted(Path(name) for name in glob.glob(pattern, recursive=True) if os.path.isfile(name))
    if not found:
        raise InputError(f"no file matches {pattern!r}", hint="check the pattern and the folder it starts in")
    return found


def folder_files(folder: Path) -> dict[str, list[File]]:
    """The data files of a folder by split; one split named `train` where the names tell of none.

    A file called train*, test*, validation*, valid* or dev* belongs to that split; where there are such files, the
    others are not read. `json` and `txt` files count only where the folder holds no other data (they are often notes).

    Raises:
        InputError: the folder holds no data files, or files of several formats.
    """
    with readable(folder):
        paths = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    files = [file_of(path) for path in paths if ending(path)]
    for minor in ("txt", "json"):
        files = [file for file in files if file.format != minor] or files
    if not files:
        raise InputError(f"the folder {folder} holds no data files", hint=f"allowed endings: {ENDINGS}")
    splits: dict[str, list[File]] = {}
    for file in files:
        if match := _SPLIT_NAME.match(file.path.name):
            splits.setdefault(_SPLITS[match.group(1).lower()], []).append(file)
    splits = splits or {"train": files}
    for chosen in splits.values():
        one_format(chosen, folder)
    return splits


def one_format(files: Sequence[File], place: object) -> str:
    """The one format of all files.

    Raises:
        InputError: there are several.
    """
    formats = sorted({file.format for file in files})
    if len(formats) > 1:
        raise InputError(
            f"{place} holds files of several formats: {', '.join(formats)}", hint="name one file, or a glob"
        )
    return formats[0]


def folder_kind(folder: Path) -> Literal["saved", "repository", "files"]:
    """What a folder is: written by `save_to_disk`, a repository (a README.md with metadata), or just files."""
    with readable(folder):
        if (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file():
            return "saved"
        readme = folder / "README.md"
        if readme.is_file():
            with open(readme, "rb") as file:
                return "repository" if file.read(8).startswith((b"---\n", b"---\r\n")) else "files"
    return "files"

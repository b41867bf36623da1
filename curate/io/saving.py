"""`save`: a corpus as a file, its format told by the ending, or as a `save_to_disk` folder. Whole or not at all.

What is written goes to a temporary name beside the destination and is renamed at the end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa

from curate.data.corpus import Corpus
from curate.errors import InputError
from curate.io.compression import compressed
from curate.io.files import ENDINGS, File, ending, file_of, writable
from curate.io.spool import BATCH_ROWS
from curate.io.writers import WRITERS


def save(corpus: Corpus, destination: str | Path, *, with_ids: bool = False) -> Path:
    """Save the rows of a corpus; a folder (a name without an ending) holds the sealed splits too, a file does not.

    Args:
        corpus: what to save.
        destination: a path that ends in csv, tsv, jsonl, json, parquet, arrow or txt, also .gz or .zst; or a folder.
        with_ids: keep the row ids, as the last column `__row_id__`.

    Raises:
        InputError: the destination cannot be written, or its format cannot hold the rows.

    Example:
        >>> from curate.io import load
        >>> rows = load([{"text": "a"}, {"text": None}])
        >>> path = save(rows, Path(tempfile.mkdtemp()) / "rows.csv")
        >>> load(path).table().equals(rows.table())
        True
    """
    path = Path(destination).expanduser()
    if path.suffix and not path.is_dir():
        file = _file(path)
        with writable(path), _replacing(path) as sink, compressed(sink, file.compression) as stream:
            schema = corpus.rows.schema if with_ids else corpus.schema
            WRITERS[file.format](schema, _batches(corpus, with_ids), stream)
        return path
    from curate.io.huggingface import save_folder

    with writable(path), _replacing_folder(path) as work:
        save_folder(corpus, work, with_ids=with_ids)
    return path


def _file(path: Path) -> File:
    if ending(path) is None:
        raise InputError(
            f"the ending of {path} says no known format", hint=f"allowed: {ENDINGS}; or a folder, without a dot"
        )
    return file_of(path)


def _batches(corpus: Corpus, with_ids: bool) -> Iterator[pa.RecordBatch]:
    for batch in corpus.batches(BATCH_ROWS):
        yield batch.with_ids() if with_ids else batch.rows


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path` that takes its place once all is written."""
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


@contextmanager
def _replacing_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` that takes its place; only what `save_to_disk` wrote, or an empty folder, is replaced."""
    if path.exists() and not _replaceable(path):
        raise InputError(f"{path} exists and is not a saved dataset", hint="choose another name or remove it")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as work:
        yield Path(work) / "new"
        if path.exists():
            os.rename(path, Path(work) / "old")
        os.rename(Path(work) / "new", path)
        shutil.rmtree(Path(work) / "old", ignore_errors=True)


def _replaceable(path: Path) -> bool:
    if not path.is_dir():
        return False
    return any((path / name).is_file() for name in ("dataset_dict.json", "state.json")) or not any(path.iterdir())

"""`save`: a corpus as a file, its format told by the ending, or as a `save_to_disk` folder. Whole or not at all.

What is written goes to a temporary name beside the destination and is renamed at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from curate.data.corpus import Corpus
from curate.errors import InputError
from curate.io.atomic import replacing, replacing_folder
from curate.io.compression import compressed
from curate.io.encryption import EncryptionKey
from curate.io.files import ENDINGS, File, ending, file_of, writable
from curate.io.spool import BATCH_ROWS
from curate.io.writers import WRITERS, write_parquet


def save(corpus: Corpus, destination: str | Path, *, with_ids: bool = False, key: EncryptionKey | None = None) -> Path:
    """Save the rows of a corpus; a folder (a name without an ending) holds the sealed splits too, a file does not.

    Args:
        corpus: what to save.
        destination: a path that ends in csv, tsv, jsonl, json, parquet, arrow or txt, also .gz or .zst; or a folder.
        with_ids: keep the row ids, as the last column `__row_id__`.
        key: encrypt with it; the destination is then a Parquet file.

    Raises:
        InputError: the destination cannot be written, or its format cannot hold the rows.

    Example:
        >>> import tempfile
        >>> from curate.io import load
        >>> rows = load([{"text": "a"}, {"text": None}])
        >>> path = save(rows, Path(tempfile.mkdtemp()) / "rows.csv")
        >>> load(path).table().equals(rows.table())
        True
    """
    path = Path(destination).expanduser()
    with writable(path):
        is_file = bool(path.suffix) and not path.is_dir()
    if is_file:
        write_rows(corpus.rows.schema if with_ids else corpus.schema, _batches(corpus, with_ids), path, key)
        return path
    if key is not None:
        raise InputError(f"the folder {path} would not be encrypted", hint="name a .parquet file")
    from curate.io.huggingface import save_folder

    with replacing_folder(path, _saved, "a saved dataset") as work:
        save_folder(corpus, work, with_ids=with_ids)
    return path


def write_rows(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path, key: EncryptionKey | None = None
) -> None:
    """Write record batches as a file, its format told by the ending; encrypted where there is a key.

    Raises:
        InputError: the ending is of no known format or cannot be encrypted, the format cannot hold the rows, or the
            file cannot be written.
    """
    file = data_file(path)
    if key is not None:
        check_encryptable(path)
        with replacing(path) as sink, compressed(sink, file.compression) as stream:
            write_parquet(schema, batches, stream, key)
        return
    with replacing(path) as sink, compressed(sink, file.compression) as stream:
        WRITERS[file.format](schema, batches, stream)


def check_encryptable(path: Path) -> None:
    """Raise `InputError` where the ending of a destination says a format that cannot be encrypted."""
    if data_file(path).format != "parquet":
        raise InputError(f"{path} would not be encrypted: only Parquet is", hint="name a .parquet file, or a folder")


def data_file(path: Path) -> File:
    """The format that the ending of a destination says.

    Raises:
        InputError: it says none.
    """
    if ending(path) is None:
        raise InputError(
            f"the ending of {path} says no known format", hint=f"allowed: {ENDINGS}; or a folder, without a dot"
        )
    return file_of(path)


def _batches(corpus: Corpus, with_ids: bool) -> Iterator[pa.RecordBatch]:
    for batch in corpus.batches(BATCH_ROWS):
        yield batch.with_ids() if with_ids else batch.rows


def _saved(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("dataset_dict.json", "state.json"))

"""`datasets` and the Hub: reading their objects, saved folders and repositories, and writing folders and repositories.

The only place, beside `Corpus.to_dataset`, that imports `datasets`, and only when it is asked for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.digest import digest, file_checksum
from curate.errors import InputError
from curate.io import frames
from curate.io.columnar import plain
from curate.io.jsonlines import JsonRows, Place
from curate.io.reading import Options, Splits
from curate.io.spool import BATCH_ROWS, Loaded, conform

if TYPE_CHECKING:
    import datasets


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars of `datasets` and `huggingface_hub`: the command shows its own."""
    import datasets
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    loud = not datasets.are_progress_bars_disabled(), not are_progress_bars_disabled()
    datasets.disable_progress_bars()
    disable_progress_bars()
    try:
        yield
    finally:
        if loud[0]:
            datasets.enable_progress_bars()
        if loud[1]:
            enable_progress_bars()


@contextmanager
def _hub(what: str, hint: str) -> Iterator[None]:
    """Turn what `datasets` and the Hub say about a source into one clear line."""
    import datasets

    failures = (OSError, ValueError, RuntimeError, NotImplementedError, datasets.exceptions.DatasetsError)
    with _quiet():
        try:
            yield
        except failures as error:
            cause = str(error.__cause__ or error).strip().splitlines() or [type(error).__name__]
            raise InputError(f"cannot {what}: {cause[0]}", hint=hint) from error


def open_object(source: Any, options: Options) -> Splits:
    """What reads each split of an object of `datasets`."""
    import datasets

    if isinstance(source, Mapping):
        return {str(name): partial(_read, part, options) for name, part in source.items()}
    if isinstance(source, (datasets.Dataset, datasets.IterableDataset)):
        return {"train": partial(_read, source, options)}
    raise InputError(
        f"the source is of type {type(source).__name__}, which holds no rows", hint="give a Dataset or a DatasetDict"
    )


def open_saved(folder: Path, options: Options) -> Splits:
    """What reads each split of a folder that `save_to_disk` wrote."""
    import datasets

    with _hub(f"read the saved dataset {folder}", "save it again"):
        return open_object(datasets.load_from_disk(str(folder)), options)


def open_repository(source: str, options: Options) -> Splits:
    """What reads each split of a dataset repository: a Hub id `org/name`, or a local folder with a dataset card."""
    import datasets

    chosen = options.split if options.split and not options.split.isidentifier() else None
    local = Path(source).is_dir()
    what = source if local else f"{source} (no file or folder here) from the Hub"
    with _hub(f"load {what}", "check the id, config=… and revision=…, and the connection"):
        loaded = datasets.load_dataset(
            source,
            options.config,
            split=chosen,
            revision=options.revision,
            cache_dir=_own_cache(Path(source), options) if local else None,
        )
    return {chosen: partial(_read, loaded, options)} if chosen else open_object(loaded, options)


def _own_cache(folder: Path, options: Options) -> str:
    """A cache folder for exactly these files.

    `datasets` keeps a local repository that names its data files in its card under the name of the folder alone:
    another folder of that name, or the same with other rows, would give the rows that were read first (seen in 5.2).
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    seen = [[str(path.relative_to(folder)), file_checksum(str(path))] for path in files]
    return str(options.store.root / "datasets" / digest("repository", seen))


def _read(dataset: Any, options: Options) -> Loaded:
    """The rows of one split; those of a Dataset without a row selection stay where they are (memory-mapped)."""
    import datasets

    if isinstance(dataset, datasets.Dataset) and dataset._indices is None:
        table = dataset.data.table
        return frames.load_table(table.replace_schema_metadata(dataset.features.arrow_schema.metadata))
    with options.spool() as spool:
        if dataset.features is None:
            reader = JsonRows()
            reader.take(((row, Place(n)) for n, row in enumerate(dataset.with_format(None), start=1)), spool, None)
            return spool.finish(reader.schema())
        schema = plain(dataset.features.arrow_schema)
        for table in dataset.with_format("arrow").iter(BATCH_ROWS):
            for batch in table.to_batches():
                spool.add(conform(batch, schema))
        return spool.finish(schema)


@contextmanager
def as_datasets(corpus: Corpus, beside: Path, *, with_ids: bool) -> Iterator[datasets.Dataset | datasets.DatasetDict]:
    """The rows as a Dataset, or with sealed splits as a DatasetDict, memory-mapped from files in a temporary folder."""
    import datasets

    with tempfile.TemporaryDirectory(prefix=".curate-", dir=beside) as work:
        parts = {"train": corpus, **corpus.held_out}
        made = {
            name: _mapped(part, Path(work) / f"{at}.arrow", with_ids) for at, (name, part) in enumerate(parts.items())
        }
        yield datasets.DatasetDict(made) if corpus.held_out else made["train"]


def _mapped(corpus: Corpus, path: Path, with_ids: bool) -> datasets.Dataset:
    import datasets

    schema = corpus.rows.schema if with_ids else corpus.schema
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for batch in corpus.batches(BATCH_ROWS):
            writer.write_batch(batch.with_ids() if with_ids else batch.rows)
    return datasets.Dataset(datasets.table.MemoryMappedTable.from_file(str(path)), fingerprint=corpus.fingerprint)


def save_folder(corpus: Corpus, folder: Path, *, with_ids: bool) -> None:
    """Write a `save_to_disk` folder."""
    with as_datasets(corpus, folder.parent, with_ids=with_ids) as made, _quiet():
        made.save_to_disk(str(folder))


def push_to_hub(
    corpus: Corpus, repo_id: str, *, card: str | None = None, private: bool | None = None, token: str | None = None
) -> str:
    """Push the rows, and the sealed splits beside them, to a dataset repository on the Hub; returns its address.

    Args:
        corpus: what to push.
        repo_id: `org/name`; made where it is not there yet.
        card: the dataset card, as `curate.io.card.card` makes it; what the Hub needs to know about the files is added
            to its metadata.
        private: whether a new repository is private; as the organisation's default unless given.
        token: a Hub token; the one of `hf auth login` unless given.

    Raises:
        InputError: the Hub cannot be reached or refuses.
    """
    import huggingface_hub

    with (
        tempfile.TemporaryDirectory() as work,
        as_datasets(corpus, Path(work), with_ids=False) as made,
        _hub(f"push to {repo_id}", "check the id, the connection and the token (hf auth login)"),
    ):
        made.push_to_hub(repo_id, private=private, token=token)
        if card is not None:
            ours = huggingface_hub.DatasetCard(card)
            theirs = huggingface_hub.DatasetCard.load(repo_id, token=token)
            ours.data = huggingface_hub.DatasetCardData(**{**theirs.data.to_dict(), **ours.data.to_dict()})
            ours.push_to_hub(repo_id, token=token)
    return f"{huggingface_hub.constants.ENDPOINT}/datasets/{repo_id}"

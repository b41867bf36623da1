"""`load`: whatever holds rows, as a corpus. Tells what the source is, splits it, reads it and guesses the roles.

The first step of every verb. Files are read as a stream and kept in the store once they are large; ids are the ordinals
of the readable rows, or the source's own `__row_id__`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from curate.data.corpus import Corpus
from curate.data.roles import Roles, guess_roles
from curate.data.rows import ROW_ID
from curate.data.store import Store
from curate.errors import InputError, did_you_mean
from curate.io import frames
from curate.io.encryption import EncryptionKey, is_encrypted, private_store
from curate.io.files import ending, expand, file_of, folder_files, folder_kind, missing_hint, one_format, readable
from curate.io.origin import with_origin
from curate.io.reading import Options, Splits, of_files
from curate.io.spool import Loaded

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def load(
    source: Any,
    *,
    text: str | Sequence[str] | None = None,
    label: str | None = None,
    target: str | None = None,
    group: str | Sequence[str] | None = None,
    weight: str | None = None,
    features: str | Sequence[str] | None = None,
    roles: Roles | None = None,
    split: str | None = None,
    config: str | None = None,
    revision: str | None = None,
    columns: Sequence[str] | None = None,
    format: str | None = None,
    max_quarantine: float = 0.01,
    store: Store | None = None,
    on_progress: Callable[[int], None] | None = None,
    key: EncryptionKey | None = None,
) -> Corpus:
    """Load rows as a corpus.

    Args:
        source: a `datasets` Dataset, DatasetDict or IterableDataset; a pandas or Polars frame (a pandas index is not a
            column); an Arrow table; a list of dicts; a path, glob or folder (csv, tsv, jsonl, json, parquet, arrow,
            txt, each also .gz or .zst; `save_to_disk` folders; local dataset repositories); or a Hub id, `org/name`.
        text: the column, or columns, that hold the text; like the other roles guessed where not given.
        label: the column of classes.
        target: the column to predict where it holds no classes: a number, or the answer to a prompt. Where it is given
            and `label` is not, no label is guessed.
        group: the column, or columns, of groups.
        weight: the column of row weights.
        features: the columns of features.
        roles: all roles at once; single roles go over it.
        split: which split becomes the corpus; `train` unless given. The others become `held_out`, except `train`: rows
            to train on are sealed from nobody.
        config: the configuration of a dataset on the Hub.
        revision: the revision of a dataset on the Hub.
        columns: names for the columns of csv and tsv files without a header.
        format: the format of files whose ending does not say it.
        max_quarantine: the share of rows, 0 to 1, that may be unreadable.
        store: where large sources are kept; the user's cache unless given. What is kept is not encrypted: with a key it
            is a private folder, gone when the process ends.
        on_progress: told how many rows of the split have been read so far.
        key: opens encrypted Parquet.

    Raises:
        InputError: the source is missing, empty, damaged, of no known kind, or encrypted and the key does not open it.
        ColumnError: a role names a column that is not there.
        QuarantineExceeded: more rows than `max_quarantine` cannot be read.

    Example:
        >>> corpus = load([{"text": "a", "label": 1}, {"text": "b", "label": 0}])
        >>> len(corpus), str(corpus.roles)
        (2, 'text=text, label=label')
    """
    given = {"text": text, "label": label, "target": target, "group": group, "weight": weight, "features": features}
    options = Options(
        store=store or (Store() if key is None else private_store()),
        split=split,
        config=config,
        revision=revision,
        columns=None if columns is None else tuple(columns),
        format=format,
        max_quarantine=max_quarantine,
        on_progress=on_progress,
        key=key,
    )
    splits, name = open_splits(source, options)
    main = main_split(list(splits), split, name)
    corpus = _corpus(splits[main](), name, lambda schema: _roles(schema, roles, given))
    if main == "train" and isinstance(source, (str, Path)):
        corpus = with_origin(corpus, Path(source).expanduser(), options.store, key)
    held_out = {
        other: _corpus(read(), f"{name} ({other})", lambda schema: keep_columns(corpus.roles, schema.names))
        for other, read in splits.items()
        if other not in (main, "train")
    }
    return corpus.with_held_out(**held_out)


def open_splits(source: Any, options: Options) -> tuple[Splits, str]:
    """What reads each split of a source, and the source's name.

    Raises:
        InputError: the source is of no known kind.
    """
    if isinstance(source, (str, Path)):
        return _open_path(str(source), options)
    if type(source).__module__.split(".")[0] == "datasets":
        from curate.io import huggingface

        return huggingface.open_object(source, options), "rows"
    table = frames.as_table(source)
    if table is not None:
        return {"train": lambda: frames.load_table(table)}, "rows"
    if isinstance(source, Iterable) and not isinstance(source, (bytes, Mapping)):
        return {"train": lambda: frames.load_rows(source, options)}, "rows"
    raise InputError(
        f"the source is of type {type(source).__name__}, which holds no rows",
        hint="give a Dataset, a frame, a table, a list of dicts, a path or a Hub id",
    )


def _open_path(source: str, options: Options) -> tuple[Splits, str]:
    if not source:
        raise InputError("the source is an empty name", hint="give a file, a folder, a glob or a Hub id")
    path = Path(source).expanduser()
    with readable(path):
        is_folder, is_file, is_there = path.is_dir(), path.is_file(), path.exists()
    if is_file:
        return of_files({"train": [file_of(path, options.format)]}, options), path.name
    if is_folder:
        return _open_folder(path, options), path.name
    if is_there:
        raise InputError(f"{source} is neither a file nor a folder", hint="give a file, a folder, a glob or a Hub id")
    if any(sign in source for sign in "*?["):
        files = [file_of(found, options.format) for found in expand(str(path))]
        one_format(files, source)
        return of_files({"train": files}, options), source
    if _HUB_ID.fullmatch(source) and not ending(path) and not path.parent.is_dir():
        from curate.io import huggingface

        return huggingface.open_repository(source, options), source
    raise InputError(f"there is no file or folder {source}", hint=missing_hint(path))


def _open_folder(path: Path, options: Options) -> Splits:
    kind = folder_kind(path)
    if kind == "files" or (kind == "repository" and _holds_encrypted(path)):
        return of_files(folder_files(path), options)
    from curate.io import huggingface

    if kind == "saved":
        return huggingface.open_saved(path, options)
    return huggingface.open_repository(str(path), options)


def _holds_encrypted(folder: Path) -> bool:
    """Whether a folder holds encrypted Parquet, which `datasets` cannot read: a run left it."""
    for path in folder.glob("*.parquet"):
        with file_of(path).open() as source:
            if is_encrypted(source):
                return True
    return False


def main_split(splits: Sequence[str], wanted: str | None, name: str) -> str:
    """The split that becomes the corpus: the one asked for, else `train`, else the only one.

    Raises:
        InputError: there is no such split, or several and none is called train.

    Example:
        >>> main_split(["test", "train"], None, "rows")
        'train'
    """
    if wanted is not None and wanted not in splits:
        if len(splits) == 1 and wanted == "train":
            return splits[0]
        raise InputError(f"{name} has no split {wanted!r}", hint=did_you_mean(wanted, splits))
    if wanted is not None:
        return wanted
    if "train" in splits or len(splits) == 1:
        return "train" if "train" in splits else splits[0]
    raise InputError(
        f"{name} has {len(splits)} splits and none is called train: {', '.join(splits)}", hint="say which with split=…"
    )


def _roles(schema: pa.Schema, roles: Roles | None, given: Mapping[str, Any]) -> Roles:
    """Single roles, over all roles at once, over guesses; a guess never takes a column that is given a role."""
    named = {role: value for role, value in given.items() if value not in (None, (), [])}
    if roles is not None:
        return roles.changed(named)
    taken = Roles.model_validate(named).columns()
    return keep_columns(guess_roles(schema), [name for name in schema.names if name not in taken]).named(named)


def keep_columns(roles: Roles, names: Sequence[str]) -> Roles:
    """The roles less the columns that are not among `names`."""

    def kept(value: str | tuple[str, ...] | None) -> Any:
        if isinstance(value, tuple):
            return tuple(name for name in value if name in names)
        return value if value in names else None

    return Roles.model_validate({role: kept(value) for role, value in roles})


def _corpus(loaded: Loaded, name: str, choose: Callable[[pa.Schema], Roles]) -> Corpus:
    schema = loaded.rows.schema.remove(loaded.rows.schema.get_field_index(ROW_ID))
    roles = choose(schema)
    roles.check(schema)
    return Corpus(loaded.rows, roles, loaded.fingerprint, name, quarantine=loaded.quarantine)

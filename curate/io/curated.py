"""What a run leaves on disk: the rows, and beside them everything that tells how they came about. Whole or not at all.

    OUT/train.parquet       the rows (and test.parquet, …: the sealed splits, untouched)
    OUT/row_ids.parquet     the id of each row of train, in its order
    OUT/lineage.parquet     every edit; OUT/quarantine.parquet every row that failed
    OUT/earlier.parquet     the edits of runs before, where the rows came out of one; for `curate.io.origin`
    OUT/recipe.yaml         what was run; OUT/run.json counts and fingerprints; OUT/README.md the dataset card

Where OUT names a data file (`out.jsonl.gz`), the rows are that file and the rest is the folder `out.jsonl.gz.curate`.
Equal runs give equal bytes: no clock and no seconds are kept. Encrypted, all Parquet is (and every time other bytes),
and no cause in the texts beside it quotes a row. Read again by `curate.io.outcome`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curate.core.curated import Curated
from curate.core.function import FunctionStep
from curate.core.step import Step
from curate.data.corpus import Corpus
from curate.data.lineage import LINEAGE, QUARANTINE, StepCount
from curate.data.rows import ROW_ID
from curate.errors import InputError
from curate.io.atomic import check_replaceable, check_writable, replacing_folder, write_text
from curate.io.card import card
from curate.io.encryption import EncryptionKey
from curate.io.files import ending
from curate.io.saving import check_encryptable, data_file, write_rows
from curate.io.spool import BATCH_ROWS

SCHEMA = "curate.run/1"
RUN, RECIPE, LINEAGE_FILE, EARLIER, QUARANTINE_FILE, IDS = (
    "run.json",
    "recipe.yaml",
    "lineage.parquet",
    "earlier.parquet",
    "quarantine.parquet",
    "row_ids.parquet",
)


def is_curated(folder: Path) -> bool:
    """Whether a folder is what a run left."""
    return (folder / RUN).is_file()


def places(destination: Path) -> tuple[Path | None, Path]:
    """The data file, where the destination names one, and the folder of everything else.

    Example:
        >>> places(Path("out")), places(Path("out.csv"))
        ((None, PosixPath('out')), (PosixPath('out.csv'), PosixPath('out.csv.curate')))
    """
    if ending(destination) is None or destination.is_dir():
        return None, destination
    return destination, destination.with_name(destination.name + ".curate")


def check_destination(destination: Path, *, overwrite: bool = False, encrypt: bool = False) -> None:
    """Raise `InputError` where a run could not leave its result, before it is run."""
    file, folder = places(destination)
    if encrypt and file is not None:
        check_encryptable(file)
    if file is None and destination.suffix and not destination.is_dir():
        data_file(destination)
    if file is not None and file.exists() and not is_curated(folder):
        raise InputError(f"{file} exists and is not what a run has left", hint="choose another name or remove it")
    for place in (file, folder):
        if place is not None and place.exists() and not overwrite and (place.is_file() or any(place.iterdir())):
            raise InputError(f"{place} exists", hint="choose another name, or say --overwrite to replace it")
    check_replaceable(folder, is_curated, "what a run has left")
    if not folder.exists():
        check_writable(folder)


def save_curated(
    curated: Curated,
    destination: str | Path,
    *,
    overwrite: bool = False,
    with_ids: bool = False,
    key: EncryptionKey | None = None,
) -> Path:
    """Save what a run gave back, so that `curate explain` can tell the life of every row.

    Args:
        curated: the result of `Recipe.run`.
        destination: a folder, or a data file (`out.jsonl.gz`; the rest then lies in `out.jsonl.gz.curate`).
        overwrite: replace what an earlier run left there.
        with_ids: keep the row ids in the data too, as the last column `__row_id__`.
        key: encrypt the rows, the lineage and the quarantine with it, as Parquet.

    Raises:
        InputError: something is there already, or the destination cannot be written.

    Example:
        >>> import tempfile
        >>> from curate.core.recipe import Recipe
        >>> rows = Corpus.from_table(pa.table({"text": ["a  b", "a  b"]}))
        >>> out = save_curated(Recipe(["dedup.exact"]).run(rows), Path(tempfile.mkdtemp()) / "out")
        >>> sorted(path.name for path in out.iterdir())[:3]
        ['README.md', 'lineage.parquet', 'quarantine.parquet']
    """
    path = Path(destination).expanduser()
    check_destination(path, overwrite=overwrite, encrypt=key is not None)
    file, folder = places(path)
    with replacing_folder(folder, is_curated, "what a run has left") as work:
        work.mkdir()
        if file is None:
            _write_corpus(curated.corpus, work / "train.parquet", with_ids, key)
            for split, corpus in curated.corpus.held_out.items():
                _write_corpus(corpus, work / f"{split}.parquet", with_ids or not _numbered(corpus), key)
        _write_tale(curated, work, file, key)
        if file is not None:
            _write_corpus(curated.corpus, file, with_ids, key)
    return path


def _numbered(corpus: Corpus) -> bool:
    """Whether the id of each row is its place, so that it is known without being written."""
    ids = corpus.row_ids()
    return bool((ids == np.arange(len(ids), dtype=np.uint64)).all())


def _write_corpus(corpus: Corpus, path: Path, with_ids: bool, key: EncryptionKey | None) -> None:
    batches = (batch.with_ids() if with_ids else batch.rows for batch in corpus.batches(BATCH_ROWS))
    write_rows(corpus.rows.schema if with_ids else corpus.schema, batches, path, key)


def _write_tale(curated: Curated, work: Path, file: Path | None, key: EncryptionKey | None) -> None:
    """Everything but the rows."""
    write_rows(pa.schema([(ROW_ID, pa.uint64())]), _ids(curated.corpus), work / IDS, key)
    write_rows(LINEAGE, curated.events.batches(BATCH_ROWS), work / LINEAGE_FILE, key)
    earlier = () if curated.corpus.origin is None else curated.corpus.origin.told[:-1]
    if earlier:
        write_rows(LINEAGE, (batch for events in earlier for batch in events.batches(BATCH_ROWS)), work / EARLIER, key)
    write_rows(QUARANTINE, curated.quarantine.to_batches(BATCH_ROWS), work / QUARANTINE_FILE, key)
    recipe = _recipe_text(curated)
    write_text(work / RECIPE, recipe)
    described = describe(curated, file, encrypted=key is not None)
    write_text(work / RUN, json.dumps(described, indent=2, ensure_ascii=False) + "\n")
    if file is None:
        write_text(work / "README.md", _card(curated, described, recipe))


def _ids(corpus: Corpus) -> Iterator[pa.RecordBatch]:
    for batch in corpus.batches(BATCH_ROWS):
        yield pa.record_batch({ROW_ID: pa.array(batch.row_ids, pa.uint64())})


def _recipe_text(curated: Curated) -> str:
    functions = [step.name for step in curated.recipe.steps if isinstance(step.transform, FunctionStep)]
    if functions:
        return f"# not to be run again from here: {', '.join(functions)} is a Python function\n"
    return curated.recipe.to_yaml()


def describe(curated: Curated, file: Path | None = None, *, encrypted: bool = False) -> dict[str, Any]:
    """A run as plain values, as `run.json` holds it (schema `curate.run/1`).

    Args:
        curated: the result of `Recipe.run`.
        file: the data file, where the rows are in one by themselves.
        encrypted: the rows are encrypted, so nothing here may quote one.
    """
    source, corpus = curated.source, curated.corpus
    splits = {"train": corpus, **corpus.held_out}
    why = causes(curated.quarantine, whole=not encrypted)
    return {
        "schema": SCHEMA,
        **({"encrypted": True} if encrypted else {}),
        "source": {
            "name": Path(source.name).name,
            "fingerprint": source.fingerprint,
            "n_rows": len(source),
            "roles": {role: value for role, value in source.roles.model_dump(mode="json").items() if value},
        },
        "recipe": {"fingerprint": curated.recipe.fingerprint, "seed": curated.recipe.seed},
        "steps": [
            {**_count(count), "meanings": _meanings(step, count)}
            for step, count in zip(curated.recipe.steps, curated.counts, strict=True)
        ],
        "quarantine": {"n_rows": curated.quarantine.num_rows, "causes": why},
        "roles": {role: value for role, value in corpus.roles.model_dump(mode="json").items() if value},
        "splits": {
            name: {
                "file": f"../{file.name}" if file is not None else f"{name}.parquet",
                "n_rows": len(part),
                "fingerprint": part.fingerprint,
            }
            for name, part in splits.items()
            if file is None or name == "train"
        },
    }


def _count(count: StepCount) -> dict[str, Any]:
    names = ("step", "n_in", "n_dropped", "n_added", "n_changed", "n_quarantined", "n_out")
    reasons = dict(sorted(count.reasons.items(), key=lambda item: (-item[1], item[0])))
    return {
        **{name: getattr(count, name) for name in names},
        "reasons": reasons,
        "notes": list(count.notes),
        "refused": count.refused,
    }


def _meanings(step: Step, count: StepCount) -> dict[str, str]:
    """What each reason that occurred means."""
    return {reason: meaning for reason, meaning in step.transform.reasons.items() if reason in count.reasons}


def causes(quarantine: pa.Table, *, whole: bool = True) -> dict[str, int]:
    """How many rows each cause put into quarantine, the most first, ties by name.

    Args:
        quarantine: the rows.
        whole: tell all of a cause; else only its kind, as what follows may quote the row.
    """
    told = quarantine.column("cause").to_pylist()
    counted = Counter(told if whole else [cause.partition(":")[0] for cause in told])
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _card(curated: Curated, described: dict[str, Any], recipe: str) -> str:
    prints = {f"rows of {split}": part["fingerprint"] for split, part in described["splits"].items()}
    return card(
        f"{described['source']['name']}, curated",
        n_rows=len(curated.corpus),
        recipe=recipe,
        counts=curated.counts,
        fingerprints={"source": described["source"]["fingerprint"], "recipe": curated.recipe.fingerprint, **prints},
        quarantine=described["quarantine"]["causes"],
        source=described["source"]["name"],
    )

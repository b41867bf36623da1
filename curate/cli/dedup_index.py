"""`curate dedup-index build|add|query`: keep an index of near duplicates on disk, and check new data against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curate.cli import options as o
from curate.cli.screen import Screen

if TYPE_CHECKING:
    from curate.data.corpus import Corpus
    from curate.io.dedup_index import DedupIndex

app = typer.Typer(help="Keep an index of near duplicates, and check new data against it.")

COMPARING = "Comparing rows"

Out = Annotated[Path, o.option("--out", "DIR", "The folder of the index.", o.RESULT)]
To = Annotated[Path, o.option("--to", "DIR", "The index to add to.", o.RESULT)]
In = Annotated[Path, o.option("--in", "DIR", "The index to look in.", o.READING)]
Overwrite = Annotated[bool, o.option("--overwrite", " ", "Replace the index that is at DIR.", o.RESULT)]
Name = Annotated[str | None, o.option("--name", "NAME", "What answers call SOURCE; its file name unless given.")]
MinSimilarity = Annotated[
    float | None,
    o.option(
        "--min-similarity", "S", "Rows at least so similar are twins: Jaccard, 0 to 1; 0.8 unless set.", COMPARING
    ),
]
ShingleSize = Annotated[
    int | None, o.option("--shingle-size", "N", "Words or characters per shingle; 3 unless set.", COMPARING)
]
Unit = Annotated[
    str | None, o.option("--unit", "word|character", "What shingles are made of; word unless set.", COMPARING)
]
Hashes = Annotated[int | None, o.option("--n-hashes", "N", "Minima per row; 128 unless set.", COMPARING)]
Recall = Annotated[
    float | None,
    o.option("--recall", "P", "The share of twins right at the bound that is found; 0.999 unless set.", COMPARING),
]
HashSeed = Annotated[int | None, o.option("--seed", "N", "Of the hash functions; 0 unless set.", COMPARING)]
Verify = Annotated[
    str | None,
    o.option("--verify", "exact|signature", "Tell true similarities, or estimates; exact unless set.", COMPARING),
]
NoCheck = Annotated[bool, o.option("--no-check", " ", "Do not compare the index with its checksums.", o.READING)]
Twins = Annotated[
    Path | None, o.option("--out", "FILE", "Write every twin as parquet, csv or jsonl, by the ending.", o.RESULT)
]
FailOnTwins = Annotated[bool, o.option("--fail-on-twins", " ", "Exit with 1 where a row has a twin in the index.")]


@app.command()
def build(
    source: o.Source,
    out: Out,
    overwrite: Overwrite = False,
    name: Name = None,
    min_similarity: MinSimilarity = None,
    shingle_size: ShingleSize = None,
    unit: Unit = None,
    n_hashes: Hashes = None,
    recall: Recall = None,
    verify: Verify = None,
    seed: HashSeed = None,
    text: o.Text = None,
    split: o.Split = None,
    config: o.Config = None,
    revision: o.Revision = None,
    columns: o.Columns = None,
    format: o.Format = None,
    max_quarantine: o.MaxQuarantine = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
) -> None:
    """Make an index of the rows of SOURCE."""
    from curate.cli import source as sources
    from curate.errors import InputError
    from curate.io.atomic import check_apart
    from curate.io.dedup_index import DedupIndex
    from curate.io.dedup_manifest import IndexSettings, is_index

    screen = Screen(json, quiet)
    settings = _given(min_similarity, shingle_size, unit, n_hashes, recall, verify, seed)
    IndexSettings.of(settings)
    check_apart([source], [out, _file(json)])
    if is_index(out.expanduser()) and not overwrite:
        raise InputError(f"{out} is an index already", hint="curate dedup-index add, or --overwrite to replace it")
    reading = sources.Reading(text, None, None, split, config, revision, columns, format, max_quarantine)
    with sources.cache(cache, no_cache) as store, screen.progress(f"reading {source}") as bar:
        corpus = sources.open_source(source, reading, store, screen, bar)
        index = DedupIndex.build(corpus, out, name=name, overwrite=overwrite, on_progress=bar, **settings)
    rest = " (the others repeat one of these or have no text)" if index.n_rows < len(corpus) else ""
    screen.show(f"{index.n_rows:,} of {len(corpus):,} rows are in {out}{rest}; {_size(index)}", _found(index))
    screen.json({**_described(index), "n_new": index.n_rows})


@app.command()
def add(
    source: o.Source,
    to: To,
    name: Name = None,
    min_similarity: MinSimilarity = None,
    shingle_size: ShingleSize = None,
    unit: Unit = None,
    n_hashes: Hashes = None,
    recall: Recall = None,
    verify: Verify = None,
    seed: HashSeed = None,
    no_check: NoCheck = False,
    text: o.Text = None,
    split: o.Split = None,
    config: o.Config = None,
    revision: o.Revision = None,
    columns: o.Columns = None,
    format: o.Format = None,
    max_quarantine: o.MaxQuarantine = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
) -> None:
    """Add the rows of SOURCE that the index has not; the settings are those it was built with."""
    from curate.cli import source as sources
    from curate.io.dedup_index import DedupIndex

    screen = Screen(json, quiet)
    index = DedupIndex.open(to, check=not no_check)
    index.settings.check_same(_given(min_similarity, shingle_size, unit, n_hashes, recall, verify, seed))
    reading = sources.Reading(text, None, None, split, config, revision, columns, format, max_quarantine)
    with sources.cache(cache, no_cache) as store, screen.progress(f"reading {source}") as bar:
        corpus = sources.open_source(source, reading, store, screen, bar)
        added = index.add(corpus, name=name, on_progress=bar)
    known = f", {added.n_known:,} were there" if added.n_known else ""
    blank = f", {added.n_blank:,} have no text" if added.n_blank else ""
    screen.show(f"{added.n_new:,} of {added.n_rows:,} rows are new{known}{blank}; {index.n_rows:,} rows in {to}")
    screen.json({**_described(index), "n_new": added.n_new, "n_known": added.n_known, "n_blank": added.n_blank})


@app.command()
def query(
    source: o.Source,
    in_: In,
    out: Twins = None,
    min_similarity: MinSimilarity = None,
    fail_on_twins: FailOnTwins = False,
    no_check: NoCheck = False,
    text: o.Text = None,
    split: o.Split = None,
    config: o.Config = None,
    revision: o.Revision = None,
    columns: o.Columns = None,
    format: o.Format = None,
    max_quarantine: o.MaxQuarantine = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
) -> None:
    """Say which rows of SOURCE have a twin in the index; changes nothing."""
    from curate.cli import source as sources
    from curate.io.atomic import check_apart, check_writable
    from curate.io.dedup_index import DedupIndex
    from curate.io.saving import data_file, write_rows

    screen = Screen(json, quiet)
    check_apart([source, in_], [out, _file(json)])
    if out is not None:
        data_file(out)
        check_writable(out)
    index = DedupIndex.open(in_, check=not no_check)
    reading = sources.Reading(text, None, None, split, config, revision, columns, format, max_quarantine)
    with sources.cache(cache, no_cache) as store, screen.progress(f"reading {source}") as bar:
        corpus = sources.open_source(source, reading, store, screen, bar)
        twins = index.query(corpus, min_similarity=min_similarity, on_progress=bar)
        if out is not None:
            write_rows(twins.schema, twins.to_batches(), out)
    n_twins, counts = twins.num_rows, _by_source(twins)
    screen.show(_answer(n_twins, corpus, index, in_), *(f"  {name}: {n:,}" for name, n in counts.items()))
    screen.json({"n_rows": len(corpus), "n_twins": n_twins, "by_source": counts, "index": _described(index)})
    screen.wrote(out)
    if fail_on_twins and n_twins:
        raise typer.Exit(1)


def _given(
    min_similarity: float | None,
    shingle_size: int | None,
    unit: str | None,
    n_hashes: int | None,
    recall: float | None,
    verify: str | None,
    seed: int | None,
) -> dict[str, Any]:
    """The settings that were given, by name."""
    return {name: value for name, value in locals().items() if value is not None}


def _file(json: str | None) -> Path | None:
    return None if json in (None, "-") else Path(str(json))


def _answer(n_twins: int, corpus: Corpus, index: DedupIndex, place: Path) -> str:
    n_rows = len(corpus)
    share = f" ({n_twins / n_rows:.1%})" if n_rows else ""
    estimated = ", by estimated similarities" if index.settings.verify == "signature" else ""
    have = "has a twin" if n_twins == 1 else "have a twin"
    return f"{n_twins:,} of {n_rows:,} rows{share} {have} among the {index.n_rows:,} rows of {place}{estimated}"


def _by_source(twins: Any) -> dict[str, int]:
    """How many rows have their twin in each source, most first, ties by name."""
    counted = {row["values"]: row["counts"] for row in twins.column("source").value_counts().to_pylist()}
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _size(index: DedupIndex) -> str:
    each = f", {index.n_bytes / index.n_rows:,.0f} bytes per row" if index.n_rows else ""
    return f"{index.n_bytes / 1e6:,.1f} MB on disk{each}"


def _found(index: DedupIndex) -> str:
    shares = [
        f"{'> 99.9%' if 0.9995 <= share < 1 else f'{share:.1%}'} at {at:g}" for at, share in index.found().items()
    ]
    return f"of the twins it finds {', '.join(shares)}"


def _described(index: DedupIndex) -> dict[str, Any]:
    """An index as plain values."""
    return {
        "settings": index.settings.model_dump(),
        "n_rows": index.n_rows,
        "n_bytes": index.n_bytes,
        "n_segments": index.n_segments,
        "sources": list(index.sources),
        "found": {f"{similarity:g}": share for similarity, share in index.found().items()},
    }

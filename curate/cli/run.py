"""`curate run`: apply a recipe to a data set, and leave the rows with their lineage, quarantine, counts and card."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from curate.cli import options as o
from curate.cli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType
    from rich.table import Table

    from curate.core.curated import Curated

TOP_REASONS = 3

Out = Annotated[
    Path | None,
    o.option(
        "--out",
        "P",
        "A folder for the rows, lineage, counts and card; or a data file (the rest then lies in P.curate).",
        o.RESULT,
    ),
]
DryRun = Annotated[bool, o.option("--dry-run", " ", "Run and count, but write no result.")]
Overwrite = Annotated[bool, o.option("--overwrite", " ", "Replace what an earlier run left at P.", o.RESULT)]
EncryptKeyFile = Annotated[
    Path | None,
    o.option(
        "--encrypt-key-file",
        "FILE",
        "Write rows, lineage and quarantine as encrypted Parquet with this key (16, 24 or 32 bytes).",
        o.RESULT,
        envvar="CURATE_ENCRYPT_KEY_FILE",
        show_envvar=True,
    ),
]
WithIds = Annotated[bool, o.option("--with-ids", " ", "Keep row ids in the rows, as __row_id__.", o.RESULT)]


def run(
    recipe: o.RecipeFile,
    source: o.Source,
    out: Out = None,
    overwrite: Overwrite = False,
    with_ids: WithIds = False,
    encrypt_key_file: EncryptKeyFile = None,
    dry_run: DryRun = False,
    text: o.Text = None,
    label: o.Label = None,
    target: o.Target = None,
    group: o.Group = None,
    test: o.Test = None,
    held_out: o.HeldOut = None,
    merge: o.Merge = None,
    split: o.Split = None,
    config: o.Config = None,
    revision: o.Revision = None,
    columns: o.Columns = None,
    format: o.Format = None,
    max_quarantine: o.MaxQuarantine = None,
    workers: o.Workers = None,
    seed: o.RecipeSeed = None,
    key_file: o.KeyFile = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Apply a recipe; leave the rows, and beside them how they came about."""
    from curate.cli import source as sources
    from curate.errors import CurateError
    from curate.io.atomic import check_apart
    from curate.io.curated import check_destination, describe, save_curated

    screen = Screen(json, quiet, verbose)
    reading = sources.Reading(
        text,
        label,
        group,
        split,
        config,
        revision,
        columns,
        format,
        max_quarantine,
        held_out,
        merge,
        target,
        sources.key_of(key_file),
    )
    if out is None and not dry_run:
        raise CurateError("--out P is missing", hint="name a folder or a data file for the result, or say --dry-run")
    steps = sources.open_recipe(recipe, reading, seed)
    key = sources.key_of(encrypt_key_file)
    check_apart(
        [recipe, source, test, *reading.others, key_file, encrypt_key_file],
        [out, None if json in (None, "-") else Path(str(json))],
    )
    if out is not None and not dry_run:
        check_destination(out.expanduser(), overwrite=overwrite, encrypt=key is not None)
        if reading.key is not None and key is None:
            screen.note("the result will not be encrypted; --encrypt-key-file FILE would")
    with sources.cache(cache, no_cache, key, reading.key) as store, screen.progress(f"reading {source}") as bar:
        corpus = sources.open_source(source, reading, store, screen, bar, test=test, recipe=steps)
        curated = steps.run(corpus, workers=workers or os.cpu_count() or 1, store=store, on_progress=bar)
        if out is not None and not dry_run:
            bar("writing", 0)
            save_curated(curated, out, overwrite=overwrite, with_ids=with_ids, key=key)
            _tell_of_sealed_rows(curated, screen)
        screen.show(*summary(curated, verbose=verbose), _end(curated, out, dry_run))
        screen.json(describe(curated, encrypted=key is not None))


def _tell_of_sealed_rows(curated: Curated, screen: Screen) -> None:
    """Held-out rows are never edited: whoever took personal data out must know where it still stands."""
    private = [step.name for step in curated.recipe.steps if step.transform.private]
    sealed = ", ".join(sorted(curated.corpus.held_out))
    if private and sealed:
        screen.note(f"{private[0]} does not touch held-out rows: {sealed} was written as it came, with all it holds")


def summary(curated: Curated, *, verbose: bool = False) -> Iterator[RenderableType]:
    """What each step did, as a table, and what the steps have to say, on the whole width below it."""
    from rich.padding import Padding
    from rich.text import Text

    yield _table(curated, verbose=verbose)
    for count in curated.counts:
        if count.notes:
            yield Text(f"\n{count.step}")
        for note in count.notes:
            yield Padding(Text(note, style="dim"), (0, 0, 0, 2))
    if any(count.notes for count in curated.counts):
        yield Text()


def _table(curated: Curated, *, verbose: bool) -> Table:
    """Under each step its reasons, all of them where more is asked for, and what was refused."""
    from rich import box
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    columns = _columns(curated)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("step", overflow="fold")
    for name in [*columns, *(["seconds"] if verbose else [])]:
        table.add_column(name, justify="right", no_wrap=True)
    for count in curated.counts:
        every = count.by_reason()
        reasons = every if verbose or len(every) == TOP_REASONS + 1 else every[:TOP_REASONS]
        more = [] if len(reasons) == len(every) else [f"{len(every) - len(reasons)} more"]
        lines = [*reasons, *more, *count.by_refusal()]
        below = [Padding(Text("\n".join(lines), style="dim"), (0, 0, 0, 2))] if lines else []
        said = Group(Text(count.step), *below)
        figures = {name: getattr(count, field) for name, field in columns.items()}
        seconds = [f"{count.seconds:.2f}"] if verbose else []
        table.add_row(said, *[f"{n:,}" if n or name in ("in", "out") else "–" for name, n in figures.items()], *seconds)
    return table


def _columns(curated: Curated) -> dict[str, str]:
    """The figures that any step has something to say of."""
    every = {
        "in": "n_in",
        "dropped": "n_dropped",
        "added": "n_added",
        "changed": "n_changed",
        "quarantined": "n_quarantined",
        "out": "n_out",
    }
    always = ("in", "dropped", "changed", "out")
    return {
        name: field
        for name, field in every.items()
        if name in always or any(getattr(count, field) for count in curated.counts)
    }


def _end(curated: Curated, out: Path | None, dry_run: bool) -> str:
    n_in, n_out = len(curated.source), len(curated.corpus)
    said = f"{n_in:,} rows in, {n_out:,} out"
    if curated.quarantine.num_rows:
        said += f", {curated.quarantine.num_rows:,} in quarantine"
    if dry_run or out is None:
        return f"{said}; a dry run: nothing is written"
    first = next((batch.column("row_id")[0].as_py() for batch in curated.events.batches(1, 0, 1)), None)
    tip = "" if first is None else f"\n`curate explain {out} {first}` tells the life of row {first}"
    return f"{said}; written to {out}{tip}"

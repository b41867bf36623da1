"""`curate audit`: look at a data set with every check, change nothing, and write down what would mend it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curate.cli import options as o
from curate.cli.screen import Screen
from curate.cli.settings import LearnerSet, learner_of

if TYPE_CHECKING:
    from curate.audit.result import Audit
    from curate.core.check import Check
    from curate.core.recipe import Recipe
    from curate.learn.learner import Learner as Settled

CRASHED = 3

Checks = Annotated[str | None, o.option("--checks", "A,B,…", "Only these checks; `curate ls checks` lists them.")]
Learner = Annotated[
    str | None,
    o.option("--learner", "NAME", "Who judges the labels; else `linear`, or `tabular` where rows have no text."),
]
Tokenizer = Annotated[
    str | None,
    o.option(
        "--tokenizer", "NAME", "Look at `packing` too, with this tokenizer: a tokenizer.json, its folder, a Hub id."
    ),
]
MaxTokens = Annotated[
    int | None, o.option("--max-tokens", "N", "With --tokenizer: the context of the model; 2048 unless given.", min=1)
]
Rows = Annotated[
    Path | None,
    o.option("--rows", "P", "Write a line per finding and row as parquet, csv or jsonl, by the ending.", o.RESULT),
]
RecipeOut = Annotated[
    Path | None, o.option("--recipe", "P", "Write the remedies as a recipe for `curate run`.", o.RESULT)
]
FailOn = Annotated[
    str | None,
    o.option(
        "--fail-on",
        "low|medium|high",
        "Exit with 1 where a finding is at least so severe.",
        callback=o.one_of("low", "medium", "high"),
    ),
]


def audit(
    source: o.Source,
    text: o.Text = None,
    label: o.Label = None,
    target: o.Target = None,
    features: o.Features = None,
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
    checks: Checks = None,
    learner: Learner = None,
    learner_set: LearnerSet = None,
    tokenizer: Tokenizer = None,
    max_tokens: MaxTokens = None,
    html: o.Html = None,
    rows: Rows = None,
    recipe: RecipeOut = None,
    fail_on: FailOn = None,
    workers: o.Workers = None,
    seed: o.Seed = 0,
    key_file: o.KeyFile = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Look at a data set with every check; change nothing."""
    import os

    from curate.audit.run import audit as look
    from curate.cli import source as sources
    from curate.cli.commands import onward
    from curate.errors import InputError
    from curate.io.atomic import check_apart

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
        features,
    )
    destinations = [html, rows, recipe, None if json in (None, "-") else Path(str(json))]
    check_apart([source, test, *reading.others], destinations)
    _check(checks, destinations, rows)
    chosen = _chosen(checks, tokenizer, max_tokens)
    judge = _judge(learner, learner_set)
    if reading.key is not None and any(destinations):
        screen.note("what is written quotes rows and is not encrypted")
    with sources.cache(cache, no_cache, reading.key) as store, screen.progress(f"reading {source}") as bar:
        corpus = sources.open_source(source, reading, store, screen, bar, test=test)
        if not len(corpus):
            raise InputError(f"no check could look at {source}: there are no rows", hint="give rows under the header")
        seen = look(
            corpus,
            checks=chosen,
            learner=judge,
            seed=seed,
            workers=workers or os.cpu_count() or 1,
            store=store,
            on_progress=bar,
        )
        bar("writing", 0)
        steps = _write(seen, html, rows, recipe)
    tell(seen, screen)
    screen.json(seen.to_dict())
    screen.wrote(html, rows, recipe)
    if recipe is not None:
        _go_on(onward(steps, recipe, source, test, reading, key_file), screen)
    if len(seen.skipped) == len(seen.results):
        raise InputError(
            f"no check could look at {source}: {seen.skipped[0].reason}",
            hint="name the columns: --text, --label; of a file without a header: --columns A,B",
        )
    if seen.crashed:
        raise typer.Exit(CRASHED)
    if fail_on is not None and at_least(seen.worst, fail_on):
        raise typer.Exit(1)


def _check(checks: str | None, destinations: list[Path | None], rows: Path | None) -> None:
    """What can be known to be wrong is said before any work."""
    from curate import registry
    from curate.errors import UnknownName, did_you_mean
    from curate.io.atomic import check_writable
    from curate.io.saving import data_file

    known = registry.names("checks")
    for name in o.listed(checks) or []:
        if name not in known:
            raise UnknownName(f"no check is called {name!r}", hint=did_you_mean(name, known))
    for place in destinations:
        if place is not None:
            check_writable(place)
    if rows is not None:
        data_file(rows)


def _judge(name: str | None, settings: list[str] | None) -> str | Settled | None:
    """The learner that judges labels, with the settings that were given; by its name alone as it judges by itself."""
    from curate.errors import CurateError

    if name is None:
        if settings:
            raise CurateError("--learner-set without --learner", hint="say whose settings: --learner NAME")
        return None
    chosen = learner_of(name, settings)
    chosen.check_installed()
    return chosen if settings else name


def _chosen(checks: str | None, tokenizer: str | None, max_tokens: int | None) -> list[str | Check] | None:
    """The checks that were asked for; a tokenizer, which is loaded to see that it can be, asks for `packing`."""
    from curate import registry
    from curate.errors import CurateError
    from curate.kernels import tokenizer as tokenizers

    listed = o.listed(checks)
    names: list[str | Check] | None = None if listed is None else [*listed]
    if tokenizer is None:
        if max_tokens is not None:
            raise CurateError("--max-tokens without --tokenizer", hint="say whose tokens: --tokenizer NAME")
        return names
    tokenizers.tokenizer(tokenizer, "--tokenizer")
    settings = {"tokenizer": tokenizer} if max_tokens is None else {"tokenizer": tokenizer, "max_tokens": max_tokens}
    wanted = registry.names("checks") if names is None else names
    return [*(name for name in wanted if name != "packing"), registry.get("checks", "packing")(**settings)]


def _write(seen: Audit, html: Path | None, rows: Path | None, recipe: Path | None) -> Recipe:
    """Write what was asked for; gives back the recipe of the remedies."""
    from curate.io.atomic import write_text
    from curate.io.saving import write_rows
    from curate.report.html import render_html

    if html is not None:
        write_text(html, render_html(seen.report()))
    if rows is not None:
        table = seen.rows()
        write_rows(table.schema, table.to_batches(), rows)
    steps = seen.recipe()
    if recipe is not None:
        write_text(recipe, steps.to_yaml())
    return steps


def _go_on(commands: list[str], screen: Screen) -> None:
    """Say what to type next."""
    for command in commands:
        screen.note(f"next: {command}")
    if not commands:
        screen.note("the recipe has no steps: no finding has a remedy")


def tell(seen: Audit, screen: Screen) -> None:
    """Print the audit; the error of a check that crashed always."""
    from curate.report.terminal import render_terminal

    report = seen.report()
    sections = [section for section in report.sections if screen.verbose or section.title != "How it was looked at"]
    screen.show(render_terminal(replace(report, sections=tuple(sections))))
    if screen.quiet:
        for result in seen.crashed:
            Screen().note(f"the check {result.check.name} crashed: {result.reason}")


def at_least(worst: str, bound: str) -> bool:
    """Whether one severity is as bad as another.

    Example:
        >>> at_least("high", "medium"), at_least("none", "low")
        (True, False)
    """
    from curate.core.check import SEVERITIES

    names: list[str] = list(SEVERITIES)
    return names.index(worst) >= names.index(bound)

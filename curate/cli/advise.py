"""`curate advise`: is augmenting worth it for this learner and these rows? Decided by a proof, not by lore."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from curate.cli import measure as measuring
from curate.cli import options as o
from curate.cli.screen import Screen
from curate.cli.settings import LearnerSet, learner_of

Try = Annotated[
    list[str] | None,
    o.option("--try", "NAME", "An augmenter to try, at several strengths; more than once. Else a set of them."),
]
TryRecipe = Annotated[
    Path | None, o.option("--try-recipe", "RECIPE", "Try the steps of a recipe, each as it stands and by itself.")
]
Replicates = Annotated[int, o.option("--replicates", "N", "Of the proof; 5 are exploratory, 10 a report.", min=5)]
KeepTwins = Annotated[
    bool, o.option("--allow-leakage", " ", "Keep training rows that are, or nearly are, test rows; else they go first.")
]
PlanOnly = Annotated[bool, o.option("--plan", " ", "Say what would be tried and how long it would take; no more.")]
Out = Annotated[Path | None, o.option("--out", "P", "Write the recipe there, where augmenting is advised.", o.RESULT)]


def advise(
    source: o.Source,
    test: o.Test = None,
    held_out: o.HeldOut = None,
    merge: o.Merge = None,
    augmenter: Try = None,
    try_recipe: TryRecipe = None,
    learner: measuring.LearnerName = "bag",
    learner_set: LearnerSet = None,
    replicates: Replicates = 10,
    metric: measuring.MetricName = None,
    margin: measuring.Margin = None,
    allow_leakage: KeepTwins = False,
    plan: PlanOnly = False,
    text: o.Text = None,
    label: o.Label = None,
    target: o.Target = None,
    split: o.Split = None,
    config: o.Config = None,
    revision: o.Revision = None,
    columns: o.Columns = None,
    format: o.Format = None,
    max_quarantine: o.MaxQuarantine = None,
    out: Out = None,
    html: o.Html = None,
    workers: o.Workers = None,
    seed: o.Seed = 0,
    key_file: o.KeyFile = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Say whether augmenting is worth it here, and which augmenter, by trying them."""
    from curate import registry
    from curate.cli import source as sources
    from curate.io.atomic import check_apart, check_writable, write_text
    from curate.measure.advise import advise as counsel
    from curate.measure.advise import plan as reckon
    from curate.report.html import render_html
    from curate.report.terminal import render_terminal

    screen = Screen(json, quiet, verbose)
    if augmenter and try_recipe is not None:
        raise typer.BadParameter("--try and --try-recipe both say what is tried", param_hint="'--try'")
    chosen = learner_of(learner, learner_set)
    chosen.check_installed()
    for name in augmenter or ():
        registry.get("transforms", name)
    reading = sources.Reading(
        text=text,
        label=label,
        split=split,
        config=config,
        revision=revision,
        columns=columns,
        format=format,
        max_quarantine=max_quarantine,
        held_out=held_out,
        merge=merge,
        target=target,
        key=sources.key_of(key_file),
    )
    destinations = [place for place in (html, out, None if json in (None, "-") else Path(str(json))) if place]
    check_apart([try_recipe, source, test, *reading.others], destinations)
    for place in destinations:
        check_writable(place)
    recipe = None if try_recipe is None else sources.open_recipe(try_recipe, reading, seed)
    with (
        sources.cache(cache, no_cache, reading.key, kept="models are") as store,
        screen.progress(f"reading {source}") as bar,
    ):
        corpus = sources.open_source(source, reading, store, screen, bar, test=test, recipe=recipe)
        bar("trying augmenters", 0)
        options: dict[str, Any] = {
            "augmenters": augmenter or (),
            "recipe": recipe,
            "learner": chosen,
            "replicates": replicates,
            "metric": metric,
            "margin": margin,
            "allow_leakage": allow_leakage,
            "seed": seed,
            "workers": workers or os.cpu_count() or 1,
            "store": store,
        }
        if plan:
            made: Any = reckon(corpus, **options)
        else:
            made = counsel(corpus, on_progress=lambda what, done, of: bar("training models", done, of), **options)
    if html is not None:
        write_text(html, render_html(made.report()))
    advised = None if out is None or plan or made.recipe is None else out
    if advised is not None:
        write_text(advised, made.recipe.to_yaml())
    screen.show(render_terminal(made.report()))
    screen.json(made.to_dict())
    screen.wrote(html, advised)

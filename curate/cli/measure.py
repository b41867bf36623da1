"""`curate measure`: train with and without each step of a recipe, beside its placebo, and say what each is worth."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from curate.cli import asked, closer
from curate.cli import options as o
from curate.cli.screen import Screen
from curate.cli.settings import LearnerSet, learner_of

if TYPE_CHECKING:
    from curate.learn.learner import Learner
    from curate.measure.certify import Certificate
    from curate.measure.forecast import Plan
    from curate.measure.result import Measurement

ATTRIBUTIONS = ("alone", "leave-one-out", "shapley")
MIN_GROUP_ROWS = 30

LearnerName = Annotated[str, o.option("--learner", "NAME", "The learner; `curate ls learners` lists them.")]
Replicates = Annotated[
    str | None,
    o.option("--replicates", "N|auto", "5 are exploratory, 10 a report and the default; auto: until it can tell."),
]
SourceOrNone = Annotated[
    str | None, typer.Argument(metavar="SOURCE", help="A file, glob or folder, or a Hub id org/name.")
]
MetricName = Annotated[str | None, o.option("--metric", "M", "The primary metric; else the usual one of the task.")]
AttributionName = Annotated[
    str,
    o.option(
        "--attribution",
        "HOW",
        "alone: each step by itself; leave-one-out: all steps but it; shapley: both, and all between.",
        callback=o.one_of(*ATTRIBUTIONS),
    ),
]
Margin = Annotated[
    float | None,
    o.option(
        "--margin",
        "D",
        "The difference that does not matter, in units of the metric: 0.005 of accuracy is half a point, the default; "
        "of a metric that is no share 1 % of the base.",
    ),
]
Budget = Annotated[
    str,
    o.option(
        "--budget",
        "steps|epochs",
        "What all arms train alike: as many steps as the base, or as many epochs, so more steps where there are more "
        "rows.",
        callback=o.one_of("steps", "epochs"),
    ),
]
AllowLeakage = Annotated[
    bool, o.option("--allow-leakage", " ", "Go on where test rows, or nearly the same, stand in training.")
]


def measure(
    recipe: o.RecipeFile,
    source: SourceOrNone = None,
    test: o.Test = None,
    held_out: o.HeldOut = None,
    merge: o.Merge = None,
    learner: LearnerName = "bag",
    learner_set: LearnerSet = None,
    replicates: Replicates = None,
    metric: MetricName = None,
    attribution: AttributionName = "alone",
    margin: Margin = None,
    budget: Budget = "steps",
    allow_leakage: AllowLeakage = False,
    interaction: asked.Interaction = None,
    sweep: asked.SweepSetting = None,
    confirm: asked.Confirm = None,
    slice_by: asked.Slice = None,
    plan: asked.PlanOnly = False,
    placebo_only: asked.PlaceboOnly = False,
    n: asked.N = None,
    ood: closer.Ood = None,
    robustness: closer.Robustness = False,
    synonyms: closer.Synonyms = None,
    learning_curve: closer.LearningCurve = False,
    cost: closer.Cost = False,
    min_group_rows: closer.MinGroupRows = MIN_GROUP_ROWS,
    text: o.Text = None,
    label: o.Label = None,
    target: o.Target = None,
    features: o.Features = None,
    group: o.Group = None,
    split: o.Split = None,
    config: o.Config = None,
    revision: o.Revision = None,
    columns: o.Columns = None,
    format: o.Format = None,
    max_quarantine: o.MaxQuarantine = None,
    html: o.Html = None,
    workers: o.Workers = None,
    seed: o.RecipeSeed = None,
    key_file: o.KeyFile = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Measure what each step of a recipe does to a model trained on the rows."""
    from curate.cli import source as sources
    from curate.io.atomic import check_apart
    from curate.measure.certify import certify
    from curate.measure.measure import measure as weigh
    from curate.measure.measure import plan as reckon

    if placebo_only:
        asked.check_alone(
            {
                "--plan": plan,
                "--test": test is not None,
                "--held-out": bool(held_out),
                "--attribution": attribution != "alone",
                "--allow-leakage": allow_leakage,
                "--interaction": bool(interaction),
                "--sweep": bool(sweep),
                "--confirm": confirm is not None,
                "--slice": slice_by is not None,
                "--ood": bool(ood),
                "--robustness": robustness,
                "--synonyms": synonyms is not None,
                "--learning-curve": learning_curve,
                "--cost": cost,
                "--min-group-rows": min_group_rows != MIN_GROUP_ROWS,
            }
        )
    elif n is not None:
        raise typer.BadParameter("says how many measurements --placebo-only makes; name both", param_hint="'--n'")
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
    number = _replicates(replicates, placebo_only)
    place = _source(recipe, source, placebo_only)
    destinations = [html, None if json in (None, "-") else Path(str(json))]
    check_apart([recipe, place, test, *reading.others, *closer.places(ood)], destinations)
    chosen = learner_of(learner, learner_set)
    _check(chosen, destinations)
    second = asked.second_learner(confirm)
    if second is not None:
        second.check_installed()
    steps = None if source is None else sources.open_recipe(recipe, reading, seed)
    with (
        sources.cache(cache, no_cache, reading.key, kept="models are") as store,
        screen.progress(f"reading {place}") as bar,
    ):
        corpus = sources.open_source(place, reading, store, screen, bar, test=test, recipe=steps)
        bar("drawing replicates", 0)
        options: dict[str, Any] = {
            "learner": chosen,
            "replicates": number,
            "metric": metric,
            "margin": margin,
            "budget": budget,
            "workers": workers or os.cpu_count() or 1,
            "store": store,
        }
        if not plan:
            options["on_progress"] = lambda what, done, of: bar("training models", done, of)
        made: Certificate | Plan | Measurement
        if placebo_only or steps is None:
            made = certify(corpus, n=n or 200, seed=(seed or 0) if steps is None else steps.seed, **options)
        else:
            options |= {
                "attribution": attribution,
                "allow_leakage": allow_leakage,
                "interactions": asked.pairs(interaction),
                "sweep": asked.sweeps(sweep),
                "confirm": second,
                "slices": [slice_by] if slice_by else [],
                "ood": closer.open_ood(ood, corpus, reading, store, bar),
                "robustness": robustness,
                "synonyms": synonyms,
                "learning_curve": learning_curve,
                "cost": cost,
                "min_group_rows": min_group_rows,
            }
            made = reckon(steps, corpus, **options) if plan else weigh(steps, corpus, **options)
    if html is not None:
        write_page(made, html)
    tell(made, screen)
    screen.json(made.to_dict())
    screen.wrote(html)


def _source(recipe: Path, source: str | None, placebo_only: bool) -> str:
    """The source; where a recipe is not needed, the only place that is named."""
    if source is None and not placebo_only:
        raise typer.BadParameter("missing; write RECIPE SOURCE", param_hint="'SOURCE'")
    return str(recipe) if source is None else source


def _replicates(given: str | None, placebo_only: bool) -> int | Literal["auto"]:
    if given is None:
        return 5 if placebo_only else 10
    if given == "auto" and placebo_only:
        raise typer.BadParameter("--placebo-only needs a number, 5 or more", param_hint="'--replicates auto'")
    if given == "auto":
        return "auto"
    if not given.isdecimal():
        raise typer.BadParameter(f"{given!r} is neither a whole number nor auto", param_hint="'--replicates'")
    return int(given)


def _check(learner: Learner, destinations: list[Path | None]) -> None:
    """What can be known to be wrong is said before any work."""
    from curate.io.atomic import check_writable

    learner.check_installed()
    for place in destinations:
        if place is not None:
            check_writable(place)


def write_page(measured: Measurement | Plan | Certificate, path: Path) -> None:
    """Write the report of a measurement as one HTML page."""
    from curate.io.atomic import write_text
    from curate.report.html import render_html

    write_text(path, render_html(measured.report()))


def tell(measured: Measurement | Plan | Certificate, screen: Screen) -> None:
    """Print the measurement; every metric, costs and how it was measured only where more is asked for."""
    from curate.measure.page import brief
    from curate.measure.result import Measurement
    from curate.report.terminal import render_terminal

    short = isinstance(measured, Measurement) and not screen.verbose
    screen.show(render_terminal(brief(measured) if short else measured.report()))  # type: ignore[arg-type]

"""`curate demo`: the whole trip on real data that every installation has: audit, curate, measure, and a page to read.

The data are the docstrings of the installed packages (`curate.io.docstrings`); nothing is downloaded.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from curate.cli import options as o
from curate.cli.screen import Screen

if TYPE_CHECKING:
    from curate.audit.result import Audit
    from curate.core.curated import Curated
    from curate.core.recipe import Recipe
    from curate.data.corpus import Corpus
    from curate.data.store import Store
    from curate.measure.result import Measurement

REPLICATES = 5
STEPS: tuple[dict[str, Any], ...] = (
    {"use": "clean.unicode"},
    {"use": "clean.html"},
    {"use": "clean.whitespace"},
    {"use": "filter.missing", "max_drop": 0.3},
    {"use": "filter.length", "min_words": 2, "max_characters": 5000},
    {"use": "dedup.exact", "max_drop": 0.5},
    {"use": "labels.drop_issues", "max_drop": 0.3},
    {"use": "rebalance.oversample", "to_fraction": 0.5, "max_copies": 3},
)

Folder = Annotated[Path, o.option("--out", "DIR", "Where everything is written.", o.RESULT)]


def demo(
    out: Folder = Path("curate-demo"),
    workers: o.Workers = None,
    cache: o.Cache = None,
    no_cache: o.NoCache = False,
    json: o.Json = None,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    """Audit, curate and measure the docstrings of the installed packages; a few minutes, no download."""
    from curate.audit.run import audit
    from curate.cli import source as sources
    from curate.core.recipe import Recipe
    from curate.io.curated import check_destination
    from curate.io.docstrings import docstrings

    screen = Screen(json, quiet, verbose)
    check_destination(out / "curated", overwrite=True)
    n_workers = workers or os.cpu_count() or 1
    with sources.cache(cache, no_cache) as store:
        with screen.progress("reading the docstrings of the installed packages"):
            corpus = docstrings()
        screen.show(_read(corpus))
        with screen.progress("audit") as bar:
            seen = audit(corpus, workers=n_workers, store=store, on_progress=bar)
        recipe = Recipe.from_dict({"version": 1, "seed": 0, "roles": _roles(corpus), "steps": list(STEPS)})
        with screen.progress("run") as bar:
            curated = recipe.run(corpus, workers=n_workers, store=store, on_progress=bar)
        _show_first_half(seen, curated, screen)
        measured = _measured(recipe, corpus, n_workers, store, screen)
        _write(out, corpus, seen, recipe, curated, measured)
    _show_second_half(measured, out, screen)
    screen.json({"audit": seen.to_dict(), "measure": measured.to_dict(), "folder": str(out)})


def _roles(corpus: Corpus) -> dict[str, Any]:
    return {role: value for role, value in corpus.roles.model_dump(mode="json").items() if value}


def _read(corpus: Corpus) -> str:
    n_classes = len(set(corpus.labels().to_pylist()))
    return f"{len(corpus):,} docstrings of {n_classes} installed packages; the label is the package"


def _measured(recipe: Recipe, corpus: Corpus, workers: int, store: Store, screen: Screen) -> Measurement:
    from curate.measure.measure import measure

    learner = "bag"
    if find_spec("torch") is None:
        learner = "linear"
        screen.show("\ntorch is not installed, so scikit-learn's learner measures: pip install 'curate-data[train]'")
    with screen.progress("drawing replicates") as bar:
        return measure(
            recipe,
            corpus,
            learner=learner,
            replicates=REPLICATES,
            workers=workers,
            store=store,
            on_progress=lambda what, done, of: bar("training models", done, of),
        )


def _show_first_half(seen: Audit, curated: Curated, screen: Screen) -> None:
    from rich.text import Text

    from curate.cli.run import summary

    screen.show(Text("\nWhat the audit found", style="bold"))
    for finding in seen.findings:
        screen.show(f"  {finding.severity:<8}{finding.title}")
    for result in seen.crashed:
        screen.show(f"  crashed {result.check.name}: {result.reason}")
    screen.show(Text("\nWhat the recipe did", style="bold"), *summary(curated, verbose=screen.verbose))


def _show_second_half(measured: Measurement, out: Path, screen: Screen) -> None:
    from rich.text import Text

    from curate.cli.measure import tell

    screen.show(Text("\nWhat each step is worth", style="bold"))
    tell(measured, screen)
    if any(effect.verdict == "hurts" for effect in measured.steps):
        screen.show("\nWhat an audit finds is not always worth mending: take out of recipe.yaml the steps that hurt.")
    screen.show(
        f"\nRead it all in {out / 'index.html'}; beside it lie audit.html, measure.html, recipe.yaml and curated/.",
        "Do it on your own data: curate audit train.csv --recipe recipe.yaml",
    )


def _write(out: Path, corpus: Corpus, seen: Audit, recipe: Recipe, curated: Curated, measured: Measurement) -> None:
    """Everything into the folder, the page last."""
    import json

    from curate.cli.demo_page import page
    from curate.io.atomic import write_text
    from curate.io.curated import save_curated
    from curate.io.saving import save
    from curate.report.html import render_html

    save(corpus, out / "corpus.parquet")
    save_curated(curated, out / "curated", overwrite=True)
    write_text(out / "recipe.yaml", recipe.to_yaml())
    for name, result in (("audit", seen), ("measure", measured)):
        write_text(out / f"{name}.html", render_html(result.report()))
        write_text(out / f"{name}.json", json.dumps(result.to_dict(), indent=2, ensure_ascii=False) + "\n")
    write_text(out / "index.html", render_html(page(seen, curated, measured)))

"""A plan before the work: how many cells, how many of them are there already, how long the rest takes.

One replicate is planned and one base cell trained, both timed; the rest is reckoned from them. The cell is kept where
there is a store, so the time is not lost. How small an effect would be found is known where a store holds at least
two replicates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from curate.kernels.plan import expected
from curate.measure.arms import arm_name
from curate.measure.bench import Bench
from curate.measure.power import detectable
from curate.measure.result import finite
from curate.measure.run import Run
from curate.measure.timing import peak_bytes
from curate.measure.verdict import ALPHA
from curate.report import model
from curate.report.display import number, percent


@dataclass(frozen=True)
class Plan:
    """What a measurement would take.

    Attributes:
        arms: their names, the A/A arm's included.
        n_replicates: how many; of `auto` the most.
        n_cells: arms × replicates.
        n_cached: cells that are there already, those that equal others included.
        n_to_train: cells that would be trained.
        planning_s: seconds to plan all steps of one replicate.
        cell_s: seconds to train the base once and predict.
        seconds: what all would take with these workers.
        workers: processes.
        peak_bytes: the most memory this process has held; each further process that trains holds about as much.
        mde: for each step the smallest effect that would be found with 80 % power, in units of the metric; empty
            where nothing is known yet of how much effects vary.
        scale: what a value of the metric is multiplied with for display.
        notes: what the figures leave out.
    """

    arms: tuple[str, ...]
    n_replicates: int
    n_cells: int
    n_cached: int
    n_to_train: int
    planning_s: float
    cell_s: float
    seconds: float
    workers: int
    peak_bytes: int
    mde: Mapping[str, float]
    scale: float
    facts: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain values."""
        plain: dict[str, Any] = finite({"schema": "curate.plan/1", **asdict(self)})
        return plain

    def report(self) -> model.Report:
        """The plan as a report."""
        return page(self)


def forecast(run: Run, n_replicates: int) -> Plan:
    """What a measurement of so many replicates would take."""
    with Bench(run.store, 1) as bench:
        began = perf_counter()
        first = run.replicate(0)
        cells = run.cells(first)
        planning = perf_counter() - began
        base = cells[()]
        there = bench.find(base)
        result = there or bench.results([base])[0]
        n_cached, n_complete = _cached(run, bench, n_replicates, spare=there is None)
        if n_complete > 1:
            run.gather(bench, n_complete)
    share = len({cell.key() for cell in cells.values()}) / len(cells)
    n_cells = len(cells) * n_replicates
    n_to_train = max(0, round((n_cells - n_cached) * share))
    training, planned = n_to_train * result.seconds / run.workers, planning * n_replicates
    seconds = max(training, planned) if run.workers > 1 else training + planned
    return Plan(
        tuple(arm_name(arm) for arm in cells),
        n_replicates,
        n_cells,
        n_cached,
        n_to_train,
        planning,
        result.seconds,
        seconds,
        run.workers,
        peak_bytes(),
        _detectable(run, n_replicates) if n_complete > 1 else {},
        run.design.metric.scale,
        _facts(run),
        tuple(_notes(run)),
    )


def _cached(run: Run, bench: Bench, n_replicates: int, *, spare: bool) -> tuple[int, int]:
    """How many cells are there already, and how many replicates are complete from the first on.

    Measurements go replicate by replicate, so the first one that has nothing ends the search. `spare`: the base of the
    first was trained just now and does not count.
    """
    n_cached = n_complete = 0
    for number_ in range(n_replicates):
        replicate = run.replicate(number_)
        cells = run.cells(replicate)
        found = sum(bench.find(cell) is not None for cell in cells.values())
        found -= sum(cell.key() == cells[()].key() for cell in cells.values()) if spare and not number_ else 0
        n_cached, n_complete = n_cached + found, n_complete + (found == len(cells))
        if found < len(cells):
            break
    return n_cached, n_complete


def _detectable(run: Run, n_replicates: int) -> dict[str, float]:
    """The smallest effect of each step that the whole design would find, by how much effects vary so far."""
    predictions, metric, asked = run.evidence().predictions, run.design.metric, run.design.asked
    found = {}
    for question in asked:
        contrasts = [question.effect] if question.placebo is None else [question.effect, question.beyond]
        seen = [predictions.contrast(metric, each) for each in contrasts]
        coming = [expected(each, n_replicates, each.n_units).on_new_data() for each in seen]
        found[question.step] = detectable(coming, len(asked), ALPHA)
    return found


def _facts(run: Run) -> dict[str, Any]:
    design = run.design
    return {
        "corpus": run.train.name,
        "n_train": len(run.train),
        "n_test": len(run.test),
        "learner": design.learner.name,
        "metric": design.metric.name,
        "attribution": design.attribution,
        "budget": design.budget,
    }


def _notes(run: Run) -> list[str]:
    design, n_families = run.design, len(np.unique(run.clusters))
    notes = []
    margin = design.metric.margin(0.0) if design.margin is None else design.margin
    if design.metric.unit == "points" and 3 / n_families > margin:
        notes.append(
            f"{number(n_families)} test rows, near duplicates taken as one, are too few for the verdict no effect, "
            f"except where the models are equal: with a margin of {100 * margin:g} points it takes "
            f"{number(math.ceil(3 / margin))}."
        )
    if design.learner.fits_at_once > 1:
        notes.append(
            f"The learner {design.learner.name} trains up to {design.learner.fits_at_once} cells at once, which takes "
            "less time than reckoned here."
        )
    return notes


def page(plan: Plan) -> model.Report:
    """The report of a plan."""
    facts = (
        model.Fact("arms", number(len(plan.arms))),
        model.Fact("replicates", number(plan.n_replicates)),
        model.Fact("cells", number(plan.n_cells)),
        model.Fact("there already", number(plan.n_cached)),
        model.Fact("to train", number(plan.n_to_train)),
        model.Fact("a cell", spell(plan.cell_s)),
        model.Fact("planning a replicate", spell(plan.planning_s)),
        model.Fact("memory so far", f"{plan.peak_bytes / 2**30:.2f} GiB"),
        model.Fact("workers", number(plan.workers)),
    )
    arms = model.Table(
        (model.Column("arm"),), tuple((name,) for name in plan.arms), f"{number(len(plan.arms))} arms", searchable=False
    )
    todo = f"{number(plan.n_cells)} cells, {number(plan.n_to_train)} of them to train"
    blocks = (*(model.Note(note, "info") for note in plan.notes), *_power(plan), arms)
    return model.Report(
        title=str(plan.facts["corpus"]),
        kind="plan",
        headline=f"{todo}: about {spell(plan.seconds)}",
        facts=facts,
        sections=(model.Section("What would be measured", blocks),),
    )


def _power(plan: Plan) -> list[model.Block]:
    if not plan.mde:
        said = "How small an effect would be found is known once two replicates are in the store."
        return [model.Note(said, "info")]

    def size(value: float) -> str:
        return percent(value).replace(" %", " points") if plan.scale == 100 else number(value)

    rows = tuple((step, size(value)) for step, value in plan.mde.items())
    columns = (model.Column("step", "code"), model.Column("smallest effect found"))
    caption = f"With {number(plan.n_replicates)} replicates and these test rows, at 80 % power"
    return [model.Table(columns, rows, caption, searchable=False)]


def spell(seconds: float) -> str:
    """A time as people say it.

    Example:
        >>> spell(0.25), spell(75), spell(8000)
        ('0.25 s', '1.2 min', '2.2 h')
    """
    if seconds < 60:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.2g} min" if seconds < 3600 else f"{seconds / 3600:.2g} h"

"""The page of the demo: the whole trip in one report, what was found, what was done, what each step was worth."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from curate.report.model import Bar, Bars, Block, Column, Fact, Report, Section, Table, Text

if TYPE_CHECKING:
    from curate.audit.result import Audit
    from curate.core.curated import Curated
    from curate.data.corpus import Corpus
    from curate.measure.result import Measurement

ABOUT = (
    "Text: docstrings of packages that are installed here. Label: the package. Real text with what real text has: "
    "inherited docstrings that repeat, modules without one, markup, packages of very different size. The model has to "
    "tell from a docstring which package it is of."
)


def page(seen: Audit, curated: Curated, measured: Measurement) -> Report:
    """The audit, the run and the measurement as one report; the headline is that of the measurement."""
    weighed = measured.report()
    findings = [section for section in seen.report().sections if section.title == "Findings"]
    sections = [
        Section("The data", _data(seen.corpus)),
        *findings,
        Section("What the recipe did", (steps(curated),), lead="Rows in and rows out balance at every step."),
        *weighed.sections,
    ]
    facts = (Fact("findings", str(len(seen.findings))), *weighed.facts)
    return replace(
        weighed,
        headline=headline(seen, measured),
        title="docstrings of the installed packages",
        kind="demo",
        facts=facts,
        sections=tuple(sections),
    )


def headline(seen: Audit, measured: Measurement) -> str:
    """The answer in one sentence: what was found, and what mending it was worth."""
    verdicts: Counter[str] = Counter(effect.verdict for effect in measured.steps)
    said = {"helps": "help", "hurts": "hurt", "no effect": "have no effect", "cannot tell": "cannot be told yet"}
    counted = [f"{verdicts[verdict]} {words}" for verdict, words in said.items() if verdicts[verdict]]
    return f"{len(seen.findings)} findings; of {len(measured.steps)} steps that would mend them " + ", ".join(counted)


def _data(corpus: Corpus) -> tuple[Block, ...]:
    sizes = Counter(map(str, corpus.labels().to_pylist())).most_common()
    bars = tuple(Bar(label, float(n), f"{n:,}") for label, n in sizes)
    return Text(ABOUT), Bars(bars, "rows of each package")


def steps(curated: Curated) -> Table:
    """What each step did."""
    columns = (
        Column("step", "code"),
        Column("rows in", "number"),
        Column("dropped", "number"),
        Column("added", "number"),
        Column("changed", "number"),
        Column("rows out", "number"),
        Column("reasons"),
    )
    rows = tuple(
        (
            count.step,
            count.n_in,
            count.n_dropped,
            count.n_added,
            count.n_changed,
            count.n_out,
            ", ".join(count.by_reason()),
        )
        for count in curated.counts
    )
    return Table(columns, rows, searchable=False)

"""The report of a certificate: false alarms and coverage, each with its interval, and what was asked."""

from __future__ import annotations

from curate.measure.certify import NULLS, Certificate, Rate
from curate.report import model
from curate.report.display import number, percent


def page(found: Certificate) -> model.Report:
    """The report of a certificate."""
    facts = found.facts
    return model.Report(
        title=str(facts["corpus"]),
        kind="certificate",
        headline=headline(found),
        tone="warning" if found.held is None else "good" if found.held else "bad",
        facts=(
            model.Fact("measurements", number(facts["n"])),
            model.Fact("replicates", number(facts["n_replicates"])),
            model.Fact("learner", str(facts["learner"])),
            model.Fact("metric", str(facts["metric"])),
            model.Fact("training rows", number(facts["n_train"])),
            model.Fact("rows tested on", number(facts["n_test"])),
        ),
        sections=(model.Section("Where there is nothing to be found", (_table(found), *_notes(found)), _lead(found)),),
        footer=f"seed {facts['seed']}",
    )


def headline(found: Certificate) -> str:
    """The answer in one sentence."""
    worst = max(found.rates, key=lambda rate: rate.n_false)
    seen = f"{number(worst.n_false)} of {number(worst.n)} measurements of nothing saw an effect"
    said = f"{seen}, {_share(worst.false_alarms, worst.low, worst.high)}"
    if found.n_needed is not None:
        return f"Too few to tell: {said}; about {number(found.n_needed)} would (--n {found.n_needed})"
    if found.held:
        return f"Not more than twice the {percent(found.level)} of false alarms that are promised: {said}"
    return f"More than the {percent(found.level)} of false alarms that are promised: {said}; do not trust verdicts here"


def _share(value: float, low: float, high: float) -> str:
    return f"{percent(value)} [{percent(low)}, {percent(high)}]"


def _lead(found: Certificate) -> str:
    level, twice = percent(found.level), percent(2 * found.level)
    return (
        f"{number(found.facts['n'])} measurements, each on half of the training rows, drawn by near-duplicate family, "
        f"a fifth of them set aside to be tested on. No test set was touched. The truth is 0 each time, so a verdict "
        f"'helps' or 'hurts' is a false alarm, and its interval one that misses 0; {level} of them are promised. That "
        f"holds where the interval of every rate ends at {twice} or below; it is broken where one begins above "
        f"{level}; between the two nobody can tell. Intervals of the rates are Wilson's, at 95 %."
    )


def _table(found: Certificate) -> model.Table:
    unit = str(found.facts["unit"])
    columns = (
        model.Column("null", "code"),
        model.Column("false alarms"),
        model.Column("intervals that hold 0"),
        model.Column(f"half width, {unit}" if unit else "half width", "number"),
    )
    return model.Table(columns, tuple(_row(rate, found) for rate in found.rates), searchable=False, sortable=False)


def _row(rate: Rate, found: Certificate) -> tuple[model.Cell, ...]:
    return (
        rate.null,
        f"{rate.n_false} of {rate.n}: {_share(rate.false_alarms, rate.low, rate.high)}",
        f"{rate.n_covered} of {rate.n}: {_share(rate.coverage, rate.covered_low, rate.covered_high)}",
        float(f"{rate.half_width * found.facts['scale']:.3g}"),
    )


def _notes(found: Certificate) -> list[model.Note]:
    notes = [model.Note(f"{name}: {what}.", "info") for name, what in NULLS.items()]
    if found.facts["deterministic"]:
        same = f"The learner {found.facts['learner']} is deterministic: trained again it is itself"
        notes.append(model.Note(f"{same}, so A/A says nothing here; the two draws do.", "info"))
    return notes

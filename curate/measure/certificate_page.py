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
    said = f"{number(worst.n_false)} of {number(worst.n)} measurements of nothing saw an effect"
    if found.held is None:
        needed = f"{number(found.n_needed)} are needed (--n {found.n_needed})"
        return f"Too few to certify: {needed}; so far {said}"
    share = f"{percent(worst.false_alarms)}, where {percent(found.level)} are promised"
    if found.held:
        above = "chance explains" if worst.false_alarms > found.level else "promised"
        return f"No more false alarms than {above}: {said} ({share})"
    return f"More false alarms than promised: {said} ({share}): do not trust verdicts here"


def _share(value: float, low: float, high: float) -> str:
    return f"{percent(value)} [{percent(low)}, {percent(high)}]"


def _lead(found: Certificate) -> str:
    return (
        f"{number(found.facts['n'])} measurements, each on half of the training rows, drawn by near-duplicate family, "
        f"a fifth of them set aside to be tested on. No test set was touched. The truth is 0 each time, so a verdict "
        f"'helps' or 'hurts' is a false alarm; {percent(found.level)} of them are promised, and that 95 % of the "
        "intervals hold 0. Intervals of the shares are Wilson's."
    )


def _table(found: Certificate) -> model.Table:
    columns = (
        model.Column("null", "code"),
        model.Column("false alarms"),
        model.Column("intervals that hold 0"),
        model.Column("half width", "number"),
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
    if found.held is None:
        said = (
            f"With fewer than {number(found.n_needed)} measurements even no false alarm at all would leave room for "
            f"more than {percent(2 * found.level)}, twice those promised."
        )
        notes.append(model.Note(said, "warning"))
    return notes

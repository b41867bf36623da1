"""An audit as a report: what was found, worst first, with the rows to browse; the recipe to copy; how it was looked at.

Builds the plain blocks of `curate.report.model`; `curate.report.html`, `terminal` and `markdown` draw them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from curate.audit.finding import finding_block, needed_rows
from curate.audit.texts import ShownRows, cut
from curate.checks.remedy import plural
from curate.io.header import header_warning
from curate.kernels.pii.mask import mask_text, mask_values
from curate.report.display import number
from curate.report.model import Block, Code, Column, Fact, Finding, Note, Report, Section, Table, Text, Tone

if TYPE_CHECKING:
    from curate.audit.result import Audit

PACKAGES = ("curate-data", "pyarrow", "scikit-learn", "cleanlab", "ftfy", "selectolax")
SHOWN_QUARANTINE = 50
_TONES: dict[str, Tone] = {"high": "bad", "medium": "warning", "low": "info", "none": "good"}


def report(audit: Audit) -> Report:
    """The report of an audit; reads the texts of the rows it shows, and of no others."""
    wanted, in_full = needed_rows(audit.entries)
    rows = ShownRows(audit.corpus, wanted, in_full)
    sections = [_findings(audit, rows), _recipe(audit), _not_looked_at(audit), _how(audit)]
    headline, tone = _headline(audit)
    return Report(
        title=audit.corpus.name,
        kind="audit",
        headline=headline,
        tone=tone,
        facts=_facts(audit),
        sections=tuple(section for section in sections if section.blocks),
        footer=f"seed {audit.seed} · rows {audit.fingerprint}",
    )


def _headline(audit: Audit) -> tuple[str, Tone]:
    n_run = len(audit.results) - len(audit.skipped) - len(audit.crashed)
    if audit.crashed:
        names = ", ".join(result.check.name for result in audit.crashed)
        return f"{plural(len(audit.crashed), 'check')} crashed ({names}), so this is no clean bill", "bad"
    if audit.findings:
        worst = audit.findings[0]
        return f"{plural(len(audit.findings), 'finding')}, above all {_inside(worst.title)}", _TONES[worst.severity]
    if not n_run:
        return "Nothing was looked at: no check could be run", "warning"
    if audit.skipped:
        return (
            f"Nothing to mend in what {plural(n_run, 'check')} looked at; {len(audit.skipped)} could not be run",
            "good",
        )
    return f"Nothing to mend: {plural(n_run, 'check')} ran and found nothing", "good"


def _inside(title: str) -> str:
    """A title inside a sentence.

    Example:
        >>> _inside("Repeated texts: 2 of 3"), _inside("HTML tags: 1 of 3")
        ('repeated texts: 2 of 3', 'HTML tags: 1 of 3')
    """
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _facts(audit: Audit) -> tuple[Fact, ...]:
    facts = [Fact("rows", number(audit.n_rows))]
    facts += [Fact(f"{split} rows", number(len(rows))) for split, rows in sorted(audit.corpus.held_out.items())]
    for role in ("text", "label", "group"):
        columns = getattr(audit.roles, role)
        named = columns if isinstance(columns, str) else ", ".join(columns or ())
        if named or role != "group":
            facts.append(Fact(f"{role} column", named or "none"))
    unread = sum(cause.n_rows for cause in audit.quarantine())
    if unread:
        facts.append(Fact("rows not read", number(unread), "warning"))
    return tuple(facts)


def _findings(audit: Audit, rows: ShownRows) -> Section:
    odd = header_warning(audit.corpus.name, audit.corpus.column_names)
    blocks: list[Block] = [] if odd is None else [Note(f"{odd[:1].upper()}{odd[1:]}.", "warning")]
    for entry in audit.entries:
        if entry.status == "crashed":
            saw = f"The check failed with {entry.result.reason}. What it looks for may well be in the data."
            blocks.append(Finding(f"The check {entry.finding.check} crashed", "crashed", entry.finding.check, saw))
        elif entry.status != "skipped":
            blocks.append(finding_block(entry, rows))
    lead = "Each check looked at the rows as they are, by itself; nothing was changed. The worst come first."
    return Section("Findings", tuple(blocks), lead)


def _recipe(audit: Audit) -> Section:
    recipe = audit.recipe()
    if not recipe.steps:
        return Section("Recipe", ())
    lead = "The remedies of all findings, in a sensible order. Save it, take out what you do not want, and run it."
    if any(step.transform.name == "dedup.leakage" for step in recipe.steps):
        lead += " It looks into the held-out rows, so name them to curate run as well: --test SOURCE"
    trust = (
        "A remedy mends what its check saw; whether a model gets better by it is another question. "
        "Measure it before you trust it: curate measure recipe.yaml SOURCE --test SOURCE"
    )
    return Section("Recipe", (Code(recipe.to_yaml(), "yaml", "recipe.yaml"), Note(trust)), lead)


def _not_looked_at(audit: Audit) -> Section:
    blocks: list[Block] = []
    if audit.skipped:
        why = tuple((result.check.name, result.reason) for result in audit.skipped)
        blocks.append(Table((Column("check", "code"), Column("why it was skipped")), why, "skipped checks"))
    causes = audit.quarantine()
    if causes:
        counted = tuple((cause.step, cause.cause, cause.n_rows) for cause in causes)
        columns = (Column("where", "code"), Column("cause"), Column("rows", "number"))
        blocks.append(Table(columns, counted, "rows that could not be read"))
        blocks += _unread(audit)
    lead = "What is not in the findings is no proof that nothing is there."
    return Section("Not looked at", tuple(blocks), lead)


def _unread(audit: Audit) -> Iterator[Block]:
    table = audit.corpus.quarantine
    if len(table):
        first = table.slice(0, SHOWN_QUARANTINE).to_pylist()
        rows = tuple((row["file"], row["line"], mask_text(row["cause"]), cut(mask_values(row["raw"]))) for row in first)
        columns = (Column("file", "code"), Column("line", "number"), Column("cause", "code"), Column("as it stands"))
        yield Table(columns, rows, "unreadable rows", n_rows=len(table))


def _how(audit: Audit) -> Section:
    said = (
        "Every check planned the transform that would mend what it looks for, and reported what it would do, so that a "
        "finding and its remedy cannot disagree. Figures are counts and shares of these rows and no estimates: no test "
        "of significance was made, so nothing had to be adjusted for the number of classes or checks. label_issues "
        "judges each fold of the rows by a model of the others, with near duplicates kept together."
    )
    bounds = tuple(
        (result.check.name, result.check.version, name, _setting(value))
        for result in audit.results
        for name, value in result.check.model_dump(mode="json").items()
    )
    columns = (Column("check", "code"), Column("version", "code"), Column("setting", "code"), Column("value"))
    made = tuple((name, said_version) for name in PACKAGES if (said_version := _version(name)))
    versions = Table((Column("package", "code"), Column("version", "code")), made, "versions", searchable=False)
    return Section("How it was looked at", (Text(said), Table(columns, bounds, "bounds and settings"), versions))


def _setting(value: Any) -> str:
    """A setting as it reads; bounds as what is above them.

    Example:
        >>> _setting({"low": 0.0, "medium": 0.01, "high": None}), _setting(10)
        ('low above 0, medium above 0.01', '10')
    """
    if isinstance(value, dict) and {"low", "medium", "high"} <= value.keys():
        return ", ".join(f"{name} above {number(bound)}" for name, bound in value.items() if bound is not None)
    return value if isinstance(value, str) else json.dumps(value)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""

"""What an audit comes back with: findings worst first, their rows, the recipe of their remedies, a JSON document and
a report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from curate.audit import schema
from curate.audit.remedies import recipe_of
from curate.core.check import ROWS, SEVERITIES, Check, Finding, Severity
from curate.core.fingerprint import config
from curate.core.recipe import Recipe
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.kernels.pii.mask import mask_text

if TYPE_CHECKING:
    from curate.report.model import Report

Status = Literal["crashed", "finding", "skipped", "ok"]
STATUSES: tuple[Status, ...] = ("crashed", "finding", "skipped", "ok")
AUDIT_ROWS = pa.schema([("check", pa.string()), *ROWS])


@dataclass(frozen=True, eq=False)
class CheckResult:
    """What became of one check.

    Attributes:
        check: the check, with its bounds.
        status: `finding` or `ok`, `skipped` where it had nothing to look at, `crashed` where it failed.
        findings: what it saw; of severity `none` where nothing is wrong; empty where it was skipped or crashed.
        reason: why it was skipped, or the error.
        seconds: how long it took; in no output that must be the same twice.
    """

    check: Check
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Entry:
    """One line of an audit: a finding, or in its place a check that was skipped or crashed."""

    result: CheckResult
    finding: Finding

    @property
    def status(self) -> Status:
        if self.result.status in ("skipped", "crashed"):
            return self.result.status
        return "ok" if self.finding.severity == "none" else "finding"

    def rank(self) -> tuple[int, int, int, str]:
        """The worst first; then what concerns most rows, then by name."""
        severity = SEVERITIES.index(self.finding.severity)
        return STATUSES.index(self.status), -severity, -len(self.finding.rows), self.finding.check


@dataclass(frozen=True, eq=False)
class Audit:
    """A corpus as its checks saw it.

    Attributes:
        corpus: the corpus that was looked at.
        seed: keyed the draws of plans and signals.
        results: one for each check, in the order asked for.
        failed: rows that a transform failed on while it was planned: by transform, row id and cause.

    Example:
        >>> from curate.audit import audit
        >>> corpus = Corpus.from_table(pa.table({"text": ["one", "one", None]}))
        >>> seen = audit(corpus, checks=["duplicates", "missing"])
        >>> [finding.title for finding in seen.findings]
        ['Repeated texts: 1 of 3 rows (33.3 %)', 'Rows without a text: 1 of 3 rows (33.3 %)']
    """

    corpus: Corpus
    seed: int
    results: tuple[CheckResult, ...]
    failed: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        said = [f"findings {len(self.findings)}, worst {self.worst}"]
        said += [f"{len(some)} {what}" for some, what in ((self.crashed, "crashed"), (self.skipped, "skipped")) if some]
        return f"<audit of {self.corpus.name}: {', '.join(said)}>"

    @property
    def n_rows(self) -> int:
        return len(self.corpus)

    @property
    def roles(self) -> Roles:
        return self.corpus.roles

    @property
    def fingerprint(self) -> str:
        return self.corpus.fingerprint

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything there is to say of every check, the worst first: crashed, findings, skipped, nothing wrong."""
        found = [
            Entry(result, finding)
            for result in self.results
            for finding in result.findings or (Finding(result.check.name, result.reason, "none"),)
        ]
        return tuple(sorted(found, key=Entry.rank))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, the worst first."""
        return tuple(entry.finding for entry in self.entries if entry.status == "finding")

    @property
    def worst(self) -> Severity:
        """The severity of the worst finding; `none` where there is none. A crashed check is no finding: see
        `crashed`.
        """
        return max((finding.severity for finding in self.findings), key=SEVERITIES.index, default="none")

    @property
    def crashed(self) -> tuple[CheckResult, ...]:
        """The checks that failed; while there are any, the audit is no clean bill."""
        return tuple(result for result in self.results if result.status == "crashed")

    @property
    def skipped(self) -> tuple[CheckResult, ...]:
        """The checks that had nothing to look at, each with its reason."""
        return tuple(result for result in self.results if result.status == "skipped")

    def rows(self) -> pa.Table:
        """One row for each check and row it is about: `check, row_id, reason, score, ref, split, ref_split, detail`."""
        parts = [f.rows.add_column(0, "check", pa.repeat(f.check, len(f.rows))) for f in self.findings if len(f.rows)]
        return pa.concat_tables(parts).cast(AUDIT_ROWS) if parts else AUDIT_ROWS.empty_table()

    def recipe(self) -> Recipe:
        """The remedies of all findings in an order that makes sense, with the roles and the seed."""
        return recipe_of(self.findings, roles=self.roles, seed=self.seed)

    def quarantine(self) -> list[schema.Cause]:
        """Why rows could not be read or looked at: each cause with how many rows it concerns, the most first."""
        causes = [
            (str(row["step"] or "load"), mask_text(str(row["cause"]))) for row in self.corpus.quarantine.to_pylist()
        ]
        causes += [(step, cause) for step, rows in self.failed.items() for cause in rows.values()]
        counted = {cause: causes.count(cause) for cause in dict.fromkeys(causes)}
        ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        return [schema.Cause(step=step, cause=cause, n_rows=n) for (step, cause), n in ordered]

    def to_dict(self) -> dict[str, Any]:
        """The audit as plain values (schema `curate.audit/1`); no clock in it, so the same corpus gives the same."""
        return schema.document(
            n_rows=self.n_rows,
            roles={role: value for role, value in self.roles.model_dump(mode="json").items() if value},
            fingerprint=self.fingerprint,
            name=self.corpus.name,
            seed=self.seed,
            findings=[_entry(entry) for entry in self.entries],
            quarantine=self.quarantine(),
            checks=[
                schema.CheckEntry(
                    check=r.check.name, version=r.check.version, status=r.status, settings=config(r.check)
                )
                for r in self.results
            ],
        )

    def to_json(self) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def report(self) -> Report:
        """The audit as a report to draw as HTML, Markdown or in the terminal; reads the texts of the rows it shows."""
        from curate.audit.report import report

        return report(self)


def _entry(entry: Entry) -> schema.FindingEntry:
    finding = entry.finding
    return schema.FindingEntry(
        check=finding.check,
        status=entry.status,
        severity=finding.severity,
        title=finding.title,
        value=finding.value,
        bound=finding.bound,
        n_rows=len(finding.rows),
        evidence=dict(finding.evidence),
        remedy=None if finding.remedy is None else dict(finding.remedy),
    )

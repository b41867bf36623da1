"""`audit`: run every check on a corpus, apply nothing. A check that cannot be run says why; one that fails never
looks like a clean bill.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter

import pyarrow as pa
import pyarrow.compute as pc

from curate import registry
from curate.audit.context import AuditContext, Progress
from curate.audit.hidden import hidden
from curate.audit.result import Audit, CheckResult, Status
from curate.core.check import ROWS, Check, CheckContext, Finding, Skip
from curate.core.transform import ROLE_NAMES
from curate.data.corpus import Corpus
from curate.data.digest import canonical
from curate.data.edits import Edits
from curate.data.store import Store
from curate.errors import CurateError
from curate.kernels.pii.mask import mask_text
from curate.learn.learner import Learner
from curate.learn.named import LearnerSpec, learner_named

SHOWN_EDITS = 200
"""Of how many rows a finding keeps the edits, with the new texts; the rows themselves it keeps all."""


def audit(
    corpus: Corpus,
    *,
    checks: Sequence[str | Check] | None = None,
    learner: LearnerSpec | Learner | None = None,
    seed: int = 0,
    workers: int = 1,
    store: Store | None = None,
    on_progress: Progress | None = None,
) -> Audit:
    """Look at a corpus with checks; change nothing.

    Args:
        corpus: the training rows; leakage is looked for in its held-out splits.
        checks: registry names, or checks with bounds of their own; all registered ones unless given.
        learner: who judges labels (the check `label_issues`): a registry name, `{name: …, setting: value}` or a
            learner; `linear` unless given, and for rows with features and no text `tabular`.
        seed: keys every draw, such as the folds of cross-fitting.
        workers: processes of the engine; changes no result.
        store: where signals are cached for the next time; a temporary folder unless given.
        on_progress: called with (check or transform, done, of).

    Returns:
        What every check saw, the worst first.

    Raises:
        UnknownName: a check or learner of this name is not registered.
        CurateError: a setting of the learner is not allowed, or no check by name needs one.
        MissingExtra: the learner needs a package that is missing.

    Example:
        >>> seen = audit(Corpus.from_table(pa.table({"text": ["a b", "a b", "c d"]})), checks=["duplicates"])
        >>> seen.worst, seen.findings[0].rows.column("row_id").to_pylist()
        ('high', [1])
    """
    corpus = Corpus.expect(corpus)
    chosen = _chosen(registry.names("checks") if checks is None else checks, _spec(learner))
    results = []
    with (
        _kept(store) as place,
        AuditContext(corpus, seed=seed, store=place, workers=workers, on_progress=on_progress) as context,
    ):
        for number, check in enumerate(chosen):
            if on_progress is not None:
                on_progress(check.name, number, len(chosen))
            results.append(_result(check, context))
        failed = {step: dict(sorted(rows.items())) for step, rows in sorted(context.failed.items())}
    return Audit(corpus, seed, tuple(results), failed)


def _chosen(checks: Sequence[str | Check], learner: LearnerSpec | None) -> list[Check]:
    made = [_made(check, learner) if isinstance(check, str) else check for check in checks]
    if learner is not None:
        learner_named(learner).check_installed()
        if not any("learner" in check.model_fields_set for check in made):
            raise CurateError("a learner is given, but no check needs one", hint="label_issues does")
    return list({(check.name, canonical(check.model_dump(mode="json"))): check for check in made}.values())


def _spec(learner: LearnerSpec | Learner | None) -> LearnerSpec | None:
    """A learner as a check and its remedy name it."""
    if isinstance(learner, Learner):
        return {"name": learner.name, **learner.model_dump(mode="json", exclude_defaults=True)}
    return learner


def _made(name: str, learner: LearnerSpec | None) -> Check:
    kind: type[Check] = registry.get("checks", name)
    return kind.model_validate({"learner": learner} if learner is not None and "learner" in kind.model_fields else {})


@contextmanager
def _kept(store: Store | None) -> Iterator[Store]:
    if store is not None:
        yield store
        return
    with tempfile.TemporaryDirectory(prefix="curate-audit-", ignore_cleanup_errors=True) as folder:
        yield Store(folder)


def _result(check: Check, context: AuditContext) -> CheckResult:
    began = perf_counter()
    try:
        findings = look(check, context)
    except Skip as why:
        return CheckResult(check, "skipped", reason=str(why), seconds=perf_counter() - began)
    except Exception as error:  # noqa: BLE001 - a check may raise anything; it is reported as crashed and fails the command
        said = mask_text(f"{type(error).__name__}: {error}".split("\n")[0])[:500]
        return CheckResult(check, "crashed", reason=said, seconds=perf_counter() - began)
    status: Status = "ok" if all(finding.severity == "none" for finding in findings) else "finding"
    return CheckResult(check, status, tuple(findings), seconds=perf_counter() - began)


def look(check: Check, context: CheckContext) -> list[Finding]:
    """What one check sees, held to what every finding promises.

    Raises:
        Skip: there are no rows, or no column has a role that the check needs.
        ValueError: the check broke its contract: no finding, a name not its own, rows or evidence of the wrong form.
    """
    if not len(context.corpus):
        raise Skip("there are no rows")
    missing = sorted((check.needs & ROLE_NAMES) - context.corpus.roles.present())
    if missing:
        raise Skip(f"no column has the role {missing[0]}; name it with --{missing[0]}")
    findings = check.look(context)
    if not findings:
        raise ValueError(f"the check {check.name} gave no finding; one of severity none says that nothing is wrong")
    return [_held(check, finding) for finding in findings]


def _held(check: Check, finding: Finding) -> Finding:
    if finding.check != check.name:
        raise ValueError(f"the check {check.name} gave a finding of {finding.check!r}")
    if finding.rows.schema != ROWS:
        raise ValueError(f"the rows of {check.name} have the columns {finding.rows.column_names}, not {ROWS.names}")
    canonical([finding.evidence, finding.remedy, finding.value, finding.bound])
    if finding.plan is None:
        return hidden(finding)
    return hidden(replace(finding, plan=_shown(finding.plan, finding.rows.column("row_id")[:SHOWN_EDITS])))


def _shown(plan: Edits, row_ids: pa.ChunkedArray) -> Edits:
    """The edits of the rows that a report shows, read from wherever the plan lies."""
    wanted = row_ids.combine_chunks()
    named = {name: table.filter(pc.is_in(table.column("row_id"), wanted)) for name, table in plan.tables().items()}
    return Edits.from_tables({name: table.combine_chunks() for name, table in named.items()})

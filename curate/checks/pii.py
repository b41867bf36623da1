"""`pii`: personal data and secrets in texts, told by kind and in masked form."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curate.checks.remedy import need_texts, of_rows, plural, propose
from curate.checks.severity import Bounds
from curate.core.check import Check, CheckContext, Finding, edited_rows
from curate.data.roles import is_text, text_columns
from curate.data.rows import Batch
from curate.kernels.pii.find import KINDS, PATTERNS, Kind, detectors, find, installed
from curate.kernels.pii.mask import masked

SHOWN_VALUES = 3
SHOWN_KINDS = 3
_SECRETS = ("secret", "url_credentials")
_NUMBERS = ("card", "iban", "national_id")


class Pii(Check):
    """E-mail addresses, phone and card numbers, identity numbers, keys and passwords in texts: a model learns them by
    heart and says them again, and whoever gets the data gets them too.

    Attributes:
        kinds: what to look for; every kind that the installed packages can find but names of people, unless given.
        share: bounds on the share of texts with any of it. Any is `low`; above 1 % it is part of what the texts are
            about, and few licences to share them cover that. House figures.
        secrets: bounds on the number of texts with keys and passwords. Any is `high`: one is enough to be let in.
        numbers: bounds on the number of texts with card, account and identity numbers. Any is `medium`: checksums find
            by chance one in many.
    """

    name: ClassVar[str] = "pii"
    version: ClassVar[str] = "1"

    kinds: tuple[Kind, ...] | None = None
    share: Bounds = Bounds(low=0, medium=0.01)
    secrets: Bounds = Bounds(low=0, medium=0, high=0)
    numbers: Bounds = Bounds(low=0, medium=0)

    def look(self, context: CheckContext) -> list[Finding]:
        need_texts(context)
        kinds = installed() if self.kinds is None else self.kinds
        plan, remedy = propose(context, "clean.pii", **({} if kinds == PATTERNS else {"kinds": list(kinds)}))
        rows, n_rows = edited_rows(plan), len(context.corpus)
        left_out = [kind for kind in PATTERNS if kind not in kinds] if self.kinds is None else []
        evidence: dict[str, Any] = {"not_looked_for": ", ".join(left_out)} if left_out else {}
        if unseen := _unseen(context):
            evidence["columns_not_looked_at"] = ", ".join(unseen)
        if not len(rows):
            aside = f"; not looked at: {plural(len(unseen), 'column')} of text" if unseen else ""
            title = f"No text holds personal data or secrets{aside}"
            return [Finding(self.name, title, "none", 0.0, 0.0, evidence=evidence)]
        seen = _seen(context, rows, kinds)
        n_texts = Counter(kind for kinds_of_row, _ in seen.values() for kind in kinds_of_row)
        by_kind = {kind: n_texts[kind] for kind in KINDS if n_texts[kind]}
        share = len(rows) / n_rows
        severity = max(
            self.share.severity(share),
            self.secrets.severity(sum(n_texts[kind] for kind in _SECRETS)),
            self.numbers.severity(sum(n_texts[kind] for kind in _NUMBERS)),
            key=("none", "low", "medium", "high").index,
        )
        title = f"Personal data or secrets: {of_rows(len(rows), n_rows, 'text')}: {_largest(by_kind)}"
        detail = pa.array([seen[row_id][1] for row_id in rows.column("row_id").to_pylist()], pa.string())
        rows = rows.set_column(rows.column_names.index("detail"), "detail", detail)
        rows = _worst_first(rows)
        each = [{"kind": kind, "texts": n, "share_of_texts": n / n_rows} for kind, n in by_kind.items()]
        evidence = {"kinds": each, **evidence}
        return [Finding(self.name, title, severity, share, self.share.low, rows, evidence, remedy, plan)]


def _unseen(context: CheckContext) -> list[str]:
    """The columns of text that nobody looks at: those with neither the role text nor that of an answer or a label."""
    corpus = context.corpus
    seen = {*text_columns(corpus.roles, corpus.schema), corpus.roles.label}
    fields = [field for field in corpus.schema if is_text(field.type) and not pa.types.is_null(field.type)]
    return [field.name for field in fields if field.name not in seen]


def _largest(by_kind: dict[str, int]) -> str:
    """The kinds that most texts hold, and how many more there are.

    Example:
        >>> _largest({"secret": 1, "card": 2, "email": 9, "phone": 4, "ip": 1})
        'email 9, phone 4, card 2 and 2 more kinds'
    """
    largest = sorted(by_kind.items(), key=lambda told: -told[1])[:SHOWN_KINDS]
    rest = len(by_kind) - len(largest)
    more = f" and {plural(rest, 'more kind')}" if rest else ""
    return ", ".join(f"{kind.replace('_', ' ')} {n:,}" for kind, n in largest) + more


def _worst_first(rows: pa.Table) -> pa.Table:
    """The most sensitive kinds first, then by row id."""
    rank = [list(KINDS).index(kind) for kind in rows.column("reason").to_pylist()]
    return rows.take(pa.array(np.lexsort((rows.column("row_id").to_numpy(), rank))))


def _seen(context: CheckContext, rows: pa.Table, kinds: tuple[Kind, ...]) -> dict[int, tuple[set[str], str]]:
    """For each of some rows, the kinds found in its texts and a few values of theirs, masked."""
    wanted = rows.column("row_id").to_numpy()
    seen: dict[int, tuple[set[str], str]] = {}
    for batch in context.corpus.batches(1 << 12):
        at = np.flatnonzero(np.isin(batch.row_ids, wanted))
        if len(at):
            part = Batch(batch.rows.take(pa.array(at)), batch.row_ids[at], batch.roles)
            seen.update(_found(part, kinds))
    return seen


def _found(batch: Batch, kinds: tuple[Kind, ...]) -> dict[int, tuple[set[str], str]]:
    values: dict[int, list[tuple[str, str]]] = {}
    for column in text_columns(batch.roles, batch.rows.schema):
        texts = batch.texts(column)
        for row, spans in find(pa.array(texts, pa.large_string()), detectors(kinds)).items():
            said = [(span.kind, masked(span.kind, str(texts[row])[span.start : span.end])) for span in spans]
            values.setdefault(int(batch.row_ids[row]), []).extend(said)
    return {row_id: ({kind for kind, _ in said}, _told(said)) for row_id, said in values.items()}


def _told(said: list[tuple[str, str]]) -> str:
    """A few masked values, each once, with their kinds.

    Example:
        >>> _told([("email", "j***@e***.org"), ("email", "j***@e***.org")])
        'email j***@e***.org'
    """
    each = list(dict.fromkeys(f"{kind} {value}" for kind, value in said))
    more = f" and {len(each) - SHOWN_VALUES} more" if len(each) > SHOWN_VALUES else ""
    return "; ".join(each[:SHOWN_VALUES]) + more

"""Checks: a read-only look at a corpus, and the findings it comes back with.

A check plans, through its context, the transform that would mend what it looks for, and reports the edits instead of
applying them. So a finding and its remedy can never disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from curate.core.signals import Signal
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.edits import Edits

Severity = Literal["none", "low", "medium", "high"]
SEVERITIES: tuple[Severity, ...] = ("none", "low", "medium", "high")
ROWS = pa.schema(
    [
        ("row_id", pa.uint64()),
        ("reason", pa.string()),
        ("score", pa.float32()),
        ("ref", pa.uint64()),
        ("split", pa.string()),
        ("ref_split", pa.string()),
        ("detail", pa.string()),
    ]
)


class Skip(Exception):
    """Raised by a check that can say nothing about a corpus, neither a finding nor a clean bill; the message says
    why.
    """


@dataclass(frozen=True, eq=False)
class Finding:
    """What a check saw.

    Attributes:
        check: the check's registry name.
        title: the finding in one line.
        severity: `none` where nothing is wrong.
        value: the measured figure that `bound` was held against; what it is stands in `title`.
        bound: the figure above which the finding counts; None where there is no such bound.
        rows: the rows it is about (schema `ROWS`), worst first; `split` is `train` or the name of a held-out split,
            `ref_split` that of the row's ref; `detail` is what else there is to say of the row (the label suggested
            for it, its length).
        evidence: plain values for the report: counts, classes, quantiles.
        remedy: the step that would mend it, as it stands in a recipe; None where there is none.
        plan: the edits the remedy would make, so that a report can show before and after.
    """

    check: str
    title: str
    severity: Severity
    value: float | None = None
    bound: float | None = None
    rows: pa.Table = field(default_factory=ROWS.empty_table)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    remedy: Mapping[str, Any] | None = None
    plan: Edits | None = None


class CheckContext(Protocol):
    """What the audit gives a check to work with."""

    @property
    def corpus(self) -> Corpus: ...

    @property
    def seed(self) -> int: ...

    def plan(self, transform: Transform) -> Edits:
        """The edits a transform proposes for the corpus; nothing is applied."""
        ...

    def signal(self, name: str, **settings: Any) -> Signal:
        """A signal of the corpus."""
        ...


class Check(BaseModel, frozen=True, extra="forbid"):
    """What every check declares; its fields are its bounds."""

    name: ClassVar[str]
    version: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset({"text"})

    def look(self, context: CheckContext) -> list[Finding]:
        """The findings, the worst first; one of severity `none` where nothing is wrong.

        Raises:
            Skip: there is nothing to look at.
        """
        raise NotImplementedError


def edited_rows(edits: Edits) -> pa.Table:
    """The rows that edits are about, once each, with the first reason given; highest score first (schema `ROWS`)."""
    parts = [table.select(["row_id", "reason", "score", "ref", "ref_split"]) for table in edits.tables().values()]
    if not parts:
        return ROWS.empty_table()
    table = pa.concat_tables(parts).combine_chunks()
    first = table.append_column("at", pa.array(range(len(table)))).group_by("row_id").aggregate([("at", "min")])
    table = table.take(first.column("at_min").sort())
    of_train = pc.if_else(pc.is_valid(table.column("ref")), "train", pa.scalar(None, pa.string()))
    where = pc.coalesce(table.column("ref_split"), of_train)
    table = table.set_column(table.column_names.index("ref_split"), "ref_split", where)
    table = table.append_column("split", pa.repeat("train", len(table)))
    table = table.append_column("detail", pa.nulls(len(table), pa.string()))
    return table.select(ROWS.names).sort_by([("score", "descending"), ("row_id", "ascending")]).cast(ROWS)

"""Evidence as blocks of a report, by its shape and not by its check: a plugin's check is drawn like any other.

A single value becomes a fact, counts by name become bars, a list of records a table, and `edges` with `counts` a
histogram. A key with the word `fraction`, `share` or `accuracy` holds shares; `row_id` names a row, and its text stands
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from curate.report.display import number, percent
from curate.report.model import Bar, Bars, Block, Column, ColumnKind, Fact, Facts, Histogram, Mark, Table

SHARES = ("fraction", "accuracy", "share")
TextOf = Callable[[int], str | None]


def blocks(evidence: Mapping[str, Any], text_of: TextOf) -> tuple[Block, ...]:
    """The blocks of a finding's evidence, its facts first; `text_of` gives the text of a training row.

    Example:
        >>> blocks({"n_groups": 2, "reasons": {"null_text": 3, "blank_text": 1}}, lambda row_id: None)[0]
        Facts(facts=(Fact(label='groups', value='2', tone='neutral'),))
    """
    facts: list[Fact] = []
    rest: list[Block] = []
    for key, value in evidence.items():
        if isinstance(value, Mapping) and "edges" in value:
            rest.append(_histogram(value))
        elif isinstance(value, Mapping) and len(value) > 1:
            rest.append(_bars(key, value))
        elif isinstance(value, Mapping):
            facts += [Fact(name, _reads(name, count)) for name, count in value.items()]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if value:
                rest.append(_table(key, value, text_of))
        else:
            facts.append(Fact(label(key), _reads(key, value)))
    return (*((Facts(tuple(facts)),) if facts else ()), *rest)


def label(key: str) -> str:
    """A key as people read it.

    Example:
        >>> label("n_test_rows"), label("rows_per_class")
        ('test rows', 'rows per class')
    """
    return key.removeprefix("n_").replace("_", " ")


def is_share(key: str) -> bool:
    """Whether the values under a key are shares, to be read in per cent."""
    return any(word in SHARES for word in key.split("_"))


def _reads(key: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return percent(value) if is_share(key) else number(value)


def _histogram(value: Mapping[str, Any]) -> Histogram:
    marks = tuple(Mark(float(at), f"{label(name)} {number(at)}") for name, at in value.get("marks", {}).items())
    return Histogram(tuple(map(float, value["edges"])), tuple(value["counts"]), marks, value.get("axis", ""))


def _bars(key: str, value: Mapping[str, float]) -> Bars:
    total = sum(value.values())
    return Bars(
        tuple(Bar(name, float(n), f"{number(n)} ({percent(n / total if total else 0)})") for name, n in value.items()),
        caption=label(key),
    )


def _table(key: str, records: Sequence[Mapping[str, Any]], text_of: TextOf) -> Table:
    columns, rows = [], [list[Any]() for _ in records]
    for name in records[0]:
        columns.append(Column("row" if name == "row_id" else label(name), _kind(name, records[0][name])))
        for row, record in zip(rows, records, strict=True):
            row.append(record.get(name))
        if name == "row_id":
            columns.append(Column("text"))
            for row, record in zip(rows, records, strict=True):
                row.append(text_of(record[name]))
    return Table(tuple(columns), tuple(map(tuple, rows)), caption=label(key))


def _kind(name: str, value: Any) -> ColumnKind:
    if name == "row_id":
        return "id"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "percent" if is_share(name) else "number"
    return "code"

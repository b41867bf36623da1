"""Evidence as blocks of a report, by its shape and not by its check: a plugin's check is drawn like any other.

A single value becomes a fact, counts by name become bars, a list of records a table, and `edges` with `counts` a
histogram. Records with `row_id` and `ref` are pairs of rows: both texts are shown with their difference. A key with the
word `fraction`, `share` or `accuracy` holds shares; `row_id` names a row, and its text stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from curate.report.display import number, percent
from curate.report.model import Bar, Bars, Block, Column, ColumnKind, Diff, Fact, Facts, Histogram, Mark, Table

SHARES = ("fraction", "accuracy", "share")
TRAIN = "train"
TextOf = Callable[[str, int], str | None]
_ENDS = ("row_id", "ref", "split", "ref_split")


def blocks(evidence: Mapping[str, Any], text_of: TextOf, whole_of: TextOf | None = None) -> tuple[Block, ...]:
    """The blocks of a finding's evidence: pairs of rows, facts, all else.

    Args:
        evidence: plain values by name.
        text_of: gives the text of a row of a split, short enough for a table.
        whole_of: the same in full; `text_of` unless given.

    Example:
        >>> blocks({"n_groups": 2, "reasons": {"null_text": 3, "blank_text": 1}}, lambda split, row_id: None)[0]
        Facts(facts=(Fact(label='groups', value='2', tone='neutral'),))
    """
    facts: list[Fact] = []
    pairs: list[Block] = []
    rest: list[Block] = []
    for key, value in evidence.items():
        if isinstance(value, Mapping) and "edges" in value:
            rest.append(_histogram(value))
        elif isinstance(value, Mapping) and len(value) > 1:
            rest.append(_bars(key, value))
        elif isinstance(value, Mapping):
            facts += [Fact(name, _reads(name, count)) for name, count in value.items()]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            if is_pairs(value):
                pairs += [_pair(record, whole_of or text_of) for record in value]
            elif value:
                rest.append(_table(key, value, text_of))
        else:
            facts.append(Fact(label(key), _reads(key, value)))
    return (*pairs, *((Facts(tuple(facts)),) if facts else ()), *rest)


def is_pairs(value: Any) -> bool:
    """Whether evidence is a list of pairs of rows."""
    return isinstance(value, list) and bool(value) and {"row_id", "ref"} <= value[0].keys()


def _pair(record: Mapping[str, Any], whole_of: TextOf) -> Diff:
    splits = [record.get(key, TRAIN) for key in ("split", "ref_split")]
    ends = list(zip(splits, (record["row_id"], record["ref"]), strict=True))
    names = [f"row {row_id}" if split == TRAIN else f"row {row_id} of {split}" for split, row_id in ends]
    said = [" and ".join(names), *(f"{label(key)} {_reads(key, record[key])}" for key in record if key not in _ENDS)]
    before, after = (whole_of(split, row_id) for split, row_id in ends)
    return Diff(before, after, ", ".join(said), (names[0], names[1]))


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
        tuple(Bar(name, float(n), _of_all(n, total) if not is_share(key) else percent(n)) for name, n in value.items()),
        caption=label(key),
    )


def _of_all(n: float, total: float) -> str:
    return f"{number(n)} ({percent(n / total if total else 0)})"


def _table(key: str, records: Sequence[Mapping[str, Any]], text_of: TextOf) -> Table:
    columns, rows = [], [list[Any]() for _ in records]
    for name in records[0]:
        columns.append(Column("row" if name == "row_id" else label(name), _kind(name, records[0][name])))
        for row, record in zip(rows, records, strict=True):
            row.append(record.get(name))
        if name == "row_id":
            columns.append(Column("text"))
            for row, record in zip(rows, records, strict=True):
                row.append(text_of(TRAIN, record[name]))
    return Table(tuple(columns), tuple(map(tuple, rows)), caption=label(key))


def _kind(name: str, value: Any) -> ColumnKind:
    if name == "row_id":
        return "id"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "percent" if is_share(name) else "number"
    return "code"

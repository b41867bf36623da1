"""The sums that must balance, and cells as text in the lineage."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest

from curate.data.edits import Edits
from curate.data.lineage import LINEAGE, StepCount, as_text, check_balance, events, quarantine_row, quarantine_table
from curate.errors import AccountingError


def ids(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.uint64)


def log(drop: list[int] = [], add: list[int] = []) -> pa.Table:  # noqa: B006
    drops = events("s", "drop", Edits.drop(drop, "x").drops)
    return pa.concat_tables([drops, events("s", "add", Edits.add(add, add, "x").adds)])


def failed(*row_ids: int) -> pa.Table:
    return quarantine_table(quarantine_row("boom", raw=None, row_id=row_id) for row_id in row_ids)


def test_a_balanced_batch_passes() -> None:
    check_balance(ids(1, 2, 3), ids(1, 9), log(drop=[2], add=[9]), failed(3))


def test_a_row_added_and_dropped_again_balances() -> None:
    check_balance(ids(1), ids(1), log(drop=[9], add=[9]), failed())


@pytest.mark.parametrize(
    ("out", "log_", "why"),
    [
        ([1, 3], log(), "lost without a drop"),
        ([1, 2, 3, 4], log(), "appears without an add"),
        ([1, 2, 3], log(drop=[2]), "dropped but still there"),
        ([1, 2, 3], log(add=[9]), "added but not there"),
        ([1, 2, 3, 3], log(), "there twice"),
    ],
)
def test_a_row_that_is_not_accounted_for_is_noticed(out: list[int], log_: pa.Table, why: str) -> None:
    with pytest.raises(AccountingError, match="not accounted for"):
        check_balance(ids(1, 2, 3), ids(*out), log_, failed())


def test_a_quarantined_row_must_be_gone() -> None:
    with pytest.raises(AccountingError):
        check_balance(ids(1, 2), ids(1, 2), log(), failed(2))


def test_counts_add_up_over_batches() -> None:
    whole, part = StepCount("s"), StepCount("s")
    whole.count(5, 5, LINEAGE.empty_table(), 0)
    part.count(4, 3, log(drop=[1], add=[9]), 1)
    whole.merge(part)
    assert (whole.n_in, whole.n_out, whole.n_dropped, whole.n_added, whole.n_quarantined) == (9, 8, 1, 1, 1)
    assert whole.reasons == {"x": 2}
    assert whole.dropped_by == {"x": 1}
    whole.check()


def test_a_row_changed_in_two_columns_counts_once() -> None:
    count = StepCount("s")
    sets = [events("s", "set", Edits.set(c, [1, 2], pa.array([1, 2]), "x").sets[c], column=c) for c in ("a", "b")]
    count.count(3, 3, pa.concat_tables(sets), 0)
    assert count.n_changed == 2
    assert count.by_reason() == ["x 4 cells"]


def test_reasons_of_one_cell_a_row_and_of_dropped_rows_are_counts_of_rows() -> None:
    count = StepCount("s")
    sets = events("s", "set", Edits.set("a", [2, 3], pa.array([1, 2]), "y").sets["a"], column="a")
    count.count(4, 3, pa.concat_tables([log(drop=[1]), sets]), 0)
    assert count.by_reason() == ["y 2", "x 1"]


def test_counts_that_do_not_balance_are_refused() -> None:
    with pytest.raises(AccountingError, match="'s': 3 in - 0 dropped - 0 quarantined \\+ 0 added is not 2 out"):
        StepCount("s", n_in=3, n_out=2).check()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array([1, None]), ["1", None]),
        (pa.array([1.5]), ["1.5"]),
        (pa.array([True]), ["true"]),
        (pa.array(["a"]).dictionary_encode(), ["a"]),
        (pa.array([[1, 2], None]), ["[1, 2]", None]),
        (pa.array([{"a": 1}]), ["{'a': 1}"]),
        (pa.array([b"\xff"]), ["b'\\xff'"]),
        (pa.array([datetime.date(2020, 1, 2)]), ["2020-01-02"]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_cells_of_any_type_can_be_told(values: pa.Array, text: list[str | None]) -> None:
    assert as_text(values).to_pylist() == text

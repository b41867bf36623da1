"""`apply` is the one place that changes rows: what it does, in which order, and everything it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.data.apply import apply
from curate.data.edits import Edits
from curate.data.lineage import LINEAGE, QUARANTINE, check_balance
from curate.data.roles import Roles
from curate.data.rows import TOP_BIT, Batch
from curate.errors import AccountingError


def batch(n: int = 4, **columns: Any) -> Batch:
    given = {"text": [f"t{at}" for at in range(n)], "weight": [1.0] * n, **columns}
    ids = np.arange(10, 10 + n, dtype=np.uint64)
    return Batch(pa.record_batch(given), ids, Roles(text="text", weight="weight"))


def new_id(number: int) -> int:
    return int(TOP_BIT) + number


def test_a_cell_is_set_and_its_old_value_stands_in_the_lineage() -> None:
    after, log = apply(batch(), Edits.set("text", [12, 10], pa.array(["two", "null"]), "why", score=0.5), step="s")
    assert after.column("text").to_pylist() == ["null", "t1", "two", "t3"]
    assert log.schema == LINEAGE
    assert log.select(["step", "kind", "row_id", "column", "reason", "score", "before"]).to_pylist() == [
        {"step": "s", "kind": "set", "row_id": 12, "column": "text", "reason": "why", "score": 0.5, "before": "t2"},
        {"step": "s", "kind": "set", "row_id": 10, "column": "text", "reason": "why", "score": 0.5, "before": "t0"},
    ]


def test_added_rows_stand_behind_their_first_parent_in_the_order_they_were_given() -> None:
    edits = Edits.add([new_id(3), new_id(1), new_id(2)], [11, 13, 11], "copy")
    after, log = apply(batch(), edits, step="s")
    assert after.row_ids.tolist() == [10, 11, new_id(3), new_id(2), 12, 13, new_id(1)]
    assert after.column("text").to_pylist() == ["t0", "t1", "t1", "t1", "t2", "t3", "t3"]
    assert log.column("parents").to_pylist() == [[11], [13], [11]]


def test_an_added_row_takes_the_given_cells_and_all_else_from_its_first_parent() -> None:
    parents = pa.array([[12, 10]], pa.list_(pa.uint64()))
    edits = Edits.add([new_id(1)], parents, "mix", cells={"text": pa.array(["mixed"])})
    after, _ = apply(batch(weight=[1.0, 2.0, 3.0, 4.0]), edits, step="s")
    assert after.rows.slice(3, 1).to_pylist() == [{"text": "mixed", "weight": 3.0}]


def test_a_copy_is_of_the_row_as_it_was_and_stays_when_its_parent_goes() -> None:
    edits = Edits.concat(
        [
            Edits.set("text", [11], pa.array(["new"]), "set"),
            Edits.drop([11], "gone"),
            Edits.add([new_id(1)], [11], "copy"),
        ]
    )
    after, log = apply(batch(), edits, step="s")
    assert after.row_ids.tolist() == [10, new_id(1), 12, 13]
    assert after.column("text").to_pylist() == ["t0", "t1", "t2", "t3"]
    assert log.column("kind").to_pylist() == ["set", "drop", "add"]


def test_a_dropped_row_leaves_its_text() -> None:
    _, log = apply(batch(), Edits.drop([13], "bad", ref=pa.array([10], pa.uint64())), step="s")
    assert log.select(["kind", "before", "ref"]).to_pylist() == [{"kind": "drop", "before": "t3", "ref": 10}]


def test_a_private_step_leaves_no_text() -> None:
    edits = Edits.concat([Edits.drop([13], "pii"), Edits.set("text", [10], pa.array(["x"]), "pii")])
    _, log = apply(batch(), edits, step="s", private=True)
    assert log.column("before").to_pylist() == [None, None]


def test_rows_are_weighed_in_the_weight_column() -> None:
    after, log = apply(batch(), Edits.weigh([11, 12], [0.25, 0.0], "rare"), step="s")
    assert after.column("weight").to_pylist() == [1.0, 0.25, 0.0, 1.0]
    assert log.column("column").to_pylist() == ["weight", "weight"]


def test_no_edits_change_nothing() -> None:
    given = batch()
    after, log = apply(given, Edits(), step="s")
    assert after is given
    assert not log.num_rows


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (Edits.drop([99], "x"), "row 99 is edited but is not in the batch"),
        (Edits.set("text", [99], pa.array(["x"]), "x"), "row 99 is edited"),
        (Edits.add([new_id(1)], [99], "x"), "row 99 is edited"),
        (Edits.drop([10, 10], "x"), "two drop edits for one row"),
        (Edits.set("text", [10, 10], pa.array(["a", "b"]), "x"), "two set:text edits for one row"),
        (Edits.add([new_id(1)] * 2, [10, 11], "x"), "two add edits for one row"),
        (Edits.add([12], [10], "x"), "the id of a row that is there"),
        (Edits.set("txt", [10], pa.array(["a"]), "x"), "'txt', which the rows do not have"),
        (Edits.set("text", [10], pa.array([1]), "x"), "to int64, but the column holds string"),
        (Edits.set("weight", [10], pa.array([1], pa.int64()), "x"), "the column holds double"),
        (Edits.add([new_id(1)], [10], "x", cells={"txt": pa.array(["a"])}), "'txt', which the rows do not have"),
        (Edits.add([new_id(1)], [10], "x", cells={"text": pa.array([1])}), "to int64, but the column holds string"),
        (Edits.weigh([10], [-0.5], "x"), "below 0 or not finite"),
        (Edits.weigh([10], [float("nan")], "x"), "below 0 or not finite"),
    ],
)
def test_apply_refuses(edits: Edits, said: str) -> None:
    with pytest.raises(AccountingError, match=said.replace("[", r"\[")):
        apply(batch(), edits, step="s")


def test_weights_need_a_weight_column_of_floats() -> None:
    with pytest.raises(AccountingError, match="no column has the role weight"):
        apply(Batch(batch().rows, batch().row_ids, Roles(text="text")), Edits.weigh([10], [0.5], "x"), step="s")
    with pytest.raises(AccountingError, match="holds int64, not floats"):
        apply(batch(weight=[1, 1, 1, 1]), Edits.weigh([10], [0.5], "x"), step="s")


def test_edits_of_several_batches_in_one() -> None:
    parts = [Edits.drop([1], "a"), Edits(), Edits.set("text", [2], pa.array(["x"]), "b"), Edits.drop([3], "a")]
    whole = Edits.concat(parts)
    assert whole.n_edits == 3
    assert whole.n_rows == 3
    assert whole.reasons() == {"a": 2, "b": 1}
    assert Edits.from_tables(whole.tables()).tables() == whole.tables()


def test_within_hands_out_the_edits_of_the_rows_asked_for() -> None:
    whole = Edits.concat(
        [Edits.drop([5, 1, 3], ["a", "b", "c"]), Edits.add([new_id(1), new_id(2)], [3, 4], "d"), Edits.drop([9], "e")]
    )
    some = whole.within(np.array([3, 9, 77], dtype=np.uint64))
    assert some.drops.column("row_id").to_pylist() == [3, 9]
    assert some.adds.column("row_id").to_pylist() == [new_id(1)]
    assert not whole.within(np.array([], dtype=np.uint64)).n_edits


def test_text_in_a_dictionary_column_can_be_set_to_a_value_the_dictionary_does_not_have() -> None:
    column = pa.array(["a", "b", "a", None]).dictionary_encode()
    values = pa.array(["new"]).dictionary_encode()
    after, log = apply(batch(text=column), Edits.set("text", [12], values, "x"), step="s")
    assert after.column("text").to_pylist() == ["a", "b", "new", None]
    assert log.column("before").to_pylist() == ["a"]


@given(
    kinds=st.lists(st.sampled_from(["keep", "drop", "set", "add", "drop+add", "set+add"]), max_size=12),
)
def test_every_row_is_accounted_for(kinds: list[str]) -> None:
    given = batch(len(kinds))
    ids = given.row_ids.tolist()
    edits = Edits.concat(
        [
            *[Edits.drop([i], "d") for i, kind in zip(ids, kinds, strict=True) if "drop" in kind],
            *[
                Edits.set("text", [i], pa.array(["x"]), "s")
                for i, kind in zip(ids, kinds, strict=True)
                if "set" in kind
            ],
            *[Edits.add([new_id(i)], [i], "a") for i, kind in zip(ids, kinds, strict=True) if "add" in kind],
        ]
    )
    after, log = apply(given, edits, step="s")
    check_balance(given.row_ids, after.row_ids, log, QUARANTINE.empty_table())
    assert log.num_rows == edits.n_edits
    expected = []
    for i, kind in zip(ids, kinds, strict=True):
        expected += [] if "drop" in kind else [i]
        expected += [new_id(i)] if "add" in kind else []
    assert after.row_ids.tolist() == expected

"""A plain function is a step: it sees a row as a dict and says what to set, or that the row goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from curate.core.curated import Curated
from curate.core.function import Drop
from curate.core.recipe import Recipe
from curate.core.step import step
from curate.data.corpus import Corpus
from curate.errors import QuarantineExceeded

TABLE = pa.table({"text": ["a", None, "ccc"], "n": [1, 2, 3], "tags": [["x"], [], None]})


def run(function: Callable[[dict[str, Any]], Any], **settings: Any) -> Curated:
    made = step(function, name="mine", version="1")
    return Recipe([made], **settings).run(Corpus.from_table(TABLE))


def test_it_sets_cells_and_drops_rows() -> None:
    def shout(row: dict[str, Any]) -> Any:
        if row["text"] is None:
            return Drop("no_text", 0.25)
        return {"text": row["text"].upper(), "n": row["n"] * 10, "tags": ["y"]}

    curated = run(shout)
    assert curated.corpus.table().to_pylist() == [
        {"text": "A", "n": 10, "tags": ["y"]},
        {"text": "CCC", "n": 30, "tags": ["y"]},
    ]
    log = curated.lineage().to_pylist()
    assert [(e["row_id"], e["kind"], e["column"], e["reason"], e["score"], e["before"]) for e in log] == [
        (0, "set", "n", "mine", 1.0, "1"),
        (0, "set", "tags", "mine", 1.0, "['x']"),
        (0, "set", "text", "mine", 1.0, "a"),
        (1, "drop", None, "no_text", 0.25, None),
        (2, "set", "n", "mine", 1.0, "3"),
        (2, "set", "tags", "mine", 1.0, None),
        (2, "set", "text", "mine", 1.0, "ccc"),
    ]
    (count,) = curated.counts
    assert (count.n_in, count.n_out, count.n_dropped, count.n_changed) == (3, 2, 1, 2)


def test_what_is_equal_is_no_edit_and_a_row_cannot_be_changed_in_place() -> None:
    def quiet(row: dict[str, Any]) -> Any:
        same = {"text": row["text"]}
        row["text"] = "changed in place"
        return same

    curated = run(quiet)
    assert curated.lineage().num_rows == 0
    assert curated.corpus.table().equals(TABLE)


def test_a_cell_can_become_null() -> None:
    assert run(lambda row: {"text": None}).corpus.table().column("text").to_pylist() == [None] * 3


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda row: None, "TypeError: step function 'mine' returned NoneType; return a dict"),
        (lambda row: "x", "returned str"),
        (lambda row: {"txt": "x"}, "sets 'txt', which is no column of the row"),
        (lambda row: {"n": "many"}, "ArrowInvalid"),
        (lambda row: row["text"].upper() and {"text": row["missing"]}, "KeyError: 'missing'"),
        (lambda row: Drop("x", 7.0), "score"),
    ],
)
def test_a_wrong_answer_stops_the_run_and_says_so(function: Callable[[dict[str, Any]], Any], said: str) -> None:
    with pytest.raises(QuarantineExceeded, match=said) as caught:
        run(function)
    assert "step 'mine', row 0" in str(caught.value)


def test_a_row_that_fails_is_set_aside_whole_with_its_cause() -> None:
    curated = run(lambda row: {"text": row["text"].upper()}, max_quarantine=0.5)
    assert curated.corpus.texts() == ["A", "CCC"]
    (bad,) = curated.quarantine.to_pylist()
    assert (bad["row_id"], bad["step"]) == (1, "mine")
    assert bad["cause"].startswith("AttributeError: 'NoneType' object has no attribute 'upper'")
    assert bad["raw"] == '{"text": null, "n": 2, "tags": []}'
    (count,) = curated.counts
    assert (count.n_in, count.n_out, count.n_quarantined) == (3, 2, 1)

"""`filter.missing` and `clean.missing`: what counts as missing, what is put in, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError
from curate.transforms.clean.missing import FillMissing
from curate.transforms.filter.missing import DropMissing


def corpus(roles: Roles | None = None, **columns: Any) -> Corpus:
    return Corpus.from_table(pa.table(columns), roles or Roles())


def run(transform: Transform, rows: Corpus) -> tuple[pa.Table, dict[int, str]]:
    curated = Recipe([Step(transform)], max_quarantine=0).run(rows)
    return curated.corpus.table(), {event["row_id"]: event["reason"] for event in curated.lineage().to_pylist()}


def filled(column: list[Any] | pa.Array, fill: str, **settings: Any) -> list[Any]:
    table, _ = run(FillMissing(columns=["c"], fill=fill, **settings), corpus(c=column, other=["o"] * len(column)))
    return table.column("c").to_pylist()


def test_placeholders_for_a_text_or_a_label_drop_a_row_and_texts_that_contain_one_do_not() -> None:
    texts = ["[deleted]", "it was [deleted]", "none", "?", "fine", "fine", "fine"]
    labels = ["a", "a", "a", "a", "#N/A", "-", "none"]
    rows = corpus(Roles(text="text", label="label"), text=texts, label=labels)
    assert run(DropMissing(), rows)[1] == {0: "placeholder_text", 4: "placeholder_label"}
    every = run(DropMissing(placeholders="all"), rows)[1]
    assert {row for row, why in every.items() if why == "placeholder_text"} == {0, 2, 3}
    assert {row for row, why in every.items() if why == "placeholder_label"} == {4, 5, 6}
    assert run(DropMissing(placeholders="off"), rows)[1] == {}
    assert run(DropMissing(placeholders="off", words=["fine", "a"]), rows)[1].keys() == set(range(7))


def test_a_row_with_one_text_among_several_columns_stays() -> None:
    rows = corpus(Roles(text=("a", "b")), a=["x", None, "N/A", None, "null"], b=[None, "N/A", "y", None, " "])
    assert run(DropMissing(), rows)[1] == {1: "placeholder_text", 3: "null_text", 4: "placeholder_text"}


def test_a_null_target_drops_a_row() -> None:
    rows = corpus(Roles(text="text", target="y"), text=["a", "b", "c"], y=[1.0, None, float("nan")])
    assert run(DropMissing(), rows)[1] == {1: "null_target", 2: "null_target"}
    assert run(DropMissing(target=False), rows)[1] == {}


def test_what_is_missing_is_filled_and_nothing_else_changes() -> None:
    cells = ["ale", None, "stout", "N/A", " ", "ale", "none"]
    assert filled(cells, "constant", value="?") == ["ale", "?", "stout", "?", "?", "ale", "none"]
    assert filled(cells, "most_frequent", placeholders="all") == ["ale", "ale", "stout", "ale", "ale", "ale", "ale"]
    assert filled(cells, "column", from_column="other") == ["ale", "o", "stout", "o", "o", "ale", "none"]
    assert filled(cells, "nothing") == ["ale", None, "stout", None, None, "ale", "none"]
    assert filled(cells, "nothing", placeholders="off", words=["stout"]) == [
        "ale",
        None,
        None,
        "N/A",
        None,
        "ale",
        "none",
    ]


def test_medians_keep_the_type_of_the_column() -> None:
    assert filled([1.0, None, 2.0, 5.0, float("nan"), 4.0], "median") == [1.0, 3.0, 2.0, 5.0, 3.0, 4.0]
    assert filled([1, None, 2, 5, 4], "median") == [1, 2, 2, 5, 4]
    assert filled([1, -999, 3], "median", words=["-999"]) == [1, 1, 3]
    days = [dt.date(2021, 1, 1), None, dt.date(2021, 3, 1), dt.date(2021, 2, 1)]
    assert filled(days, "median")[1] == dt.date(2021, 2, 1)
    assert filled(days, "constant", value="2020-12-31")[1] == dt.date(2020, 12, 31)


def test_of_equally_frequent_values_the_smallest_whatever_the_order() -> None:
    assert filled(["b", "a", None], "most_frequent")[-1] == filled([None, "a", "b"], "most_frequent")[0] == "a"


def test_where_nothing_is_known_cells_stay() -> None:
    assert filled(pa.nulls(2, pa.string()), "most_frequent") == [None, None]
    assert filled(pa.nulls(2, pa.float64()), "median") == [None, None]
    rows = corpus(c=["x", None, None], other=["o", "N/A", None])
    table, log = run(FillMissing(columns=["c"], fill="column", from_column="other"), rows)
    assert (table.column("c").to_pylist(), log) == (["x", None, None], {})


def test_a_role_stands_for_its_columns_and_the_score_is_the_share() -> None:
    rows = corpus(Roles(text="t", label="topic"), t=["a", "b", "c", "d"], topic=["x", "x", "y", None])
    curated = Recipe([Step(FillMissing(columns=["label"], fill="most_frequent"))]).run(rows)
    (event,) = curated.lineage().to_pylist()
    assert (event["row_id"], event["column"], event["reason"]) == (3, "topic", "filled_most_frequent")
    assert event["score"] == pytest.approx(2 / 3)


def test_a_dictionary_column_takes_a_new_value() -> None:
    rows = corpus(c=pa.array(["a", None, "a"]).dictionary_encode())
    table, _ = run(FillMissing(columns=["c"], fill="constant", value="new"), rows)
    assert table.column("c").to_pylist() == ["a", "new", "a"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"fill": "constant", "value": "unknown"}, "cannot put 'unknown' into 'n', which holds int64"),
        ({"fill": "constant", "value": 2.5}, "cannot put 2.5 into 'n', which holds int64"),
        ({"fill": "column", "from_column": "t"}, "'t' holds string, 'n' holds int64"),
        ({"fill": "column", "from_column": "tt"}, "no column 'tt' to take from .*did you mean 't'"),
        ({"fill": "median", "columns": ["t"]}, "'t' holds string, which has no median"),
        ({"fill": "median", "columns": ["nn"]}, "finds no column 'nn'"),
        ({"fill": "median", "columns": ["target"]}, "no column has the role target"),
    ],
)
def test_a_fill_that_does_not_fit_is_refused_before_the_run(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ColumnError, match=said):
        run(FillMissing(**{"columns": ["n"], **settings}), corpus(n=[1, None], t=["a", "b"]))


@pytest.mark.parametrize("settings", [{"fill": "constant"}, {"fill": "median", "value": 1}, {"fill": "column"}])
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        FillMissing(columns=["n"], **settings)

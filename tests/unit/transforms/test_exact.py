"""`dedup.exact` and the keep rule it shares with every other dedup step: which row stays, and what counts as equal."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from curate.core.contracts import check_transform
from curate.core.curated import Curated
from curate.core.recipe import Recipe
from curate.core.step import Step
from curate.core.transform import Transform
from curate.data.corpus import Corpus
from curate.data.roles import Roles
from curate.errors import ColumnError, RecipeError
from curate.transforms.dedup.exact import DropExactDuplicates, refined

NAN = float("nan")


def corpus(roles: dict[str, Any] | None = None, **columns: Any) -> Corpus:
    return Corpus.from_table(pa.table(columns), Roles(**(roles or {"text": "text"})))


def run(transform: Transform, rows: Corpus) -> Curated:
    return Recipe([Step(transform)]).run(rows)


def kept(transform: Transform, rows: Corpus) -> list[int]:
    return run(transform, rows).corpus.row_ids().tolist()


@pytest.mark.parametrize(
    ("by", "stays"),
    [
        ([1, 3, 3, None], 1),
        ([1.5, NAN, 0.5, None], 0),
        ([None, None, None, None], 0),
        ([NAN, NAN, 7.0, 7.0], 2),
        ([2**62 + 1, 2**62, 2**62 + 2, 0], 2),
        ([date(2024, 5, 1), date(2024, 5, 31), None, date(2023, 1, 1)], 1),
        ([datetime(2024, 5, 1, 10), datetime(2024, 5, 1, 12), datetime(2024, 5, 1, 11), None], 1),
        ([Decimal("1.10"), Decimal("1.20"), None, Decimal("0.30")], 1),
        (["2024-05-31", "2024-06-01T00:30+02:00", "2024-05-31T23:00Z", ""], 2),
        (["2023", "2023-05", "2023-04-30T12:00:00.5", None], 1),
        ([False, True, True, None], 1),
    ],
)
@pytest.mark.parametrize("keep", ["newest", "highest"])
def test_the_newest_or_highest_stays_and_a_row_without_a_value_comes_last(by: list[Any], stays: int, keep: str) -> None:
    rows = corpus(text=["a"] * 4, when=by)
    assert kept(DropExactDuplicates(keep=keep, by="when"), rows) == [stays]
    turned = rows.take([3, 1, 0, 2])
    assert kept(DropExactDuplicates(keep=keep, by="when"), turned) == [stays]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["2024-05-31", "last week"], "the column 'when' cannot be ordered: 'last week' is no date"),
        ([[1], [2]], "the column 'when' holds list"),
        ([b"a", b"b"], "the column 'when' holds binary"),
    ],
)
def test_a_column_without_an_order_is_named(values: list[Any], said: str) -> None:
    with pytest.raises(ColumnError, match=said):
        run(DropExactDuplicates(keep="newest", by="when"), corpus(text=["a", "a"], when=values))


def test_a_column_that_is_not_there_is_told_before_the_run() -> None:
    with pytest.raises(RecipeError, match="needs the signal date, which nothing supplies"):
        run(DropExactDuplicates(keep="newest", by="date"), corpus(text=["a", "a"]))


@pytest.mark.parametrize("given", [{"keep": "newest"}, {"keep": "highest"}, {"by": "x"}, {"keep": "central"}])
def test_settings_that_do_not_fit_each_other_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DropExactDuplicates(**given)


def test_the_label_most_of_them_have_stays() -> None:
    roles = {"text": "text", "label": "label"}
    rows = corpus(roles, text=["a"] * 5 + ["b", "b", "c"], label=["x", "y", "y", None, None, "z", "w", "q"])
    assert kept(DropExactDuplicates(keep="majority_label"), rows) == [1, 5, 7]
    with pytest.raises(RecipeError, match="needs the role label"):
        run(DropExactDuplicates(keep="majority_label"), corpus(text=["a", "a"]))


def test_several_columns_must_all_be_equal() -> None:
    rows = corpus(
        text=["a", "A", "a", "a", None, None],
        answer=["b", "b ", "c", None, "b", None],
        year=[1, 1, 1, 1, 1, None],
    )
    assert kept(DropExactDuplicates(columns=["text", "answer"]), rows) == [0, 2, 3, 4, 5]
    assert kept(DropExactDuplicates(columns="year"), rows) == [0, 5]
    assert kept(DropExactDuplicates(), rows) == [0, 4, 5]


def test_what_stands_in_which_column_counts() -> None:
    roles = {"text": ("title", "body")}
    rows = corpus(roles, title=["a b", "a", "a b"], body=["c", "b c", "C"])
    assert kept(DropExactDuplicates(), rows) == [0, 1]


def test_a_column_to_compare_that_is_not_there_is_named() -> None:
    with pytest.raises(ColumnError, match="columns names 'txet', which is no column"):
        run(DropExactDuplicates(columns="txet"), corpus(text=["a", "a"]))


def test_rows_without_text_can_be_compared_by_other_columns() -> None:
    rows = Corpus.from_table(pa.table({"n": [1, 2, 1], "tags": [["a"], ["a"], ["a"]]}), Roles())
    assert kept(DropExactDuplicates(columns=["n", "tags"]), rows) == [0, 1]
    with pytest.raises(RecipeError, match="needs the role text"):
        run(DropExactDuplicates(columns="n", keep="longest"), rows)


def test_texts_whose_hashes_collide_are_told_apart_by_their_bytes() -> None:
    forms = pa.chunked_array([["a", "b", "a"], ["c", "b", "d"]])
    assert refined(np.array([0, 0, 0, 0, 0, 5]), forms).tolist() == [0, 1, 0, 3, 1, 5]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["a", "A", "a b", "a  b", "", None, "b"]), max_size=12))
def test_comparing_bytes_changes_nothing_where_no_hash_collides(texts: list[str | None]) -> None:
    rows = corpus(text=pa.array(texts, pa.string()))
    by_hash, by_bytes = (run(DropExactDuplicates(compare=how), rows).lineage() for how in ("hash", "bytes"))
    assert by_hash.equals(by_bytes)


@pytest.mark.parametrize("made", [{"keep": "highest", "by": "weight"}, {"columns": ["source", "tags"]}])
def test_settings_that_name_columns_keep_every_promise(made: dict[str, Any]) -> None:
    check_transform(DropExactDuplicates(**made))


def test_good_and_not_good_are_not_the_same() -> None:
    assert kept(DropExactDuplicates(punctuation=True, digits=True), corpus(text=["good", "not good"])) == [0, 1]


@pytest.mark.parametrize("space", [True, False])
def test_a_text_of_nothing_but_symbols_is_compared_by_them(space: bool) -> None:
    rows = corpus(text=["👍", "👎", "!!!", "good!", "👍", "good"])
    assert kept(DropExactDuplicates(punctuation=True, space=space), rows)[:3] == [0, 1, 2]
    assert kept(DropExactDuplicates(punctuation=True), rows) == [0, 1, 2, 3]


@pytest.mark.slow
def test_a_million_equal_rows() -> None:
    rows = corpus(text=pa.array(["the same text again"] * 1_000_000))
    counts = run(DropExactDuplicates(), rows).counts
    assert counts[0].n_dropped == 999_999

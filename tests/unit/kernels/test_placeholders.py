"""Placeholders: a whole cell that says there is nothing, and the texts that only look like one."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.placeholders import is_placeholder

LOREM = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor."
SURE = [
    *("N/A", "n/a", " N/A. ", '"n/a"', "null", "NULL", "nan", "NaN", "undefined", "TODO", "TBD", "-", "--", "—"),
    *(
        "[deleted]",
        "[Removed]",
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "(empty)",
        "<noinput>",
        "Not available",
        "not  applicable.",
    ),
    *(
        "\\N",
        "(null)",
        "keine Angabe",
        "non disponible",
        "sin datos",
        "нет данных",
        "暂无数据",
        "該当なし",
        "해당 없음",
    ),
    *(LOREM, LOREM.upper(), "lorem ipsum"),
]
DOUBTFUL = [
    "none",
    "None",
    "?",
    "test",
    "xxx",
    "Nan",
    "Null",
    "todo",
    "unknown",
    "...",
    "无",
    "なし",
    "nada",
    "deleted",
]
TEXTS = [
    *(
        "no",
        "yes",
        "ok",
        "good",
        "0",
        "+",
        "这",
        "No.",
        "42",
        "n",
        "Nanny",
        "Test the engine",
        ":-)",
        "!",
        "a-b",
        "b/a",
    ),
    *("The field said N/A", "null and void", "[deleted] by whom?", "He left a TODO", "not available in Chinese"),
    "Lorem ipsum is what designers put where the real text will stand one day.",
]


def found(cells: list[str], level: str | None, **more: object) -> list[str]:
    mask = is_placeholder(pa.array(cells), level, **more)  # type: ignore[arg-type]
    return [cell for cell, hit in zip(cells, mask.tolist(), strict=True) if hit]


def test_sure_words_count_and_doubtful_ones_only_on_request() -> None:
    everything = SURE + DOUBTFUL + TEXTS
    assert found(everything, "sure") == SURE
    assert found(everything, "all") == SURE + DOUBTFUL
    assert found(everything, None) == []


def test_words_of_the_user_count_at_every_level() -> None:
    cells = ["See above!", "see above", "I see above me a sky", "-999", "ok"]
    assert found(cells, None, words=["see above", "-999"]) == ["See above!", "see above", "-999"]
    assert is_placeholder(pa.array([1, -999, None]), "sure", ["-999"]).tolist() == [False, True, False]
    assert is_placeholder(pa.array([1, -999, None]), "all").tolist() == [False, False, False]


def test_a_dash_is_a_class_name_but_no_text() -> None:
    assert found(["+", "-", "n/a"], "sure", label=True) == ["n/a"]
    assert found(["+", "-", "n/a"], "all", label=True) == ["-", "n/a"]


def test_null_is_no_placeholder_and_any_plain_column_is_read() -> None:
    for cells in (pa.array([None, "N/A"]).dictionary_encode(), pa.array([None, "N/A"], pa.string_view())):
        assert is_placeholder(cells, "sure").tolist() == [False, True]
    assert is_placeholder(pa.nulls(2), "all").tolist() == [False, False]
    assert is_placeholder(pa.array([["N/A"]]), "all", ["n/a"]).tolist() == [False]
    assert is_placeholder(pa.array([], pa.string()), "all", ["x"]).tolist() == []


@settings(max_examples=50)
@given(cells=st.lists(st.one_of(st.none(), st.text(max_size=20), st.sampled_from(SURE + TEXTS)), max_size=20))
def test_each_cell_is_judged_by_itself(cells: list[str | None]) -> None:
    whole = is_placeholder(pa.array(cells, pa.string()), "all").tolist()
    assert whole == [bool(is_placeholder(pa.array([cell], pa.string()), "all")[0]) for cell in cells]


@pytest.mark.parametrize("text", ["lorem ipsum " * 90_000, "-" * 1_000_000, "(" * 1_000_000, " " * 1_000_000 + "x"])
def test_a_long_text_is_judged_at_once(text: str) -> None:
    assert is_placeholder(pa.array([text]), "all").tolist() == [text.startswith("lorem")]

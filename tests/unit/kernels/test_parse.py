"""Numbers, truth values and dates in text: read as written, never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.kernels.parse import day, number, truth


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *[("12", 12), (" -3.5 ", -3.5), ("+7", 7), ("1,234", 1234), ("1,234,567.89", 1234567.89), ("1 234", 1234)],
        *[("12 %", 0.12), ("12%", 0.12), ("$3.50", 3.5), ("€ 3", 3), ("3 €", 3), ("-$5", -5), ("(5.00)", -5)],
        *[("1e3", 1000), (".5", 0.5), ("\u22125", -5), ("１２", 12), ("USD 12", 12), ("1'234", 1234), ("12.", None)],
        *[("1,23", None), ("1,2345", None), ("12 oz", None), ("1-2", None), ("", None), (".", None), ("e5", None)],
        *[("1.2.3", None), ("12 34", None), ("twelve", None), ("$", None), ("%", None), ("--5", None), ("1e999", None)],
    ],
)
def test_numbers_with_a_decimal_point(cell: str, value: float | None) -> None:
    assert number(cell) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("cell", "value"), [("1.234,5", 1234.5), ("3,5 €", 3.5), ("1.234", 1234), ("1,234.5", None), ("0,5%", 0.005)]
)
def test_numbers_with_a_decimal_comma(cell: str, value: float | None) -> None:
    assert number(cell, decimal=",") == (None if value is None else pytest.approx(value))


def test_units_and_percent_as_said() -> None:
    assert [number(cell, units=("oz", "oz.")) for cell in ("12 oz", "12OZ.", "oz 12", "12 ounces")] == [
        12,
        12,
        12,
        None,
    ]
    assert number("5 %", percent="keep") == 5


def test_truth_values() -> None:
    assert [truth(cell) for cell in ("Yes", "N", "TRUE", "0", "да", "否", "maybe", "")] == [
        *(True, False, True, False, True, False, None, None)
    ]
    assert truth("no", true_words=["no"]) is True


@pytest.mark.parametrize(
    ("cell", "day_first", "said"),
    [
        ("2021-04-03", None, "2021-04-03"),
        ("2021/4/3", None, "2021-04-03"),
        ("2021-04-03T10:15:00Z", None, "2021-04-03"),
        ("3 April 2021", None, "2021-04-03"),
        ("3rd apr. 2021", None, "2021-04-03"),
        ("April 3, 2021", None, "2021-04-03"),
        ("3.4.2021", None, "2021-04-03"),
        ("2021年4月3日", None, "2021-04-03"),
        ("13/04/2021", None, "2021-04-13"),
        ("04/13/2021", None, "2021-04-13"),
        ("03/04/2021", None, None),
        ("03/04/2021", True, "2021-04-03"),
        ("03/04/2021", False, "2021-03-04"),
        ("2021-02-30", None, None),
        ("31/04/2021", None, None),
        ("3 mango 2021", None, None),
        ("20210403", None, None),
        ("10:15", None, None),
        ("", None, None),
    ],
)
def test_dates(cell: str, day_first: bool | None, said: str | None) -> None:
    assert (str(found) if (found := day(cell, day_first=day_first)) else None) == said


@settings(max_examples=60)
@given(cell=st.text(max_size=30))
def test_any_text_is_read_or_not(cell: str) -> None:
    for value in (number(cell, units=("oz",)), truth(cell), day(cell)):
        assert value is None or not isinstance(value, str)


@settings(max_examples=60)
@given(value=st.integers(-(10**12), 10**12))
def test_what_python_writes_is_read_back(value: int) -> None:
    assert number(str(value)) == number(f"{value:,}") == value


@pytest.mark.parametrize("piece", ["1", "1,", " ", "(", "1e", "-", "st", "%"])
def test_a_long_cell_is_no_value(piece: str) -> None:
    read: list[Any] = [number(piece * 500_000), truth(piece * 500_000), day(piece * 500_000)]
    assert read == [None, None, None]

"""Numbers: quantities only, other numbers in the same format, as an independent reader of numbers finds."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.kernels.draws import Draws
from curate.kernels.numerals import numerals, varied

FORMATS = {"{:d}": ("", ""), "{:,d}": (",", ""), "{:,.2f}": (",", "."), "{:.3f}": ("", "."), "{:.1f}": ("", ".")}

ROUNDED = Decimal("1.000000001")
"""A share of a number is a float: 0.7 of 10 is 7."""


def value(said: str, thousands: str) -> Decimal:
    return Decimal(said.replace(thousands, "") if thousands else said)


@given(
    cents=st.integers(1, 10**9),
    form=st.sampled_from(sorted(FORMATS)),
    max_change=st.floats(0.01, 3),
    seed=st.integers(0, 2**63),
)
def test_another_number_of_the_same_format_within_the_bound(
    cents: int, form: str, max_change: float, seed: int
) -> None:
    thousands, _ = FORMATS[form]
    said = form.format(cents if form.endswith("d}") else cents / 100)
    found = numerals(f"It cost {said} in all.", years=True)
    new = varied(said, found[0].most, max_change, Draws(seed)) if found else None
    if new is None:
        return
    assert new != said
    assert re.sub(r"\d", "9", new) == re.sub(r"\d", "9", said)
    old_value, new_value = value(said, thousands), value(new, thousands)
    unit = Decimal(1).scaleb(old_value.as_tuple().exponent if "." in said else 0)
    while "." not in said and old_value % (unit * 10) == 0 and unit * 10 <= old_value * Decimal(max_change):
        unit *= 10
    assert abs(new_value - old_value) <= max(old_value * Decimal(max_change) * ROUNDED, unit)
    assert form.format(int(new_value) if form.endswith("d}") else float(new_value)) == new
    assert new_value > 1 or form.endswith("f}")
    again = [f"It cost {new} in all."[one.start : one.end] for one in numerals(f"It cost {new} in all.", years=True)]
    assert again == ([] if new_value == 1 else [new])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("In 2019 it sold 1,250 of 3.5 million for $4.99.", ["1,250", "3.5", "4.99"]),
        ("1.234.567,89 € und 12,5 %", ["1.234.567,89", "12,5"]),
        ("call 555-0199 at 10:30 or 7 pm, v1.2.3, room B12, 1st, 007", []),
        ("5-10 people, 3 x 4, 2+2, 1/2, 1 day, #5, a_7, 4K", []),
        ("on Flight 103, about Windows 3, No. 38", []),
        ("On Flight 103 were 103 men and 7 dogs", ["7"]),
        ("We left. In 15 cases", ["15"]),
        ("它有 25 个", ["25"]),
        ("its 2 , 000th day, 35 , 000 men, # 3, a .44", []),
        ("Flight 103 was late. (Boeing 747) Windows 3 came, United 93", []),
        ("my iPhone 12, an eBay 5; Chap. 3; “Apollo 11” 🚀 Area 51", []),
        ("Bought 12 apples. In 15 of them", ["12", "15"]),
        ("Nearly 30 came: Insgesamt 45 Sitze; ¿Tenemos 25 libros? Environ 70 voix", ["30", "45", "25", "70"]),
        ("Everything worked. 12 people came", ["12"]),
        ("It costs 3 to 5 dollars, from 10 to 12 June, between 13 and 15, von 23 bis 25, de 33 à 35", []),
        ("from 3 dollars to 5 dollars, between $13 and $15; 23 – 25 men, 33 km to 35 km, 24.-26. Dezember", []),
        ("3 or 4 men, 13 plus 15, 23 oder 24", []),
        ("12 men and 15 women gave 4 books to 7 friends", ["12", "15", "4", "7"]),
        ("2 . you still clean\n4) 15 of them: 7 . done", ["15", "7"]),
    ],
)
def test_only_quantities_are_found(text: str, found: list[str]) -> None:
    assert [text[one.start : one.end] for one in numerals(text)] == found


def test_years_stay_unless_asked_for() -> None:
    assert numerals("in 1999") == []
    assert len(numerals("in 1999", years=True)) == 1


def test_a_percentage_stays_one_and_round_numbers_stay_round() -> None:
    (one,) = numerals("95 % of them")
    assert all(int(varied("95", one.most, 1.0, Draws(seed)) or 0) <= 100 for seed in range(50))
    assert {(varied("3,000", 9999, 0.4, Draws(seed)) or "")[-3:] for seed in range(50)} == {"000"}
    assert {varied("5,000", 9999, 0.1, Draws(seed))[-2:] for seed in range(50)} == {"00"}  # type: ignore[index]


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    end = 0
    for one in numerals(text):
        said = text[one.start : one.end]
        new = varied(said, one.most, 0.5, Draws(1))
        assert end <= one.start < one.end
        assert new is None or [not sign.isdecimal() for sign in new] == [not sign.isdecimal() for sign in said]
        end = one.end


def test_a_long_row_of_digits_takes_no_longer_than_its_length() -> None:
    assert numerals("1" * 200_000) == []
    assert numerals("1,1" * 100_000) == []
    assert numerals("1 to " * 50_000) == []
    assert numerals("from 12 to 14 " * 20_000) == []
    assert len(numerals("12 men, " * 20_000)) == 20_000

"""Dates: found where a calendar has them, written in their format again, as an independent parser reads them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from curate.kernels.dates import dates, shifted

FORMATS = ["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%Y年%m月%d日"]
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@given(day=DAYS, n_days=st.integers(-4000, 4000).filter(bool), form=st.sampled_from(FORMATS))
def test_strptime_reads_the_day_so_many_days_later(day: date, n_days: int, form: str) -> None:
    assume("%b" not in form or day.month != 5)  # May is its own short form
    text = f"It began on {day.strftime(form)}, they say."
    (one,) = dates(text)
    assert one.day == day
    new = shifted(one, n_days)
    assert new is not None
    assert datetime.strptime(new, form).date() == day + timedelta(days=n_days)
    assert text[: one.start] + new + text[one.end :] == f"It began on {new}, they say."


@given(day=DAYS, n_weeks=st.integers(-500, 500).filter(bool))
def test_a_weekday_stays_true_by_whole_weeks(day: date, n_weeks: int) -> None:
    (one,) = dates(day.strftime("on %A, %B %d, %Y"))
    assert one.by_week
    new = shifted(one, 7 * n_weeks)
    assert new is not None
    assert datetime.strptime(new, "%B %d, %Y").date().weekday() == day.weekday()


@given(day=DAYS, n_weeks=st.integers(-500, 500).filter(bool))
def test_a_weekday_stays_true_in_a_year_that_is_not_told(day: date, n_weeks: int) -> None:
    assume((day.month, day.day) != (2, 29))
    (one,) = dates(day.strftime("on %A, %B %d"))
    new = shifted(one, 7 * n_weeks)
    if new is not None:
        moved = datetime.strptime(f"{new} {one.day.year}", "%B %d %Y").date()
        assert moved.weekday() == one.day.weekday()


@given(day=DAYS, n_days=st.integers(-4000, 4000).filter(bool))
def test_a_date_that_can_be_read_in_two_ways_still_can(day: date, n_days: int) -> None:
    (one,) = dates(day.strftime("%d/%m/%Y"))
    new = shifted(one, n_days)
    readings = [form for form in ("%d/%m/%Y", "%m/%d/%Y") if new is not None and _reads(new, form)]
    if one.ambiguous:
        assert new is None or len(readings) == 2
    else:
        assert "%d/%m/%Y" in readings


def test_a_weekday_beside_a_date_with_two_readings_keeps_it() -> None:
    (one,) = dates("on Monday, 5/8/2024")
    assert one.ambiguous
    assert shifted(one, 7) is None


@given(day=DAYS, n_days=st.integers(-40, 40).filter(bool))
def test_a_date_with_two_readings_moves_no_farther_than_it_may(day: date, n_days: int) -> None:
    (one,) = dates(day.strftime("%d/%m/%Y"))
    new = shifted(one, n_days, max_days=40)
    if new is not None:
        moved = datetime.strptime(new, "%d/%m/%Y").date()
        assert abs(moved - day) <= timedelta(days=40)


@pytest.mark.parametrize(
    "text",
    [
        "from 25 to 27 March 2024",
        "24. - 26. Dezember 2023",
        "between March 25 and 27, 2024",
        "March 25, 26 and 27",
        "the 25th and the 27th of March",
        "Monday, 25 to Wednesday, 27 March 2024",
        "25–27 March 2024",
        "24.12. - 26.12.2023",
        "05/03 to 17/03/2024",
        "del 25 al 27 de marzo de 2024",
        "du 25 au 27 mars 2024",
        "2024年3月25日〜27日",
    ],
)
def test_days_that_share_a_month_are_known(text: str) -> None:
    (one,) = dates(text)
    assert one.in_range


@pytest.mark.parametrize(
    ("text", "n_dates"),
    [
        ("from March 25 to 27 March 2024", 2),
        ("25 March to 2 April 2024", 2),
        ("March 25 and April 2, 2024", 2),
        ("2024-03-05 to 2024-03-07", 2),
        ("12.5.2024 bis 14. Mai 2024", 2),
        ("On March 5, 10:30 or at 12:15, 5 March", 2),
        ("March 5, 2024, 10 people", 1),
        ("on 5 March 2024 and 7 people", 1),
        ("December 25, 5 p.m.", 1),
    ],
)
def test_whole_dates_share_nothing(text: str, n_dates: int) -> None:
    assert [one.in_range for one in dates(text)] == [False] * n_dates


def _reads(said: str, form: str) -> bool:
    try:
        datetime.strptime(said, form)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("am 5. März 2024", "4. April 2024"),
        ("am 5. April 2024", "5. Mai 2024"),
        ("le 5 mars 2024", "4 avril 2024"),
        ("el 5 de marzo de 2024", "4 de abril de 2024"),
        ("MARCH 5TH, 2024", "APRIL 4TH, 2024"),
        ("on the 1st of May", "31st of May"),
        ("2024-3-5", "2024-4-4"),
        ("5.3.2024", "4.4.2024"),
        ("12/25/2023", "01/24/2024"),
        ("Dec. 25", "Jan. 24"),
        ("Apr. 5, 2024", "May 5, 2024"),
        ("March 6 , 1981", "April 5 , 1981"),
    ],
)
def test_names_padding_and_case_are_those_of_the_date(text: str, new: str) -> None:
    (one,) = dates(text)
    assert shifted(one, 30) == new


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "31/31/2024",
        "1.2.3.2024",
        "10:30",
        "you may 5 times",
        "5 marzo 2024",
        "v2024-01-02-03",
        "Marchy 5",
    ],
)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    assert dates(text) == []


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    for one in dates(text):
        assert 0 <= one.start < one.end <= len(text)
        shifted(one, 7)

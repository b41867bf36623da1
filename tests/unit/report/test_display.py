"""Single values as they read: hostile text made harmless, numbers that never lie about being nothing."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.report import display

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_clean_text_can_be_written_and_commands_nothing(text):
    shown = display.clean(text)
    shown.encode("utf-8")
    assert not any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in shown)
    assert not any(unicodedata.bidirectional(character) in ("RLO", "LRO", "RLE", "LRE", "RLI") for character in shown)
    assert display.clean(shown) == shown


@given(ANY_TEXT, st.integers(1, 50))
def test_what_is_cut_is_counted(text, limit):
    shown = display.shorten(text, limit)
    if len(text) > limit:
        assert shown.endswith(f"… {len(text) - limit:,} more characters")
    else:
        assert shown == display.clean(text)


def test_a_megabyte_is_cut_before_it_is_cleaned():
    assert display.shorten("x" * 1_000_000, 100) == "x" * 100 + "… 999,900 more characters"


@pytest.mark.parametrize("value", [1e-9, -1e-9, 0.00049, 0.9999])
def test_percent_never_rounds_something_to_nothing_or_to_all(value):
    assert display.percent(value) not in ("0 %", "-0 %", "100 %")


@pytest.mark.parametrize(
    ("value", "reads"),
    [
        (np.int64(12000), "12,000"),
        (np.float32(0.5), "0.5"),
        (-0.0, "0"),
        (2**63, "9,223,372,036,854,775,808"),
        (9999.96, "10,000"),
        (1e-7, "1e-07"),
        (float("inf"), "∞"),
    ],
)
def test_numbers(value, reads):
    assert display.number(value) == reads


def test_cells_of_any_kind_read_as_what_they_are():
    assert display.cell(True, "number", 9) == "True"
    assert display.cell("no number", "number", 9) == "no number"
    assert display.cell(float("nan"), "percent", 9) == display.NOTHING

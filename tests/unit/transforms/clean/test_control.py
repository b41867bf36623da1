"""What nobody sees goes, what a script or an emoji needs stays, and the reason says which it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.control import CleanControl

INVISIBLE = (
    "\x00\x07\x1b\x7f\x9f\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202e\u2066\u200e\ufe0e\ufe0f\U000e0041\u180b"
)
ALPHABET = INVISIBLE + "ab1 \n\t\r\x0c\x85[0mשא👩❤🏴\U000e0067\U000e007fक्中ກខᠠ0\u20e3"


@pytest.mark.parametrize(
    ("given", "expected", "reason"),
    [
        ("nul\x00", "nul", "control_character"),
        ("\x1b[1;31mred\x1b[0m", "red", "control_character"),
        ("page\x0cpage", "page\npage", "control_character"),
        ("c\x9cur d\x92or\x81", "cœur d’or", "control_character"),
        ("Donau\u00addampf", "Donaudampf", "soft_hyphen"),
        ("exam\u00ad\nple", "exam-\nple", "soft_hyphen"),
        ("\u202apaid\u202c", "paid", "direction_mark"),
        ("שלום \u202eabc", "שלום abc", "direction_mark"),
        ("hi\U000e0068\U000e0069", "hi", "tag_character"),
        ("\ufeffzero\u200bwidth", "zerowidth", "zero_width"),
        ("Auf\u200clage", "Auflage", "zero_width"),
        ("p\ufe0flain", "plain", "variation_selector"),
        ("😀\ufe00\ufe01\ufe02", "😀\ufe00", "variation_selector"),
    ],
)
def test_what_nobody_sees_goes(given: str, expected: str, reason: str) -> None:
    clean = CleanControl()
    assert clean.rewrite(given) == expected
    assert clean.why(given) == reason


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "ه\u200d",
        "क\u094d\u200dष",
        "ශ්\u200dරී",
        "ភាសា\u200bខ្មែរ",
        "ภาษา\u200bไทย",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "1\ufe0f\u20e3",
        "☎\ufe0e",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100",
        "\u200fשלום (abc)\u200e",
        "a\tb\r\nc",
        "ᠠ\u180b",
    ],
)
def test_what_is_needed_stays(text: str) -> None:
    assert CleanControl().rewrite(text) == text


def test_direction_marks_go_everywhere_on_request() -> None:
    assert CleanControl(keep_direction=False).rewrite("\u200fשלום\u200e") == "שלום"


@settings(max_examples=60)
@given(st.one_of(st.text(ALPHABET, max_size=30), st.text(max_size=30)))
def test_only_invisible_characters_change(text: str) -> None:
    clean = CleanControl()
    after = clean.rewrite(text)
    assert clean.rewrite(after) == after
    if (
        not set(text) & {"\x1b", "\x1f"}
        and "\u00ad" not in text
        and not any("\x7f" < character < "\xa0" for character in text)
    ):
        seen = [character for character in text if character.isprintable() and character not in INVISIBLE]
        assert [character for character in after if character.isprintable() and character not in INVISIBLE] == seen


def test_lone_surrogates_survive() -> None:
    assert CleanControl().rewrite("\ud800\u200b") == "\ud800"

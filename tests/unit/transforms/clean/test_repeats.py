"""Runs become short, and whatever may rightly repeat a sign is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.repeats import CleanRepeats

PIECES = [
    "!!!!",
    "?",
    "....",
    ".",
    "-----",
    "aaaa",
    "I",
    "IIII",
    "www",
    "b",
    " ",
    "\n",
    "/",
    "中中中中",
    "。。。。",
    "1",
    "=",
    "~~~~",
]


@pytest.mark.parametrize(
    ("given", "expected", "reason"),
    [
        ("Sooooo", "Sooo", "elongated_word"),
        ("مررررررحبا", "مررر" + "حبا", "elongated_word"),
        ("ㅋㅋㅋㅋㅋㅋ", "ㅋㅋㅋ", "elongated_word"),
        ("good!!!!!!", "good!!!", "repeated_punctuation"),
        ("why?!?!?!", "why?!?", "repeated_punctuation"),
        ("wait.......", "wait...", "repeated_punctuation"),
        ("太好了！！！！！！", "太好了！！！", "repeated_punctuation"),
        ("好吃。。。。。。", "好吃。。。", "repeated_punctuation"),
        ("above\n--------\nbelow", "above\n---\nbelow", "separator"),
        ("a ************ b", "a *** b", "separator"),
    ],
)
def test_runs_become_short(given: str, expected: str, reason: str) -> None:
    assert CleanRepeats().rewrite(given) == expected
    assert CleanRepeats().why(given) == reason


@pytest.mark.parametrize(
    "text",
    [
        "Schifffahrt, Balletttruppe",
        "10000000 and 3.33333",
        "**** from *****, 8 of ********** stars",
        "https://example.org/aaaaa!!!!!",
        "www.wwwwww.example",
        "aaaa_bbbb x==== aaaa1111 C:\\aaaaa",
        "chapter IIII, MDCCCC",
        "wait ... no...",
        "-----BEGIN KEY-----",
        "#ffffff",
        "哈哈哈哈哈哈",
        "#### heading",
        "````",
        "me@aaaaa.org",
    ],
)
def test_what_may_repeat_stays(text: str) -> None:
    assert CleanRepeats().rewrite(text) == text


def test_settings() -> None:
    assert (
        CleanRepeats(max_letters=2, max_punctuation=1).rewrite("Soooo good!!! www III ...") == "Soo good! www III ..."
    )
    assert CleanRepeats(max_letters=None).rewrite("soooo") == "soooo"


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=15).map("".join))
def test_runs_only_get_shorter(text: str) -> None:
    for clean in (CleanRepeats(), CleanRepeats(max_letters=2, max_punctuation=1, max_separators=1)):
        after = clean.rewrite(text)
        assert clean.rewrite(after) == after
        rest = iter(text)
        assert all(character in rest for character in after)


@settings(max_examples=60)
@given(st.text(max_size=40))
def test_a_text_without_runs_stays(text: str) -> None:
    if not any(text[at] == text[at + 1] for at in range(len(text) - 1)) and not set(text) & set("!?¡¿"):
        assert CleanRepeats(max_letters=2, max_punctuation=1, max_separators=1).rewrite(text) == text

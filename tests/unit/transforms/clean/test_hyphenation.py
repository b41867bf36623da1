"""Broken words become whole, compounds keep their hyphen, and everything uncertain stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.hyphenation import CleanHyphenation

PIECES = ["ab", "-", "\n", " ", "cdef", "ghij", "well", "and", "X", "\r\n", "\u00ad", "=", "'", "¬", "\t", "中"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("an exam-\nple here", "an example here"),
        ("an exam-\r\nple", "an example"),
        ("Donau-\ndampf- \nschiff", "Donaudampfschiff"),
        ("exam\u00ad\nple exam¬\nple", "example example"),
        ("a well-\nknown man", "a well-known man"),
        ("data-base, in a data-\nbase", "data-base, in a data-base"),
        ("database, in a data-\nbase", "database, in a database"),
        ("high quality, high-\nquality", "high quality, high-quality"),
        ("state-of-the-\nart, mother-\nin-law", "state-of-the-art, mother-in-law"),
        ("Smith-\nJones, e-\nmail", "Smith-Jones, e-mail"),
        ("EXAM-\nPLE", "EXAMPLE"),
    ],
)
def test_joined(given: str, expected: str) -> None:
    assert CleanHyphenation().rewrite(given) == expected


@pytest.mark.parametrize(
    "text",
    [
        "pre-\nand post-war, Haupt-\nund Nebensatz",
        "his heart was strong-\nA beacon of light",
        "- item-\n- two",
        "COVID-\n19 and 2010-\n2015",
        "x = foo-\nbar;",
        "    code-\n    more",
        "end -\nnext",
        "dash—\nnext",
        "well-known\nword",
    ],
)
def test_what_stays(text: str) -> None:
    assert CleanHyphenation().rewrite(text) == text


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_only_hyphens_and_line_ends_go(text: str) -> None:
    clean = CleanHyphenation()
    after = clean.rewrite(text)
    assert clean.rewrite(after) == after
    gone = str.maketrans(dict.fromkeys("-\u00ad¬\n\r \t"))
    assert after.translate(gone) == text.translate(gone)


@settings(max_examples=60)
@given(st.text(max_size=40).filter(lambda text: "\n" not in text))
def test_one_line_stays(text: str) -> None:
    assert CleanHyphenation().rewrite(text) == text

"""Only what has one reading is written out; possessives and everything ambiguous stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.transforms.clean.contractions import CleanContractions

PIECES = [
    "can",
    "not",
    "n't",
    "'",
    "’",
    "t",
    "s",
    "it",
    "is",
    "I",
    "am",
    " ",
    "are",
    "you",
    "the",
    "only",
    "will",
    "S",
    "NOT",
]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("I can't, CAN'T, Can’t", "I cannot, CANNOT, Cannot"),
        ("won't Won't WON'T shan't", "will not Will not WILL NOT shall not"),
        ("it's a pity, it's been long, it's going", "it is a pity, it has been long, it is going"),
        ("he's not been there; she's always the one", "he has not been there; she is always the one"),
        ("I'm I'M you're they've could've we'll", "I am I AM you are they have could have we will"),
        ("I'd better go, I'd like to", "I had better go, I would like to"),
        ("let's go", "let us go"),
    ],
)
def test_written_out(given: str, expected: str) -> None:
    assert CleanContractions().rewrite(given) == expected


@pytest.mark.parametrize(
    "text",
    [
        "John's dog's the cat's",
        "it's gone, he's done, who's who",
        "I'd go. He'd put",
        "Don't you know? isn't it?",
        "ain't ma'am o'clock y'all couldn't've",
        "it's nothing, that's everything",
        "c'est l'eau, 's-Gravenhage, rock 'n' roll",
    ],
)
def test_what_may_be_read_in_two_ways_stays(text: str) -> None:
    assert CleanContractions().rewrite(text) == text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("I cannot go, WILL NOT, Shall not", "I can't go, WON'T, Shan't"),
        ("I am a man. They are going. It is the end.", "I'm a man. They're going. It's the end."),
        ("it is not true", "it isn't true"),
        ("Yes, I am. I know what it is.", "Yes, I am. I know what it is."),
        ("can not only run", "can not only run"),
    ],
)
def test_written_short(given: str, expected: str) -> None:
    assert CleanContractions(action="contract").rewrite(given) == expected


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join), st.sampled_from(["expand", "contract"]))
def test_a_second_time_nothing_is_left_to_do(text: str, action: str) -> None:
    clean = CleanContractions(action=action)
    assert clean.rewrite(clean.rewrite(text)) == clean.rewrite(text)


@settings(max_examples=60)
@given(st.text(max_size=40).filter(lambda text: "'" not in text and "’" not in text))
def test_a_text_without_an_apostrophe_stays(text: str) -> None:
    assert CleanContractions().rewrite(text) == text
